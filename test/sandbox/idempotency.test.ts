import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../clock.ts';
import { cardBody, subscriptionBody } from './client.ts';
import { sandboxFor } from './house.ts';

test('the same key and request give the same answer, byte for byte, and one effect', async (t) => {
  const { client } = await sandboxFor(t);
  const token = await client.token();
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => client.post('/v1/subscriptions', subscriptionBody(token), 'key-a')),
  );
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  const ledger = await client.ledger();
  assert.equal(ledger['subscriptions']?.length, 1);
  assert.equal(ledger['charges']?.length, 1);
});

test('the order of a request’s members does not matter', async (t) => {
  const { client } = await sandboxFor(t);
  const entries = Object.entries(cardBody());
  const one = await client.post('/v1/tokens', Object.fromEntries(entries), 'key-a');
  const other = await client.post('/v1/tokens', Object.fromEntries(entries.toReversed()), 'key-a');
  assert.equal(other.text, one.text);
});

test('a decline is kept under its key as well', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('tokenize', 'decline:CVV_Mismatch');
  const one = await client.post('/v1/tokens', cardBody(), 'key-a');
  const other = await client.post('/v1/tokens', cardBody(), 'key-a');
  assert.equal(other.status, 402);
  assert.equal(other.text, one.text);
});

test('another request under a key is refused, also when only the card differs', async (t) => {
  const { client } = await sandboxFor(t);
  await client.post('/v1/tokens', cardBody(), 'key-a');
  const others: [string, unknown][] = [
    ['/v1/tokens', cardBody('5555555555554444')],
    ['/v1/tokens', cardBody(undefined, { cvv: '124' })],
    ['/v1/tokens', cardBody(undefined, { customer_id: 'customer-sam' })],
    ['/v1/subscriptions', subscriptionBody('tok_any')],
  ];
  for (const [path, body] of others) {
    const answer = await client.post(path, body, 'key-a');
    assert.equal(answer.status, 422, path);
    assert.equal(answer.body['error_code'], 'Idempotency_Key_Reused');
  }
  assert.equal((await client.ledger())['tokens']?.length, 1);
});

test('a request without effect keeps nothing under its key', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('tokenize', 'status:503');
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).status, 503);
  assert.equal((await client.get('/v1/operations/key-a')).body['error_code'], 'Not_Found');
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).status, 200);
});

test('while a request is in flight its key is taken, for a second one and for a look-up', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.tell('tokenize', 'delay:5000');
  const first = client.post('/v1/tokens', cardBody(), 'key-a');
  while (clock.timerCount === 0) await client.get('/healthz');
  const second = await client.post('/v1/tokens', cardBody(), 'key-a');
  assert.deepEqual([second.status, second.body['error_code']], [409, 'Operation_In_Progress']);
  assert.equal((await client.get('/v1/operations/key-a')).status, 409);
  await clock.advance(5_000);
  assert.equal((await first).status, 200);
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).text, (await first).text);
  assert.equal((await client.ledger())['tokens']?.length, 1);
});

test('a look-up tells kind, status and body as they were answered', async (t) => {
  const { client } = await sandboxFor(t);
  const answer = await client.post('/v1/tokens', cardBody('4000000000000127'), 'key/with?signs');
  const found = await client.get(`/v1/operations/${encodeURIComponent('key/with?signs')}`);
  assert.equal(found.status, 200);
  assert.equal(found.body['kind'], 'tokenize');
  assert.equal(found.body['status_code'], 402);
  assert.deepEqual(found.body['body'], answer.body);
});

test('a path that is none says so in another word than an operation that never was', async (t) => {
  const { client } = await sandboxFor(t);
  assert.equal((await client.get('/v2/operations/key-a')).body['error_code'], 'Unknown_Route');
  assert.equal((await client.get('/v1/operations/key-a')).body['error_code'], 'Not_Found');
});
