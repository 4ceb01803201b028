import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openPayPalAdapter } from '../../../src/gateway/paypal/adapter.ts';
import { readPayPal } from '../../../src/gateway/paypal/words.ts';
import { openPayPalTokenizer } from '../../../src/gateway/paypal/tokenize.ts';
import type { ChargeOrder, GatewayAdapter, LookUpOrder } from '../../../src/gateway/gateway.ts';
import { systemClock } from '../../../src/system/clock.ts';
import type { Exchange } from '../../../src/system/http-client.ts';
import { openHttpClient } from '../../../src/system/wire.ts';
import {
  chargeOrder,
  FIRST,
  freshKey,
  outcomeText,
  tokeniseWith,
  valueOf,
} from '../../conformance/gateway/rig.ts';
import { CLIENT, startPayPalDouble, type PayPalDouble } from '../../doubles/paypal/double.ts';
import { signatureOf, WEBHOOK_ID } from '../../doubles/paypal/signer.ts';

const never = new AbortController().signal;

interface World {
  readonly double: PayPalDouble;
  readonly adapter: GatewayAdapter;
  /** A setup token. */
  readonly store: (key?: string) => Promise<string>;
  /** One that may be charged. */
  readonly token: () => Promise<string>;
}

async function world(t: TestContext, client = CLIENT): Promise<World> {
  const double = await startPayPalDouble();
  const http = openHttpClient({ origin: double.origin }, systemClock);
  t.after(async () => {
    await http.close();
    await double.close();
    assert.deepEqual(double.problems, []);
  });
  const settings = { ...client, webhookId: WEBHOOK_ID, cardCountry: 'US' };
  const adapter = openPayPalAdapter(settings, http, systemClock);
  const tokenizer = openPayPalTokenizer(double.origin, settings, http, systemClock);
  const store = async (key = freshKey()): Promise<string> => {
    const order = { ...factsOf(key), face: { brand: 'visa', last4: '5556' } as const };
    return valueOf(await tokeniseWith({ tokenizer, adapter, http }, order, never)).tokenReference;
  };
  return {
    double,
    adapter,
    store,
    async token() {
      const key = freshKey();
      const order = { ...factsOf(key), tokenReference: await store(key) };
      return valueOf(await adapter.verify(order, never)).tokenReference;
    },
  };
}

function factsOf(key: string) {
  return {
    idempotencyKey: key,
    operationId: key,
    interactionId: '3b241101-e2bb-4255-8caf-4136c566a962',
    customerId: 'customer-ada',
  };
}

function lookUpOf(charge: ChargeOrder, gatewayTransactionId: string | null): LookUpOrder {
  const { idempotencyKey, operationId, customerId } = charge;
  return {
    kind: 'charge',
    idempotencyKey,
    operationId,
    customerId,
    subscriptionReference: null,
    gatewayTransactionId,
    charge,
  };
}

test('a security code that is not the card’s is told, and the card is not kept', async (t) => {
  const { double, adapter, store } = await world(t);
  const key = freshKey();
  const tokenReference = await store(key);
  double.account.manners.cvvCode = 'N';
  const reply = await adapter.verify({ ...factsOf(key), tokenReference }, never);
  assert.equal(outcomeText(reply), 'declined cvv_mismatch');
  assert.equal(double.account.paymentTokens.size, 0, 'it was deleted');
  assert.ok(double.seen.some((request) => request.startsWith('DELETE /v3/vault/payment-tokens/')));
});

test('a verification brings the network’s reference for the charges that follow', async (t) => {
  const { adapter, store } = await world(t);
  const key = freshKey();
  const order = { ...factsOf(key), tokenReference: await store(key) };
  const { tokenReference, networkTransactionId } = valueOf(await adapter.verify(order, never));
  assert.notEqual(tokenReference, order.tokenReference);
  assert.match(networkTransactionId ?? '', /^NETWORK/);
});

test('a payment that PayPal reviews is pending, and not paid until PayPal says so', async (t) => {
  const { double, adapter, token } = await world(t);
  const tokenReference = await token();
  double.account.manners.reviews.push('charge');
  const reply = await adapter.charge(chargeOrder(tokenReference, 'op_review', FIRST), never);
  assert.equal(outcomeText(reply), 'pending');
  assert.equal(double.account.charges(), 0);
});

test('a payment under review is read by its id, and no refusal of that is taken for the charge’s', async (t) => {
  const { double, adapter, token } = await world(t);
  double.account.manners.reviews.push('charge');
  const charge = chargeOrder(await token(), 'op_review', FIRST);
  const made = await adapter.charge(charge, never);
  const order = lookUpOf(charge, made.gatewayTransactionId);
  const found = async (looked: LookUpOrder): Promise<string> => {
    const reply = await adapter.lookUp(looked, never);
    return reply.kind === 'charge' ? outcomeText(reply.reply) : reply.kind;
  };
  assert.equal(await found(order), 'pending');
  double.account.decide('COMPLETED');
  assert.equal(await found(order), 'approved');
  assert.equal(await found({ ...order, gatewayTransactionId: 'debugOfARefusal' }), 'unable');
  assert.equal(await found({ ...order, operationId: 'op_other' }), 'unanswered');
  double.forgetBearers();
  assert.equal(await found(order), 'unanswered');
  assert.equal(await found(order), 'approved', 'it has a bearer again');
  assert.equal(double.account.orders.length, 1);
});

test('an account that blocks double payments keeps a period from being paid twice', async (t) => {
  const { double, adapter, token } = await world(t);
  double.account.manners.blocksInvoices = true;
  const tokenReference = await token();
  const one = await adapter.charge(chargeOrder(tokenReference, 'op_one', FIRST), never);
  assert.equal(outcomeText(one), 'approved');
  const other = await adapter.charge(chargeOrder(tokenReference, 'op_two', FIRST), never);
  // Neither paid nor refused: the period has been paid by somebody, and a person has to look.
  assert.equal(outcomeText(other), 'in_doubt');
  assert.equal(double.account.charges(), 1);
});

test('a charge is not looked for: only its own request, sent again, tells what became of it', async (t) => {
  const { double, adapter, token } = await world(t);
  const charge = chargeOrder(await token(), 'op_lost', FIRST);
  const made = valueOf(await adapter.charge(charge, never));
  const seen = double.seen.length;
  const order = lookUpOf(charge, null);
  assert.deepEqual(await adapter.lookUp(order, never), { kind: 'unable' });
  assert.equal(
    double.seen.length,
    seen,
    'nothing was sent: after the key has gone it would pay twice',
  );
  assert.deepEqual(valueOf(await adapter.charge(charge, never)), made);
  assert.equal(double.account.charges(), 1);
});

test('a refused client is our configuration, and nothing is sent', async (t) => {
  const { adapter, double } = await world(t, { ...CLIENT, clientSecret: 'wrong' });
  const reply = await adapter.charge(chargeOrder('TOKENABC', 'op_abc', FIRST), never);
  assert.equal(outcomeText(reply), 'failed gateway_rejected');
  assert.deepEqual(double.seen, ['POST /v1/oauth2/token']);
});

const refused = (status: number, body: object): Exchange => ({
  kind: 'answered',
  response: { status, headers: {}, body: Buffer.from(JSON.stringify(body)) },
  latencyMs: 1,
});

/** https://developer.paypal.com/api/rest/responses/ */
test('a field that PayPal does not like is the field that the caller is asked for again', () => {
  const told = (field: string, issue: string): string => {
    // The value of a detail repeats what was sent; it must not go anywhere.
    const details = [{ field, issue, value: '4000056655665556', location: 'body' }];
    const body = { name: 'INVALID_REQUEST', message: 'm', debug_id: 'abc123', details };
    const reply = readPayPal(refused(400, body), () => null);
    assert.equal(reply.rawCode, issue);
    assert.equal(reply.gatewayTransactionId, 'abc123');
    assert.ok(!JSON.stringify(reply).includes('5556'));
    return outcomeText(reply);
  };
  const card = '/payment_source/card';
  assert.equal(told(`${card}/number`, 'INVALID_PARAMETER_VALUE'), 'declined invalid_card_number');
  assert.equal(told(`${card}/expiry`, 'INVALID_PARAMETER_SYNTAX'), 'declined invalid_expiry');
  assert.equal(told(`${card}/security_code`, 'INVALID_STRING_LENGTH'), 'declined invalid_cvv');
  const postal = `${card}/billing_address/postal_code`;
  assert.equal(told(postal, 'INVALID_PARAMETER_VALUE'), 'declined postal_code_mismatch');
  assert.equal(told('/customer/id', 'INVALID_PARAMETER_VALUE'), 'failed gateway_rejected');
  assert.equal(told(`${card}/number`, 'PERMISSION_DENIED'), 'failed gateway_rejected');
});

const EVENT = {
  id: 'WH-ABC',
  event_type: 'PAYMENT.CAPTURE.COMPLETED',
  resource: { id: 'CAPTUREABC', custom_id: 'op_abc', note: 'a “quoted” text, and  two blanks' },
};

test('an event is asked about byte for byte, also with a bearer that has run out', async (t) => {
  const { double, adapter } = await world(t);
  const rawBody = Buffer.from(JSON.stringify(EVENT, null, 3));
  const nowMs = Date.now();
  const headers = signatureOf(rawBody, nowMs);
  const read = () => adapter.webhook(headers, rawBody, nowMs);
  const reading = await read();
  assert.deepEqual(reading, {
    kind: 'events',
    events: [{ id: 'WH-ABC', idempotencyKey: 'op_abc', subscriptionReference: null }],
  });
  double.forgetBearers();
  assert.equal((await read()).kind, 'events');
});

test('what cannot be PayPal’s is refused without a question', async (t) => {
  const { double, adapter } = await world(t);
  const rawBody = Buffer.from(JSON.stringify(EVENT));
  const nowMs = Date.now();
  const headers = signatureOf(rawBody, nowMs);
  const wrong: Record<string, Record<string, string>> = {
    'no header': {},
    'a certificate of another host': {
      ...headers,
      'paypal-cert-url': 'https://api.paypal.com.example.com/cert',
    },
    'a certificate without TLS': {
      ...headers,
      'paypal-cert-url': 'http://api.paypal.com/v1/notifications/certs/CERT',
    },
    'a certificate behind a name': {
      ...headers,
      'paypal-cert-url': 'https://api.paypal.com@example.com/cert',
    },
    'a time that is none': { ...headers, 'paypal-transmission-time': 'yesterday' },
    'an old time': { ...headers, 'paypal-transmission-time': '2020-01-01T00:00:00Z' },
  };
  for (const [name, given] of Object.entries(wrong)) {
    assert.equal((await adapter.webhook(given, rawBody, nowMs)).kind, 'refused', name);
  }
  const noEvent = Buffer.from('[1]');
  const signed = signatureOf(noEvent, nowMs);
  assert.equal((await adapter.webhook(signed, noEvent, nowMs)).kind, 'refused');
  const injected = Buffer.from('{"id":"a"},"webhook_id":"OTHER","x":{}');
  assert.equal(
    (await adapter.webhook(signatureOf(injected, nowMs), injected, nowMs)).kind,
    'refused',
  );
  assert.deepEqual(double.seen, []);
});

test('an event that PayPal cannot be asked about is refused, and PayPal sends it again', async (t) => {
  const double = await startPayPalDouble();
  const http = openHttpClient({ origin: double.origin }, systemClock);
  await double.close();
  t.after(() => http.close());
  const settings = { ...CLIENT, webhookId: WEBHOOK_ID, cardCountry: null };
  const adapter = openPayPalAdapter(settings, http, systemClock);
  const rawBody = Buffer.from(JSON.stringify(EVENT));
  const nowMs = Date.now();
  const reading = await adapter.webhook(signatureOf(rawBody, nowMs), rawBody, nowMs);
  assert.equal(reading.kind, 'refused');
});
