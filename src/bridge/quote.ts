import type { Money } from '../payment/money.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { IsoDate, Plan } from '../payment/plan.ts';
import { mayApply } from '../payment/subscription.ts';
import { Deadline } from '../resilience/deadline.ts';
import { findSubscription } from '../store/subscriptions.ts';
import type { Bridge } from './bridge.ts';

/** The caller listens to nothing meanwhile, and more than a price follows. */
const QUOTE_MS = 8_000;

/** What a change of plan means for the caller's money, or why it cannot be said. */
export type ChangeTerms =
  | {
      readonly kind: 'told';
      readonly dueNow: Money;
      readonly firstChargeDate: IsoDate;
    }
  | { readonly kind: 'refused'; readonly errorCode: ErrorCode };

/**
 * Finds out what a change of plan would charge at once, so that it is said before consent. What
 * cannot be said cannot be agreed to: where the gateway does not answer, there is no disclosure.
 */
export async function changeTerms(
  bridge: Bridge,
  whose: { readonly customerId: string; readonly subscriptionId: string },
  plan: Plan,
  today: IsoDate,
): Promise<ChangeTerms> {
  const { store, gateway, clock } = bridge;
  const subscription = await findSubscription(store, whose.subscriptionId);
  if (!subscription) return { kind: 'refused', errorCode: 'not_found' };
  const may = mayApply('change_plan', subscription.status) && subscription.planId !== plan.id;
  if (subscription.customerId !== whose.customerId || !may) {
    return { kind: 'refused', errorCode: 'not_allowed' };
  }
  const quote = gateway.quote?.bind(gateway);
  if (quote === undefined) {
    const dueNow = { amountMinor: 0, currency: plan.price.currency };
    return { kind: 'told', dueNow, firstChargeDate: subscription.nextChargeDate ?? today };
  }
  const { gatewayReference: subscriptionReference, customerId } = subscription;
  const order = { subscriptionReference, customerId, plan };
  const deadline = new Deadline(clock, QUOTE_MS);
  const { outcome } = await deadline.within((signal) => quote(order, signal));
  if (outcome.kind === 'approved') {
    const { dueNow, nextChargeDate } = outcome.value;
    return { kind: 'told', dueNow, firstChargeDate: nextChargeDate ?? today };
  }
  const errorCode = outcome.kind === 'failed' ? outcome.errorCode : 'gateway_unavailable';
  return { kind: 'refused', errorCode };
}
