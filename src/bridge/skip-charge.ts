import { momentIn } from '../payment/local-time.ts';
import { dateIn, type IsoDate } from '../payment/plan.ts';
import { caughtUp, following, type Rhythm } from '../payment/rhythm.ts';
import type { Subscription } from '../payment/subscription.ts';
import { skipCharges } from '../store/charges.ts';
import type { ScheduleEnd } from '../store/schedule.ts';
import { findScheduled, type Scheduled } from '../store/scheduled.ts';
import { newId } from '../system/randomness.ts';
import { answerText } from './answer.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';
import { ledgerEntry, SYSTEM_ACTOR } from './entry.ts';
import { subscriptionEvent } from './event.ts';
import { operationFor } from './own.ts';

/** Periods that will not be charged. */
export interface Passing {
  /** Where the schedule stands afterwards. */
  readonly rhythm: Rhythm;
  /** Not empty, oldest first; billing has not heard of them yet. */
  readonly passed: readonly IsoDate[];
  /** The card must not be charged. */
  readonly stopped: boolean;
  /** The last of them is the present period: another card may still pay it. */
  readonly lastStays: boolean;
}

/**
 * Passes periods over and tells billing which: those that nobody charged in time, because several
 * charges at once were never agreed to, and those of a card that must not be charged.
 *
 * @param holder the change that has to have them out of its way first.
 * @returns false where the subscription has changed meanwhile, and nothing was done.
 */
export async function skipPeriods(
  bridge: Bridge,
  found: Scheduled,
  passing: Passing,
  holder: string | null = null,
): Promise<boolean> {
  const { rhythm, passed, stopped, lastStays } = passing;
  const { store } = bridge;
  const { subscription } = found;
  const changed: Subscription = {
    ...subscription,
    nextChargeDate: stopped ? null : rhythm.dueDate,
    version: subscription.version + 1,
  };
  const operation = skipOperation(bridge, subscription, passed);
  const { price } = subscription;
  const facts = {
    charge_due_date: passed[0] ?? null,
    charge_last_due_date: passed.at(-1) ?? null,
    charge_count: passed.length,
    charge_reason: stopped ? 'card_stopped' : 'late',
  };
  const skipped = await skipCharges(store, {
    operation,
    end: { state: 'failed', answer: answerText({ operation_id: operation.id }), errorCode: null },
    subscription,
    changed,
    dueDates: passed,
    terms: {
      amountMinor: price.amountMinor,
      currency: price.currency,
      planId: subscription.planId,
      consentId: subscription.consentId,
    },
    lastStays,
    holder,
    schedule: scheduleAfter(bridge, found, rhythm, lastStays),
    entry: ledgerEntry(bridge, SYSTEM_ACTOR, {
      action: 'charge.skipped',
      result: 'failure',
      resource: subscription.id,
      operationId: operation.id,
      interactionId: operation.interactionId,
      subscriptionId: subscription.id,
      detail: Object.fromEntries(
        Object.entries(facts).map(([name, value]) => [name, String(value)]),
      ),
    }),
    event: subscriptionEvent(
      bridge,
      'charge.skipped',
      changed,
      { operation, gatewayTransactionId: null },
      facts,
    ),
  });
  if (skipped) {
    bridge.log.alarm('charge.skipped', { subscriptionId: subscription.id, count: passed.length });
  }
  return skipped;
}

/**
 * Brings a schedule that has fallen behind to the newest period that is due, before it is changed.
 *
 * @returns the subscription as it stands then; `null` where somebody else has changed it.
 */
export async function caughtUpFor(
  bridge: Bridge,
  found: Scheduled,
  holder: string,
): Promise<Scheduled | null> {
  const { subscription, schedule, charge } = found;
  if (subscription.status === 'paused' || subscription.status === 'cancelled') return found;
  const today = dateIn(bridge.merchant.timeZone, bridge.clock.now());
  const present = { ...schedule.rhythm, interval: subscription.interval };
  const { rhythm, missed } = caughtUp(present, today);
  if (missed.length === 0) return found;
  const passed = charge?.state === 'unpaid' ? missed.slice(1) : missed;
  const stopped = schedule.stoppedTokenId === subscription.tokenId;
  if (passed.length === 0) {
    const { interval: _, ...kept } = rhythm;
    return { ...found, schedule: { ...schedule, rhythm: kept }, charge: null };
  }
  const passing = { rhythm, passed, stopped, lastStays: false };
  if (!(await skipPeriods(bridge, found, passing, holder))) return null;
  return findScheduled(bridge.store, subscription.id);
}

function scheduleAfter(
  bridge: Bridge,
  { schedule }: Scheduled,
  rhythm: Rhythm,
  lastStays: boolean,
): ScheduleEnd {
  const { clock, merchant, limits, randomness } = bridge;
  const { interval: _, ...kept } = rhythm;
  return {
    schedule: { ...schedule, rhythm: kept },
    rows: null,
    nextRun: {
      kind: 'at',
      jobId: newId('job', randomness),
      dueAtMs: lastStays
        ? momentIn(merchant.timeZone, following(rhythm), limits.charges.hour)
        : clock.now(),
    },
  };
}

function skipOperation(
  bridge: Bridge,
  subscription: Subscription,
  passed: readonly IsoDate[],
): ClaimedOperation {
  const key = `skip:${subscription.id}:${passed.at(-1) ?? ''}:${subscription.version}`;
  const id = newId('op', bridge.randomness);
  return operationFor(bridge, subscription, { id, kind: 'skip_charge', key });
}
