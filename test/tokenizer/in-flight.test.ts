import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER } from '../card/fake-bridge.ts';
import { GRANT } from '../card/fake-gateway.ts';
import { BODY, closed, exchange, headOf, raw, start, until } from './running-tokenizer.ts';

test('more cards than can be served are told to come back, and the others are served', async (t) => {
  const { send, gateway } = await start(t, { inFlightMax: 2 });
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  gateway.onToken = async () => {
    await gate;
    return GRANT;
  };
  const served = [send(), send()];
  await until(() => gateway.calls.length === 2);
  const refused = await send();
  assert.deepEqual([refused.status, refused.code], [429, 'too_many_requests']);
  assert.equal(refused.headers['retry-after'], '1');
  release();
  for (const reply of await Promise.all(served)) assert.equal(reply.status, 200);
  assert.equal((await send()).status, 200);
});

test('a client that leaves mid-body leaves nothing behind', async (t) => {
  const { running, bridge, send } = await start(t);
  const client = await raw(
    running.port,
    headOf(await bridge.token(), BODY.length),
    BODY.slice(0, 30),
  );
  await until(() => bridge.keyRequests() === 1);
  client.socket.destroy();
  assert.equal((await send()).status, 200);
  await until(() => bridge.begins.length === 1);
});

test('a client that leaves after the body does not stop its operation', async (t) => {
  const { running, bridge, gateway } = await start(t);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  gateway.onToken = async () => {
    await gate;
    return GRANT;
  };
  const client = await raw(running.port, headOf(await bridge.token(), BODY.length) + BODY);
  await until(() => gateway.calls.length === 1);
  client.socket.destroy();
  release();
  await until(() => bridge.finishes.length === 1);
  assert.equal(bridge.finishes[0]?.request.outcome, 'approved');
});

test('stopping refuses what is new and waits for what is in flight', async (t) => {
  const { running, bridge, gateway, send } = await start(t);
  const keptAlive = await raw(running.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => keptAlive.text().includes('"ok"'));
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  gateway.onToken = async () => {
    await gate;
    return GRANT;
  };
  const inFlight = send();
  const second = await raw(
    running.port,
    headOf(await bridge.token(), BODY.length),
    BODY.slice(0, 30),
  );
  await until(() => gateway.calls.length === 1);
  let stopped = false;
  const stopping = running.close().then(() => (stopped = true));
  await closed(keptAlive.socket);
  await assert.rejects(exchange(running.port, 'GET', '/healthz', '', {}));
  assert.ok(!stopped);
  second.socket.destroy();
  release();
  assert.equal((await inFlight).text, ANSWER);
  await stopping;
  assert.equal(bridge.finishes.length, 1);
});
