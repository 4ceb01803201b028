import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { EXAMPLES } from '../../src/contract/examples.ts';
import { ANSWER, problemOf, runApi, type RunningApi, type SendOptions } from './running-api.ts';

const ASK: SendOptions = { body: EXAMPLES.availability.request };
const ask = (api: RunningApi, options = ASK): Promise<Response> =>
  api.send('/v1/availability', options);

test('a client that asks too often waits as long as Retry-After says, and no other client does', async (t) => {
  const api = await runApi(t, {}, { clientPerSecond: 0.5, clientBurst: 2 });
  assert.equal((await ask(api)).status, 200);
  assert.equal((await ask(api)).status, 200);
  const limited = await ask(api);
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get('retry-after'), '2');
  assert.equal(limited.headers.get('content-type'), 'application/problem+json');
  assert.equal((await problemOf(limited)).code, 'too_many_requests');
  const other = await api.signer.sign('client-cards', ['calls'], api.clock.now(), 600);
  const headers = { authorization: `Bearer ${other}` };
  assert.equal((await ask(api, { ...ASK, headers })).status, 200);
  await api.clock.advance(1_999);
  assert.equal((await ask(api)).status, 429);
  await api.clock.advance(1);
  assert.equal((await ask(api)).status, 200);
});

test('an address that asks too often waits before anything else is looked at; probes do not count', async (t) => {
  const api = await runApi(t, {}, { peerPerSecond: 1, peerBurst: 3 });
  for (let i = 0; i < 3; i++) assert.equal((await fetch(`${api.base}/nothing`)).status, 404);
  for (const path of ['/nothing', '/oauth/token', '/v1/webhooks/sandbox']) {
    const limited = await fetch(api.base + path, { method: 'POST' });
    assert.equal(limited.status, 429, path);
    assert.equal(limited.headers.get('retry-after'), '1');
  }
  for (let i = 0; i < 5; i++) assert.equal((await fetch(`${api.base}/healthz`)).status, 200);
  assert.deepEqual(api.asked, []);
  await api.clock.advance(1_000);
  assert.equal((await fetch(`${api.base}/nothing`)).status, 404);
});

/** Verbs that answer when they are told to. */
function held(): { availability: () => Promise<string>; waiting(): number; release(): void } {
  const releases: (() => void)[] = [];
  return {
    availability: () => new Promise((resolve) => releases.push(() => resolve(ANSWER))),
    waiting: () => releases.length,
    release: () => releases.splice(0).forEach((release) => release()),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('only so many requests are served at once; one that ends makes room', async (t) => {
  const verbs = held();
  const api = await runApi(t, { availability: verbs.availability }, { inFlightMax: 2 });
  const served = [ask(api), ask(api)];
  await until(() => verbs.waiting() === 2);
  const refused = await ask(api);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await fetch(`${api.base}/healthz`)).status, 200);
  verbs.release();
  assert.deepEqual(
    (await Promise.all(served)).map(({ status }) => status),
    [200, 200],
  );
  const next = ask(api);
  await until(() => verbs.waiting() === 1);
  verbs.release();
  assert.equal((await next).status, 200);
});

test('a client that goes away makes room as well', async (t) => {
  const verbs = held();
  const api = await runApi(t, { availability: verbs.availability }, { inFlightMax: 1 });
  const body = JSON.stringify(EXAMPLES.availability.request);
  const head = `POST /v1/availability HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await api.token('calls')}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = connect(api.port, '127.0.0.1');
  socket.write(head + body);
  await until(() => verbs.waiting() === 1);
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await gone;
  await until(() => api.logLines.some((line) => line.includes('"status":0')));
  const next = ask(api);
  await until(() => verbs.waiting() === 2);
  verbs.release();
  assert.equal((await next).status, 200);
});

test('closing lets a request end, ends its connection, and takes no new one', async (t) => {
  const verbs = held();
  const api = await runApi(t, { availability: verbs.availability });
  const served = ask(api);
  await until(() => verbs.waiting() === 1);
  let closed = false;
  const closing = api.close().then(() => (closed = true));
  await assert.rejects(fetch(`${api.base}/healthz`));
  assert.equal(closed, false);
  verbs.release();
  const response = await served;
  assert.equal(response.status, 200);
  assert.equal(await response.text(), ANSWER);
  assert.equal(response.headers.get('connection'), 'close');
  await closing;
  assert.equal(api.clock.timerCount, 0);
});

test('closing cuts off what does not end in time', async (t) => {
  const verbs = held();
  const api = await runApi(t, { availability: verbs.availability }, { closeMsMax: 5_000 });
  const served = assert.rejects(ask(api));
  await until(() => verbs.waiting() === 1);
  const closing = api.close();
  await until(() => api.clock.timerCount === 1);
  await api.clock.advance(5_000);
  await served;
  await closing;
  verbs.release();
});

test('a request on a connection that is open still is refused while the process stops', async (t) => {
  const verbs = held();
  const api = await runApi(t, { availability: verbs.availability });
  const authorization = `Authorization: Bearer ${await api.token('calls')}`;
  const body = JSON.stringify(EXAMPLES.availability.request);
  const head = `Host: a\r\n${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  const socket = connect(api.port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString()));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(`POST /v1/availability HTTP/1.1\r\n${head}\r\n\r\n${body}`);
  await until(() => verbs.waiting() === 1);
  const closing = api.close();
  // Pipelined behind the one that is being served (RFC 9112 9.3.2).
  const arrived = new Promise((resolve) => setImmediate(resolve));
  socket.write(`GET /readyz HTTP/1.1\r\n${head.split('\r\nContent')[0]}\r\n\r\n`);
  await arrived;
  verbs.release();
  await Promise.all([ended, closing]);
  assert.match(received, /^HTTP\/1\.1 200 OK/);
  assert.doesNotMatch(received.slice(20), /HTTP\/1\.1 200/);
});
