import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { diagnose } from '../../src/cli/doctor.ts';
import { PAYPAL_EVENTS } from '../../src/cli/doctor-paypal.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { probePayPal } from '../../src/gateway/paypal/probe.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { CLIENT, startPayPalDouble, type PayPalDouble } from '../doubles/paypal/double.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-doctor-paypal-'));
let double: PayPalDouble;

before(async () => {
  double = await startPayPalDouble();
});
beforeEach(() => {
  double.reset();
  double.account.webhooks.splice(0, 9, WEBHOOK);
});
after(async () => {
  await double.close();
  rmSync(directory, { recursive: true, force: true });
});

const named = (names: readonly string[]): object[] => names.map((name) => ({ name }));

const WEBHOOK = {
  id: 'WEBHOOKDOCTOR',
  url: 'https://pay.example.com/v1/webhooks/paypal',
  event_types: named(['*']),
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
    TOKENLINE_GATEWAY_NAME: 'paypal',
    TOKENLINE_GATEWAY_URL: double.origin,
    TOKENLINE_GATEWAY_CLIENT_ID: CLIENT.clientId,
    TOKENLINE_GATEWAY_CLIENT_SECRET: CLIENT.clientSecret,
    TOKENLINE_GATEWAY_PAYPAL_WEBHOOK_ID: WEBHOOK.id,
    ...env,
  };
  const diagnoses = await diagnose({ clock, env: all, terminal: openTerminal('1') }, null);
  const about = diagnoses.filter(({ check }) => check.startsWith('gateway') || check === 'config');
  return Object.fromEntries(about.map((diagnosis) => [diagnosis.check, diagnosis]));
}

test('a whole account is all right, and nothing was made there', async () => {
  const all = await found();
  for (const { check, state, says } of Object.values(all)) {
    assert.equal(state, 'ok', `${check} ${says}`);
  }
  for (const check of ['paypal', 'clock', 'vault', 'cards', 'webhook']) {
    assert.ok(all[`gateway.${check}`], check);
  }
  const { account, problems } = double;
  assert.equal(account.setupTokens.size + account.orders.length, 0);
  assert.deepEqual(problems, []);
});

test('a right that is missing is named in PayPal’s own words, with what to ask for', async () => {
  Object.assign(double.account.manners, { vaultRefused: true, cardsRefused: true });
  const all = await found();
  assert.equal(all['gateway.vault']?.state, 'fail');
  assert.match(all['gateway.vault'].says, /PERMISSION_DENIED/);
  assert.equal(all['gateway.cards']?.state, 'fail');
  assert.match(all['gateway.cards'].says, /NOT_ENABLED_FOR_CARD_PROCESSING/);
  assert.match(all['gateway.cards'].todo, /Advanced Credit and Debit Card Payments/);
});

test('a wrong secret, and a PayPal that cannot be reached, are told apart', async () => {
  const refused = await found({ TOKENLINE_GATEWAY_CLIENT_SECRET: 'wrong' });
  assert.match(refused['gateway.paypal']?.says ?? '', /does not know the client/);
  const away = await found({ TOKENLINE_GATEWAY_URL: 'http://127.0.0.1:1' });
  assert.match(away['gateway.paypal']?.says ?? '', /no answer/);
});

test('a client of the other world is recognised', async (t) => {
  const stranger = await startPayPalDouble();
  const [here, there] = [stranger, double].map(({ origin }) =>
    openHttpClient({ origin }, systemClock),
  );
  assert.ok(here && there);
  t.after(async () => {
    await Promise.all([here.close(), there.close()]);
    await stranger.close();
  });
  const { signal } = new AbortController();
  stranger.knowsClient = false;
  const probe = (other: typeof there | null) =>
    probePayPal(CLIENT, here, other, systemClock, signal);
  assert.deepEqual(await probe(there), { kind: 'client_refused', elsewhere: true });
  assert.deepEqual(await probe(null), { kind: 'client_refused', elsewhere: false });
  double.knowsClient = false;
  assert.deepEqual(await probe(there), { kind: 'client_refused', elsewhere: false });
  double.knowsClient = true;
});

test('a clock that is off is told by how much', async () => {
  assert.equal((await found({}, 60_000))['gateway.clock']?.state, 'warn');
  const behind = (await found({}, -600_000))['gateway.clock'];
  assert.equal(behind?.state, 'fail');
  assert.match(behind.says, /(599|600|601) s behind PayPal’s/);
});

test('a webhook that is missing, goes elsewhere or is deaf is named', async () => {
  const withWebhook = async (...webhooks: Record<string, unknown>[]): Promise<string> => {
    double.account.webhooks.splice(0, 9, ...webhooks);
    const { state, says } = (await found())['gateway.webhook'] ?? { state: '', says: '' };
    return `${state} ${says}`;
  };
  assert.match(await withWebhook(), /no webhook with the id WEBHOOKDOCTOR/);
  assert.match(await withWebhook({ ...WEBHOOK, id: 'OTHER' }), /no webhook with the id/);
  const elsewhere = { ...WEBHOOK, url: 'https://pay.example.com/v1/webhooks/stripe' };
  assert.match(await withWebhook(elsewhere), /^fail it goes to/);
  const deaf = { ...WEBHOOK, event_types: named(PAYPAL_EVENTS.slice(1)) };
  assert.match(await withWebhook(deaf), /^warn .*does not get PAYMENT\.CAPTURE\.COMPLETED$/);
  assert.match(await withWebhook({ ...WEBHOOK, event_types: named(PAYPAL_EVENTS) }), /^ok/);
});

test('settings that cannot be kept are refused before PayPal is asked', async () => {
  const all = await found({ TOKENLINE_GATEWAY_PAYPAL_CARD_SUBSCRIPTIONS: 'true' });
  assert.match(all['config']?.says ?? '', /card_subscriptions.*PayPal wants the card number again/);
  assert.deepEqual(double.seen, []);
});
