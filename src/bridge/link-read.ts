import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { Fault } from '../payment/fault.ts';
import { isFinal } from '../payment/operation.ts';
import { touchCall } from '../store/calls.ts';
import { hurrySettle } from '../store/jobs.ts';
import { notePageClosed } from '../store/links.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { deliveredAtMs } from '../store/outbox.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { linkAnswer, type LinkNews } from './link-answer.ts';
import { closeLink, type LinkEnd } from './link-close.ts';

/** A caller who polls hurries the next look at the page, but not faster than this. */
const LOOK_AGAIN_MS = 2_000;

const OVER: LinkNews = { kind: 'over', errorCode: 'link_expired', outcome: 'failed' };

/** @throws Fault `unknown_resource`, also for a link of another call. */
async function linkOf(
  bridge: Bridge,
  linkId: string,
  { interaction_id: interactionId }: { readonly interaction_id: string },
): Promise<Operation> {
  const operation = await findOperation(bridge.store, linkId);
  if (operation?.kind !== 'link' || operation.interactionId !== interactionId) {
    throw new Fault('unknown_resource', 'There is no such payment link.');
  }
  return operation;
}

function told(bridge: Bridge, operation: Operation, news: LinkNews): AnswerText {
  const { pageDeclines: declines, statusCode } = operation;
  return linkAnswer(bridge, { operation, declines, statusCode }, news);
}

/**
 * How a link stands, for a caller who waits: `wait`, `retry` (a card was declined on the page and
 * another one may be tried there), `continue` with the token, or `agent`. Waiting has an end: a link
 * that could not be sent, or is not used in time, is closed at the gateway before this says so.
 */
export async function readLink(
  bridge: Bridge,
  linkId: string,
  ask: Keyed<Body<typeof schemas.LinkStatusRequest>>,
): Promise<AnswerText> {
  const operation = await linkOf(bridge, linkId, ask.request);
  const { store, clock } = bridge;
  await touchCall(store, operation.interactionId, clock.now());
  if (isFinal(operation.state)) return operation.answer ?? told(bridge, operation, OVER);
  if (operation.state !== 'pending') {
    // Its address was never told; `settle` closes the page that there may be.
    return told(bridge, operation, { kind: 'not_sent', outcome: 'in_doubt' });
  }
  const delivered = await deliveredAtMs(store, String(operation.order['event_id']));
  const end = endDue(bridge, operation, delivered !== null);
  if (end !== null) return closedAnswer(bridge, operation, end);
  await hurrySettle(store, operation.id, clock.now(), LOOK_AGAIN_MS);
  return operation.pageDeclines > Number(ask.request.declines_heard ?? 0)
    ? told(bridge, operation, { kind: 'declined' })
    : told(bridge, operation, { kind: 'waiting', sent: delivered !== null });
}

/** Why the waiting has to end now; `null` where it goes on. */
function endDue(bridge: Bridge, operation: Operation, sent: boolean): LinkEnd | null {
  const { clock, limits, links } = bridge;
  if (operation.pageClosedAtMs !== null || links === undefined) return 'over';
  if (operation.pageDeclines >= limits.cardTriesPerCall) return 'too_many';
  const ageMs = clock.now() - operation.startedAtMs;
  if (!sent && ageMs >= links.sendMsMax) return 'not_sent';
  return ageMs >= links.waitMsMax ? 'over' : null;
}

async function closedAnswer(
  bridge: Bridge,
  operation: Operation,
  end: LinkEnd,
): Promise<AnswerText> {
  const now = await closeLink(bridge, operation, end);
  if (isFinal(now.state) && now.answer !== null) return now.answer;
  return told(bridge, now, end === 'not_sent' ? { kind: 'not_sent', outcome: 'failed' } : OVER);
}

/**
 * Gives a link up: the page is closed, and nothing is begun with a card that was entered on it.
 * Asked again, it answers the same.
 */
export async function cancelLink(
  bridge: Bridge,
  linkId: string,
  ask: Keyed<Body<typeof schemas.LinkCancelRequest>>,
): Promise<AnswerText> {
  const operation = await linkOf(bridge, linkId, ask.request);
  if (!isFinal(operation.state)) return closedAnswer(bridge, operation, 'over');
  await notePageClosed(bridge.store, operation.id, bridge.clock.now());
  return operation.answer ?? told(bridge, operation, OVER);
}
