import { ok } from '../answered.ts';
import type { GatewayReply, LookUpOrder, LookUpReply } from '../gateway.ts';
import type { Found } from '../reading.ts';
import type { StripeCustomers } from './customers.ts';
import type { StripeLine } from './line.ts';
import { findMadeFor, findSetupIntent, findSubscription } from './objects.ts';
import { getRequest, META, subscriptionPath } from './requests.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import { readStripe } from './words.ts';

const ABSENT: LookUpReply = { kind: 'absent' };
const UNANSWERED: LookUpReply = { kind: 'unanswered' };

/** Stripe's own maximum. */
const PAGE = 100;
/** A customer with more than this many subscriptions or tries is looked at by a person. */
const PAGES_MAX = 10;

/**
 * Finds what became of an operation by its id in our metadata. Lists of one customer are up to date
 * at once; a search, which is not, only finds the customer.
 *
 * A payment method that was made and not yet used is in no list: such a card is absent, which is
 * true as far as money goes, because it belongs to nobody and cannot be charged.
 */
export async function lookUpAtStripe(
  line: StripeLine,
  customers: StripeCustomers,
  timeZone: string,
  order: LookUpOrder,
  signal: AbortSignal,
): Promise<LookUpReply> {
  if (order.kind !== 'tokenise' && order.kind !== 'subscribe') {
    return lookUpChange(line, timeZone, order, signal);
  }
  if (order.kind === 'tokenise' && isPaymentMethod(order.gatewayTransactionId)) {
    return lookUpMade(line, order, order.gatewayTransactionId, signal);
  }
  const customer = await customers.idOf(order.customerId, signal);
  if (customer.kind === 'refused') return UNANSWERED;
  const made = (object: Members): boolean =>
    textOf(membersOf(object['metadata']), META.operation) === order.operationId;
  const list =
    order.kind === 'tokenise'
      ? { path: '/v1/setup_intents', params: { expand: ['data.payment_method'] } }
      : { path: '/v1/subscriptions', params: { status: 'all' } };
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const params = { customer: customer.value, limit: PAGE, starting_after: after, ...list.params };
    const exchange = await line.exchange(getRequest(list.path, params), signal);
    const listed = ok(exchange, pageOf);
    if (listed === null) return UNANSWERED;
    const found = listed.data.find(made);
    if (found) return replyOf(order, found, timeZone, exchange.latencyMs);
    if (!listed.more) return ABSENT;
    after = textOf(listed.data.at(-1) ?? null, 'id');
  }
  return UNANSWERED;
}

/** One page of a list. */
export function pageOf(members: Members): { data: readonly Members[]; more: boolean } | null {
  const { data, object } = members;
  if (object !== 'list' || !Array.isArray(data)) return null;
  const whole = data.map(membersOf);
  if (!whole.every((item) => item !== null)) return null;
  return { data: whole, more: members['has_more'] === true };
}

/** https://docs.stripe.com/api/payment_methods/object: "pm_", and "card_" for those of older APIs. */
function isPaymentMethod(reference: string | null): reference is string {
  return reference !== null && /^(pm|card)_/.test(reference);
}

/**
 * A card that a flow has sent to Stripe itself, read with our own key. Verified it is under a key of
 * the operation, so whoever asks for that again hears what came of it.
 */
async function lookUpMade(
  line: StripeLine,
  order: LookUpOrder,
  reference: string,
  signal: AbortSignal,
): Promise<LookUpReply> {
  const path = `/v1/payment_methods/${encodeURIComponent(reference)}`;
  const exchange = await line.exchange(getRequest(path), signal);
  if (exchange.kind === 'answered' && exchange.response.status === 404) {
    const reply = readStripe(exchange, () => null);
    return reply.rawCode === 'resource_missing' ? ABSENT : UNANSWERED;
  }
  const object = ok(exchange, (members) => members);
  if (object === null) return UNANSWERED;
  if (findMadeFor(object, order.operationId) === null) return ABSENT;
  return {
    kind: 'token',
    reply: readStripe(exchange, (members) => findMadeFor(members, order.operationId)),
  };
}

/** A change is found at its subscription: as the last one made, or, for a cancel, by its effect. */
async function lookUpChange(
  line: StripeLine,
  timeZone: string,
  order: LookUpOrder,
  signal: AbortSignal,
): Promise<LookUpReply> {
  // It can only have been sent for a subscription that Stripe has.
  if (order.subscriptionReference === null) return ABSENT;
  const request = getRequest(subscriptionPath(order.subscriptionReference));
  const exchange = await line.exchange(request, signal);
  const subscription = ok(exchange, (members) => members);
  if (subscription === null) return UNANSWERED;
  const found = findSubscription(subscription, timeZone);
  if (found === null) return UNANSWERED;
  const last = textOf(membersOf(subscription['metadata']), META.lastOperation);
  const cancelled = order.kind === 'cancel' && found.granted?.status === 'cancelled';
  return cancelled || last === order.operationId
    ? replyOf(order, subscription, timeZone, exchange.latencyMs)
    : ABSENT;
}

/** An object of a list, read as the answer to the request that made it. */
function replyOf(
  order: LookUpOrder,
  object: Members,
  timeZone: string,
  latencyMs: number,
): LookUpReply {
  const read = <T>(find: (members: Members) => Found<T> | null): GatewayReply<T> =>
    readStripe(
      {
        kind: 'answered',
        response: { status: 200, headers: {}, body: Buffer.from(JSON.stringify(object), 'utf8') },
        latencyMs,
      },
      find,
    );
  return order.kind === 'tokenise'
    ? { kind: 'token', reply: read(findSetupIntent) }
    : {
        kind: 'subscription',
        reply: read((members) => findSubscription(members, timeZone)),
      };
}
