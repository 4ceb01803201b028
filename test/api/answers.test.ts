import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Keyed } from '../../src/bridge/bridge.ts';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { Fault } from '../../src/payment/fault.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { ANSWER, pathOf, problemOf, runApi, sendRaw } from './running-api.ts';

const { request } = EXAMPLES.subscribe;
const CHANGE = [
  ['cancel', 'cancel'],
  ['pause', 'pause'],
  ['resume', 'resume'],
  ['change_plan', 'change_plan'],
  ['change_card', 'change_card'],
] as const;

test('an answer is sent byte for byte, as JSON, with headers that keep it private', async (t) => {
  const api = await runApi(t);
  const response = await api.send('/v1/subscriptions', { body: request });
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(ANSWER));
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(response.headers.get('x-powered-by'), null);
  assert.equal(response.headers.get('server'), null);
});

test('a verb gets the body as it was sent, who sent it, the key and the hash', async (t) => {
  const api = await runApi(t);
  await api.send('/v1/subscriptions', { body: request, headers: { 'idempotency-key': 'a:b:1' } });
  const [name, ask] = api.asked[0] ?? [];
  assert.equal(name, 'subscribe');
  const { actor, key, bodyHash, request: body } = ask as Keyed<object>;
  assert.deepEqual(actor, { clientId: 'client-calls', origin: 'api 127.0.0.1' });
  assert.equal(key, 'a:b:1');
  assert.match(bodyHash, /^[a-p]{64}$/);
  assert.deepEqual(body, request);
});

test('the hash depends on the route, the id in the path and the body, and not on the order of names', async (t) => {
  const api = await runApi(t);
  const hashOf = async (path: string, body: object): Promise<string> => {
    const response = await api.send(path, { body });
    assert.equal(response.status, 200);
    return (api.asked.at(-1)?.at(-1) as Keyed<object> | undefined)?.bodyHash ?? '';
  };
  const cancel = pathOf(ROUTES.cancel.path);
  const body = { interaction_id: 'a', attempt: 1 };
  const first = await hashOf(cancel, body);
  assert.equal(await hashOf(cancel, { attempt: 1, interaction_id: 'a' }), first);
  const others = [
    await hashOf(cancel, { ...body, attempt: 2 }),
    await hashOf(pathOf(ROUTES.pause.path), body),
    await hashOf(cancel.replace('sub_q', 'sub_p'), body),
  ];
  assert.equal(new Set([first, ...others]).size, 4);
});

test('an idempotency key is printable and of at most 255 characters; an empty one is none', async (t) => {
  const api = await runApi(t);
  const send = (key: string): Promise<Response> =>
    api.send('/v1/subscriptions', { body: request, headers: { 'idempotency-key': key } });
  assert.equal((await send('')).status, 200);
  assert.equal((api.asked[0]?.[1] as Keyed<object> | undefined)?.key, null);
  assert.equal((await send('k'.repeat(255))).status, 200);
  for (const key of ['k'.repeat(256), 'ü', 'a\tb']) {
    assert.equal((await problemOf(await send(key))).code, 'bad_request', key);
  }
  assert.equal(api.asked.length, 2);
});

test('each change of a subscription reaches its verb with the id', async (t) => {
  const api = await runApi(t);
  for (const [id, verb] of CHANGE) {
    const response = await api.send(pathOf(ROUTES[id].path), { body: EXAMPLES[id].request });
    assert.equal(response.status, 200, id);
    assert.deepEqual(api.asked.at(-1)?.slice(0, 3), [
      'changeSubscription',
      verb,
      EXAMPLES.cancel.answer.subscription_id,
    ]);
  }
});

test('a webhook reaches its verb with the bytes and headers that were sent', async (t) => {
  const api = await runApi(t);
  const bytes = Uint8Array.from([0xff, 0x00, 0x7b, 0x22, 0x0a]);
  for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
    const response = await fetch(`${api.base}/v1/webhooks/sandbox`, {
      method: 'POST',
      headers: { 'content-type': type, 'Webhook-Signature': 'v1,abc' },
      body: bytes,
    });
    assert.equal(response.status, 204, type);
    const [name, gateway, headers, body] = api.asked.at(-1) ?? [];
    assert.equal(name, 'gatewayEvent');
    assert.equal(gateway, 'sandbox');
    assert.equal((headers as Record<string, string>)['webhook-signature'], 'v1,abc');
    assert.deepEqual(new Uint8Array(body as Uint8Array), bytes);
  }
  const bare =
    'POST /v1/webhooks/sandbox HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}';
  assert.match(await sendRaw(api.port, bare), /^HTTP\/1\.1 204 /);
  const strange = await fetch(`${api.base}/v1/webhooks/Not.A.Gateway`, {
    method: 'POST',
    body: 'x',
  });
  assert.equal((await problemOf(strange)).code, 'unknown_resource');
  assert.equal(api.asked.length, 4);
});

test('a webhook may be longer than a request, and not endless', async (t) => {
  const api = await runApi(t);
  const send = (size: number): Promise<Response> =>
    fetch(`${api.base}/v1/webhooks/sandbox`, { method: 'POST', body: 'x'.repeat(size) });
  assert.equal((await send(256 * 1024)).status, 204);
  assert.equal((await send(256 * 1024 + 1)).status, 413);
});

test('a fault of a verb is a problem with its status, code and detail', async (t) => {
  const api = await runApi(t, {
    subscribe: () => Promise.reject(new Fault('operation_in_progress', 'Ask for it.', 3)),
    lookup: () => Promise.reject(new StoreUnavailable('connect ECONNREFUSED 10.0.0.1')),
    gatewayEvent: () => Promise.reject(new Fault('invalid_signature', 'No.')),
  });
  const busy = await api.send('/v1/subscriptions', { body: request });
  assert.equal(busy.status, 409);
  assert.equal(busy.headers.get('retry-after'), '3');
  assert.deepEqual(await problemOf(busy), {
    type: 'urn:tokenline:fault:operation_in_progress',
    title: 'The same request is being carried out; ask for its operation.',
    status: 409,
    code: 'operation_in_progress',
    detail: 'Ask for it.',
  });
  const away = await api.send('/v1/subscribers/lookup', { body: EXAMPLES.lookup.request });
  assert.equal(away.status, 503);
  assert.notEqual(away.headers.get('retry-after'), null);
  const problem = await problemOf(away);
  assert.equal(problem.code, 'store_unavailable');
  assert.ok(!JSON.stringify(problem).includes('ECONNREFUSED'));
  const forged = await fetch(`${api.base}/v1/webhooks/sandbox`, { method: 'POST', body: '{}' });
  assert.equal(forged.status, 403);
});

test('a bug is a 500 whose id is in the log; its message is in neither', async (t) => {
  const api = await runApi(t, {
    subscribe: () => Promise.reject(new RangeError('the secret is 12345')),
    // Something that looks like a fault of the framework and is none.
    consent: () => Promise.reject(Object.assign(new Error('x'), { code: 'EX', statusCode: 418.5 })),
  });
  const response = await api.send('/v1/subscriptions', { body: request });
  assert.equal(response.status, 500);
  const problem = await problemOf(response);
  assert.equal(problem.code, 'internal_error');
  const id = /^urn:tokenline:error:(err_[a-z]{20})$/.exec(problem.instance ?? '')?.[1];
  assert.ok(id);
  const alarm = api.logLines.find((line) => line.includes(id));
  assert.match(alarm ?? '', /"level":"alarm".*"error":"RangeError"/);
  assert.ok(!`${JSON.stringify(problem)}${api.logLines.join('')}`.includes('12345'));
});

test('each request has one line in the log: pattern, status, client, interaction, duration', async (t) => {
  const api = await runApi(t);
  await api.send(pathOf(ROUTES.cancel.path), { body: EXAMPLES.cancel.request });
  await api.send('/v1/subscriptions', { body: request });
  await api.send('/v1/consents', { body: {} });
  await fetch(`${api.base}/nothing/here`);
  await api.close();
  const lines = api.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const seen = lines.filter((line) => line['event'] === 'http.request');
  assert.equal(seen.length, 4);
  const [cancelled, subscribed, refused, unknown] = seen;
  assert.equal(cancelled?.['route'], '/v1/subscriptions/:subscription_id/cancel');
  assert.equal(cancelled?.['interactionId'], EXAMPLES.cancel.request.interaction_id);
  assert.equal(cancelled?.['clientId'], 'client-calls');
  assert.equal(cancelled?.['method'], 'POST');
  assert.equal(cancelled?.['status'], 200);
  assert.equal(typeof cancelled?.['durationMs'], 'number');
  assert.equal(subscribed?.['interactionId'], request.metadata.ivr_session_id);
  assert.equal(refused?.['code'], 'bad_request');
  assert.equal(refused?.['status'], 400);
  assert.equal(unknown?.['route'], 'unknown');
});

test('an interaction id with a long run of digits is taken, and stays out of the log', async (t) => {
  const api = await runApi(t);
  const interaction_id = `call${'7'.repeat(12)}`;
  assert.equal((await api.send('/v1/plans/list', { body: { interaction_id } })).status, 200);
  await api.close();
  assert.doesNotMatch(api.logLines.join('\n'), /7777|value_withheld/);
});

test('readiness is the store’s, health is the process’s', async (t) => {
  const api = await runApi(t, { ready: () => Promise.resolve(false) });
  assert.equal((await fetch(`${api.base}/healthz`)).status, 200);
  const response = await fetch(`${api.base}/readyz`);
  assert.equal(response.status, 503);
  assert.equal((await problemOf(response)).code, 'store_unavailable');
});

test('metrics show requests by pattern and the gauges of the moment, and do without a store', async (t) => {
  let away = false;
  const gauges = {
    operations_in_doubt: 2,
    operations_to_settle: 0,
    charges_due: 0,
    charges_overdue: 0,
    deliveries_waiting: 0,
    deliveries_dead: 0,
    ledger_unsealed: 0,
    breaker_open: 0,
    switch_on: 1,
  };
  const api = await runApi(t, {
    gauges: () => (away ? Promise.reject(new Error('away')) : Promise.resolve(gauges)),
  });
  await api.send(pathOf(ROUTES.read_subscription.path), { method: 'GET' });
  await fetch(`${api.base}/never/heard/of`);
  const read = async (): Promise<string> => (await fetch(`${api.base}/metrics`)).text();
  const text = await read();
  assert.match(
    text,
    /tokenline_http_request_duration_seconds_count\{role="bridge",route="\/v1\/subscriptions\/:subscription_id",method="GET",status="200"[^}]*\} 1/,
  );
  assert.match(text, /route="unknown",method="unknown",status="404"/);
  assert.match(text, /tokenline_operations_in_doubt\{[^}]*\} 2/);
  assert.match(text, /tokenline_store_up\{[^}]*\} 1/);
  assert.doesNotMatch(text, /never|sub_/);
  away = true;
  const without = await read();
  assert.match(without, /tokenline_store_up\{[^}]*\} 0/);
  assert.match(without, /tokenline_operations_in_doubt\{[^}]*\} Nan/i);
});
