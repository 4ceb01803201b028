import { Fault } from '../payment/fault.ts';
import { isFinal } from '../payment/operation.ts';
import { hurrySettle } from '../store/jobs.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { findSubscription } from '../store/subscriptions.ts';
import {
  answerText,
  plainCommon,
  subscriptionFacts,
  subscriptionFields,
  tokenFields,
} from './answer.ts';
import type { AnswerText, Bridge } from './bridge.ts';
import { withFreshDate } from './lookup.ts';

/** A caller who polls hurries the next look, but not faster than this. */
const LOOK_AGAIN_MS = 2_000;

/** The subscription as it stands. */
export async function readSubscription(
  bridge: Bridge,
  subscriptionId: string,
): Promise<AnswerText> {
  const found = await findSubscription(bridge.store, subscriptionId);
  if (!found) throw new Fault('unknown_resource', 'There is no such subscription.');
  const subscription = await withFreshDate(bridge, found);
  const { language } = subscription;
  const facts = subscriptionFacts(subscription, bridge.plans, language);
  const common = plainCommon(bridge.prompts[language], 'subscription_status', 'continue', {
    plan: facts.plan,
    amount: facts.amount,
    status: facts.status,
    next_charge_date: facts.next,
    card_last4: facts.last4,
  });
  return answerText({
    ...subscriptionFields('', subscription, facts.amount, facts.next),
    ...common,
  });
}

/** Every field that an operation's answer can have, so that a poll binds whatever it was. */
function everyField(operation: Operation): object {
  const token = tokenFields({ operation_id: operation.id, gateway: operation.gateway });
  return { ...subscriptionFields(operation.id, null, '', ''), ...token, kind: operation.kind };
}

/**
 * What has become of an operation. While it is open the caller waits, and the next look at the
 * gateway is brought forward; after {@link Bridge.limits}.waitMsMax a person takes over.
 */
export async function readOperation(bridge: Bridge, operationId: string): Promise<AnswerText> {
  const operation = await findOperation(bridge.store, operationId);
  if (!operation) throw new Fault('unknown_resource', 'There is no such operation.');
  const all = everyField(operation);
  if (isFinal(operation.state) && operation.answer !== null) {
    const answer: unknown = JSON.parse(operation.answer);
    return answerText(Object.assign({}, all, answer, { kind: operation.kind }));
  }
  const nowMs = bridge.clock.now();
  if (operation.state !== 'started') {
    await hurrySettle(bridge.store, operation.id, nowMs, LOOK_AGAIN_MS);
  }
  const table = bridge.prompts[operation.language];
  const outcome = operation.state === 'pending' ? 'pending' : 'in_doubt';
  const patient = nowMs - operation.startedAtMs < bridge.limits.waitMsMax;
  const common = patient
    ? plainCommon(table, 'still_working', 'wait', {}, outcome)
    : plainCommon(table, 'in_doubt_agent', 'agent', {}, outcome);
  return answerText({
    ...all,
    ...common,
    error_code: outcome === 'in_doubt' ? 'in_doubt' : '',
    gateway_transaction_id: operation.gatewayTransactionId ?? '',
    status_code: operation.statusCode ?? 0,
  });
}
