import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { digitsIn } from '../conformance/digits.ts';
import { ManualClock } from '../clock.ts';
import { cardBody, subscriptionBody, VISA } from './client.ts';
import { sandboxFor } from './house.ts';

test('a token, a subscription and its charge stand in the ledger with what they came under', async (t) => {
  const { client } = await sandboxFor(t);
  const token = await client.post('/v1/tokens', cardBody(), 'key-token');
  assert.equal(token.status, 200);
  assert.equal(token.body['status'], 'active');
  assert.equal(token.body['card_brand'], 'visa');
  assert.equal(token.body['card_last4'], '4242');
  assert.match(String(token.body['token_id']), /^tok_[a-z]{20}$/);
  assert.match(String(token.body['network_transaction_id']), /^ntx_[a-z]{20}$/);
  const body = subscriptionBody(String(token.body['token_id']));
  const subscription = await client.post('/v1/subscriptions', body, 'key-subscription');
  assert.equal(subscription.status, 200);
  assert.equal(subscription.body['amount'], '29.99');
  assert.equal(subscription.body['currency'], 'USD');
  const ledger = await client.ledger();
  const [charge] = ledger['charges'] ?? [];
  assert.equal(ledger['tokens']?.length, 1);
  assert.equal(ledger['tokens']?.[0]?.['idempotency_key'], 'key-token');
  assert.equal(ledger['tokens']?.[0]?.['interaction_id'], 'interaction');
  assert.equal(ledger['tokens']?.[0]?.['operation_id'], 'op_abc');
  assert.equal(ledger['charges']?.length, 1);
  assert.equal(charge?.['idempotency_key'], 'key-subscription');
  assert.equal(charge?.['interaction_id'], 'interaction');
  assert.equal(charge?.['operation_id'], 'op_def');
  assert.equal(charge?.['amount'], '29.99');
});

test('a card goes nowhere: not into answers, the ledger or the files', async (t) => {
  const { client, dataDir } = await sandboxFor(t);
  const number = '4000056655665556';
  const answers = [
    await client.post('/v1/tokens', cardBody(number), 'key-a'),
    await client.post('/v1/tokens', cardBody(number), 'key-a'),
    await client.post('/v1/tokens', cardBody(number, { cvv: '12' })),
    await client.post('/v1/tokens', cardBody(number, { customer_id: 7 })),
    await client.post('/v1/tokens', `{"card_number":"${number}","cvv":`),
    await client.post('/v1/tokens', cardBody(number, { customer_id: `customer ${number}` })),
    await client.post('/v1/tokens', cardBody(number, { metadata: { interaction_id: number } })),
    await client.post('/v1/tokens', cardBody(number), number),
    await client.call('GET', '/__sandbox/ledger'),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 402, 400, 400, 400, 400, 400, 200],
  );
  const journal = await readFile(join(dataDir, 'sandbox-ledger.jsonl'), 'utf8');
  assert.ok(journal.includes('5556'), 'the journal is read from the right place');
  for (const text of [journal, ...answers.map(({ text: answered }) => answered)]) {
    assert.deepEqual(digitsIn(text, number), []);
    assert.doesNotMatch(text, /\d{12}/);
  }
});

const BY_ENDING: readonly (readonly [number: string, word: string])[] = [
  ['4000000000000002', 'Card_Declined'],
  ['4000000000009995', 'Insufficient_Funds'],
  ['4000000000000069', 'Expired_Card'],
  ['4000000000000127', 'CVV_Mismatch'],
  ['4000000000000119', 'Processing_Error'],
  ['4000000000009987', 'Lost_Card'],
  ['4000000000009979', 'Stolen_Card'],
  ['4000000000006975', 'Limit_Exceeded'],
];

test('the published test numbers are declined as published, with a transaction and no token', async (t) => {
  const { client } = await sandboxFor(t);
  for (const [number, word] of BY_ENDING) {
    const answer = await client.post('/v1/tokens', cardBody(number));
    assert.equal(answer.status, 402, word);
    assert.equal(answer.body['error_code'], word);
    assert.match(String(answer.body['gateway_transaction_id']), /^txn_[a-z]{20}$/);
  }
  assert.deepEqual((await client.ledger())['tokens'], []);
});

test('a card that is wrong in itself is named, and one that is no test card is refused', async (t) => {
  const { client } = await sandboxFor(t);
  const wordOf = async (number: string, changed: Record<string, unknown> = {}) =>
    (await client.post('/v1/tokens', cardBody(number, changed))).body['error_code'];
  assert.equal(await wordOf('4242424242424241'), 'Invalid_Card_Number');
  assert.equal(await wordOf('42424242'), 'Invalid_Card_Number');
  // Passes Luhn, and stands in no published range.
  assert.equal(await wordOf(`${'9'.repeat(15)}5`), 'Unsupported_Card');
  assert.equal(await wordOf(VISA, { cvv: '1234' }), 'Invalid_CVV');
  assert.equal(await wordOf('378282246310005', { cvv: '123' }), 'Invalid_CVV');
  assert.equal(await wordOf('378282246310005', { cvv: '1234' }), undefined);
  assert.equal(await wordOf(VISA, { expiry_month: '13' }), 'Invalid_Expiry');
  assert.equal(await wordOf(VISA, { expiry_year: '2020' }), 'Expired_Card');
});

test('a card that is stored may still be declined when it is charged', async (t) => {
  const { client } = await sandboxFor(t);
  const token = await client.token('4000000000000341');
  const answer = await client.post('/v1/subscriptions', subscriptionBody(token));
  assert.equal(answer.body['error_code'], 'Card_Declined');
  const ledger = await client.ledger();
  assert.deepEqual([ledger['subscriptions'], ledger['charges']], [[], []]);
});

test('with verification the issuer speaks in the second step', async (t) => {
  const { client } = await sandboxFor(t, { verification: true });
  const good = await client.post('/v1/tokens', cardBody());
  assert.equal(good.body['status'], 'unverified');
  const verified = await client.post(`/v1/tokens/${String(good.body['token_id'])}/verify`, {});
  assert.equal(verified.body['status'], 'active');
  const bad = await client.post('/v1/tokens', cardBody('4000000000000127'));
  assert.equal(bad.body['status'], 'unverified');
  const refused = await client.post(`/v1/tokens/${String(bad.body['token_id'])}/verify`, {});
  assert.equal(refused.body['error_code'], 'CVV_Mismatch');
  assert.equal((await client.post('/v1/tokens/tok_nobody/verify', {})).status, 404);
});

test('a first charge on a later day is a trial: no charge yet', async (t) => {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
  const { client } = await sandboxFor(t, {}, clock);
  const body = subscriptionBody(await client.token(), { first_charge_date: '2026-12-07' });
  const answer = await client.post('/v1/subscriptions', body);
  assert.equal(answer.body['next_charge_date'], '2026-12-07');
  assert.deepEqual((await client.ledger())['charges'], []);
});

test('which day it is depends on the merchant’s time zone', async (t) => {
  const clock = new ManualClock(Date.UTC(2026, 10, 24, 3));
  const { client } = await sandboxFor(t, { timeZone: 'America/New_York' }, clock);
  const body = subscriptionBody(await client.token(), { first_charge_date: '2026-11-23' });
  const answer = await client.post('/v1/subscriptions', body);
  assert.equal(answer.body['next_charge_date'], '2026-12-23');
  assert.equal((await client.ledger())['charges']?.length, 1);
  const tomorrow = subscriptionBody(await client.token(), { first_charge_date: '2026-11-24' });
  await client.post('/v1/subscriptions', tomorrow);
  assert.equal((await client.ledger())['charges']?.length, 1);
});

test('a subscription is paused, resumed, changed and cancelled, and refuses what it may not', async (t) => {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
  const { client } = await sandboxFor(t, {}, clock);
  const id = await client.subscription();
  const change = (verb: string, body: unknown = {}) =>
    client.post(`/v1/subscriptions/${id}/${verb}`, body);
  const paused = await change('pause');
  assert.deepEqual([paused.body['status'], paused.body['next_charge_date']], ['paused', null]);
  assert.equal((await change('pause')).body['error_code'], 'Invalid_State');
  const resumed = await change('resume');
  assert.deepEqual(
    [resumed.body['status'], resumed.body['next_charge_date']],
    ['active', '2026-12-23'],
  );
  const plan = { plan_id: 'recurring_yearly_premium', interval_count: 1, interval_unit: 'year' };
  const planned = await change('change-plan', { ...plan, amount: '299.00', currency: 'USD' });
  assert.deepEqual(
    [planned.body['plan_id'], planned.body['amount']],
    ['recurring_yearly_premium', '299.00'],
  );
  const token = await client.token('5555555555554444');
  assert.equal((await change('change-card', { payment_method_token: token })).status, 200);
  assert.equal((await change('cancel')).body['status'], 'cancelled');
  assert.equal((await change('resume')).body['error_code'], 'Invalid_State');
  const read = await client.get(`/v1/subscriptions/${id}`);
  assert.equal(read.body['status'], 'cancelled');
  const [kept] = (await client.ledger())['subscriptions'] ?? [];
  assert.equal(kept?.['token_id'], token);
  assert.deepEqual(
    ((kept?.['changes'] ?? []) as { verb: string }[]).map(({ verb }) => verb),
    ['pause', 'resume', 'change_plan', 'change_card', 'cancel'],
  );
});

test('a token of another customer, or of nobody, makes no subscription', async (t) => {
  const { client } = await sandboxFor(t);
  const token = await client.token();
  const other = subscriptionBody(token, { customer_id: 'customer-sam' });
  assert.equal((await client.post('/v1/subscriptions', other)).status, 400);
  assert.equal((await client.post('/v1/subscriptions', subscriptionBody('tok_no'))).status, 404);
  assert.deepEqual((await client.ledger())['subscriptions'], []);
});

test('bearer, API key and idempotency key are all asked for', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  const good = client.headers('key-a');
  const statusWith = async (changed: Record<string, string>): Promise<number> =>
    (await client.call('POST', '/v1/tokens', cardBody(), { ...good, ...changed })).status;
  assert.equal(await statusWith({ authorization: 'Bearer bearer_unknown' }), 401);
  assert.equal(await statusWith({ authorization: '' }), 401);
  assert.equal(await statusWith({ 'x-api-key': 'another' }), 401);
  assert.equal(await statusWith({ 'idempotency-key': '' }), 400);
  assert.equal(await statusWith({ 'idempotency-key': 'k'.repeat(256) }), 400);
  assert.equal(await statusWith({}), 200);
  await clock.advance(900_000);
  assert.equal(await statusWith({}), 401);
  await client.signIn();
  assert.equal((await client.post('/v1/tokens', cardBody())).status, 200);
});

test('a client that is not known gets no bearer', async (t) => {
  const { client } = await sandboxFor(t);
  const ask = (body: unknown, headers: Record<string, string> = {}) =>
    client.call('POST', '/oauth/token', body, { 'content-type': 'application/json', ...headers });
  const wrong = { grant_type: 'client_credentials', client_id: 'tokenline', client_secret: 'x' };
  assert.equal((await ask(wrong)).status, 401);
  const basic = `Basic ${Buffer.from('tokenline:x').toString('base64')}`;
  const none = { grant_type: 'client_credentials' };
  assert.equal((await ask(none, { authorization: basic })).status, 401);
  assert.equal((await ask({ grant_type: 'password' })).status, 400);
});
