import { daysAfter, momentIn } from '../payment/local-time.ts';
import { dateIn, type IsoDate } from '../payment/plan.ts';
import { replanned, resumedOn, type Rhythm } from '../payment/rhythm.ts';
import {
  EVENT_OF_VERB,
  mayApply,
  statusAfter,
  type Subscription,
  type SubscriptionVerb,
} from '../payment/subscription.ts';
import type { CardToken } from '../store/finish.ts';
import type { ChargeTerms, ScheduleEnd } from '../store/schedule.ts';
import { findScheduled, type Scheduled } from '../store/scheduled.ts';
import { newId } from '../system/randomness.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';
import { conclude, endingOf, refusedEnding } from './conclude.ts';
import { subscriptionEvent } from './event.ts';
import { subscriptionAnswer, untold } from './subscription-answer.ts';
import { caughtUpFor } from './skip-charge.ts';
import { nothingToCharge } from './subscribe-own.ts';
import type { Terms } from './terms.ts';

/** What is to be changed. */
export interface Wish {
  readonly verb: SubscriptionVerb;
  /** For `change_plan`. */
  readonly plan: Terms | null;
  /** For `change_card`. */
  readonly token: CardToken | null;
}

/**
 * Changes a subscription of our own: no gateway is asked. While a charge is under way the change
 * waits (`pending`) and is made when the charge has ended, so that a caller who is told "paused" or
 * "cancelled" is not charged afterwards. No new charge begins meanwhile. Used by `settle` as well.
 */
export async function changeOwn(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
  change: Wish,
): Promise<AnswerText> {
  const found = await findScheduled(bridge.store, operation.subscriptionId ?? '');
  if (!found) throw new Error('a change has lost its subscription');
  const { subscription } = found;
  if (found.chargingOperation !== null) {
    const reply = { ...nothingToCharge(), outcome: { kind: 'pending' } } as const;
    const answer = subscriptionAnswer(bridge, operation, reply, subscription, null);
    return conclude(bridge, actor, operation, { ...endingOf(reply, 'by_look_up'), answer });
  }
  if (found.openOperation !== operation.id || !mayApply(change.verb, subscription.status)) {
    // The charge that it waited for has left another state, in which this cannot be done.
    const refused = { kind: 'failed', errorCode: 'not_allowed' } as const;
    const answer = subscriptionAnswer(
      bridge,
      operation,
      untold(refused),
      subscription,
      'not_allowed',
    );
    return conclude(bridge, actor, operation, {
      ...refusedEnding('failed', 'not_allowed'),
      answer,
    });
  }
  const current = await caughtUpFor(bridge, found, operation.id);
  if (!current) throw new Error('a subscription has changed while it was held');
  const { changed, schedule } = changedBy(bridge, operation, current, change);
  const source = { operation, gatewayTransactionId: null };
  const event = subscriptionEvent(bridge, EVENT_OF_VERB[change.verb], changed, source);
  const reply = nothingToCharge();
  const answer = subscriptionAnswer(bridge, operation, reply, changed, null);
  const ending = { ...endingOf(reply, 'by_look_up'), answer };
  return conclude(bridge, actor, operation, { ...ending, changed, schedule, events: [event] });
}

interface Changed {
  readonly changed: Subscription;
  readonly schedule: ScheduleEnd;
}

function changedBy(
  bridge: Bridge,
  operation: ClaimedOperation,
  found: Scheduled,
  change: Wish,
): Changed {
  switch (change.verb) {
    case 'cancel':
    case 'pause':
      return ended(bridge, found, change.verb);
    case 'resume':
      return resumed(bridge, found);
    case 'change_plan':
      return withPlan(bridge, operation, found, change.plan);
    case 'change_card':
      return withCard(bridge, found, change.token);
  }
}

/** Nothing is charged from here on; a period that was due and has not been charged is let go. */
function ended(bridge: Bridge, found: Scheduled, verb: 'cancel' | 'pause'): Changed {
  const { subscription, schedule } = found;
  const { dueDate } = schedule.rhythm;
  const due = isDue(bridge, found);
  return {
    changed: {
      ...subscription,
      status: statusAfter(verb, subscription.status),
      nextChargeDate: null,
      version: subscription.version + 1,
    },
    schedule: {
      schedule,
      rows: due ? { kind: 'drop', dueDate, terms: termsOf(subscription) } : null,
      nextRun: { kind: 'never' },
    },
  };
}

function todayOf(bridge: Bridge): IsoDate {
  return dateIn(bridge.merchant.timeZone, bridge.clock.now());
}

function rhythmOf({ subscription, schedule }: Scheduled): Rhythm {
  return { ...schedule.rhythm, interval: subscription.interval };
}

/** A period that has come due and has not been charged. */
function isDue(bridge: Bridge, { subscription, schedule }: Scheduled): boolean {
  return subscription.status !== 'paused' && schedule.rhythm.dueDate <= todayOf(bridge);
}

/** What a period costs that is due now. */
function termsOf({ price, planId, consentId }: Subscription): ChargeTerms {
  return { amountMinor: price.amountMinor, currency: price.currency, planId, consentId };
}

function resumed(bridge: Bridge, found: Scheduled): Changed {
  const { subscription, schedule } = found;
  const { interval: _, ...rhythm } = resumedOn(rhythmOf(found), todayOf(bridge));
  const { merchant, limits, randomness } = bridge;
  const dueAtMs = momentIn(merchant.timeZone, rhythm.dueDate, limits.charges.hour);
  return {
    changed: {
      ...subscription,
      status: 'active',
      nextChargeDate: rhythm.dueDate,
      version: subscription.version + 1,
    },
    schedule: {
      schedule: { ...schedule, rhythm },
      rows: null,
      nextRun: { kind: 'at', jobId: newId('job', randomness), dueAtMs },
    },
  };
}

/** Another plan from the next period on; a period that is due already is charged as it was agreed. */
function withPlan(
  bridge: Bridge,
  operation: ClaimedOperation,
  found: Scheduled,
  plan: Wish['plan'],
): Changed {
  if (plan === null) throw new Error('a change of plan has no plan');
  const { subscription, schedule } = found;
  const today = todayOf(bridge);
  const { dueDate } = schedule.rhythm;
  // What falls into a pause is not due, and what is due today is not charged before it is resumed.
  const paused = subscription.status === 'paused';
  const present = paused ? resumedOn(rhythmOf(found), daysAfter(today, 1)) : rhythmOf(found);
  const { interval: _, ...rhythm } = replanned(present, plan.interval, today);
  return {
    changed: {
      ...subscription,
      planId: plan.id,
      price: plan.price,
      interval: plan.interval,
      consentId: operation.consentId ?? subscription.consentId,
      version: subscription.version + 1,
    },
    schedule: {
      schedule: { ...schedule, rhythm },
      rows: isDue(bridge, found)
        ? { kind: 'keep_terms', dueDate, terms: termsOf(subscription) }
        : null,
      nextRun: { kind: 'as_planned' },
    },
  };
}

/** Another card: what is owed is tried with it at once, and it has all its tries before it. */
function withCard(bridge: Bridge, found: Scheduled, token: Wish['token']): Changed {
  if (token === null) throw new Error('a change of card has no card');
  const { subscription, schedule } = found;
  const owes = subscription.status === 'past_due';
  const { dueDate } = schedule.rhythm;
  return {
    changed: {
      ...subscription,
      tokenId: token.id,
      cardBrand: token.brand,
      cardLast4: token.last4,
      nextChargeDate: owes ? todayOf(bridge) : subscription.nextChargeDate,
      version: subscription.version + 1,
    },
    schedule: {
      schedule: {
        ...schedule,
        declines: 0,
        failures: 0,
        stoppedTokenId: null,
        networkTransactionId: token.networkTransactionId,
      },
      rows: owes ? { kind: 'reopen', dueDate } : null,
      nextRun: owes
        ? { kind: 'at', jobId: newId('job', bridge.randomness), dueAtMs: bridge.clock.now() }
        : { kind: 'as_planned' },
    },
  };
}
