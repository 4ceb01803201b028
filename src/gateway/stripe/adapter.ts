import { momentIn } from '../../payment/local-time.ts';
import { dateIn, type IsoDate } from '../../payment/plan.ts';
import type { Clock } from '../../system/clock.ts';
import type { HttpClient, HttpRequest } from '../../system/http-client.ts';
import type {
  ChangeOrder,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayReply,
  SubscribeOrder,
  SubscriptionGrant,
  TokenGrant,
  VerifyOrder,
} from '../gateway.ts';
import { notOffered } from '../reading.ts';
import { openStripeCustomers, type StripeCustomers } from './customers.ts';
import { contradiction, openStripeLine, type Prepared, type StripeLine } from './line.ts';
import { lookUpAtStripe } from './look-up.ts';
import { findSetupIntent, findSubscription, isFailedCheck, itemOf } from './objects.ts';
import { stripePages } from './pages.ts';
import { openStripePrices, type StripePrices } from './prices.ts';
import { quoteAtStripe } from './quote.ts';
import {
  cancelRequest,
  changeCardParams,
  changePlanParams,
  detachKey,
  detachPath,
  getRequest,
  pauseParams,
  postRequest,
  resumeParams,
  setupIntentParams,
  subscriptionParams,
  subscriptionPath,
  verificationKey,
  type StripeHabits,
} from './requests.ts';
import { readStripeWebhook } from './webhook.ts';
import { textOf } from '../json.ts';
import { readStripe } from './words.ts';

export interface StripeSettings extends StripeHabits {
  /** A secret or a restricted key; `docs/guides/stripe.md` says what it has to be allowed. */
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Of the merchant, IANA name: a charge is on the day that it is there. */
  readonly timeZone: string;
  /** Stripe's price ids by plan id. */
  readonly prices: ReadonlyMap<string, string>;
  /** See {@link GatewayCapabilities.absenceIsProofAfterMs}; two minutes where it is left out. */
  readonly absenceIsProofAfterMs?: number;
}

/** "Keys … can be removed … after they're at least 24 hours old" (https://docs.stripe.com/api/idempotent_requests). */
const KEY_RETENTION_MS = 24 * 60 * 60 * 1000;

/** Stripe's own client waits 80 s for an answer: for so long a request may be under way there. */
const ABSENCE_IS_PROOF_AFTER_MS = 120_000;

/** The detaching of a card that is not taken has a moment of its own, and changes no answer. */
const DETACH_MS = 5_000;

/** What every call works with. */
interface Ground {
  readonly settings: StripeSettings;
  readonly line: StripeLine;
  readonly customers: StripeCustomers;
  readonly prices: StripePrices;
  readonly clock: Clock;
}

/**
 * Stripe without card digits. What an operation needs first (the customer, the price, the item of a
 * subscription) is fetched before its own request, and fails it where it cannot be had.
 *
 * @param http a client for Stripe's origin.
 */
export function openStripeAdapter(
  settings: StripeSettings,
  http: HttpClient,
  clock: Clock,
): GatewayAdapter {
  const line = openStripeLine(settings.apiKey, http);
  const customers = openStripeCustomers(line);
  const prices = openStripePrices(line, settings.prices);
  const ground: Ground = { settings, line, customers, prices, clock };
  const hook = { secret: settings.webhookSecret, live: /_live_/.test(settings.apiKey) };
  return {
    name: 'stripe',
    capabilities: capabilitiesOf(settings),
    verify: (order, signal) => verify(ground, order, signal),
    charge: () => Promise.resolve(notOffered()),
    subscribe: (order, signal) => subscribe(ground, order, signal),
    async change(order, signal) {
      const request = await changeRequest(ground, order, signal);
      return request.kind === 'refused'
        ? request.reply
        : askSubscription(ground, request.value, signal);
    },
    async quote(order, signal) {
      const price = await prices.idOf(order.plan, signal);
      if (price.kind === 'refused') return price.reply;
      return quoteAtStripe(line, settings, order, price.value, signal);
    },
    read: (reference, signal) =>
      askSubscription(ground, getRequest(subscriptionPath(reference)), signal),
    lookUp: (order, signal) => lookUpAtStripe(line, customers, settings.timeZone, order, signal),
    pages: stripePages(line, customers),
    // A key is not renewed: it is wrong until somebody changes it.
    renewCredential: () => Promise.resolve(false),
    webhook: (headers, rawBody, nowMs) =>
      Promise.resolve(readStripeWebhook(hook, headers, rawBody, nowMs)),
  };
}

function capabilitiesOf(settings: StripeSettings): GatewayCapabilities {
  return {
    subscriptions: true,
    pause: true,
    changePlan: true,
    changeCard: true,
    verification: true,
    postalCode: true,
    direct: 'by_token',
    keyRetentionMs: KEY_RETENTION_MS,
    absenceIsProofAfterMs: settings.absenceIsProofAfterMs ?? ABSENCE_IS_PROOF_AFTER_MS,
  };
}

/** The middle of the merchant's day: farthest from the two dates beside it. */
const NOON = 12;

/** When the trial ends of what is charged first on a later day than today; else `null`. */
function trialEndsAtMs(first: IsoDate, timeZone: string, nowMs: number): number | null {
  // ISO dates compare as text.
  return first > dateIn(timeZone, nowMs) ? momentIn(timeZone, first, NOON) : null;
}

async function askSubscription(
  { line, settings }: Ground,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<GatewayReply<SubscriptionGrant>> {
  const exchange = await line.exchange(request, signal);
  return readStripe(exchange, (members) => findSubscription(members, settings.timeZone));
}

async function verify(
  ground: Ground,
  order: VerifyOrder,
  signal: AbortSignal,
): Promise<GatewayReply<TokenGrant>> {
  const { line, customers } = ground;
  const customer = await customers.idOf(order.customerId, signal);
  if (customer.kind === 'refused') return customer.reply;
  const params = setupIntentParams(order, customer.value);
  const key = verificationKey(order.idempotencyKey);
  const exchange = await line.exchange(postRequest('/v1/setup_intents', key, params), signal);
  const reply = readStripe(exchange, findSetupIntent);
  if (isFailedCheck(reply.rawCode)) await letGo(ground, order);
  if (reply.rawCode === 'resource_missing') customers.forget(order.customerId);
  return reply;
}

/** A card whose security code or postal code is wrong was saved all the same: it is let go. */
async function letGo({ line, clock }: Ground, order: VerifyOrder): Promise<void> {
  const controller = new AbortController();
  const timer = clock.after(DETACH_MS, () => controller.abort());
  const key = detachKey(order.idempotencyKey);
  await line.exchange(postRequest(detachPath(order.tokenReference), key, {}), controller.signal);
  timer.cancel();
}

async function subscribe(
  ground: Ground,
  order: SubscribeOrder,
  signal: AbortSignal,
): Promise<GatewayReply<SubscriptionGrant>> {
  const { customers, prices, clock, settings } = ground;
  const plan = { id: order.planId, price: order.price, interval: order.interval };
  const price = await prices.idOf(plan, signal);
  if (price.kind === 'refused') return price.reply;
  const customer = await customers.idOf(order.customerId, signal);
  if (customer.kind === 'refused') return customer.reply;
  const trialEnds = trialEndsAtMs(order.firstChargeDate, settings.timeZone, clock.now());
  const params = subscriptionParams(order, customer.value, price.value, trialEnds);
  const request = postRequest('/v1/subscriptions', order.idempotencyKey, params);
  const reply = await askSubscription(ground, request, signal);
  if (reply.rawCode === 'resource_missing') customers.forget(order.customerId);
  return reply;
}

async function changeRequest(
  ground: Ground,
  order: ChangeOrder,
  signal: AbortSignal,
): Promise<Prepared<HttpRequest>> {
  const { settings, prices } = ground;
  const path = subscriptionPath(order.subscriptionReference);
  const post = (params: Parameters<typeof postRequest>[2]): Prepared<HttpRequest> => ({
    kind: 'ready',
    value: postRequest(path, order.idempotencyKey, params),
  });
  switch (order.verb) {
    case 'cancel':
      return { kind: 'ready', value: cancelRequest(order, settings) };
    case 'pause':
      return post(pauseParams(order));
    case 'resume':
      return post(resumeParams(order));
    case 'change_card':
      return order.tokenReference === null
        ? contradiction('no_card_to_change_to')
        : post(changeCardParams(order, order.tokenReference));
    case 'change_plan': {
      if (order.plan === null) return contradiction('no_plan_to_change_to');
      const price = await prices.idOf(order.plan, signal);
      if (price.kind === 'refused') return price;
      const item = await itemFor(ground, order.subscriptionReference, signal);
      if (item.kind === 'refused') return item;
      return post(changePlanParams(order, settings, item.value, price.value));
    }
  }
}

/** The one item of a subscription, which a change of plan has to name. */
function itemFor(
  { line }: Ground,
  reference: string,
  signal: AbortSignal,
): Promise<Prepared<string>> {
  const request = getRequest(subscriptionPath(reference));
  return line.prepare(request, signal, (members) => textOf(itemOf(members), 'id'));
}
