import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routesOf } from '../../src/contract/routes.ts';
import { bodyText } from '../card/captures.ts';
import { ANSWER, ok, problem } from '../card/fake-bridge.ts';
import { digitsIn } from '../conformance/digits.ts';
import {
  BODY,
  PAN,
  closed,
  headOf,
  raw,
  start,
  until,
  type Reply,
  type Sent,
} from './running-tokenizer.ts';

test('a card goes in and the bridge’s answer comes out, byte for byte', async (t) => {
  const { send, bridge, gateway, lines } = await start(t);
  const reply = await send({ headers: { 'idempotency-key': 'key-alpha' } });
  assert.deepEqual([reply.status, reply.text], [200, ANSWER]);
  assert.equal(reply.headers['content-type'], 'application/json');
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.equal(gateway.calls.length, 1);
  assert.equal(
    (JSON.parse(gateway.calls[0]?.text ?? '') as { card_number: string }).card_number,
    PAN,
  );
  assert.equal(bridge.begins[0]?.client_id, 'tokenline-test');
  assert.equal(bridge.begins[0].key, 'key-alpha');
  assert.equal(bridge.begins[0].origin, 'tokenizer 127.0.0.1');
  assert.equal(bridge.finishes.length, 1);
  assert.ok(lines.some((line) => line.includes('card.answered') && line.includes('call-alpha')));
});

test('an empty idempotency key is none', async (t) => {
  const { send, bridge } = await start(t);
  await send({ headers: { 'idempotency-key': '' } });
  assert.equal(bridge.begins[0]?.key, null);
});

test('who may not is told so, and nothing goes to bridge or gateway', async (t) => {
  const { send, bridge, gateway } = await start(t);
  const hour = 3_600_000;
  const cases: [string | null, number, string][] = [
    [null, 401, 'missing_token'],
    ['', 401, 'invalid_token'],
    ['nonsense', 401, 'invalid_token'],
    ['a.b.c', 401, 'invalid_token'],
    [`${await bridge.token()}x`, 401, 'invalid_token'],
    [await bridge.token(['cards'], Date.now() - hour), 401, 'invalid_token'],
    [await bridge.token(['calls', 'operator']), 403, 'missing_scope'],
  ];
  for (const [token, status, code] of cases) {
    const reply = await send({ token });
    assert.deepEqual([reply.status, reply.code], [status, code], String(token));
    if (status === 401) assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/);
  }
  assert.deepEqual([bridge.begins.length, gateway.calls.length], [0, 0]);
});

test('what the route does not take is a fault that says what to do', async (t) => {
  const { send, bridge } = await start(t);
  const cases: [Sent, number, string][] = [
    [{ path: '/v1/nothing' }, 404, 'unknown_route'],
    [{ path: '/' }, 404, 'unknown_route'],
    [{ method: 'GET' }, 404, 'unknown_route'],
    [{ method: 'PUT' }, 404, 'unknown_route'],
    [{ method: 'DELETE', body: '' }, 404, 'unknown_route'],
    [{ path: '/healthz' }, 404, 'unknown_route'],
    [{ path: `/v1/tokens?card=x` }, 400, 'bad_request'],
    [{ headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    [{ headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
    [{ body: 'x'.repeat(8_193) }, 413, 'body_too_large'],
    [{ body: '{}' }, 400, 'bad_request'],
    [{ body: '' }, 400, 'bad_request'],
    [{ body: BODY.replace('cus-alpha', PAN) }, 400, 'card_number_in_wrong_place'],
    [{ headers: { 'idempotency-key': `x-${PAN}` } }, 400, 'card_number_in_wrong_place'],
    [{ headers: { 'idempotency-key': 'two words' } }, 400, 'bad_request'],
    [{ headers: { 'idempotency-key': 'k'.repeat(256) } }, 400, 'bad_request'],
  ];
  for (const [options, status, code] of cases) {
    const reply = await send(options);
    assert.deepEqual(
      [reply.status, reply.code],
      [status, code],
      JSON.stringify(options).slice(0, 80),
    );
  }
  assert.equal(bridge.begins.length, 0);
});

test('a body in chunks that never says its length is cut off at 8 KB as well', async (t) => {
  const { send, running, bridge } = await start(t);
  const token = await bridge.token();
  const chunk = `400\r\n${'1'.repeat(1_024)}\r\n`;
  const client = await raw(
    running.port,
    headOf(token, 0).replace('Content-Length: 0', 'Transfer-Encoding: chunked'),
    ...Array.from({ length: 9 }, () => chunk),
    '0\r\n\r\n',
  );
  await until(() => client.text().includes('body_too_large'));
  // The connection serves on: nothing of the large body is taken for a request.
  client.socket.write(headOf(token, BODY.length) + BODY);
  await until(() => client.text().includes(ANSWER));
  client.socket.destroy();
  assert.equal((await send()).status, 200);
});

test('a client that sends without end is cut off', async (t) => {
  const { running, bridge } = await start(t);
  const client = await raw(
    running.port,
    headOf(await bridge.token(), 0).replace('Content-Length: 0', 'Transfer-Encoding: chunked'),
  );
  const end = closed(client.socket);
  const chunk = `2000\r\n${'1'.repeat(8_192)}\r\n`;
  const feed = setInterval(() => client.socket.write(chunk), 1);
  await end;
  clearInterval(feed);
  assert.match(client.text(), /body_too_large/);
});

test('a request that does not arrive in time ends with 408', async (t) => {
  const { running, bridge } = await start(t, { receiveMsMax: 200 });
  const slowHead = await raw(running.port, 'POST /v1/tokens HTTP/1.1\r\nHost: a\r\n');
  const slowBody = await raw(
    running.port,
    headOf(await bridge.token(), BODY.length),
    BODY.slice(0, 30),
  );
  await Promise.all([closed(slowHead.socket), closed(slowBody.socket)]);
  assert.match(slowHead.text(), /^HTTP\/1\.1 408/);
  assert.match(slowBody.text(), /^HTTP\/1\.1 408/);
  assert.equal(bridge.begins.length, 0);
});

test('a bridge that is away means 503, and the card is sent nowhere', async (t) => {
  const { send, bridge, gateway } = await start(t);
  await send();
  bridge.onBegin = () => 'reset';
  const reply = await send();
  assert.deepEqual([reply.status, reply.code], [503, 'bridge_unavailable']);
  assert.equal(gateway.calls.length, 1);
});

test('without the bridge’s keys no token can be judged', async (t) => {
  const { send, bridge } = await start(t);
  bridge.onKeys = () => 'reset';
  const reply = await send();
  assert.deepEqual([reply.status, reply.code], [503, 'bridge_unavailable']);
});

test('a problem of the bridge comes through as it is', async (t) => {
  const { send, bridge } = await start(t);
  for (const [status, code] of [
    [409, 'operation_in_progress'],
    [422, 'key_reused'],
    [503, 'store_unavailable'],
  ] as const) {
    bridge.onBegin = () => problem(status, code);
    const reply = await send();
    assert.deepEqual([reply.status, reply.code], [status, code]);
  }
});

test('a bridge that does not know our credential is our fault and not the caller’s', async (t) => {
  const { send, bridge, lines } = await start(t);
  bridge.onBegin = () => problem(401, 'invalid_token');
  const reply = await send();
  assert.deepEqual([reply.status, reply.code], [503, 'bridge_unavailable']);
  assert.ok(lines.some((line) => line.includes('bridge.refused')));
});

test('a new key of the bridge is fetched, but not for every token that names an unknown one', async (t) => {
  const { send, bridge } = await start(t);
  await send();
  assert.equal(bridge.keyRequests(), 1);
  bridge.rotate();
  const token = await bridge.token();
  const unknown = await Promise.all([send({ token }), send({ token }), send({ token })]);
  // Within the second no other fetch is made.
  assert.ok(unknown.every(({ code }) => code === 'invalid_token'));
  assert.equal(bridge.keyRequests(), 1);
  while ((await send({ token })).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(bridge.keyRequests(), 2);
});

test('the probes need no token and tell the truth', async (t) => {
  const { send, bridge } = await start(t);
  const probe = (path: string): Promise<Reply> => send({ method: 'GET', path, token: null });
  assert.deepEqual(JSON.parse((await probe('/healthz')).text), { status: 'ok' });
  bridge.onKeys = () => 'reset';
  const away = await probe('/readyz');
  assert.deepEqual([away.status, away.code], [503, 'bridge_unavailable']);
  assert.equal((await probe('/healthz')).status, 200);
  bridge.onKeys = null;
  while ((await probe('/readyz')).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await send();
  const metrics = await probe('/metrics');
  assert.match(metrics.headers['content-type'] ?? '', /^text\/plain/);
  assert.match(
    metrics.text,
    /tokenline_card_outcomes_total\{outcome="approved",role="tokenizer"\} 1/,
  );
  assert.match(metrics.text, /tokenline_card_requests_in_flight\{role="tokenizer"\} 0/);
  const contract = JSON.parse((await probe('/openapi.json')).text) as { paths: object };
  assert.ok(Object.keys(contract.paths).includes('/v1/tokens'));
  assert.ok(!Object.keys(contract.paths).includes('/v1/subscriptions'));
});

test('every route of the contract is answered here', async (t) => {
  const { send } = await start(t);
  const routes = routesOf('tokenizer');
  assert.ok(routes.length >= 5);
  for (const [, { method, path, scope }] of routes) {
    const reply = await send({ method, path, ...(scope === null && { token: null }) });
    assert.equal(reply.status, 200, path);
    if (scope !== null) assert.equal((await send({ method, path, token: null })).status, 401);
  }
});

test('a path that somebody typed is in no log and no metric', async (t) => {
  const { send, lines } = await start(t);
  await send({ method: 'GET', path: `/${PAN}` });
  const { text } = await send({ method: 'GET', path: '/metrics' });
  assert.deepEqual(digitsIn(text + lines.join(), PAN), []);
  assert.match(text, /route="unknown"/);
});

test('a bug is an id in the answer and a class name in the log', async (t) => {
  const { send, bridge, lines } = await start(t);
  // The bridge wants a card sent that was refused here.
  bridge.onBegin = () =>
    ok({ kind: 'go', operation_id: 'op_a', gateway_key: 'key', budget_ms: 1_000 });
  const reply = await send({ body: bodyText('4000056655665557', '737', 'call-alpha') });
  assert.deepEqual([reply.status, reply.code], [500, 'internal_error']);
  const { instance } = JSON.parse(reply.text) as { instance: string };
  assert.match(instance, /^bug_[a-z]{20}$/);
  const line = lines.find((text) => text.includes('card_server.bug')) ?? '';
  assert.equal((JSON.parse(line) as { eventId: string }).eventId, instance);
});
