import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEHAVIOURS, OPERATIONS } from '../../src/sandbox/script.ts';
import { ManualClock } from '../clock.ts';
import { cardBody, subscriptionBody, type Answered, type Client } from './client.ts';
import { sandboxFor } from './house.ts';

/** What a client sees of a request: its status, or that the socket broke. */
async function seenBy(request: Promise<Answered>): Promise<string> {
  try {
    const { status, text } = await request;
    return `${status} ${text}`;
  } catch (error) {
    return `broken ${String((error as NodeJS.ErrnoException).code)}`;
  }
}

const tokens = async (client: Client): Promise<number> =>
  (await client.ledger())['tokens']?.length ?? -1;

interface Case {
  readonly behave: string;
  readonly seen: RegExp;
  /** Tokens in the ledger afterwards. */
  readonly effect: 0 | 1;
}

const CASES: readonly Case[] = [
  { behave: 'approve', seen: /^200 {"token_id"/, effect: 1 },
  { behave: 'decline:Limit_Exceeded', seen: /^402 {"error_code":"Limit_Exceeded"/, effect: 0 },
  { behave: 'status:503', seen: /^503 {"message":"Service Unavailable"}$/, effect: 0 },
  { behave: 'status:401', seen: /^401 {"error_code":"Unauthorized"/, effect: 0 },
  { behave: 'status:204', seen: /^204 $/, effect: 0 },
  { behave: 'status:503-after-commit', seen: /^503 {"message"/, effect: 1 },
  { behave: 'status:204-after-commit', seen: /^204 $/, effect: 1 },
  { behave: 'retry-after:7', seen: /^429 /, effect: 0 },
  { behave: 'reset-before', seen: /^broken/, effect: 0 },
  { behave: 'reset-after', seen: /^broken/, effect: 1 },
  { behave: 'malformed', seen: /^200 {"token_id": "tok_$/, effect: 1 },
  { behave: 'malformed-before', seen: /^200 {"token_id": "tok_$/, effect: 0 },
  { behave: 'cut', seen: /^broken/, effect: 1 },
  { behave: 'wrong-shape', seen: /^200 {"result":"ok"}$/, effect: 1 },
  { behave: 'oversized', seen: /^200 {"token_id".*xxx/, effect: 1 },
];

for (const { behave, seen, effect } of CASES) {
  test(`${behave}: what the client sees, and what took effect`, async (t) => {
    const { client } = await sandboxFor(t);
    await client.tell('tokenize', behave);
    assert.match(await seenBy(client.post('/v1/tokens', cardBody(), 'key-a')), seen);
    assert.equal(await tokens(client), effect);
    // The same key afterwards: one effect in all, unless it was declined.
    const again = await client.post('/v1/tokens', cardBody(), 'key-a');
    assert.equal(again.status, behave.startsWith('decline') ? 402 : 200);
    assert.equal(await tokens(client), behave.startsWith('decline') ? 0 : 1);
  });
}

test('retry-after: the header says how long', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('tokenize', 'retry-after:7');
  const answer = await client.post('/v1/tokens', cardBody());
  assert.equal(answer.headers['retry-after'], '7');
});

test('oversized: the answer has more than eight million bytes', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('read', 'oversized');
  const answer = await client.get(`/v1/subscriptions/${await client.subscription()}`);
  assert.ok(answer.text.length > 8_000_000);
});

for (const [behave, effect] of [
  ['hang', 0],
  ['hang-after-commit', 1],
] as const) {
  test(`${behave}: no answer ever, and ${effect} effect`, async (t) => {
    const { client } = await sandboxFor(t);
    await client.tell('tokenize', behave);
    const controller = new AbortController();
    const hanging = seenBy(client.post('/v1/tokens', cardBody(), 'key-a', controller.signal));
    // The script is used up when the request has arrived.
    while ((await client.call('GET', '/__sandbox/script')).text !== '{"left":[]}');
    assert.equal(await tokens(client), effect);
    controller.abort();
    assert.match(await hanging, /^broken ABORT/);
    const lookUp = await client.get('/v1/operations/key-a');
    assert.equal(lookUp.status, effect === 1 ? 200 : 404);
  });
}

test('delay: the effect and the answer come that much later, not before', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.tell('tokenize', 'delay:20000');
  const answering = client.post('/v1/tokens', cardBody());
  while (clock.timerCount === 0) await client.get('/healthz');
  await clock.advance(19_999);
  assert.equal(await tokens(client), 0);
  await clock.advance(1);
  assert.equal((await answering).status, 200);
  assert.equal(await tokens(client), 1);
});

test('late-commit: the socket breaks at once, the effect comes later, and only once', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.tell('tokenize', 'late-commit:15000');
  assert.match(await seenBy(client.post('/v1/tokens', cardBody(), 'key-a')), /^broken/);
  await clock.advance(14_999);
  assert.equal((await client.get('/v1/operations/key-a')).status, 404);
  assert.equal(await tokens(client), 0);
  await clock.advance(1);
  assert.equal((await client.get('/v1/operations/key-a')).status, 200);
  await client.tell('tokenize', 'late-commit:15000');
  await seenBy(client.post('/v1/tokens', cardBody(), 'key-b'));
  const sooner = await client.post('/v1/tokens', cardBody(), 'key-b');
  await clock.advance(15_000);
  assert.equal(await tokens(client), 2);
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-b')).text, sooner.text);
});

test('hidden: it has taken effect, and a look-up does not know it for a while', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.tell('tokenize', 'hidden:5000');
  assert.match(await seenBy(client.post('/v1/tokens', cardBody(), 'key-a')), /^broken/);
  assert.equal(await tokens(client), 1);
  const looked = await client.get('/v1/operations/key-a');
  assert.deepEqual([looked.status, looked.body['error_code']], [404, 'Not_Found']);
  const again = await client.post('/v1/tokens', cardBody(), 'key-a');
  assert.equal(again.status, 200, 'the request itself is known');
  assert.equal(await tokens(client), 1);
  await clock.advance(4_999);
  assert.equal((await client.get('/v1/operations/key-a')).status, 404);
  await clock.advance(1);
  assert.equal((await client.get('/v1/operations/key-a')).status, 200);
});

test('every behaviour that is explained can be told, and every operation takes it', async (t) => {
  const { client } = await sandboxFor(t);
  const script = Object.keys(BEHAVIOURS).flatMap((text) => {
    const behave = text
      .replace('<Word>', 'Card_Declined')
      .replace('<n>', '503')
      .replace(/<m?s>/, '5');
    return [...OPERATIONS, '*'].map((operation) => ({ operation, behave }));
  });
  const told = await client.call('POST', '/__sandbox/script', script);
  assert.equal(told.status, 200);
  assert.deepEqual(told.body['left'], script);
});

test('entries are used once and in order, each by its own operation', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('subscribe', 'decline:Insufficient_Funds');
  await client.tell('tokenize', 'decline:CVV_Mismatch');
  await client.tell('tokenize', 'status:503');
  await client.tell('*', 'decline:Lost_Card');
  const words = [];
  for (let i = 0; i < 4; i++) {
    words.push((await client.post('/v1/tokens', cardBody())).body['error_code']);
  }
  assert.deepEqual(words, ['CVV_Mismatch', undefined, 'Lost_Card', undefined]);
  const { text } = await client.call('GET', '/__sandbox/script');
  assert.deepEqual(JSON.parse(text), {
    left: [{ operation: 'subscribe', behave: 'decline:Insufficient_Funds' }],
  });
  await client.call('DELETE', '/__sandbox/script');
  const body = subscriptionBody(await client.token());
  assert.equal((await client.post('/v1/subscriptions', body)).status, 200);
});

test('an entry for one call waits for that call and leaves the others alone', async (t) => {
  const { client } = await sandboxFor(t);
  const entry = { operation: 'tokenize', behave: 'decline:Lost_Card', interaction_id: 'other' };
  await client.call('POST', '/__sandbox/script', [entry]);
  assert.equal((await client.post('/v1/tokens', cardBody())).status, 200);
  const left = await client.call('GET', '/__sandbox/script');
  assert.deepEqual(left.body['left'], [entry]);
  const metadata = { interaction_id: 'other' };
  const theirs = await client.post('/v1/tokens', cardBody(undefined, { metadata }));
  assert.equal(theirs.body['error_code'], 'Lost_Card');
  const wrong = await client.call('POST', '/__sandbox/script', [{ ...entry, interaction_id: 1 }]);
  assert.match(wrong.text, /entry 1.*interaction_id/);
});

test('a star is not used up by a bearer, a delivery or a directory look-up', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('*', 'status:503');
  await client.signIn();
  assert.equal((await client.get('/directory?customer_id=customer-ada')).status, 200);
  assert.equal((await client.post('/billing/events', {})).status, 401);
  assert.equal((await client.post('/v1/tokens', cardBody())).status, 503);
});

test('a request that is refused for itself uses no entry up', async (t) => {
  const { client } = await sandboxFor(t);
  await client.tell('tokenize', 'decline:CVV_Mismatch');
  assert.equal((await client.call('POST', '/v1/tokens', cardBody())).status, 401);
  assert.equal((await client.post('/v1/tokens', {})).status, 400);
  assert.equal((await client.post('/v1/tokens', cardBody())).status, 402);
});

test('a script that is wrong is refused whole, naming the entry and what is known', async (t) => {
  const { client } = await sandboxFor(t);
  const good = { operation: 'tokenize', behave: 'approve' };
  const wrongs: [unknown, RegExp][] = [
    [[good, { operation: 'tokenize', behave: 'declin:X' }], /entry 2.*declin:X.*decline:<Word>/],
    [[{ operation: 'refund', behave: 'approve' }], /entry 1.*"refund".*tokenize/],
    [[{ operation: 'tokenize' }], /entry 1.*behave/],
    [[{ ...good, times: 3 }], /entry 1.*times/],
    [[good, null], /entry 2.*object/],
    [{ operation: 'tokenize' }, /array/],
  ];
  for (const [script, message] of wrongs) {
    const answer = await client.call('POST', '/__sandbox/script', script);
    assert.equal(answer.status, 400);
    assert.match(String(answer.body['message']), message);
  }
  const { text } = await client.call('GET', '/__sandbox/script');
  assert.equal(text, '{"left":[]}');
});

test('a reset forgets what happened, what was told and what was to come', async (t) => {
  const clock = new ManualClock();
  const { client } = await sandboxFor(t, {}, clock);
  await client.subscription();
  await client.tell('tokenize', 'pending:5000');
  await client.post('/v1/tokens', cardBody(), 'key-a');
  await client.tell('tokenize', 'delay:5000');
  const delayed = seenBy(client.post('/v1/tokens', cardBody(), 'key-b'));
  while (clock.timerCount < 2) await client.get('/healthz');
  await client.tell('tokenize', 'status:503');
  await client.call('POST', '/__sandbox/reset');
  assert.match(await delayed, /^broken/);
  await clock.advance(10_000);
  const ledger = await client.ledger();
  assert.deepEqual(Object.values(ledger).flat(), []);
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).status, 200);
});

test('reads, look-ups, bearers and the directory misbehave as well', async (t) => {
  const { client } = await sandboxFor(t);
  const id = await client.subscription();
  const paths: [string, string][] = [
    ['read', `/v1/subscriptions/${id}`],
    ['lookup', '/v1/operations/key-1'],
    ['directory', '/directory?customer_id=customer-ada'],
  ];
  for (const [operation, path] of paths) {
    assert.equal((await client.get(path)).status, 200, path);
    await client.tell(operation, 'status:500');
    assert.equal((await client.get(path)).status, 500, path);
    await client.tell(operation, 'reset-before');
    assert.match(await seenBy(client.get(path)), /^broken/, path);
    await client.tell(operation, 'malformed-before');
    assert.match(await seenBy(client.get(path)), /^200 {"token_id": "tok_$/, path);
  }
  await client.tell('oauth', 'status:503');
  assert.equal((await client.call('POST', '/oauth/token', {})).status, 503);
});
