import type { SubscribeOrder, SubscriptionGrant } from '../gateway/gateway.ts';
import type { Subscription } from '../payment/subscription.ts';
import type { GivenConsent } from '../store/consents.ts';
import type { CardToken } from '../store/finish.ts';
import { newId } from '../system/randomness.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';
import type { Terms } from './terms.ts';

/** What an enrolment needs, whole. */
export interface Enrolment {
  readonly token: CardToken;
  readonly plan: Terms;
  readonly consent: Pick<GivenConsent, 'id' | 'firstChargeDate'>;
}

export function subscribeOrder(operation: ClaimedOperation, enrolment: Enrolment): SubscribeOrder {
  const { token, plan, consent } = enrolment;
  return {
    idempotencyKey: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    customerId: operation.customerId ?? '',
    tokenReference: token.reference,
    planId: plan.id,
    price: plan.price,
    interval: plan.interval,
    firstChargeDate: consent.firstChargeDate,
    consentId: consent.id,
    language: operation.language,
  };
}

/** Six letters that are not mistaken for one another when they are read out. */
function confirmationCode(bridge: Bridge): string {
  return newId('c', bridge.randomness).slice(2, 8).toUpperCase();
}

/** The subscription that an enrolment has made. */
export function createdBy(
  bridge: Bridge,
  operation: ClaimedOperation,
  enrolment: Enrolment,
  grant: SubscriptionGrant,
  id: string,
): Subscription {
  const { token, plan, consent } = enrolment;
  return {
    id,
    customerId: operation.customerId ?? '',
    planId: plan.id,
    price: plan.price,
    interval: plan.interval,
    status: grant.status,
    gateway: operation.gateway,
    gatewayReference: grant.subscriptionReference,
    tokenId: token.id,
    cardBrand: token.brand,
    cardLast4: token.last4,
    nextChargeDate: grant.nextChargeDate,
    consentId: consent.id,
    language: operation.language,
    confirmationCode: confirmationCode(bridge),
    version: 1,
  };
}
