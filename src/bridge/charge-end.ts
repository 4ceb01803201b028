import type { ChargeGrant, GatewayReply } from '../gateway/gateway.ts';
import { momentIn } from '../payment/local-time.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { dateIn, type IsoDate } from '../payment/plan.ts';
import {
  afterDecline,
  againAfterMs,
  isStoppedByFailure,
  type AfterDecline,
} from '../payment/retry-charge.ts';
import { advanced, following, type Rhythm } from '../payment/rhythm.ts';
import type { Subscription, SubscriptionEventType } from '../payment/subscription.ts';
import type { NextRun, Schedule, ScheduleEnd } from '../store/schedule.ts';
import type { Scheduled } from '../store/scheduled.ts';
import { newId } from '../system/randomness.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { chargeFacts } from './charge-facts.ts';
import type { ClaimedOperation } from './claim.ts';
import { conclude, endingOf, type Ending, type Learnt } from './conclude.ts';
import { subscriptionEvent } from './event.ts';
import { ownFactsOf } from './own.ts';
import { subscriptionAnswer } from './subscription-answer.ts';
import { termsOf, type Terms } from './terms.ts';

/** What becomes of a subscription when a try has come to its end. */
interface Turn {
  readonly changed: Subscription | null;
  readonly schedule: ScheduleEnd;
  /** In their order, with what each tells beyond the subscription. */
  readonly events: readonly (readonly [SubscriptionEventType, EventFacts])[];
}

type EventFacts = Readonly<Record<string, string | number | boolean | null>>;

interface Try {
  readonly operation: ClaimedOperation;
  readonly terms: Terms;
  readonly dueDate: IsoDate;
  readonly found: Scheduled;
}

/**
 * Commits what became of one try of one period: the operation with its ledger entry, the period, the
 * subscription and its schedule, and the events for billing, in one statement. Used by `settle` too.
 */
export function endCharge(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
  found: Scheduled,
  reply: GatewayReply<ChargeGrant>,
  learnt: Learnt,
): Promise<AnswerText> {
  const ending = endingOf(reply, learnt);
  const terms = termsOf(operation);
  if (!terms) throw new Error('a charge has lost its terms');
  const { dueDate } = found.schedule.rhythm;
  if (ownFactsOf(operation)?.dueDate !== dueDate) {
    throw new Error('a schedule has moved while its period was being charged');
  }
  const tried: Try = { operation, terms, dueDate, found };
  const turn = turnOf(bridge, tried, reply);
  const subscription = turn?.changed ?? found.subscription;
  const answer = subscriptionAnswer(bridge, operation, reply, subscription, ending.errorCode);
  const ended: Ending = { ...ending, answer };
  if (turn === null) return conclude(bridge, actor, operation, ended);
  const source = { operation, gatewayTransactionId: reply.gatewayTransactionId };
  const first = found.subscription.version + 1;
  const events = turn.events.map(([type, facts], index) =>
    subscriptionEvent(bridge, type, { ...subscription, version: first + index }, source, facts),
  );
  const { changed, schedule } = turn;
  return conclude(bridge, actor, operation, { ...ended, changed, schedule, events });
}

/** @returns `null` while it is open. */
function turnOf(bridge: Bridge, tried: Try, reply: GatewayReply<ChargeGrant>): Turn | null {
  const { outcome } = reply;
  switch (outcome.kind) {
    case 'approved':
      return paid(bridge, tried, outcome.value);
    case 'declined':
      return declined(bridge, tried, outcome.errorCode, reply.advice ?? null);
    case 'failed':
      return isStoppedByFailure(outcome.errorCode)
        ? declined(bridge, tried, outcome.errorCode, 'stop')
        : notAsked(bridge, tried);
    case 'pending':
    case 'in_doubt':
      return null;
  }
}

function rhythmOf({ found }: Try): Rhythm {
  return { ...found.schedule.rhythm, interval: found.subscription.interval };
}

function runAt(bridge: Bridge, date: IsoDate): NextRun {
  const { merchant, limits, randomness } = bridge;
  const dueAtMs = momentIn(merchant.timeZone, date, limits.charges.hour);
  return { kind: 'at', jobId: newId('job', randomness), dueAtMs };
}

function factsOf({ operation, terms, dueDate }: Try): EventFacts {
  return chargeFacts(dueDate, terms.price, operation.attempt);
}

function rowOf({ operation, terms, dueDate }: Try, state: 'paid' | 'unpaid' | 'open') {
  const { price, id } = terms;
  const consentId = operation.consentId ?? '';
  const agreed = { ...price, planId: id, consentId };
  return { kind: 'end', dueDate, terms: agreed, state } as const;
}

function paid(bridge: Bridge, tried: Try, grant: ChargeGrant): Turn {
  const { subscription, schedule } = tried.found;
  const { interval: _, ...rhythm } = advanced(rhythmOf(tried));
  const networkTransactionId = schedule.networkTransactionId ?? grant.networkTransactionId;
  const next: Schedule = {
    ...schedule,
    rhythm,
    declines: 0,
    failures: 0,
    stoppedTokenId: null,
    networkTransactionId,
  };
  return {
    changed: {
      ...subscription,
      status: 'active',
      nextChargeDate: rhythm.dueDate,
      version: subscription.version + 1,
    },
    schedule: {
      schedule: next,
      rows: rowOf(tried, 'paid'),
      nextRun: runAt(bridge, rhythm.dueDate),
    },
    events: [['charge.succeeded', factsOf(tried)]],
  };
}

/** The gateway was away: the issuer has not been asked, so nothing is told and no try is used up. */
function notAsked(bridge: Bridge, tried: Try): Turn {
  const { clock, limits, randomness } = bridge;
  const { schedule } = tried.found;
  const dueAtMs = clock.now() + againAfterMs(schedule.failures, limits.charges);
  return {
    changed: null,
    schedule: {
      schedule: { ...schedule, failures: schedule.failures + 1 },
      rows: null,
      nextRun: { kind: 'at', jobId: newId('job', randomness), dueAtMs },
    },
    events: [],
  };
}

function declined(
  bridge: Bridge,
  tried: Try,
  errorCode: ErrorCode,
  advice: GatewayReply<unknown>['advice'] | null,
): Turn {
  const { clock, limits, merchant } = bridge;
  const { schedule } = tried.found;
  const nextDueDate = following(rhythmOf(tried));
  const after = afterDecline(
    {
      errorCode,
      declines: schedule.declines,
      advice: advice ?? null,
      today: dateIn(merchant.timeZone, clock.now()),
      nextDueDate,
    },
    limits.charges,
  );
  const retryDate = after.kind === 'retry' ? after.date : null;
  const ends = retryDate === null && limits.charges.afterLastTry === 'cancel';
  const nextDate = retryDate ?? (after.kind === 'stop' ? null : nextDueDate);
  const changed = changedBy(tried.found.subscription, ends, nextDate);
  const facts: EventFacts = {
    ...factsOf(tried),
    charge_error_code: errorCode,
    charge_final: retryDate === null,
    will_retry_at:
      retryDate === null
        ? null
        : new Date(momentIn(merchant.timeZone, retryDate, limits.charges.hour)).toISOString(),
  };
  return {
    changed,
    schedule: {
      schedule: scheduleAfter(tried.found, after),
      rows: rowOf(tried, retryDate === null ? 'unpaid' : 'open'),
      nextRun: ends ? { kind: 'never' } : runAt(bridge, retryDate ?? nextDueDate),
    },
    events: [['charge.failed', facts], ...statusEvent(tried.found.subscription, changed)],
  };
}

function changedBy(before: Subscription, ends: boolean, nextDate: IsoDate | null): Subscription {
  const status = ends ? 'cancelled' : 'past_due';
  const steps = status === before.status ? 1 : 2;
  const nextChargeDate = ends ? null : nextDate;
  return { ...before, status, nextChargeDate, version: before.version + steps };
}

function statusEvent(before: Subscription, after: Subscription): Turn['events'] {
  if (after.status === before.status) return [];
  const type = after.status === 'cancelled' ? 'subscription.cancelled' : 'subscription.past_due';
  return [[type, {}]];
}

function scheduleAfter({ schedule, subscription }: Scheduled, after: AfterDecline): Schedule {
  return {
    ...schedule,
    failures: 0,
    // The next period has its own tries.
    declines: after.kind === 'retry' ? schedule.declines + 1 : 0,
    stoppedTokenId: after.kind === 'stop' ? subscription.tokenId : schedule.stoppedTokenId,
  };
}
