import type { HostedPage, HostedPages, PageFinding, PageLookUp } from '../gateway/pages.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { CardToken } from '../store/finish.ts';
import { notePageClosed } from '../store/links.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import type { Bridge } from './bridge.ts';
import { conclude, refusedEnding } from './conclude.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { linkAnswer } from './link-answer.ts';
import { linkMeans } from './link.ts';

/** Why a page is closed, or was found closed. */
export type LinkEnd =
  /** Its time was up, the caller gave up or is gone. */
  | 'over'
  /** The merchant's system has not taken the event, or the page was never told to anybody. */
  | 'not_sent'
  /** As many cards were declined on it as a call may try. */
  | 'too_many';

/** A caller whose card has come goes on at once; after this time somebody else has to. */
const ENROL_AFTER_MS = 45_000;

export function pageLookUp(operation: Operation): PageLookUp {
  return {
    idempotencyKey: operation.id,
    operationId: operation.id,
    customerId: operation.customerId ?? '',
    pageReference: operation.gatewayTransactionId,
  };
}

/** One look at the page; nothing of it is said where this bridge has no pages any more. */
export async function findPage(
  bridge: Bridge,
  operation: Operation,
  deadline = new Deadline(bridge.clock, bridge.limits.lookMsMax),
): Promise<PageFinding> {
  const { gateway } = bridge;
  const { pages } = gateway;
  if (pages === undefined || operation.gateway !== gateway.name) return { kind: 'unanswered' };
  const order = pageLookUp(operation);
  return deadline.within((signal) => pages.find(order, signal));
}

/**
 * Closes the page of a link and ends the link by what is there afterwards: a card that came a moment
 * before counts, and nothing is begun with it.
 *
 * @returns the link as it is now; still open where the gateway did not answer, and then `settle`
 *   closes it.
 */
export async function closeLink(
  bridge: Bridge,
  operation: Operation,
  end: LinkEnd,
): Promise<Operation> {
  const { store, clock, limits } = bridge;
  await notePageClosed(store, operation.id, clock.now());
  // A look, the closing, and a look: together well within what a data action waits for.
  const deadline = new Deadline(clock, limits.lookMsMax * 2);
  const found = await findPage(bridge, operation, deadline);
  const { pages } = bridge.gateway;
  if (found.kind === 'page' && pages !== undefined) {
    const page = await closed(bridge, operation, found, pages, deadline);
    if (page !== null) await endLink(bridge, operation, page, end);
  }
  return (await findOperation(store, operation.id)) ?? operation;
}

/** The page once it has been closed; `null` where that is not known. */
async function closed(
  bridge: Bridge,
  operation: Operation,
  found: Extract<PageFinding, { kind: 'page' }>,
  pages: HostedPages,
  deadline: Deadline,
): Promise<Exclude<HostedPage, { status: 'open' }> | null> {
  if (found.page.status !== 'open') return found.page;
  const { pageReference } = found;
  const order = { ...pageLookUp(operation), pageReference };
  await deadline.within((signal) => pages.close(order, signal));
  const there = { ...operation, gatewayTransactionId: pageReference };
  const after = await findPage(bridge, there, deadline);
  return after.kind === 'page' && after.page.status !== 'open' ? after.page : null;
}

/** Ends a link by its page, which is open no more. */
export async function endLink(
  bridge: Bridge,
  operation: Operation,
  page: Exclude<HostedPage, { status: 'open' }>,
  end: LinkEnd,
): Promise<void> {
  if (page.status === 'expired') return endWithoutCard(bridge, operation, end);
  const { randomness, clock } = bridge;
  const token: CardToken = {
    id: newId('tok', randomness),
    customerId: operation.customerId ?? '',
    interactionId: operation.interactionId,
    gateway: operation.gateway,
    reference: page.token.tokenReference,
    networkTransactionId: page.token.networkTransactionId,
    brand: page.brand,
    last4: page.last4,
  };
  const { gatewayTransactionId } = page;
  const news = { kind: 'paid', token, gatewayTransactionId } as const;
  const source = { operation, declines: operation.pageDeclines, statusCode: operation.statusCode };
  const agreed = operation.consentId !== null && linkMeans(bridge) !== null;
  await conclude(bridge, SYSTEM_ACTOR, operation, {
    ...NOT_ASKED,
    state: 'approved',
    gatewayTransactionId,
    token,
    enrol: agreed
      ? { jobId: newId('job', randomness), dueAtMs: clock.now() + ENROL_AFTER_MS }
      : null,
    answer: linkAnswer(bridge, source, news),
  });
}

const NOT_ASKED = { ...refusedEnding('failed', 'link_expired'), errorCode: null };

const CODE_OF_END: Readonly<Record<LinkEnd, ErrorCode>> = {
  over: 'link_expired',
  not_sent: 'link_expired',
  too_many: 'too_many_attempts',
};

export async function endWithoutCard(
  bridge: Bridge,
  operation: Operation,
  end: LinkEnd,
): Promise<void> {
  const errorCode = CODE_OF_END[end];
  const state = end === 'too_many' ? 'declined' : 'failed';
  const source = { operation, declines: operation.pageDeclines, statusCode: operation.statusCode };
  const news =
    end === 'not_sent'
      ? ({ kind: 'not_sent', outcome: state } as const)
      : ({ kind: 'over', errorCode, outcome: state } as const);
  const answer = linkAnswer(bridge, source, news);
  await conclude(bridge, SYSTEM_ACTOR, operation, { ...refusedEnding(state, errorCode), answer });
}
