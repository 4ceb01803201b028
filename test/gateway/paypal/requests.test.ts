import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChargeOrder } from '../../../src/gateway/gateway.ts';
import { openPayPalTokenizer } from '../../../src/gateway/paypal/tokenize.ts';
import {
  customerIdAt,
  orderRequest,
  paymentTokenRequest,
} from '../../../src/gateway/paypal/requests.ts';
import { systemClock } from '../../../src/system/clock.ts';
import type { HttpClient, HttpRequest } from '../../../src/system/http-client.ts';
import { chargeOrder, FIRST, PAN, testCard } from '../../conformance/gateway/rig.ts';
import type { ArrivedRequest } from '../../doubles/description.ts';
import { paypalDescription } from '../../doubles/paypal/description.ts';

const description = paypalDescription();
const silent: HttpClient = {
  exchange: () => Promise.reject(new Error('nothing is sent here')),
  close: () => Promise.resolve(),
};

const arrived = (request: HttpRequest): ArrivedRequest => ({
  method: request.method,
  url: request.path,
  headers: request.headers,
  body: request.body === null ? '' : Buffer.from(request.body).toString(),
});

const problemsOf = (request: ArrivedRequest): readonly string[] | undefined =>
  description.judge(request)?.problems;

function cardRequest(country: string | null): HttpRequest {
  const settings = { clientId: 'client', clientSecret: 'secret', cardCountry: country };
  const tokenizer = openPayPalTokenizer('http://127.0.0.1:1', settings, silent, systemClock);
  const facts = {
    idempotencyKey: 'op_a',
    operationId: 'op_a',
    interactionId: 'i',
    customerId: 'c',
  };
  return tokenizer.request(testCard(), { ...facts, face: { brand: 'visa', last4: '5556' } });
}

const recurring = (networkTransactionId: string | null): ChargeOrder =>
  chargeOrder('TOKENABC', 'op_charge', { use: 'recurring', networkTransactionId });

const REQUESTS: Readonly<Record<string, HttpRequest>> = {
  'a card': cardRequest('US'),
  'a card without a country': cardRequest(null),
  'a payment token': paymentTokenRequest('op_a', 'SETUPABC'),
  'a first charge': orderRequest(chargeOrder('TOKENABC', 'op_charge', FIRST)),
  'a later charge': orderRequest(recurring('NETWORKREF')),
};

type Json = Record<string, unknown>;

const bodyOf = (request: HttpRequest): Json => JSON.parse(arrived(request).body) as Json;

test('PayPal’s official descriptions have nothing against any request', () => {
  for (const [name, request] of Object.entries(REQUESTS)) {
    assert.deepEqual(problemsOf(arrived(request)), [], name);
  }
});

const planted: readonly [what: string, of: string, change: (request: ArrivedRequest) => unknown][] =
  [
    [
      'another name for the number',
      'a card',
      (r) => ({ body: r.body.replace('"number"', '"pan"') }),
    ],
    ['a short number', 'a card', (r) => ({ body: r.body.replace(PAN, PAN.slice(0, 8)) })],
    ['an expiry with a slash', 'a card', (r) => ({ body: r.body.replace(/\d{4}-09/, '09/30') })],
    ['a misspelt source', 'a card', (r) => ({ body: r.body.replace('"card"', '"crad"') })],
    ['no country', 'a card', (r) => ({ body: r.body.replace(',"country_code":"US"', '') })],
    ['no key', 'a card', (r) => ({ headers: without(r.headers, 'paypal-request-id') })],
    [
      'an unknown kind of token',
      'a payment token',
      (r) => ({ body: r.body.replace('SETUP_', '') }),
    ],
    ['no kind of token', 'a payment token', (r) => ({ body: r.body.replace(/,"type":"\w+"/, '') })],
    ['no intent', 'a first charge', (r) => ({ body: r.body.replace('"intent":"CAPTURE",', '') })],
    [
      'an amount that is a number',
      'a first charge',
      (r) => ({ body: r.body.replace('"29.99"', '29.99') }),
    ],
    [
      'a misspelt initiator',
      'a first charge',
      (r) => ({ body: r.body.replace('CUSTOMER', 'PAYER') }),
    ],
    [
      'no initiator',
      'a first charge',
      (r) => ({ body: r.body.replace(/"payment_initiator":"\w+",/, '') }),
    ],
    [
      'a key of the vault’s misspelt',
      'a later charge',
      (r) => ({ body: r.body.replace('vault_id', 'vaultId') }),
    ],
    [
      'a reference that is too short',
      'a later charge',
      (r) => ({ body: r.body.replace('NETWORKREF', 'SHORT') }),
    ],
    [
      'a field of the reference misspelt',
      'a later charge',
      (r) => ({ body: r.body.replace('{"id":"N', '{"ref":"N') }),
    ],
    ['another path', 'a later charge', (r) => ({ url: `${r.url}s` })],
  ];

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

for (const [what, of, change] of planted) {
  test(`a planted mistake is found: ${what}`, () => {
    const good = REQUESTS[of];
    assert.ok(good);
    const request = arrived(good);
    const changed = { ...request, ...(change(request) as Partial<ArrivedRequest>) };
    assert.notDeepEqual(changed, request, 'nothing was planted');
    assert.notDeepEqual(problemsOf(changed) ?? ['no such request'], []);
  });
}

/** The description's own words (`card_stored_credential`, "Parameter compatibility"). */
test('FIRST goes with the customer, a network’s reference with the merchant', () => {
  const credentialOf = (order: ChargeOrder): unknown => {
    const source = bodyOf(orderRequest(order))['payment_source'] as { card: Json };
    return source.card['stored_credential'];
  };
  assert.deepEqual(credentialOf(chargeOrder('TOKENABC', 'op_charge', FIRST)), {
    payment_initiator: 'CUSTOMER',
    payment_type: 'RECURRING',
    usage: 'FIRST',
  });
  const merchant = {
    payment_initiator: 'MERCHANT',
    payment_type: 'RECURRING',
    usage: 'SUBSEQUENT',
  };
  assert.deepEqual(credentialOf(recurring('NETWORKREF')), {
    ...merchant,
    previous_network_transaction_reference: { id: 'NETWORKREF' },
  });
  // PayPal would refuse the whole charge for a reference that it does not take.
  for (const id of [null, 'SHORT', 'x'.repeat(37), 'with a blank']) {
    assert.deepEqual(credentialOf(recurring(id)), merchant);
  }
});

test('the card is in the body once, the month has two figures, and a country is never invented', () => {
  const body = bodyOf(cardRequest('US'));
  const { card } = body['payment_source'] as { card: Json };
  assert.equal(card['number'], PAN);
  assert.match(String(card['expiry']), /^\d{4}-09$/);
  assert.deepEqual(card['billing_address'], { postal_code: '46204', country_code: 'US' });
  const other = bodyOf(cardRequest(null))['payment_source'] as { card: Json };
  assert.equal(other.card['billing_address'], undefined);
});

test('the order says whose it is, and which period it pays', () => {
  const order = chargeOrder('TOKENABC', 'op_charge', FIRST);
  const [unit] = bodyOf(orderRequest(order))['purchase_units'] as Json[];
  assert.equal(unit?.['custom_id'], 'op_charge');
  assert.equal(unit?.['invoice_id'], `${order.subscriptionId}.${order.dueDate}`);
  const request = orderRequest(order);
  assert.equal(request.headers['paypal-request-id'], 'op_charge');
  assert.deepEqual(orderRequest(order), request, 'the same again, byte for byte');
});

test('storing a card and verifying it are two requests, each with a key of its own', () => {
  const key = paymentTokenRequest('op_a', 'SETUPABC').headers['paypal-request-id'];
  assert.equal(key, 'op_a.verify');
});

test('a customer’s id at PayPal is always the same, and of the length that PayPal takes', () => {
  assert.equal(customerIdAt('customer-ada'), customerIdAt('customer-ada'));
  assert.match(customerIdAt('customer-ada'), /^[0-9a-zA-Z_-]{22}$/);
  assert.notEqual(customerIdAt('customer-ada'), customerIdAt('customer-bob'));
});
