import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHttpClient } from '../../src/system/wire.ts';
import { ManualClock } from '../clock.ts';
import { answer, bodyOf, listen, NEVER, post, reasonOf } from './loopback.ts';

test('a refused connection and an unknown name are certain: nothing was sent', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const exchange = async (origin: string): Promise<string> => {
    const client = openHttpClient({ origin }, new ManualClock());
    const reason = reasonOf(await client.exchange(post('a'), NEVER));
    await client.close();
    return reason;
  };
  assert.equal(await exchange(`http://127.0.0.1:${port}`), 'not_sent connect');
  assert.equal(await exchange(`http+unix://${join(tmpdir(), 'no-such.sock')}`), 'not_sent connect');
  // A label of more than 63 letters is refused by the resolver itself, without asking a server.
  assert.equal(await exchange(`http://${'a'.repeat(64)}.invalid`), 'not_sent dns');
});

test('a reset before, within or after the head leaves the answer in doubt', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
  for (const before of ['', 'HTTP/1.1 2', head, `${head}half`]) {
    const server = await listen(t, ({ socket }) => {
      socket.write(before, () => socket.resetAndDestroy());
    });
    const client = openHttpClient({ origin: server.origin }, new ManualClock());
    assert.equal(reasonOf(await client.exchange(post('a'), NEVER)), 'no_answer reset');
    await client.close();
  }
});

test('an end in the middle of an answer leaves it in doubt', async (t) => {
  const server = await listen(t, ({ socket }) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  assert.equal(reasonOf(await client.exchange(post('a'), NEVER)), 'no_answer reset');
  await client.close();
});

test('a reset on a used connection is in doubt and is not sent a second time', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    if (body === 'a') answer(socket, body);
    else socket.resetAndDestroy();
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  await client.exchange(post('a'), NEVER);
  assert.equal(reasonOf(await client.exchange(post('b'), NEVER)), 'no_answer reset');
  assert.deepEqual(
    server.requests.map(({ body, connection }) => `${body}${connection}`),
    ['a0', 'b0'],
  );
  await client.close();
});

test('a request that waits for its turn takes the place of one whose connection died', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    if (body === 'a') socket.resetAndDestroy();
    else answer(socket, body);
  });
  const client = openHttpClient({ origin: server.origin, socketsMax: 1 }, new ManualClock());
  const [first, second] = await Promise.all([
    client.exchange(post('a'), NEVER),
    client.exchange(post('b'), NEVER),
  ]);
  assert.deepEqual([reasonOf(first), bodyOf(second)], ['no_answer reset', 'b']);
  await client.close();
});

test('an answer that is no HTTP or too large is in doubt, and its connection is gone', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    if (body === 'malformed') socket.write('SSH-2.0-OpenSSH\r\n');
    else answer(socket, 'x'.repeat(Number(body)));
  });
  const options = { origin: server.origin, responseBytesMax: 1000 };
  const client = openHttpClient(options, new ManualClock());
  const reasons: string[] = [];
  for (const body of ['malformed', '1001', '1000']) {
    reasons.push(reasonOf(await client.exchange(post(body), NEVER)));
  }
  assert.deepEqual(reasons, ['no_answer malformed', 'no_answer too_large', 'answered']);
  assert.equal(server.sockets.length, 3);
  await client.close();
});

test('without an option, an answer may have 256 KB and no more', async (t) => {
  const server = await listen(t, ({ socket, body }) => answer(socket, 'x'.repeat(Number(body))));
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  assert.equal(bodyOf(await client.exchange(post('262144'), NEVER)).length, 262_144);
  assert.equal(reasonOf(await client.exchange(post('262145'), NEVER)), 'no_answer too_large');
  await client.close();
});

test('an abort before the start, in the queue or while connecting is certain', async (t) => {
  const held: (() => void)[] = [];
  const server = await listen(t, ({ socket, body }) => {
    held.push(() => answer(socket, body));
  });
  const client = openHttpClient({ origin: server.origin, socketsMax: 1 }, new ManualClock());
  assert.equal(
    reasonOf(await client.exchange(post('never'), AbortSignal.abort())),
    'not_sent aborted',
  );
  const connecting = new AbortController();
  const dialled = client.exchange(post('never'), connecting.signal);
  connecting.abort();
  assert.equal(reasonOf(await dialled), 'not_sent aborted');

  const first = client.exchange(post('a'), NEVER);
  const queued = new AbortController();
  const second = client.exchange(post('never'), queued.signal);
  const third = client.exchange(post('c'), NEVER);
  await server.seen(1);
  queued.abort();
  assert.equal(reasonOf(await second), 'not_sent aborted');
  held.shift()?.();
  await server.seen(2);
  held.shift()?.();
  assert.deepEqual([bodyOf(await first), bodyOf(await third)], ['a', 'c']);
  assert.deepEqual(
    server.requests.map(({ body }) => body),
    ['a', 'c'],
  );
  await client.close();
});

test('an abort after the sending is in doubt, and the connection is gone', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    if (body === 'b') answer(socket, body);
  });
  const client = openHttpClient({ origin: server.origin, socketsMax: 1 }, new ManualClock());
  const controller = new AbortController();
  const exchange = client.exchange(post('a'), controller.signal);
  await server.seen(1);
  const gone = once(server.sockets[0]!, 'close');
  controller.abort();
  assert.equal(reasonOf(await exchange), 'no_answer aborted');
  await gone;
  assert.equal(bodyOf(await client.exchange(post('b'), NEVER)), 'b');
  await client.close();
});

test('closing lets go of idle connections, refuses what is new and waits for the rest', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    if (body === 'a') answer(socket, body);
  });
  const client = openHttpClient({ origin: server.origin, socketsMax: 2 }, new ManualClock());
  await client.exchange(post('a'), NEVER);
  const running = client.exchange(post('b'), NEVER);
  const other = client.exchange(post('a'), NEVER);
  await other;
  await server.seen(3);
  let closed = false;
  const closing = client.close().then(() => (closed = true));
  assert.equal(reasonOf(await client.exchange(post('c'), NEVER)), 'not_sent closed');
  await once(server.sockets[1]!, 'close');
  assert.equal(closed, false);
  const last = server.requests.find(({ body }) => body === 'b');
  answer(last!.socket, 'b');
  assert.equal(bodyOf(await running), 'b');
  await closing;
  await once(last!.socket, 'close');
});
