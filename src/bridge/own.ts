import type { ChargeOrder } from '../gateway/gateway.ts';
import { fingerprint } from '../payment/fingerprint.ts';
import type { IsoDate } from '../payment/plan.ts';
import type { Subscription } from '../payment/subscription.ts';
import type { CardToken } from '../store/finish.ts';
import type { NewOperation } from '../store/operations.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { termsOf } from './terms.ts';

/**
 * Subscriptions that Tokenline charges itself, because the gateway has none: how they and their
 * operations are told from the gateway's.
 */

type Order = NewOperation['order'];

/** The id of one of ours, made in the operation that enrols: the same whoever carries it to its end. */
export function ownSubscriptionId(operationId: string): string {
  return operationId.replace(/^op_/, 'sub_');
}

/** True for a subscription that no gateway knows: its reference there is our own id. */
export function isOwn({ id, gatewayReference }: Subscription): boolean {
  return gatewayReference === id;
}

/**
 * The name and the key of one try of one period. They follow from what is charged, so that even a
 * process that has lost its memory sends the same key again.
 */
export function tryOf(
  subscriptionId: string,
  dueDate: IsoDate,
  tries: number,
): { readonly operationId: string; readonly key: string } {
  const key = `charge:${subscriptionId}:${dueDate}:${tries}`;
  return { operationId: `op_${fingerprint(key).slice(0, 20)}`, key };
}

/** What an operation on one of ours keeps of itself beyond its terms. */
export interface OwnFacts {
  /** `none` where nothing is charged: a change, or an enrolment whose first charge comes later. */
  readonly use: 'first' | 'recurring' | 'none';
  readonly dueDate: IsoDate | null;
  readonly networkTransactionId: string | null;
}

export function ownOrder(facts: OwnFacts): Order {
  return {
    recurring: 'tokenline',
    use: facts.use,
    due_date: facts.dueDate,
    network_transaction_id: facts.networkTransactionId,
  };
}

/** @returns `null` for an operation that the gateway carries out. */
export function ownFactsOf({ order }: Pick<NewOperation, 'order'>): OwnFacts | null {
  if (order['recurring'] !== 'tokenline') return null;
  const text = (name: string): string | null => {
    const value = order[name];
    return typeof value === 'string' ? value : null;
  };
  const use = (['first', 'recurring'] as const).find((known) => known === order['use']) ?? 'none';
  return {
    use,
    dueDate: text('due_date'),
    networkTransactionId: text('network_transaction_id'),
  };
}

/** What an enrolment keeps: whether its first charge is made now. */
export function enrolmentOrder(bridge: Bridge, first: IsoDate | null, today: IsoDate): Order {
  if (bridge.gateway.capabilities.subscriptions || first === null) return {};
  const use = first <= today ? 'first' : 'none';
  return ownOrder({ use, dueDate: first, networkTransactionId: null });
}

/** The charge as it is sent, the first time and every time: it follows from what is stored. */
export function chargeOrder(operation: ClaimedOperation, token: CardToken): ChargeOrder {
  const facts = ownFactsOf(operation);
  const terms = termsOf(operation);
  if (!facts || facts.use === 'none' || facts.dueDate === null || !terms) {
    throw new Error('an operation that charges has lost its terms');
  }
  return {
    idempotencyKey: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    customerId: operation.customerId ?? '',
    tokenReference: token.reference,
    price: terms.price,
    planId: terms.id,
    subscriptionId: operation.subscriptionId ?? ownSubscriptionId(operation.id),
    dueDate: facts.dueDate,
    credential:
      facts.use === 'first'
        ? { use: 'first', entryMode: 'moto' }
        : { use: 'recurring', networkTransactionId: facts.networkTransactionId },
    consentId: operation.consentId ?? '',
    language: operation.language,
  };
}

/** An operation that Tokenline begins by itself for a subscription, which stands in for the call. */
export function operationFor(
  bridge: Bridge,
  subscription: Subscription,
  { id, kind, key }: Pick<ClaimedOperation, 'id' | 'kind'> & { readonly key: string },
): ClaimedOperation & NewOperation {
  return {
    id,
    kind,
    clientId: SYSTEM_ACTOR.clientId,
    key,
    bodyHash: key,
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    interactionId: subscription.id,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    consentId: subscription.consentId,
    tokenId: subscription.tokenId,
    planId: subscription.planId,
    attempt: 1,
    language: subscription.language,
    gateway: bridge.gateway.name,
    order: {},
    startedAtMs: bridge.clock.now(),
  };
}
