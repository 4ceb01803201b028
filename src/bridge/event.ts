import type { Subscription, SubscriptionEventType } from '../payment/subscription.ts';
import type { OutboxEvent } from '../store/finish.ts';
import { newId } from '../system/randomness.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';

/** Facts of the operation that an event tells of. */
export interface EventSource {
  readonly operation: ClaimedOperation;
  readonly gatewayTransactionId: string | null;
}

/**
 * The event for billing (guide, "Subscription State Management"): the whole state after the change,
 * so that a receiver needs no second call, and `sequence`, so that it can put events in order.
 *
 * @param facts what only this type tells, such as the period of a charge.
 */
export function subscriptionEvent(
  bridge: Bridge,
  type: SubscriptionEventType,
  subscription: Subscription,
  source: EventSource,
  facts: Readonly<Record<string, string | number | boolean | null>> = {},
): OutboxEvent {
  const id = newId('evt', bridge.randomness);
  const body = {
    type,
    timestamp: new Date(bridge.clock.now()).toISOString(),
    data: {
      subscription_id: subscription.id,
      sequence: subscription.version,
      customer_id: subscription.customerId,
      plan_id: subscription.planId,
      amount_minor: subscription.price.amountMinor,
      currency: subscription.price.currency,
      interval_count: subscription.interval.count,
      interval_unit: subscription.interval.unit,
      status: subscription.status,
      next_charge_date: subscription.nextChargeDate,
      card_brand: subscription.cardBrand,
      card_last4: subscription.cardLast4,
      gateway: subscription.gateway,
      gateway_subscription: subscription.gatewayReference,
      gateway_transaction_id: source.gatewayTransactionId,
      consent_id: subscription.consentId,
      confirmation_code: subscription.confirmationCode,
      operation_id: source.operation.id,
      interaction_id: source.operation.interactionId,
      language: source.operation.language,
      ...facts,
    },
  };
  return {
    id,
    jobId: newId('job', bridge.randomness),
    subscriptionId: subscription.id,
    operationId: source.operation.id,
    interactionId: source.operation.interactionId,
    sequence: subscription.version,
    type,
    body: JSON.stringify(body),
  };
}
