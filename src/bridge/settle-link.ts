import { isFinal } from '../payment/operation.ts';
import { callOf } from '../store/calls.ts';
import { notePageDeclines } from '../store/links.ts';
import type { Operation } from '../store/operations.ts';
import type { Bridge } from './bridge.ts';
import { closeLink, endLink, endWithoutCard, findPage, type LinkEnd } from './link-close.ts';
import { absenceProves } from './proof.ts';

/**
 * Looks at the page of a link: the gateway's event and a caller who polls bring the look forward. A
 * page that nobody was told of, that was given up, or whose caller has hung up without having agreed
 * to anything is closed: nothing is left behind. One that a subscription was agreed to for stays open
 * until its time is up, for the customer may be entering the card right now.
 */
export async function settleLink(
  bridge: Bridge,
  operation: Operation,
): Promise<'ended' | 'open' | 'unanswered'> {
  const lookedAtMs = bridge.clock.now();
  const found = await findPage(bridge, operation);
  if (found.kind === 'unanswered') return 'unanswered';
  if (found.kind === 'absent') {
    // A page that was there and is not found any more is over at the latest when its time is up.
    const isOver = lookedAtMs >= Date.parse(String(operation.order['expires_at']));
    if (operation.state === 'pending' ? !isOver : !absenceProves(bridge, operation, lookedAtMs)) {
      return 'open';
    }
    await endWithoutCard(bridge, operation, operation.state === 'pending' ? 'over' : 'not_sent');
    return 'ended';
  }
  const { page } = found;
  if (page.status !== 'open') {
    await endLink(bridge, operation, page, operation.state === 'pending' ? 'over' : 'not_sent');
    return 'ended';
  }
  await notePageDeclines(bridge.store, operation.id, page.declines);
  const seen = { ...operation, pageDeclines: Math.max(operation.pageDeclines, page.declines) };
  const end = await endWanted(bridge, seen);
  if (end === null) return 'open';
  const now = await closeLink(bridge, seen, end);
  return isFinal(now.state) ? 'ended' : 'open';
}

async function endWanted(bridge: Bridge, operation: Operation): Promise<LinkEnd | null> {
  const { limits, links, clock, store } = bridge;
  if (operation.state !== 'pending') return 'not_sent';
  if (operation.pageClosedAtMs !== null) return 'over';
  // A caller who waits is told by the next poll, which closes it; nobody may be left to poll.
  const call = await callOf(store, operation.interactionId);
  const goneMs = links?.goneMs ?? 0;
  if (call !== null && clock.now() - call.seenAtMs < goneMs) return null;
  if (operation.pageDeclines >= limits.cardTriesPerCall) return 'too_many';
  return operation.consentId === null ? 'over' : null;
}
