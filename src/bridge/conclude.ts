import type { GatewayReply } from '../gateway/gateway.ts';
import { isUnasked } from '../gateway/reading.ts';
import { errorCodeOf, type OutcomeKind } from '../payment/outcome.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { Subscription } from '../payment/subscription.ts';
import { transition, type Sample } from '../resilience/breaker.ts';
import { changeBreaker } from '../store/breaker.ts';
import { isFinal } from '../payment/operation.ts';
import {
  finishOperation,
  type CardToken,
  type EnrolLater,
  type OutboxEvent,
} from '../store/finish.ts';
import { hurryUnanswered } from '../store/jobs.ts';
import type { Proposal } from '../store/proposals.ts';
import type { ScheduleEnd } from '../store/schedule.ts';
import { findOperation, type NewOperation } from '../store/operations.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { ledgerEntry, resultOf } from './entry.ts';
import { linkNotEnrolled } from './link-event.ts';
import { confirmationOf, proposalFacts } from './proposal-entry.ts';

/** How an operation ended, or did not yet. */
export interface Ending {
  readonly state: OutcomeKind;
  readonly errorCode: ErrorCode | null;
  readonly rawCode: string | null;
  readonly statusCode: number | null;
  readonly gatewayTransactionId: string | null;
  /** `null` where no gateway was asked. */
  readonly latencyMs: number | null;
  readonly healthy: boolean | null;
  readonly answer: AnswerText;
  readonly token: CardToken | null;
  readonly created: Subscription | null;
  readonly changed: Subscription | null;
  /** In their order, one for each step of the subscription's version. */
  readonly events: readonly OutboxEvent[];
  /** For a subscription that Tokenline charges itself. */
  readonly schedule: ScheduleEnd | null;
  /** What somebody has proposed and whoever ends it has confirmed; `null` for everything else. */
  readonly proposal: Proposal | null;
  /** For a link whose card may be left to us. */
  readonly enrol?: EnrolLater | null;
}

/**
 * How an ending was learnt: from the call itself, which the breaker counts; later by looking it up,
 * which says nothing about how the gateway is now; or from two people, one of whom has proposed it.
 */
export type Learnt = 'by_call' | 'by_look_up' | Proposal;

/** The part of an ending that a gateway's reply gives. */
export function endingOf(reply: GatewayReply<unknown>, learnt: Learnt): Omit<Ending, 'answer'> {
  const called = learnt === 'by_call' && !isUnasked(reply);
  return {
    state: reply.outcome.kind,
    errorCode: errorCodeOf(reply.outcome),
    rawCode: reply.rawCode,
    statusCode: reply.statusCode,
    gatewayTransactionId: reply.gatewayTransactionId,
    latencyMs: called ? reply.latencyMs : null,
    healthy: called ? reply.healthy : null,
    token: null,
    created: null,
    changed: null,
    events: [],
    schedule: null,
    proposal: typeof learnt === 'object' ? learnt : null,
  };
}

/** The ending of an operation that was refused before anybody was asked. */
export function refusedEnding(
  state: 'declined' | 'failed',
  errorCode: ErrorCode,
): Omit<Ending, 'answer'> {
  return {
    state,
    errorCode,
    rawCode: null,
    statusCode: null,
    gatewayTransactionId: null,
    latencyMs: null,
    healthy: null,
    token: null,
    created: null,
    changed: null,
    events: [],
    schedule: null,
    proposal: null,
  };
}

/** Commits a refusal; where it comes too late, the caller is told that it is in doubt. */
export async function refusedOr(
  commit: () => Promise<AnswerText>,
  inDoubt: () => AnswerText,
): Promise<AnswerText> {
  try {
    return await commit();
  } catch (error) {
    if (error instanceof SentMeanwhile) return inDoubt();
    throw error;
  }
}

/** An operation that was read says when it was sent again; one that was just begun has not been. */
type Concluded = NewOperation & { readonly sentAgainAtMs?: number | null };

/**
 * Whoever was to say that an operation had come to nothing stood still for so long that `settle` has
 * sent it: what came of that is not known yet.
 */
export class SentMeanwhile extends Error {
  constructor() {
    super('the operation was sent by another process meanwhile');
    this.name = 'SentMeanwhile';
  }
}

/**
 * Commits what became of an operation and lets the breaker see it. When the operation had come to
 * its end before (another process was first), its stored answer counts. One that is said to have come
 * to nothing, and that another process has sent meanwhile, stays open: the look, or the refusal, was
 * older than what it was about.
 *
 * @throws {SentMeanwhile} where that happens to a call; `settle` looks at the state.
 */
export async function conclude(
  bridge: Bridge,
  actor: Actor,
  operation: Concluded,
  ending: Ending,
): Promise<AnswerText> {
  const { sentAgainAtMs } = operation;
  const guard = ending.state === 'failed' ? { sentAgainAtMs: sentAgainAtMs ?? null } : {};
  const finishedAtMs = bridge.clock.now();
  const { settleDelaysMs, breaker: policy } = bridge.limits;
  const { proposal } = ending;
  const subscription = ending.created ?? ending.changed;
  const subscriptionId = subscription?.id ?? operation.subscriptionId;
  const cameToNothing = ending.state === 'declined' || ending.state === 'failed';
  const told = cameToNothing ? linkNotEnrolled(bridge, operation, ending.errorCode) : null;
  const finished = await finishOperation(bridge.store, {
    ...ending,
    events: told === null ? ending.events : [...ending.events, told],
    ...guard,
    operationId: operation.id,
    gateway: operation.gateway,
    holdsSubscription: operation.subscriptionId !== null,
    finishedAtMs,
    settleAtMs: finishedAtMs + (settleDelaysMs[0] ?? 0),
    sampleCount: policy.window,
    confirmation: proposal && confirmationOf(bridge, actor, operation, proposal),
    outcome: ledgerEntry(bridge, actor, {
      action: `${operation.kind}.${ending.state}`,
      result: resultOf(ending.state),
      resource: subscriptionId ?? ending.token?.id ?? operation.customerId ?? operation.id,
      operationId: operation.id,
      interactionId: operation.interactionId,
      subscriptionId,
      gatewayTransactionId: ending.gatewayTransactionId,
      detail: { ...detailOf(operation, ending), ...(proposal && proposalFacts(proposal)) },
    }),
  });
  if (!finished.changed) {
    const stored = await findOperation(bridge.store, operation.id);
    if (stored?.answer) return stored.answer;
    if (stored && !isFinal(stored.state)) {
      // Nobody has heard of it yet, and `settle` looks at the state.
      if (sentAgainAtMs !== undefined) return '';
      throw new SentMeanwhile();
    }
    throw new Error('an operation that cannot be finished has no answer');
  }
  tellMetrics(bridge, operation, ending);
  if (ending.latencyMs !== null) {
    const sample = { latencyMs: ending.latencyMs, ok: ending.healthy === true };
    await moveBreaker(bridge, operation, finished.breaker, [sample, ...finished.samples]);
  }
  return ending.answer;
}

function tellMetrics(bridge: Bridge, operation: NewOperation, ending: Ending): void {
  const { metrics, log } = bridge;
  metrics.answered(operation.kind, ending.state);
  if (ending.latencyMs !== null) {
    metrics.gatewayCall(operation.kind, ending.state, ending.latencyMs);
  }
  log.info('operation.finished', {
    operationId: operation.id,
    interactionId: operation.interactionId,
    kind: operation.kind,
    outcome: ending.state,
    gateway: operation.gateway,
    ...(ending.errorCode === null ? {} : { errorCode: ending.errorCode }),
    ...(ending.latencyMs === null ? {} : { latencyMs: Math.round(ending.latencyMs) }),
  });
  if (ending.errorCode === 'gateway_rejected') alarmRejected(bridge, operation, ending.rawCode);
}

/** The gateway says that we are wrong: somebody has to look at our credential or our request. */
export function alarmRejected(
  { log }: Bridge,
  { id, gateway }: Pick<NewOperation, 'id' | 'gateway'>,
  rawCode: string | null,
): void {
  log.alarm('gateway.rejected', {
    operationId: id,
    gateway,
    ...(rawCode === null ? {} : { code: rawCode }),
  });
}

function detailOf(operation: NewOperation, ending: Ending): Record<string, string> {
  const detail: Record<string, string> = { gateway: operation.gateway };
  if (ending.errorCode !== null) detail['error_code'] = ending.errorCode;
  if (ending.rawCode !== null) detail['gateway_code'] = ending.rawCode;
  if (ending.statusCode !== null) detail['gateway_status'] = String(ending.statusCode);
  if (ending.latencyMs !== null) detail['gateway_ms'] = String(Math.round(ending.latencyMs));
  if (operation.consentId !== null) detail['consent_id'] = operation.consentId;
  if (operation.planId !== null) detail['plan_id'] = operation.planId;
  if (operation.kind === 'link') detail['channel'] = String(operation.order['channel'] ?? '');
  if (ending.token !== null) detail['card'] = `${ending.token.brand} ${ending.token.last4}`;
  return detail;
}

async function moveBreaker(
  bridge: Bridge,
  operation: NewOperation,
  breaker: Parameters<typeof transition>[0],
  newestFirst: readonly Sample[],
): Promise<void> {
  const nowMs = bridge.clock.now();
  const next = transition(
    breaker,
    operation.interactionId,
    newestFirst,
    nowMs,
    bridge.limits.breaker,
  );
  if (next === null) return;
  if (!(await changeBreaker(bridge.store, operation.gateway, breaker, next))) return;
  bridge.metrics.breakerOpen(next.state === 'open');
  if (next.state === 'open') bridge.log.alarm('breaker.opened', { gateway: operation.gateway });
  else {
    bridge.log.info('breaker.closed', { gateway: operation.gateway });
    await hurryUnanswered(bridge.store, nowMs);
  }
}
