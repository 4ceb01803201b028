import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { ManualClock } from '../clock.ts';
import { cardBody, subscriptionBody, type Client } from './client.ts';
import { sandboxFor } from './house.ts';
import { sandboxSettings } from './settings.ts';

const { billingSecret } = sandboxSettings('');
const WEBHOOK_SECRET = `whsec_${Buffer.from('the gateway secret of a test').toString('base64')}`;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Stands where the bridge stands; answers with the given statuses, then with 204. */
async function receiver(t: TestContext, statuses: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(statuses.shift() ?? 204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { received, url: `http://127.0.0.1:${port}/v1/webhooks/sandbox` };
}

/** Lets real sockets do their work until it is so. */
async function until(client: Client, holds: () => boolean): Promise<void> {
  while (!holds()) await client.get('/healthz');
}

test('a pending subscription becomes final in its time, and a signed event says so', async (t) => {
  const clock = new ManualClock(Date.now());
  const { received, url } = await receiver(t);
  const webhook = { url, secret: WEBHOOK_SECRET };
  const { client } = await sandboxFor(t, { webhook }, clock);
  const body = subscriptionBody(await client.token());
  await client.tell('subscribe', 'pending:3000');
  const answer = await client.post('/v1/subscriptions', body, 'key-a');
  assert.deepEqual([answer.status, answer.body['status']], [202, 'pending']);
  await clock.advance(2_999);
  assert.equal((await client.get('/v1/operations/key-a')).body['status_code'], 202);
  assert.deepEqual((await client.ledger())['subscriptions'], []);
  assert.equal(received.length, 0);
  await clock.advance(1);
  await until(client, () => received.length === 1);
  const found = await client.get('/v1/operations/key-a');
  const final = found.body['body'] as Record<string, unknown>;
  assert.equal(found.body['status_code'], 200);
  assert.equal((await client.ledger())['charges']?.length, 1);
  const [event] = received;
  assert.ok(event);
  const read = new Webhook(WEBHOOK_SECRET).verify(event.body, event.headers);
  assert.deepEqual((read as { data: unknown }).data, {
    idempotency_key: 'key-a',
    subscription_id: final['subscription_id'],
  });
  assert.equal((await client.post('/v1/subscriptions', body, 'key-a')).status, 200);
});

test('a pending request may become a decline', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.tell('tokenize', 'pending:1000:decline:CVV_Mismatch');
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).status, 202);
  await clock.advance(1_000);
  const found = await client.get('/v1/operations/key-a');
  assert.equal(found.body['status_code'], 402);
  assert.deepEqual((await client.ledger())['tokens'], []);
});

test('an event that is not taken comes again with the same id, until it is', async (t) => {
  const clock = new ManualClock(Date.now());
  const { received, url } = await receiver(t, [500, 503]);
  const { client } = await sandboxFor(t, { webhook: { url, secret: WEBHOOK_SECRET } }, clock);
  await client.tell('tokenize', 'pending:0');
  await client.post('/v1/tokens', cardBody(), 'key-a');
  while (received.length < 3) {
    await clock.advance(500);
    await client.get('/healthz');
  }
  assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, 1);
});

function signed(id: string, sentAt: Date, text: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': new Webhook(billingSecret).sign(id, sentAt, text),
  };
}

test('billing keeps each signed event once, in order, and counts its deliveries', async (t) => {
  const { client } = await sandboxFor(t);
  const send = (id: string, text: string) =>
    client.call('POST', '/billing/events', text, signed(id, new Date(), text));
  const created = '{"type":"subscription.created","data":{"sequence":1}}';
  const paused = '{"type":"subscription.paused","data":{"sequence":2}}';
  for (const [id, text] of [
    ['evt_a', created],
    ['evt_b', paused],
    ['evt_a', created],
  ] as const) {
    assert.equal((await send(id, text)).status, 200);
  }
  const { body } = await client.call('GET', '/__sandbox/billing');
  const events = body['events'] as Record<string, unknown>[];
  assert.deepEqual(
    events.map((event) => [event['webhook-id'], event['type'], event['verified']]),
    [
      ['evt_a', 'subscription.created', true],
      ['evt_b', 'subscription.paused', true],
    ],
  );
  assert.deepEqual(
    events.map((event) => event['deliveries']),
    [2, 1],
  );
  assert.deepEqual(events[0]?.['body'], JSON.parse(created));
});

test('billing refuses an event that is forged or old, and shows it as not verified', async (t) => {
  const { client } = await sandboxFor(t);
  const text = '{"type":"subscription.created"}';
  const old = new Date(Date.now() - 301_000);
  const forged = { ...signed('evt_a', new Date(), text), 'webhook-signature': 'v1,AAAA' };
  for (const headers of [forged, signed('evt_old', old, text)]) {
    const answer = await client.call('POST', '/billing/events', text, headers);
    assert.equal(answer.status, 401);
  }
  const good = await client.call(
    'POST',
    '/billing/events',
    text,
    signed('evt_a', new Date(), text),
  );
  assert.equal(good.status, 200);
  const { body } = await client.call('GET', '/__sandbox/billing');
  const events = body['events'] as Record<string, unknown>[];
  assert.deepEqual(
    events.map((event) => [event['webhook-id'], event['verified']]),
    [
      ['evt_a', false],
      ['evt_old', false],
      ['evt_a', true],
    ],
  );
});

test('a billing delivery that is scripted to fail is not received, and to be lost is', async (t) => {
  const { client } = await sandboxFor(t);
  const text = '{"type":"subscription.created"}';
  const send = () =>
    client.call('POST', '/billing/events', text, signed('evt_a', new Date(), text));
  const count = async () => {
    const { body } = await client.call('GET', '/__sandbox/billing');
    return (body['events'] as unknown[]).length;
  };
  await client.tell('billing', 'status:500');
  assert.equal((await send()).status, 500);
  assert.equal(await count(), 0);
  await client.tell('billing', 'status:500-after-commit');
  assert.equal((await send()).status, 500);
  assert.equal(await count(), 1);
});

test('the directory knows its customers by number and by id, and nobody else', async (t) => {
  const { client } = await sandboxFor(t);
  const ada = { customer_id: 'customer-ada', language: 'en-us', spoken_name: 'Ada' };
  for (const query of [
    'ani=%2B13175550100',
    'ani=+13175550100',
    'ani=tel:%2B13175550100',
    'customer_id=customer-ada',
  ]) {
    assert.deepEqual((await client.call('GET', `/directory?${query}`)).body, ada, query);
  }
  const lucia = await client.call('GET', '/directory?ani=%2B13175550101');
  assert.equal(lucia.body['language'], 'es-us');
  for (const query of ['ani=%2B13175559999', 'customer_id=nobody', '']) {
    assert.equal((await client.call('GET', `/directory?${query}`)).status, 404, query);
  }
});
