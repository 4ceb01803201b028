import { Stripe } from 'stripe';
import type { TestContext } from 'node:test';
import { openStripeAdapter, type StripeSettings } from '../../../src/gateway/stripe/adapter.ts';
import type { AgreedPlan } from '../../../src/gateway/stripe/prices.ts';
import { openStripeTokenizer } from '../../../src/gateway/stripe/tokenize.ts';
import type {
  ChangeOrder,
  GatewayAdapter,
  GatewayReply,
  SubscribeOrder,
  TokenGrant,
  VerifyOrder,
} from '../../../src/gateway/gateway.ts';
import { systemClock } from '../../../src/system/clock.ts';
import type { HttpClient } from '../../../src/system/http-client.ts';
import { openHttpClient } from '../../../src/system/wire.ts';
import { tokeniseWith, valueOf } from '../../conformance/gateway/rig.ts';
import { API_KEY, startStripeDouble, type StripeDouble } from '../../doubles/stripe/double.ts';

export const never = new AbortController().signal;
export const WEBHOOK_SECRET = 'whsec_double';

export const MONTHLY: AgreedPlan = {
  id: 'monthly',
  price: { amountMinor: 2_999, currency: 'USD' },
  interval: { count: 1, unit: 'month' },
};
export const YEARLY: AgreedPlan = {
  id: 'yearly',
  price: { amountMinor: 29_900, currency: 'USD' },
  interval: { count: 1, unit: 'year' },
};
export const BASIC: AgreedPlan = {
  ...MONTHLY,
  id: 'basic',
  price: { amountMinor: 999, currency: 'USD' },
};

export interface StripeWorld {
  readonly double: StripeDouble;
  readonly adapter: GatewayAdapter;
  readonly http: HttpClient;
  /** The official package, pointed at the double. */
  readonly sdk: Stripe;
  readonly sendCard: (operationId: string) => Promise<GatewayReply<TokenGrant>>;
  /** A payment method of a card that the double's account has just been given. */
  readonly tokenise: (operationId: string) => Promise<string>;
  /** One that has been verified. */
  readonly token: (operationId: string) => Promise<string>;
  readonly subscription: (operationId: string) => Promise<string>;
}

export async function stripeWorld(
  t: TestContext,
  settings: Partial<StripeSettings> = {},
): Promise<StripeWorld> {
  const double = await startStripeDouble();
  double.account.addPrice('price_Monthly', 2_999, 'usd', 'month', 1);
  double.account.addPrice('price_Yearly', 29_900, 'usd', 'year', 1);
  double.account.addPrice('price_Basic', 999, 'usd', 'month', 1);
  const http = openHttpClient({ origin: double.origin }, systemClock);
  t.after(async () => {
    await http.close();
    await double.close();
  });
  const given: StripeSettings = {
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    timeZone: 'America/New_York',
    prices: new Map([
      ['monthly', 'price_Monthly'],
      ['yearly', 'price_Yearly'],
      ['basic', 'price_Basic'],
    ]),
    cancel: 'now',
    proration: 'none',
    ...settings,
  };
  const adapter = openStripeAdapter(given, http, systemClock);
  const tokenizer = openStripeTokenizer(double.origin, API_KEY);
  const { hostname, port } = new URL(double.origin);
  const sdk = new Stripe(API_KEY, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  const sendCard = (operationId: string): Promise<GatewayReply<TokenGrant>> => {
    const order = { ...factsOf(operationId), face: { brand: 'visa', last4: '5556' } as const };
    return tokeniseWith({ tokenizer, adapter, http }, order, never);
  };
  const tokenise = async (operationId: string): Promise<string> =>
    valueOf(await sendCard(operationId)).tokenReference;
  const token = async (operationId: string): Promise<string> => {
    const order = verifyOrder(operationId, await tokenise(operationId));
    return valueOf(await adapter.verify(order, never)).tokenReference;
  };
  return {
    double,
    adapter,
    http,
    sdk,
    sendCard,
    tokenise,
    token,
    async subscription(operationId) {
      const order = subscribeOrder(operationId, await token(`${operationId}_card`));
      return valueOf(await adapter.subscribe(order, never)).subscriptionReference;
    },
  };
}

export function factsOf(operationId: string) {
  return {
    idempotencyKey: operationId,
    operationId,
    interactionId: '3b241101-e2bb-4255-8caf-4136c566a962',
    customerId: 'customer-ada',
  };
}

export function verifyOrder(operationId: string, tokenReference: string): VerifyOrder {
  return { ...factsOf(operationId), tokenReference };
}

export function subscribeOrder(
  operationId: string,
  tokenReference: string,
  changed: Partial<SubscribeOrder> = {},
): SubscribeOrder {
  return {
    ...factsOf(operationId),
    tokenReference,
    planId: MONTHLY.id,
    price: MONTHLY.price,
    interval: MONTHLY.interval,
    firstChargeDate: '2020-01-01',
    consentId: 'con_abc',
    language: 'en-us',
    ...changed,
  };
}

export function changeOrder(
  operationId: string,
  verb: ChangeOrder['verb'],
  subscriptionReference: string,
  changed: Partial<ChangeOrder> = {},
): ChangeOrder {
  return {
    ...factsOf(operationId),
    verb,
    status: 'active',
    subscriptionReference,
    plan: null,
    tokenReference: null,
    ...changed,
  };
}
