import assert from 'node:assert/strict';
import { test } from 'node:test';
import qs from 'qs';
import type { Stripe } from 'stripe';
import {
  cancelAtPeriodEndParams,
  cancelNowParams,
  changeCardParams,
  changePlanParams,
  customerParams,
  customerSearchParams,
  pauseParams,
  previewParams,
  resumeParams,
  setupIntentParams,
  subscriptionParams,
} from '../../../src/gateway/stripe/requests.ts';
import {
  attemptsParams,
  sessionParams,
  sessionReadParams,
} from '../../../src/gateway/stripe/page-requests.ts';
import { formText } from '../../../src/gateway/form.ts';
import { API_KEY } from '../../doubles/stripe/double.ts';
import { STRIPE_VERSION } from '../../../src/gateway/stripe/words.ts';
import {
  changeOrder,
  factsOf,
  MONTHLY,
  stripeWorld,
  subscribeOrder,
  verifyOrder,
} from './world.ts';

const HABITS = { cancel: 'now', proration: 'now' } as const;
const CHANGE = changeOrder('op_change', 'pause', 'sub_Any');

/** The compiler compares every builder with the official types, at the version that is pinned. */
const BUILT = {
  customer: customerParams('customer-ada') satisfies Stripe.CustomerCreateParams,
  search: customerSearchParams('customer-ada') satisfies Stripe.CustomerSearchParams,
  setupIntent: setupIntentParams(
    verifyOrder('op_verify', 'pm_Any'),
    'cus_Any',
  ) satisfies Stripe.SetupIntentCreateParams,
  subscription: subscriptionParams(
    subscribeOrder('op_subscribe', 'pm_Any'),
    'cus_Any',
    'price_Any',
    Date.UTC(2030, 0, 31, 12),
  ) satisfies Stripe.SubscriptionCreateParams,
  plan: changePlanParams(
    CHANGE,
    HABITS,
    'si_Any',
    'price_Any',
  ) satisfies Stripe.SubscriptionUpdateParams,
  card: changeCardParams(CHANGE, 'pm_Any') satisfies Stripe.SubscriptionUpdateParams,
  pause: pauseParams(CHANGE) satisfies Stripe.SubscriptionUpdateParams,
  resume: resumeParams(CHANGE) satisfies Stripe.SubscriptionUpdateParams,
  end: cancelAtPeriodEndParams(CHANGE) satisfies Stripe.SubscriptionUpdateParams,
  cancel: cancelNowParams(CHANGE) satisfies Stripe.SubscriptionCancelParams,
  session: sessionParams(
    {
      ...factsOf('op_page'),
      language: 'es-us',
      expiresAtMs: Date.UTC(2030, 0, 31),
      returnUrl: null,
    },
    'cus_Any',
    'https://shop.test/thanks',
  ) satisfies Stripe.Checkout.SessionCreateParams,
  sessionRead: sessionReadParams() satisfies Stripe.Checkout.SessionRetrieveParams,
  attempts: attemptsParams('seti_Any') satisfies Stripe.SetupAttemptListParams,
  preview: previewParams(
    { ...factsOf('op_quote'), subscriptionReference: 'sub_Any', plan: MONTHLY },
    HABITS,
    'si_Any',
    'price_Any',
  ) satisfies Stripe.InvoiceCreatePreviewParams,
} as const;

test('a form reads as the values that it was made of', () => {
  for (const [name, params] of Object.entries(BUILT)) {
    const read: unknown = qs.parse(formText(params), { depth: 10 });
    const texts: unknown = JSON.parse(
      JSON.stringify(params, (_, value: unknown) =>
        typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
      ),
    );
    assert.deepEqual(JSON.parse(JSON.stringify(read)), texts, name);
  }
});

/** Parameters without which nothing fails here and something is wrong at Stripe. */
test('what money and mandates depend on is said in every request', () => {
  const said = (params: Parameters<typeof formText>[0], ...wanted: string[]): void => {
    const pairs = formText(params).split('&');
    for (const pair of wanted) assert.ok(pairs.includes(pair), `${pair} in ${pairs.join(' ')}`);
  };
  said(
    BUILT.setupIntent,
    'payment_method_options[card][moto]=true',
    'usage=off_session',
    'confirm=true',
    'automatic_payment_methods[allow_redirects]=never',
    'expand[0]=payment_method',
    'metadata[tokenline_operation_id]=op_verify',
  );
  const noon = Date.UTC(2030, 0, 31, 12) / 1000;
  said(
    BUILT.subscription,
    'off_session=true',
    'payment_behavior=error_if_incomplete',
    'default_payment_method=pm_Any',
    `trial_end=${noon}`,
    'metadata[tokenline_operation_id]=op_subscribe',
    'metadata[tokenline_consent_id]=con_abc',
  );
  said(
    BUILT.plan,
    'items[0][id]=si_Any',
    'items[0][price]=price_Any',
    'proration_behavior=always_invoice',
    'payment_behavior=error_if_incomplete',
    'metadata[tokenline_last_operation_id]=op_change',
  );
  said(BUILT.pause, 'pause_collection[behavior]=void');
  said(BUILT.resume, 'pause_collection=');
  said(BUILT.end, 'cancel_at_period_end=true');
});

test('names and values with signs of their own do not break out of a form', () => {
  const params = { metadata: { 'a[b]&c=d': 'x&y=z [1] ü+%' }, list: ['&', '='], none: null };
  const read: unknown = qs.parse(formText(params), { depth: 10 });
  assert.match(
    formText(params),
    /^metadata\[a%5Bb%5D%26c%3Dd\]=x%26y%3Dz%20%5B1%5D%20%C3%BC%2B%25/,
  );
  assert.deepEqual((read as { list: string[] }).list, ['&', '=']);
});

/** What each part of a request has to look like to pass; each case spoils one thing. */
const GOOD = {
  authorization: `Bearer ${API_KEY}`,
  'stripe-version': STRIPE_VERSION,
  'content-type': 'application/x-www-form-urlencoded',
  'idempotency-key': 'key',
};
const SETUP = formText({ ...BUILT.setupIntent, customer: 'cus_Nobody' });

test('a good request passes the double’s judgement, and is then about a customer', async (t) => {
  const { double } = await stripeWorld(t);
  const path = `${double.origin}/v1/setup_intents`;
  const response = await fetch(path, { method: 'POST', headers: GOOD, body: SETUP });
  const { error } = (await response.json()) as { error: { code: string } };
  assert.equal(error.code, 'resource_missing');
  assert.deepEqual(double.problems, []);
});

test('a header that is missing or wrong is refused', async (t) => {
  const { double } = await stripeWorld(t);
  const path = `${double.origin}/v1/setup_intents`;
  for (const name of Object.keys(GOOD)) {
    const headers = Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));
    const response = await fetch(path, { method: 'POST', headers, body: SETUP });
    const { error } = (await response.json()) as { error: { code?: string } };
    assert.notEqual(error.code, 'resource_missing', name);
    assert.ok(response.status === 400 || response.status === 401, name);
  }
  const other = { ...GOOD, 'stripe-version': '2023-08-16' };
  const response = await fetch(path, { method: 'POST', headers: other, body: SETUP });
  assert.equal(response.status, 400);
});

/** Each a mistake of one word, at the top or deep inside, in a value or in what is not there. */
const MISTAKES: readonly [path: string, good: string, bad: string, found: RegExp][] = [
  ['setup_intents', '[card][moto]=true', '[card][m0to]=true', /m0to/],
  ['setup_intents', '[card][moto]=true', '[card][moto]=perhaps', /moto: must be boolean/],
  ['setup_intents', 'usage=off_session', 'usage=of_session', /usage: must be equal/],
  ['setup_intents', 'usage=off_session', 'use=off_session', /body\.use/],
  ['setup_intents', '[allow_redirects]', '[allow_redirect]', /allow_redirect/],
  ['setup_intents', '[enabled]=true', '[enable]=true', /enabled|enable/],
  ['subscriptions', 'items[0][price]', 'items[0][pric]', /pric/],
  ['subscriptions', 'customer=', 'client=', /customer/],
  ['subscriptions', 'error_if_incomplete', 'error_when_incomplete', /payment_behavior/],
  ['subscriptions', 'trial_end=', 'trial_ends=', /trial_ends/],
  ['subscriptions/sub_Any', '[behavior]=void', '[behaviour]=void', /behavio/],
  ['subscriptions/sub_Any', '[behavior]=void', '[behavior]=empty', /behavior/],
];

for (const [path, good, bad, found] of MISTAKES) {
  test(`${path} with ${bad} in place of ${good} fails`, async (t) => {
    const { double } = await stripeWorld(t);
    const params = {
      setup_intents: BUILT.setupIntent,
      subscriptions: BUILT.subscription,
      'subscriptions/sub_Any': BUILT.pause,
    }[path];
    const form = formText(params ?? {});
    assert.ok(form.includes(good), form);
    const response = await fetch(`${double.origin}/v1/${path}`, {
      method: 'POST',
      headers: GOOD,
      body: form.replace(good, bad),
    });
    assert.equal(response.status, 400);
    assert.match(double.problems.join('\n'), found);
  });
}

test('a card’s field that is misspelt fails, whatever is in it', async (t) => {
  const { double } = await stripeWorld(t);
  for (const form of ['card[pan]=1&type=card', 'card[number]=1&type=cart']) {
    const path = `${double.origin}/v1/payment_methods`;
    const response = await fetch(path, { method: 'POST', headers: GOOD, body: form });
    assert.equal(response.status, 400);
  }
  assert.equal(double.account.paymentMethods.size, 0);
});
