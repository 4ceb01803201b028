import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { diagnose } from '../../src/cli/doctor.ts';
import { STRIPE_EVENTS } from '../../src/cli/doctor-stripe.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { API_KEY, startStripeDouble, type StripeDouble } from '../doubles/stripe/double.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-doctor-stripe-'));
let double: StripeDouble;

before(async () => {
  double = await startStripeDouble();
  double.account.addPrice('price_Gold', 500, 'usd', 'month', 1);
});
after(async () => {
  await double.close();
  rmSync(directory, { recursive: true, force: true });
});

const PLAN = {
  id: 'gold',
  name: { 'en-us': 'Gold', 'es-us': 'Oro' },
  price: { amount_minor: 500, currency: 'USD' },
  interval: { count: 1, unit: 'month' },
  trial_days: 0,
  gateway_reference: 'price_Gold',
};

const ENDPOINT = {
  object: 'webhook_endpoint',
  url: 'https://pay.example.com/v1/webhooks/stripe',
  status: 'enabled',
  enabled_events: ['*'],
};

/** What doctor says about the gateway, by check. */
async function found(
  env: Record<string, string> = {},
  aheadMs = 0,
): Promise<Record<string, Diagnosis>> {
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const all = {
    TOKENLINE_DATA: join(directory, 'data'),
    TOKENLINE_BRIDGE_PORT: '0',
    TOKENLINE_TOKENIZER_PORT: '0',
    TOKENLINE_SANDBOX_PORT: '0',
    TOKENLINE_GATEWAY_NAME: 'stripe',
    TOKENLINE_GATEWAY_URL: double.origin,
    TOKENLINE_GATEWAY_API_KEY: API_KEY,
    TOKENLINE_GATEWAY_WEBHOOK_SECRET: 'whsec_doctor',
    TOKENLINE_PLANS: JSON.stringify([PLAN]),
    ...env,
  };
  const diagnoses = await diagnose({ clock, env: all, terminal: openTerminal('1') }, null);
  const about = diagnoses.filter(({ check }) => check.startsWith('gateway') || check === 'config');
  return Object.fromEntries(about.map((diagnosis) => [diagnosis.check, diagnosis]));
}

const stateOf = async (check: string, env: Record<string, string> = {}, aheadMs = 0) =>
  (await found(env, aheadMs))[check]?.state;

test('a whole account is all right, and nothing was made there', async () => {
  double.account.webhookEndpoints.splice(0, 1, ENDPOINT);
  const all = await found();
  for (const { check, state, says } of Object.values(all))
    assert.equal(state, 'ok', `${check} ${says}`);
  assert.match(all['gateway']?.says ?? '', /test key/);
  for (const check of ['clock', 'raw_cards', 'moto', 'price.gold', 'webhook']) {
    assert.ok(all[`gateway.${check}`], check);
  }
  const { account, problems } = double;
  assert.equal(account.paymentMethods.size + account.setupIntents.size + account.customers.size, 0);
  assert.deepEqual(problems, []);
});

test('a right that is missing is named, with whom to ask', async () => {
  double.account.manners.rawCardsRefused = true;
  double.account.manners.motoRefused = true;
  const all = await found();
  double.account.manners.rawCardsRefused = false;
  double.account.manners.motoRefused = false;
  for (const check of ['gateway.raw_cards', 'gateway.moto']) {
    assert.equal(all[check]?.state, 'fail');
    assert.match(all[check].todo, /Ask Stripe’s support/);
  }
});

test('a price that is unknown or another one is named with its plan', async () => {
  const plans = (changed: object): Record<string, string> => ({
    TOKENLINE_PLANS: JSON.stringify([{ ...PLAN, ...changed }]),
  });
  const unknown = await found(plans({ gateway_reference: 'price_Nobody' }));
  assert.match(unknown['gateway.price.gold']?.says ?? '', /no such price/);
  for (const changed of [
    { price: { amount_minor: 501, currency: 'USD' } },
    { price: { amount_minor: 500, currency: 'EUR' } },
    { interval: { count: 2, unit: 'month' } },
  ]) {
    const differs = await found(plans(changed));
    assert.equal(differs['gateway.price.gold']?.state, 'fail');
    assert.match(differs['gateway.price.gold'].says, /is not the plan’s/);
  }
});

test('a clock that is off is told by how much', async () => {
  assert.equal(await stateOf('gateway.clock', {}, 60_000), 'warn');
  assert.equal(await stateOf('gateway.clock', {}, -600_000), 'fail');
  assert.match((await found({}, -600_000))['gateway.clock']?.says ?? '', /(599|600|601) s behind/);
});

test('an endpoint that is missing, disabled or deaf is named', async () => {
  const { webhookEndpoints } = double.account;
  const withEndpoint = async (...endpoints: object[]): Promise<Diagnosis | undefined> => {
    webhookEndpoints.splice(0, webhookEndpoints.length, ...endpoints.map((one) => ({ ...one })));
    return (await found())['gateway.webhook'];
  };
  assert.match((await withEndpoint())?.says ?? '', /no endpoint/);
  assert.match(
    (await withEndpoint({ ...ENDPOINT, status: 'disabled' }))?.says ?? '',
    /is disabled/,
  );
  const deaf = { ...ENDPOINT, enabled_events: STRIPE_EVENTS.slice(1) };
  assert.match(
    (await withEndpoint(deaf))?.says ?? '',
    /does not get customer\.subscription\.created/,
  );
  assert.equal((await withEndpoint({ ...ENDPOINT, enabled_events: STRIPE_EVENTS }))?.state, 'ok');
  const links = {
    TOKENLINE_PAY_LINK_BESIDE_KEYPAD: 'true',
    TOKENLINE_PAY_LINK_RETURN_URL: 'https://shop.example.com/thanks',
  };
  const pages = (await found(links))['gateway.webhook'];
  assert.match(pages?.says ?? '', /does not get checkout\.session\.completed/);
  const secret = { TOKENLINE_GATEWAY_WEBHOOK_SECRET: 'sk_test_mistaken' };
  assert.equal(await stateOf('gateway.webhook', secret), 'fail');
});

test('a key that Stripe does not know, and a Stripe that cannot be reached, are told apart', async () => {
  const unknown = await found({ TOKENLINE_GATEWAY_API_KEY: 'sk_test_unknown' });
  assert.match(unknown['gateway.stripe']?.says ?? '', /does not know the key/);
  const away = await found({ TOKENLINE_GATEWAY_URL: 'http://127.0.0.1:1' });
  assert.match(away['gateway.stripe']?.says ?? '', /no answer \(connect\)/);
});

test('a key of the wrong mode never gets as far as Stripe', async () => {
  const seen = double.seen.length;
  const all = await found({ TOKENLINE_GATEWAY_API_KEY: 'sk_live_abc' });
  assert.match(all['config']?.says ?? '', /is a live key; set mode: live/);
  assert.equal(double.seen.length, seen);
});
