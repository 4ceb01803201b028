import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { BodySlab } from '../../src/tokenizer/body.ts';
import { ConnectorRefusal, readConnector } from '../../src/tokenizer/pay-connector.ts';
import { ok } from '../card/fake-bridge.ts';
import { digitsIn } from '../conformance/digits.ts';
import { exchange, PAN, start, type Reply, type World } from './running-tokenizer.ts';

const CREDENTIAL = { username: 'my_connector_username', password: 'testing-testing-testing-123' };
const BASIC = `Basic ${Buffer.from(`${CREDENTIAL.username}:${CREDENTIAL.password}`).toString('base64')}`;

/**
 * What Twilio's tutorial shows of a request, as a tokenise transaction: no amount, `method` says so.
 * https://www.twilio.com/docs/voice/tutorials/how-to-capture-payment-during-a-voice-call-generic-pay-connector
 */
const TWILIO = {
  transaction_id: '72500aba-328c-445c-a12e-da5700e10b17',
  cardnumber: PAN,
  cvv: '333',
  expiry_month: '12',
  expiry_year: '31',
  description: 'Premium',
  postal_code: '94150',
  method: 'tokenize',
  token_type: 'reusable',
  parameters: { customer_id: 'cus-alpha', plan_id: 'recurring_monthly_premium' },
};

/**
 * SignalWire's published example, with `chargeAmount` 0 for a token.
 * https://developer.signalwire.com/swml/methods/pay/payment_connector_url
 */
const SIGNALWIRE = {
  transaction_id: '8c9d14d5-52ae-4e2e-b880-a14e6e1cda7d',
  method: 'credit-card',
  cardnumber: PAN,
  cvv: '737',
  postal_code: '123456',
  description: 'Payment description',
  chargeAmount: '0',
  token_type: 'reusable',
  expiry_month: '12',
  expiry_year: '31',
  currency_code: 'usd',
  parameters: [{ name: 'customer_id', value: 'cus-alpha' }],
};

const APPROVED = {
  outcome: 'approved',
  route: 'continue',
  prompt: 'card_stored',
  prompt_text: 'Thank you.',
  operation_id: 'op_kkkkkkkkkkkkkkkkkkkk',
  error_code: '',
  retry_field: 'none',
  attempts_left: 2,
  token_id: 'tok_kkkkkkkkkkkkkkkkkkkk',
  card_brand: 'visa',
  card_last4: '5556',
  gateway: 'sandbox',
  gateway_transaction_id: 'gwtx_abc',
  status_code: 200,
};

const DECLINED = {
  ...APPROVED,
  outcome: 'declined',
  route: 'retry',
  prompt_text: 'The bank has declined this transaction.',
  error_code: 'card_declined',
  token_id: '',
};

async function open(t: TestContext, answer: object = APPROVED): Promise<World> {
  const world = await start(t, { payConnector: CREDENTIAL });
  world.bridge.onFinish = () => ok({ answer: JSON.stringify(answer) });
  return world;
}

async function post(
  world: World,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply & { readonly json: Record<string, unknown> }> {
  const reply = await exchange(
    world.running.port,
    'POST',
    '/v1/pay-connector',
    JSON.stringify(body),
    { 'content-type': 'application/json', authorization: BASIC, ...headers },
  );
  assert.deepEqual(digitsIn(reply.text, PAN), []);
  return { ...reply, json: JSON.parse(reply.text) as Record<string, unknown> };
}

test('the door is shut where it is not configured', async (t) => {
  const world = await start(t);
  const reply = await post(world, TWILIO);
  assert.equal(reply.status, 404);
});

test('Twilio’s request gets a token in Twilio’s shape, and the parameters of the next step', async (t) => {
  const world = await open(t);
  const { status, json } = await post(world, TWILIO, { 'user-agent': 'AHC/2.1' });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    token_id: 'tok_kkkkkkkkkkkkkkkkkkkk',
    error_code: null,
    error_message: null,
    parameters: {
      customer_id: 'cus-alpha',
      plan_id: 'recurring_monthly_premium',
      operation_id: 'op_kkkkkkkkkkkkkkkkkkkk',
      card_brand: 'visa',
      card_last4: '5556',
    },
  });
  const [begin] = world.bridge.begins;
  assert.equal(begin?.key, TWILIO.transaction_id, 'idempotent on the transaction');
  assert.equal(begin.customer_id, 'cus-alpha');
  assert.equal(begin.interaction_id, TWILIO.transaction_id);
  assert.equal(begin.client_id, CREDENTIAL.username);
  const sent = JSON.parse(world.gateway.calls[0]?.text ?? '{}') as Record<string, unknown>;
  assert.equal(sent['card_number'], PAN);
  assert.equal(sent['expiry_year'], '2031');
  assert.equal(sent['postal_code'], '94150');
});

test('SignalWire’s request gets a token', async (t) => {
  const world = await open(t);
  const { status, json } = await post(world, SIGNALWIRE);
  assert.equal(status, 200);
  assert.equal(json['token_id'], 'tok_kkkkkkkkkkkkkkkkkkkk');
  assert.equal(json['error_code'], null);
});

test('an empty content type, as an earlier connector of Twilio’s sends it, is taken', async (t) => {
  const world = await open(t);
  assert.equal((await post(world, TWILIO, { 'content-type': '' })).status, 200);
});

test('a decline is a 200 with an error for Twilio, and another status for SignalWire', async (t) => {
  const world = await open(t, DECLINED);
  const twilio = await post(world, TWILIO);
  assert.equal(twilio.status, 200);
  assert.equal(twilio.json['token_id'], null);
  assert.equal(twilio.json['error_code'], 'card_declined');
  assert.equal(twilio.json['error_message'], 'The bank has declined this transaction.');
  const signalwire = await post(world, SIGNALWIRE);
  assert.equal(signalwire.status, 402);
  assert.equal(signalwire.json['error_code'], 'card_declined');
});

test('a token that is in doubt is no success', async (t) => {
  const doubt = { ...DECLINED, outcome: 'in_doubt', error_code: 'in_doubt' };
  const world = await open(t, doubt);
  assert.equal((await post(world, TWILIO)).json['error_code'], 'in_doubt');
  const pending = { ...DECLINED, outcome: 'pending', error_code: '' };
  world.bridge.onFinish = () => ok({ answer: JSON.stringify(pending) });
  assert.equal((await post(world, TWILIO)).json['error_code'], 'pending');
});

test('one-off charges and bank accounts are refused, and nothing has been asked of anybody', async (t) => {
  const world = await open(t);
  const charges = [
    { ...TWILIO, method: 'charge', amount: '10.00', currency_code: 'USD' },
    { ...TWILIO, amount: '0.01' },
    { ...SIGNALWIRE, chargeAmount: '10.55' },
    { ...SIGNALWIRE, chargeAmount: 'ten' },
  ];
  for (const charge of charges) {
    const { status, json } = await post(world, charge);
    assert.equal(json['error_code'], 'charge_not_supported');
    assert.equal(json['token_id'], null);
    assert.equal(status, charge.method === 'credit-card' ? 402 : 200);
  }
  const { cardnumber: _, cvv: __, ...rest } = TWILIO;
  const bank = { bankaccountnumber: '000123456789', routingnumber: 110_000_000 };
  const ach = await post(world, { ...rest, ...bank, method: 'ach-debit' });
  assert.equal(ach.json['error_code'], 'unsupported_card');
  assert.equal(world.bridge.begins.length, 0);
  assert.equal(world.gateway.calls.length, 0);
});

test('who may not is told so in the connector’s shape, before the body is looked at', async (t) => {
  const world = await open(t);
  const wrong = `Basic ${Buffer.from(`${CREDENTIAL.username}:wrong`).toString('base64')}`;
  for (const authorization of [wrong, 'Basic', 'Basic !', '', 'Bearer a.b.c']) {
    const { status, json, headers } = await post(world, TWILIO, { authorization });
    assert.equal(status, 401, authorization);
    assert.equal(typeof json['error_code'], 'string');
    assert.match(headers['www-authenticate'] ?? '', /^Basic /);
  }
  const bearer = await post(world, TWILIO, {
    authorization: `Bearer ${await world.bridge.token(['cards'])}`,
  });
  assert.equal(bearer.status, 200, 'an access token opens it as well');
  const other = `Bearer ${await world.bridge.token(['calls'])}`;
  assert.equal((await post(world, TWILIO, { authorization: other })).status, 403);
});

test('what is missing is named', async (t) => {
  const world = await open(t);
  const { parameters: _, ...anonymous } = TWILIO;
  const { cvv: __, ...uncovered } = TWILIO;
  const { transaction_id: ___, ...nameless } = TWILIO;
  for (const [body, said] of [
    [anonymous, /customer_id is missing/],
    [uncovered, /cvv are needed/],
    [nameless, /transaction_id/],
    [{ ...TWILIO, description: `my card is ${PAN}` }, /description holds what may be a card/],
    [{ ...TWILIO, parameters: { customer_id: 'cus-a', note: PAN } }, /parameters holds what may/],
    [{ ...TWILIO, new_field: PAN }, /^A field holds what may be a card number/],
    [{ ...TWILIO, [PAN]: 'x' }, /^A field holds what may be a card number/],
    [{ ...TWILIO, parameters: { cardnumber: '1' } }, /stands inside another object/],
  ] as const) {
    const { status, json } = await post(world, body);
    assert.equal(status, 400, JSON.stringify(json));
    assert.match(String(json['error_message']), said);
  }
  assert.equal(world.bridge.begins.length, 0);
});

test('fields that a platform adds one day are no reason to refuse', async (t) => {
  const world = await open(t);
  assert.equal((await post(world, { ...TWILIO, networkToken2: { a: [1] } })).status, 200);
});

test('a bridge that is away is an error of the connector, and no card was sent', async (t) => {
  const world = await open(t);
  world.bridge.onBegin = () => 'reset';
  const { status, json } = await post(world, TWILIO);
  assert.equal(status, 503);
  assert.equal(json['error_code'], 'bridge_unavailable');
  assert.equal(world.gateway.calls.length, 0);
});

test('the slab is empty whatever the connector sends, and a refused card is zeroed', () => {
  for (const body of [TWILIO, { ...TWILIO, amount: '5' }, { ...TWILIO, parameters: {} }]) {
    const slab = new BodySlab();
    slab.add(Buffer.from(JSON.stringify(body)));
    const taken: { readonly length: number }[] = [];
    try {
      slab.take((bytes, secrets) => {
        try {
          return readConnector(bytes, secrets);
        } finally {
          taken.push(...secrets);
        }
      });
    } catch {
      assert.deepEqual(
        taken.map((secret) => secret.length),
        [0, 0],
      );
    }
    assert.equal(taken.length, 2);
    assert.ok(slab.empty);
  }
});

test('a bank account is taken out before anything is parsed, and refused', () => {
  const { cardnumber: _, cvv: __, ...rest } = TWILIO;
  const bank = { bankaccountnumber: '000123456789', routingnumber: '110000000' };
  const bytes = Buffer.from(JSON.stringify({ ...rest, ...bank, method: 'ach-debit' }));
  assert.throws(() => readConnector(bytes, []), ConnectorRefusal);
  const left = bytes.toString('latin1');
  assert.doesNotMatch(left, /123456789|110000000/);
  assert.match(left, /"bankaccountnumber":"0{12}"/);
});
