import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../clock.ts';
import { VISA, type Answered, type Client } from './client.ts';
import { sandboxFor } from './house.ts';

const DECLINED = '4000000000000002';
const HOUR_MS = 3_600_000;

async function pageFor(client: Client, nowMs: number, changed: Record<string, unknown> = {}) {
  const made = await client.post('/v1/pages', {
    customer_id: 'customer-ada',
    expires_at: new Date(nowMs + HOUR_MS).toISOString(),
    metadata: { interaction_id: 'call-one', operation_id: 'op_page' },
    ...changed,
  });
  assert.equal(made.status, 200, made.text);
  const id = String(made.body['page_id']);
  return { id, path: new URL(String(made.body['url'])).pathname };
}

function enter(client: Client, path: string, number: string, changed = {}): Promise<Answered> {
  const card = { number, expiry: '12/34', cvv: '123', ...changed };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return client.call('POST', path, new URLSearchParams(card).toString(), type);
}

test('a card on a page is stored, and the page is complete', async (context) => {
  const { client } = await sandboxFor(context);
  const { id, path } = await pageFor(client, Date.now());
  const shown = await client.call('GET', path);
  assert.match(shown.text, /<html lang="en">[\s\S]*Card number/);
  const paid = await enter(client, path, '4242 4242 4242 4242', { expiry: '12 / 2034' });
  assert.equal(paid.status, 200);
  assert.match(paid.text, /ending in 4242/);
  const { body } = await client.get(`/v1/pages/${id}`);
  assert.deepEqual([body['status'], body['card_last4']], ['complete', '4242']);
  const again = await enter(client, path, DECLINED);
  assert.match(again.text, /ending in 4242/, 'it takes one card');
  const ledger = await client.get('/__sandbox/ledger');
  assert.equal((ledger.body['tokens'] as unknown[]).length, 1);
});

test('a decline is counted, a slip is not, and the page stays open', async (context) => {
  const { client } = await sandboxFor(context);
  const { id, path } = await pageFor(client, Date.now());
  for (const [number, changed, words] of [
    ['4242424242424241', {}, 'does not look right'],
    [VISA, { expiry: '13/34' }, 'month and the year'],
    [VISA, { expiry: '01/20' }, 'has expired'],
    [VISA, { cvv: '12' }, 'wrong number of digits'],
    ['5105105105105106', {}, 'does not look right'],
  ] as const) {
    const slip = await enter(client, path, number, changed);
    assert.equal(slip.status, 422);
    assert.ok(slip.text.includes(words), words);
  }
  assert.equal((await client.get(`/v1/pages/${id}`)).body['declines'], 0);
  const declined = await enter(client, path, DECLINED);
  assert.match(declined.text, /role="alert">The bank has declined this card/);
  const { body } = await client.get(`/v1/pages/${id}`);
  assert.deepEqual([body['status'], body['declines']], ['open', 1]);
});

test('a page is closed by its key, by its time, and not once it is complete', async (context) => {
  const clock = new ManualClock(Date.UTC(2026, 10, 25));
  const { client } = await sandboxFor(context, {}, clock);
  const state = async (id: string) => (await client.get(`/v1/pages/${id}`)).body['status'];
  const closed = await pageFor(client, clock.now());
  await client.post(`/v1/pages/${closed.id}/close`, {});
  assert.equal(await state(closed.id), 'expired');
  assert.equal((await client.call('GET', closed.path)).status, 410);
  assert.match((await enter(client, closed.path, VISA)).text, /No card was stored/);
  const complete = await pageFor(client, clock.now());
  await enter(client, complete.path, VISA);
  await client.post(`/v1/pages/${complete.id}/close`, {});
  assert.equal(await state(complete.id), 'complete');
  const late = await pageFor(client, clock.now());
  await clock.advance(HOUR_MS);
  await client.signIn();
  assert.equal(await state(late.id), 'expired');
});

test('the same key is the same page; what is no request is refused', async (context) => {
  const { client } = await sandboxFor(context);
  const body = { customer_id: 'ada', expires_at: new Date(Date.now() + HOUR_MS).toISOString() };
  const one = await client.post('/v1/pages', body, 'key-of-a-page');
  const two = await client.post('/v1/pages', body, 'key-of-a-page');
  assert.equal(one.text, two.text);
  const past = { ...body, expires_at: new Date(Date.now() - 1).toISOString() };
  assert.equal((await client.post('/v1/pages', past)).status, 400);
  assert.equal((await client.get('/v1/pages/page_nobody')).status, 404);
  assert.equal((await client.call('GET', '/pay/page_nobody')).status, 404);
});

test('a page runs no script, loads nothing from elsewhere, and keeps no digits', async (context) => {
  const { client, dataDir } = await sandboxFor(context);
  const { path } = await pageFor(client, Date.now(), { return_url: 'https://shop.test/"><b>' });
  const shown = await client.call('GET', path);
  const policy = String(shown.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.equal(shown.headers['cache-control'], 'no-store');
  assert.doesNotMatch(shown.text, /<script|https?:\/\//);
  for (const number of [DECLINED, VISA]) {
    const answer = await enter(client, path, number);
    assert.ok(!answer.text.includes(number), 'a card is not shown again');
  }
  const done = await client.call('GET', path);
  assert.match(done.text, /href="https:\/\/shop\.test\/&quot;&gt;&lt;b&gt;"/);
  const kept = readFileSync(join(dataDir, 'sandbox-ledger.jsonl'), 'utf8');
  for (const number of [DECLINED, VISA]) assert.ok(!kept.includes(number));
});

test('a page speaks Spanish', async (context) => {
  const { client } = await sandboxFor(context);
  const { path } = await pageFor(client, Date.now(), { language: 'es-us' });
  assert.match((await client.call('GET', path)).text, /<html lang="es">[\s\S]*Número de tarjeta/);
  assert.match((await enter(client, path, DECLINED)).text, /El banco ha rechazado/);
});
