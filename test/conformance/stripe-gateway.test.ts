import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Stripe } from 'stripe';
import { openStripeAdapter } from '../../src/gateway/stripe/adapter.ts';
import { openStripeTokenizer } from '../../src/gateway/stripe/tokenize.ts';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import type { StripeAccount } from '../doubles/stripe/account.ts';
import { API_KEY, startStripeDouble } from '../doubles/stripe/double.ts';
import { gatewayConformance, type GatewayBench } from './gateway.ts';
import { pagesConformance } from './pages.ts';

const WEBHOOK_SECRET = 'whsec_double';

const PRICES = new Map([
  ['recurring_monthly_premium', 'price_Monthly'],
  ['recurring_yearly_premium', 'price_Yearly'],
]);

/** Written out a second time: a slip in the adapter's own table is a slip that nobody sees. */
const DECLINES: Readonly<Record<string, ErrorCode>> = {
  generic_decline: 'card_declined',
  do_not_honor: 'card_declined',
  lost_card: 'card_declined',
  stolen_card: 'card_declined',
  pickup_card: 'card_declined',
  restricted_card: 'card_declined',
  fraudulent: 'suspected_fraud',
  merchant_blacklist: 'suspected_fraud',
  insufficient_funds: 'insufficient_funds',
  card_velocity_exceeded: 'limit_exceeded',
  withdrawal_count_limit_exceeded: 'limit_exceeded',
  expired_card: 'expired_card',
  incorrect_cvc: 'cvv_mismatch',
  incorrect_zip: 'postal_code_mismatch',
  incorrect_number: 'invalid_card_number',
  invalid_expiry_year: 'invalid_expiry',
  card_not_supported: 'unsupported_card',
  authentication_required: 'authentication_required',
  processing_error: 'processing_error',
  issuer_not_available: 'processing_error',
};

/** Events are signed by Stripe's own package. */
const signer = new Stripe(API_KEY).webhooks;

function eventOf(facts: { idempotencyKey: string; subscriptionReference: string }): Buffer {
  const object = {
    object: 'subscription',
    id: facts.subscriptionReference,
    metadata: { tokenline_operation_id: facts.idempotencyKey },
  };
  const type = 'customer.subscription.created';
  const event = { id: 'evt_Double', object: 'event', livemode: false, type, data: { object } };
  return Buffer.from(JSON.stringify(event));
}

async function bench(): Promise<GatewayBench & { readonly account: StripeAccount }> {
  const double = await startStripeDouble();
  const { account } = double;
  account.addPrice('price_Monthly', 2_999, 'usd', 'month', 1);
  account.addPrice('price_Yearly', 29_900, 'usd', 'year', 1);
  after(() =>
    assert.deepEqual(double.problems, [], 'the official description has nothing against'),
  );
  return {
    account,
    origin: double.origin,
    open(origin) {
      const http = openHttpClient({ origin }, systemClock);
      const settings = {
        apiKey: API_KEY,
        webhookSecret: WEBHOOK_SECRET,
        timeZone: 'America/New_York',
        prices: PRICES,
        cancel: 'now',
        proration: 'none',
      } as const;
      const adapter = openStripeAdapter(settings, http, systemClock);
      return { http, adapter, tokenizer: openStripeTokenizer(origin, API_KEY) };
    },
    // What has to be there before the operation's own request.
    isCredential: (path) => /^\/v1\/(customers|prices)\b/.test(path),
    renewable: false,
    declines: Object.entries(DECLINES).map(([code, errorCode]) => ({ code, errorCode })),
    decline(step, code) {
      account.manners.declines.push({ step, code });
      return Promise.resolve();
    },
    effects: () =>
      Promise.resolve({
        tokens: account.paymentMethods.size,
        subscriptions: account.subscriptions.size,
        charges: account.charges.length,
      }),
    event(facts, sentAtMs) {
      const rawBody = eventOf(facts);
      const header = signer.generateTestHeaderString({
        payload: rawBody.toString(),
        secret: WEBHOOK_SECRET,
        timestamp: Math.floor(sentAtMs / 1000),
      });
      return { headers: { 'stripe-signature': header }, rawBody };
    },
    reset() {
      double.reset();
      return Promise.resolve();
    },
    close: () => double.close(),
  };
}

test('Stripe’s own package accepts what the adapter’s tests are signed with', () => {
  const rawBody = eventOf({ idempotencyKey: 'op_abc', subscriptionReference: 'sub_abc' });
  const payload = rawBody.toString();
  const header = signer.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });
  assert.equal(signer.constructEvent(payload, header, WEBHOOK_SECRET).id, 'evt_Double');
});

/** https://docs.stripe.com/api/payment_methods/list lists those of a customer only. */
const UNATTACHED =
  'Stripe lists no payment method that belongs to nobody yet. It cannot be charged, and nothing is ' +
  'lost with it: what was not verified is absent, and the caller goes to a person.';

gatewayConformance('stripe', bench, {
  skip: [
    { test: 'a look-up finds a token whose answer was lost', reason: UNATTACHED },
    {
      test: 'a look-up finds a decline whose answer was lost, and what was wrong',
      reason: UNATTACHED,
    },
  ],
});

pagesConformance('stripe', async () => {
  const sides = await bench();
  return {
    ...sides,
    enter(pageReference, _, card) {
      const code = card === 'good' ? null : 'generic_decline';
      sides.account.checkout.enter(pageReference, '4242', code);
      return Promise.resolve();
    },
  };
});
