import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChangeOrder } from '../../src/gateway/gateway.ts';
import { openSandboxAdapter } from '../../src/gateway/sandbox/adapter.ts';
import { openSandboxTokenizer } from '../../src/gateway/sandbox/tokenize.ts';
import { DECLINE_WORDS } from '../../src/gateway/sandbox/words.ts';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import { startSandbox } from '../../src/sandbox/process.ts';
import { systemClock } from '../../src/system/clock.ts';
import { signWebhook, webhookSecret } from '../../src/system/standard-webhooks.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { sandboxSettings, tell } from '../sandbox/settings.ts';
import { gatewayConformance, type GatewayBench } from './gateway.ts';
import { pagesConformance } from './pages.ts';

/** Written out a second time: a slip in the adapter's own table is a slip that nobody sees. */
const DECLINES: Readonly<Record<string, ErrorCode>> = {
  CVV_Mismatch: 'cvv_mismatch',
  Card_Declined: 'card_declined',
  Insufficient_Funds: 'insufficient_funds',
  Expired_Card: 'expired_card',
  Processing_Error: 'processing_error',
  Lost_Card: 'card_declined',
  Stolen_Card: 'card_declined',
  Postal_Code_Mismatch: 'postal_code_mismatch',
  Suspected_Fraud: 'suspected_fraud',
  Limit_Exceeded: 'limit_exceeded',
  Authentication_Required: 'authentication_required',
  Unsupported_Card: 'unsupported_card',
  Invalid_Card_Number: 'invalid_card_number',
  Invalid_CVV: 'invalid_cvv',
  Invalid_Expiry: 'invalid_expiry',
};

/** The sandbox is its own double: it keeps the ledger that the suite compares with. */
async function bench(
  verification: boolean,
  recurring: 'gateway' | 'tokenline' = 'gateway',
): Promise<GatewayBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tokenline-conformance-'));
  const settings = sandboxSettings(dataDir, {
    verification,
    subscriptions: recurring === 'gateway',
  });
  const sandbox = await startSandbox(settings);
  const secret = 'whsec_c2FuZGJveCBnYXRld2F5IHdlYmhvb2tzIQ==';
  return {
    origin: sandbox.origin,
    open(origin) {
      const http = openHttpClient({ origin }, systemClock);
      const given = { ...settings.gateway, webhookSecret: secret, verification, recurring };
      return {
        http,
        adapter: openSandboxAdapter(given, http, systemClock),
        tokenizer: openSandboxTokenizer(origin, given, http, systemClock),
      };
    },
    isCredential: (path) => path === '/oauth/token',
    renewable: true,
    declines: Object.entries(DECLINES).map(([code, errorCode]) => ({ code, errorCode })),
    stops: ['Lost_Card', 'Stolen_Card'],
    async decline(step, code) {
      const operation = step === 'tokenise' ? 'tokenize' : step;
      await tell(sandbox.origin, [{ operation, behave: `decline:${code}` }]);
    },
    async pend(step) {
      const operation = step === 'tokenise' ? 'tokenize' : step;
      await tell(sandbox.origin, [{ operation, behave: 'pending:60000' }]);
    },
    async effects() {
      const response = await fetch(`${sandbox.origin}/__sandbox/ledger`);
      const ledger = (await response.json()) as Record<string, unknown[]>;
      const countOf = (name: string): number => ledger[name]?.length ?? 0;
      return {
        tokens: countOf('tokens'),
        subscriptions: countOf('subscriptions'),
        charges: countOf('charges'),
      };
    },
    event(facts, sentAtMs) {
      const data = {
        idempotency_key: facts.idempotencyKey,
        subscription_id: facts.subscriptionReference,
      };
      const rawBody = Buffer.from(
        JSON.stringify({ id: 'evt_abc', type: 'operation.completed', data }),
      );
      return { headers: signWebhook(webhookSecret(secret), 'evt_abc', sentAtMs, rawBody), rawBody };
    },
    async reset() {
      await fetch(`${sandbox.origin}/__sandbox/reset`, { method: 'POST' });
    },
    async close() {
      await sandbox.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

test('the table of this test names every word that the adapter knows', () => {
  assert.deepEqual(Object.keys(DECLINES), DECLINE_WORDS);
});

test('a look-up while the gateway is at work on it says so', async () => {
  const sides = await bench(false);
  const { origin } = sides;
  const { adapter, http } = sides.open(origin);
  const facts = {
    idempotencyKey: 'op_at_work',
    operationId: 'op_at_work',
    interactionId: 'call-1',
    customerId: 'customer-1',
    subscriptionReference: 'sub_none',
  };
  const { signal } = new AbortController();
  const looked = () =>
    adapter.lookUp({ ...facts, kind: 'cancel', gatewayTransactionId: null, charge: null }, signal);
  try {
    assert.deepEqual(await looked(), { kind: 'absent' });
    await tell(origin, [{ operation: 'cancel', behave: 'delay:1500' }]);
    const order: ChangeOrder = {
      ...facts,
      verb: 'cancel',
      status: 'active',
      plan: null,
      tokenReference: null,
    };
    const cancel = adapter.change(order, signal);
    let found = await looked();
    while (found.kind === 'absent') found = await looked();
    assert.deepEqual(found, { kind: 'under_way' });
    await cancel;
    assert.notEqual((await looked()).kind, 'under_way');
  } finally {
    await http.close();
    await sides.close();
  }
});

gatewayConformance('sandbox', () => bench(false), { skip: [] });
gatewayConformance('sandbox with verification', () => bench(true), { skip: [] });
gatewayConformance('sandbox without subscriptions', () => bench(false, 'tokenline'), { skip: [] });

/** Published test numbers (https://docs.stripe.com/testing). */
const ENTERED = { good: '4242424242424242', declined: '4000000000000002' };

pagesConformance('sandbox', async () => {
  const sides = await bench(false);
  return {
    ...sides,
    async enter(_, url, card) {
      const form = new URLSearchParams({ number: ENTERED[card], expiry: '12/34', cvv: '123' });
      // The line before the sandbox names itself in the address.
      const { pathname } = new URL(url);
      await fetch(`${sides.origin}${pathname}`, { method: 'POST', body: form });
    },
  };
});
