import type { SubscriptionGrant } from '../gateway/gateway.ts';
import type {
  Subscription,
  SubscriptionEventType,
  SubscriptionStatus,
} from '../payment/subscription.ts';
import { followGateway } from '../store/follow.ts';
import { noteNextCharge } from '../store/subscriptions.ts';
import { newId } from '../system/randomness.ts';
import { answerText } from './answer.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';
import { ledgerEntry, SYSTEM_ACTOR } from './entry.ts';
import { subscriptionEvent } from './event.ts';

/** What billing hears of a status that no caller has asked for. */
const EVENT_OF_STATUS: Readonly<Record<SubscriptionStatus, SubscriptionEventType>> = {
  active: 'subscription.resumed',
  paused: 'subscription.paused',
  past_due: 'subscription.past_due',
  cancelled: 'subscription.cancelled',
};

/**
 * Takes over what the gateway has made of a subscription by itself: a charge that failed, one that
 * was paid after all, an end that somebody set at the gateway's own desk. The next caller, billing
 * and the ledger hear of it. What is cancelled here stays cancelled.
 */
export async function follow(
  bridge: Bridge,
  subscription: Subscription,
  grant: SubscriptionGrant,
): Promise<void> {
  const { store } = bridge;
  const { status, nextChargeDate } = grant;
  if (subscription.status === 'cancelled') return;
  if (status === subscription.status) {
    await noteNextCharge(store, subscription.id, subscription.version, nextChargeDate);
    return;
  }
  const version = subscription.version + 1;
  const changed: Subscription = { ...subscription, status, nextChargeDate, version };
  const operation = followOperation(bridge, changed);
  const facts = grant.endsOn === undefined ? {} : { ends_on: grant.endsOn };
  const source = { operation, gatewayTransactionId: null };
  const followed = await followGateway(store, {
    operation,
    end: { state: 'approved', answer: answerText({ operation_id: operation.id }), errorCode: null },
    subscription,
    changed,
    entry: ledgerEntry(bridge, SYSTEM_ACTOR, {
      action: 'subscription.followed',
      result: 'success',
      resource: subscription.id,
      operationId: operation.id,
      interactionId: operation.interactionId,
      subscriptionId: subscription.id,
      detail: { gateway: subscription.gateway, from: subscription.status, to: status },
    }),
    event: subscriptionEvent(bridge, EVENT_OF_STATUS[status], changed, source, facts),
  });
  if (followed) bridge.log.info('subscription.followed', { subscriptionId: subscription.id });
}

function followOperation(bridge: Bridge, changed: Subscription): ClaimedOperation {
  const key = `follow:${changed.id}:${changed.version}`;
  return {
    id: newId('op', bridge.randomness),
    kind: 'follow',
    clientId: SYSTEM_ACTOR.clientId,
    key,
    bodyHash: key,
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    // No call: its story is the subscription's.
    interactionId: changed.id,
    customerId: changed.customerId,
    subscriptionId: changed.id,
    consentId: changed.consentId,
    tokenId: changed.tokenId,
    planId: changed.planId,
    attempt: 1,
    language: changed.language,
    gateway: bridge.gateway.name,
    order: {},
    startedAtMs: bridge.clock.now(),
  };
}
