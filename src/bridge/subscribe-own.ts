import type { ChargeGrant, GatewayReply } from '../gateway/gateway.ts';
import { unasked } from '../gateway/reading.ts';
import { momentIn } from '../payment/local-time.ts';
import { advanced, rhythmFrom } from '../payment/rhythm.ts';
import type { Subscription } from '../payment/subscription.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ScheduleEnd } from '../store/schedule.ts';
import { newId } from '../system/randomness.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { chargeFacts } from './charge-facts.ts';
import type { ClaimedOperation } from './claim.ts';
import { conclude, endingOf, type Learnt } from './conclude.ts';
import { createdBy, type Enrolment } from './enrolment.ts';
import { subscriptionEvent } from './event.ts';
import { chargeOrder, ownFactsOf, ownSubscriptionId } from './own.ts';
import { committedOr, perform } from './perform.ts';
import { subscriptionAnswer, untold } from './subscription-answer.ts';

/**
 * Enrols where the gateway cannot subscribe: makes the first charge, under the operation's key, where
 * it is due today, and keeps the subscription in our own tables.
 */
export async function subscribeOwn(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
  enrolment: Enrolment,
  deadline: Deadline,
): Promise<AnswerText> {
  const charged = ownFactsOf(operation)?.use === 'first';
  const reply = charged
    ? await perform(bridge, deadline, (signal) =>
        bridge.gateway.charge(chargeOrder(operation, enrolment.token), signal),
      )
    : nothingToCharge();
  return committedOr(
    bridge,
    operation.id,
    () =>
      endOwnSubscribe(
        bridge,
        actor,
        operation,
        enrolment,
        reply,
        charged ? 'by_call' : 'by_look_up',
      ),
    () => subscriptionAnswer(bridge, operation, untold({ kind: 'in_doubt' }), null, 'in_doubt'),
  );
}

/** What stands for a reply where the first charge comes later: nobody was asked. */
export function nothingToCharge(): GatewayReply<ChargeGrant> {
  const value = { chargeReference: '', networkTransactionId: null };
  return unasked<ChargeGrant>({ kind: 'approved', value });
}

/** Commits the enrolment with its schedule, its first period and its events. */
export function endOwnSubscribe(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
  enrolment: Enrolment,
  reply: GatewayReply<ChargeGrant>,
  learnt: Learnt,
): Promise<AnswerText> {
  const ending = endingOf(reply, learnt);
  if (reply.outcome.kind !== 'approved') {
    const answer = subscriptionAnswer(bridge, operation, reply, null, ending.errorCode);
    return conclude(bridge, actor, operation, { ...ending, answer });
  }
  const charged = ownFactsOf(operation)?.use === 'first';
  const id = ownSubscriptionId(operation.id);
  const schedule = firstSchedule(bridge, enrolment, id, charged, reply.outcome.value);
  const grant = {
    subscriptionReference: id,
    status: 'active',
    nextChargeDate: schedule.schedule.rhythm.dueDate,
  } as const;
  const made = createdBy(bridge, operation, enrolment, grant, id);
  const created: Subscription = charged ? { ...made, version: made.version + 1 } : made;
  const source = { operation, gatewayTransactionId: reply.gatewayTransactionId };
  const events = [subscriptionEvent(bridge, 'subscription.created', made, source)];
  if (charged) {
    const { firstChargeDate } = enrolment.consent;
    const facts = chargeFacts(firstChargeDate, enrolment.plan.price, 1);
    events.push(subscriptionEvent(bridge, 'charge.succeeded', created, source, facts));
  }
  const answer = subscriptionAnswer(bridge, operation, reply, created, null);
  return conclude(bridge, actor, operation, { ...ending, created, events, schedule, answer });
}

function firstSchedule(
  bridge: Bridge,
  { token, plan, consent }: Enrolment,
  subscriptionId: string,
  charged: boolean,
  grant: ChargeGrant,
): ScheduleEnd {
  const first = rhythmFrom(consent.firstChargeDate, plan.interval);
  const rhythm = charged ? advanced(first) : first;
  const { merchant, limits, randomness } = bridge;
  const terms = {
    amountMinor: plan.price.amountMinor,
    currency: plan.price.currency,
    planId: plan.id,
    consentId: consent.id,
  };
  return {
    schedule: {
      subscriptionId,
      rhythm,
      declines: 0,
      failures: 0,
      stoppedTokenId: null,
      // The card was stored by one transaction and is charged first by another: the latter carries on.
      networkTransactionId: grant.networkTransactionId ?? token.networkTransactionId,
    },
    rows: charged ? { kind: 'end', dueDate: first.dueDate, terms, state: 'paid' } : null,
    nextRun: {
      kind: 'at',
      jobId: newId('job', randomness),
      dueAtMs: momentIn(merchant.timeZone, rhythm.dueDate, limits.charges.hour),
    },
  };
}
