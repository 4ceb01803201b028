import { dateIn, type IsoDate } from '../payment/plan.ts';
import { caughtUp, following, type Rhythm } from '../payment/rhythm.ts';
import { momentIn } from '../payment/local-time.ts';
import { sameMoney } from '../payment/money.ts';
import { Deadline } from '../resilience/deadline.ts';
import { readBreaker } from '../store/breaker.ts';
import { beginCharge } from '../store/charges.ts';
import { findConsent } from '../store/consents.ts';
import type { CardToken } from '../store/finish.ts';
import { claimCharges, dropJob, postponeJob, type Job } from '../store/jobs.ts';
import type { NewOperation } from '../store/operations.ts';
import type { ChargeTerms } from '../store/schedule.ts';
import { findScheduled, type Scheduled } from '../store/scheduled.ts';
import { findToken } from '../store/subscriptions.ts';
import { readSwitch } from '../store/switch.ts';
import { newId } from '../system/randomness.ts';
import { breakerAdmits } from './admit.ts';
import type { Bridge } from './bridge.ts';
import { endCharge } from './charge-end.ts';
import type { ClaimedOperation } from './claim.ts';
import { ledgerEntry, SYSTEM_ACTOR } from './entry.ts';
import { chargeOrder, operationFor, ownOrder, tryOf } from './own.ts';
import { perform } from './perform.ts';
import { skipPeriods } from './skip-charge.ts';
import { orderOf } from './terms.ts';

const CLAIM_LIMIT = 16;
/** Beyond the deadline of the call: a process that is slow is not taken for one that died. */
const LEASE_GRACE_MS = 30_000;
/** A charge whose answer was lost is looked up by `settle`; here it is only waited for. */
const CHARGING_WAIT_MS = 60_000;
/** A change is under way, or somebody else has just changed it. */
const CHANGED_WAIT_MS = 2_000;
/** Payments are switched off, or the breaker is open. */
const CLOSED_WAIT_MS = 5 * 60_000;
/** What nobody agreed to, or what another gateway keeps, is not going to be right in a minute. */
const REFUSED_WAIT_MS = 24 * 3_600_000;

/**
 * Charges every subscription of our own whose time has come.
 *
 * @returns how many were looked at.
 */
export async function chargeDue(bridge: Bridge): Promise<number> {
  const { store, clock, limits } = bridge;
  const leaseMs = limits.deadlineMs + LEASE_GRACE_MS;
  const jobs = await claimCharges(store, clock.now(), leaseMs, CLAIM_LIMIT);
  await Promise.all(jobs.map((job) => chargeJob(bridge, job)));
  return jobs.length;
}

/** One that fails does not keep the others; its lease runs out and it is tried again. */
async function chargeJob(bridge: Bridge, job: Job): Promise<void> {
  try {
    await chargeOne(bridge, job);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    bridge.log.alarm('charge.not_made', { subscriptionId: job.subject, error: name });
  }
}

async function chargeOne(bridge: Bridge, job: Job): Promise<void> {
  const { store, clock, merchant } = bridge;
  const wait = (delayMs: number, word: string): Promise<void> =>
    postponeJob(store, job, clock.now() + delayMs, job.step, word);
  const found = await findScheduled(store, job.subject);
  const status = found?.subscription.status;
  if (!found || (status !== 'active' && status !== 'past_due')) return dropJob(store, job);
  if (found.chargingOperation !== null) return wait(CHARGING_WAIT_MS, 'charging');
  if (found.openOperation !== null) return wait(CHANGED_WAIT_MS, 'changing');
  const { subscription, schedule, charge } = found;
  const today = dateIn(merchant.timeZone, clock.now());
  const present: Rhythm = { ...schedule.rhythm, interval: subscription.interval };
  const { rhythm, missed } = caughtUp(present, today);
  const told = charge?.state === 'unpaid';
  const stopped = schedule.stoppedTokenId === subscription.tokenId;
  if (stopped || missed.length > 0) {
    const over = stopped ? [...missed, rhythm.dueDate] : missed;
    const passed = told ? over.slice(1) : over;
    if (passed.length > 0) {
      const skipped = await skipPeriods(bridge, found, {
        rhythm,
        passed,
        stopped,
        lastStays: stopped,
      });
      return skipped ? undefined : wait(CHANGED_WAIT_MS, 'changed');
    }
  }
  if (rhythm.dueDate > today) return wait(untilDue(bridge, rhythm.dueDate), 'early');
  if (stopped || (told && missed.length === 0)) {
    return wait(untilDue(bridge, following(rhythm)), 'given up');
  }
  const token = await findToken(store, subscription.tokenId);
  if (!token) throw new Error('a subscription has lost its card');
  if (token.gateway !== bridge.gateway.name) {
    // The gateway was changed. This one could only take the name of the card for another one's.
    bridge.log.alarm('charge.other_gateway', { subscriptionId: subscription.id });
    return wait(REFUSED_WAIT_MS, 'other gateway');
  }
  if (!(await admitted(bridge, subscription.id))) return wait(CLOSED_WAIT_MS, 'closed');
  if (await chargePeriod(bridge, found, rhythm, token)) return undefined;
  return (await consented(bridge, found, rhythm))
    ? wait(CHANGED_WAIT_MS, 'changed')
    : wait(REFUSED_WAIT_MS, 'not consented');
}

function untilDue(bridge: Bridge, date: IsoDate): number {
  const { merchant, limits, clock } = bridge;
  return Math.max(0, momentIn(merchant.timeZone, date, limits.charges.hour) - clock.now());
}

async function admitted(bridge: Bridge, holder: string): Promise<boolean> {
  const { store, gateway } = bridge;
  if ((await readSwitch(store)).state === 'off') return false;
  return breakerAdmits(bridge, await readBreaker(store, gateway.name), holder);
}

/** The terms of the period: those that it came due with, or today's where it comes due now. */
function termsFor({ subscription, schedule, charge }: Scheduled, rhythm: Rhythm): ChargeTerms {
  if (charge !== null && rhythm.dueDate === schedule.rhythm.dueDate) return charge;
  const { price, planId, consentId } = subscription;
  return { amountMinor: price.amountMinor, currency: price.currency, planId, consentId };
}

/** @returns false where something stood against it, and nothing was begun. */
async function chargePeriod(
  bridge: Bridge,
  found: Scheduled,
  rhythm: Rhythm,
  token: CardToken,
): Promise<boolean> {
  const { store, clock, limits, randomness } = bridge;
  // From before the intent: who stands still after it must not send what others have ended since.
  const deadline = new Deadline(clock, limits.deadlineMs);
  const { subscription, schedule } = found;
  const terms = termsFor(found, rhythm);
  const operation = operationOf(bridge, found, rhythm, terms);
  const { interval: _, ...kept } = rhythm;
  const here = { ...found, schedule: { ...schedule, rhythm: kept } };
  const begun = await beginCharge(store, {
    operation,
    subscription,
    dueDate: rhythm.dueDate,
    terms,
    schedule: { schedule: here.schedule, rows: null, nextRun: { kind: 'as_planned' } },
    intent: ledgerEntry(bridge, SYSTEM_ACTOR, {
      action: 'charge.intent',
      result: 'unknown',
      resource: subscription.id,
      operationId: operation.id,
      interactionId: operation.interactionId,
      subscriptionId: subscription.id,
      detail: { due_date: rhythm.dueDate, attempt: String(operation.attempt) },
    }),
    settleAtMs: clock.now() + limits.deadlineMs + 1_000,
    jobId: newId('job', randomness),
  });
  if (begun === null) return false;
  const order = chargeOrder(operation, token);
  const reply = await perform(bridge, deadline, (signal) => bridge.gateway.charge(order, signal));
  await endCharge(bridge, SYSTEM_ACTOR, operation, here, reply, 'by_call');
  return true;
}

function operationOf(
  bridge: Bridge,
  found: Scheduled,
  rhythm: Rhythm,
  terms: ChargeTerms,
): ClaimedOperation & NewOperation {
  const { subscription, schedule, charge } = found;
  const { dueDate } = rhythm;
  const known = charge !== null && dueDate === schedule.rhythm.dueDate;
  const tries = (known ? charge.tries : 0) + 1;
  const { operationId, key } = tryOf(subscription.id, dueDate, tries);
  const price = { amountMinor: terms.amountMinor, currency: terms.currency };
  const { networkTransactionId } = schedule;
  return {
    ...operationFor(bridge, subscription, { id: operationId, kind: 'charge', key }),
    consentId: terms.consentId,
    planId: terms.planId,
    attempt: tries,
    order: {
      ...orderOf({ id: terms.planId, price, interval: subscription.interval }, null),
      ...ownOrder({ use: 'recurring', dueDate, networkTransactionId }),
    },
  };
}

/** Whether the consent covers what would be charged. Where it does not, a person has to look. */
async function consented(bridge: Bridge, found: Scheduled, rhythm: Rhythm): Promise<boolean> {
  const terms = termsFor(found, rhythm);
  const consent = await findConsent(bridge.store, {
    id: terms.consentId,
    interactionId: '',
    planId: terms.planId,
  });
  if (consent && sameMoney(consent.price, terms) && consent.planId === terms.planId) return true;
  bridge.log.alarm('charge.not_consented', { subscriptionId: found.subscription.id });
  return false;
}
