import type { GatewayReply } from '../gateway/gateway.ts';
import type { OperationKind } from '../payment/operation.ts';
import type { ErrorCode, Outcome } from '../payment/outcome.ts';
import type { PlainPrompt } from '../payment/prompt.ts';
import type { Subscription } from '../payment/subscription.ts';
import type { Operation } from '../store/operations.ts';
import {
  answerText,
  errorCommon,
  plainCommon,
  subscriptionFacts,
  subscriptionFields,
} from './answer.ts';
import type { AnswerText, Bridge } from './bridge.ts';
import { cardTelling } from './card-tries.ts';
import type { ClaimedOperation } from './claim.ts';

/** What the caller hears when it has been done. */
const DONE_PROMPT: Readonly<Partial<Record<OperationKind, PlainPrompt>>> = {
  subscribe: 'enrolled',
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'resumed',
  change_plan: 'plan_changed',
  change_card: 'card_changed',
};

/** How far a reply matters for the answer. */
export type ToldReply = Pick<
  GatewayReply<unknown>,
  'outcome' | 'statusCode' | 'gatewayTransactionId'
>;

/** The outcome of an operation that never reached a gateway. */
export function untold(outcome: Outcome<unknown>): ToldReply {
  return { outcome, statusCode: null, gatewayTransactionId: null };
}

/**
 * The caller's answer to a subscription operation.
 *
 * @param subscription as it is after the operation; before it, where nothing came of it.
 */
export function subscriptionAnswer(
  bridge: Bridge,
  operation: ClaimedOperation,
  reply: ToldReply,
  subscription: Subscription | null,
  errorCode: ErrorCode | null,
): AnswerText {
  const { language } = operation;
  const table = bridge.prompts[language];
  const facts = subscriptionFacts(subscription, bridge.plans, language);
  const fields = {
    ...subscriptionFields(operation.id, subscription, facts.amount, facts.next),
    gateway_transaction_id: reply.gatewayTransactionId ?? '',
    status_code: reply.statusCode ?? 0,
  };
  if (errorCode !== null) {
    const telling = cardTelling(bridge, operation);
    return answerText({ ...fields, ...errorCommon(table, reply.outcome.kind, errorCode, telling) });
  }
  if (reply.outcome.kind !== 'approved') {
    const common = plainCommon(table, 'still_working', 'wait', {}, reply.outcome.kind);
    return answerText({ ...fields, ...common });
  }
  const prompt = DONE_PROMPT[operation.kind] ?? 'subscription_status';
  const common = plainCommon(table, prompt, 'continue', {
    plan: facts.plan,
    amount: facts.amount,
    next_charge_date: facts.next,
    card_brand: facts.brand,
    card_last4: facts.last4,
    status: facts.status,
    confirmation_code: spelled(subscription?.confirmationCode ?? ''),
    support_phone: bridge.merchant.supportPhone,
  });
  return answerText({ ...fields, ...common });
}

/** A code letter by letter, so that a voice reads it out. */
function spelled(code: string): string {
  return code.split('').join(' ');
}

/** The answer for an operation whose process died before it could end it. */
export function lostSubscriptionAnswer(bridge: Bridge, operation: Operation): AnswerText {
  return subscriptionAnswer(bridge, operation, untold({ kind: 'in_doubt' }), null, 'in_doubt');
}
