import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HttpRequest } from '../../src/system/http-client.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { ManualClock } from '../clock.ts';
import { answer, bodyOf, listen, NEVER, post } from './loopback.ts';

test('a request goes out whole and its answer comes back with the latency', async (t) => {
  const clock = new ManualClock();
  const server = await listen(t, ({ socket }) => {
    void clock.advance(250).then(() => answer(socket, 'done', 'X-Kind: a\r\n'));
  });
  const client = openHttpClient({ origin: server.origin }, clock);
  const exchange = await client.exchange(post('hello', { 'X-API-Key': 'k' }), NEVER);
  assert.equal(bodyOf(exchange), 'done');
  assert.equal(exchange.latencyMs, 250);
  assert.ok(exchange.kind === 'answered');
  assert.deepEqual(exchange.response.headers, { 'x-kind': 'a', 'content-length': '4' });
  const [request] = server.requests;
  assert.equal(
    request?.head,
    `POST /v1/tokens?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-API-Key: k\r\n` +
      'Content-Length: 5\r\nConnection: keep-alive\r\n\r\n',
  );
  assert.equal(request?.body, 'hello');
  await client.close();
});

test('a GET has no length, a POST without a body says zero', async (t) => {
  const server = await listen(t, ({ socket }) => answer(socket, ''));
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  await client.exchange({ method: 'GET', path: '/', headers: {}, body: null }, NEVER);
  await client.exchange({ method: 'POST', path: '/', headers: {}, body: null }, NEVER);
  const lengths = server.requests.map(({ head }) => /content-length: (\d+)/i.exec(head)?.[1]);
  assert.deepEqual(lengths, [undefined, '0']);
  await client.close();
});

test('requests that follow each other share one connection', async (t) => {
  const server = await listen(t, ({ socket, body }) => answer(socket, `re:${body}`));
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  for (const body of ['a', 'b', 'c']) {
    assert.equal(bodyOf(await client.exchange(post(body), NEVER)), `re:${body}`);
  }
  assert.equal(server.sockets.length, 1);
  await client.close();
});

test('requests at the same time have a connection each, up to the limit, in order', async (t) => {
  const held: (() => void)[] = [];
  const server = await listen(t, ({ socket, body }) => {
    held.push(() => answer(socket, body));
  });
  const client = openHttpClient({ origin: server.origin, socketsMax: 2 }, new ManualClock());
  const exchanges = ['a', 'b', 'c', 'd', 'e'].map((body) => client.exchange(post(body), NEVER));
  for (let count = 2; count <= 5; count += 1) {
    await server.seen(count);
    held.shift()?.();
  }
  held.shift()?.();
  assert.deepEqual((await Promise.all(exchanges)).map(bodyOf), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(
    server.requests.slice(2).map(({ body }) => body),
    ['c', 'd', 'e'],
  );
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('an answer in many pieces, chunked or ended by the close, is put together', async (t) => {
  const pieces: Record<string, string[]> = {
    chunked: [
      'HTTP/1.1 20',
      '0 OK\r\nTransfer-Encoding: chunked\r\n\r',
      '\n3\r\nab',
      'c\r',
      '\n2\r\nde\r\n0\r\nX-Sum: 1\r\n',
      '\r\n',
    ],
    interim: ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde'],
    close: ['HTTP/1.1 200 OK\r\n\r\nab', 'cde'],
  };
  const server = await listen(t, ({ socket, body }) => {
    const write = ([first, ...rest]: string[]): void => {
      if (first === undefined) return void (body === 'close' && socket.end());
      // A turn of the loop between the pieces, so that they arrive as pieces.
      socket.write(first, () => setImmediate(() => write(rest)));
    };
    socket.setNoDelay(true);
    write(pieces[body] ?? []);
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  for (const body of Object.keys(pieces)) {
    assert.equal(bodyOf(await client.exchange(post(body), NEVER)), 'abcde', body);
  }
  await client.close();
});

test('a connection that the server closes while idle is not used again', async (t) => {
  const server = await listen(t, ({ socket, body }) => answer(socket, body));
  const clock = new ManualClock();
  const client = openHttpClient({ origin: server.origin }, clock);
  await client.exchange(post('a'), NEVER);
  server.sockets[0]?.end();
  await once(server.sockets[0]!, 'close');
  assert.equal(clock.timerCount, 0, 'nothing is kept of it');
  assert.equal(bodyOf(await client.exchange(post('b'), NEVER)), 'b');
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('a connection on which the server speaks unasked is not used again', async (t) => {
  const server = await listen(t, ({ socket, body }) => answer(socket, body));
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  await client.exchange(post('a'), NEVER);
  answer(server.sockets[0]!, 'somebody else’s');
  await once(server.sockets[0]!, 'close');
  assert.equal(bodyOf(await client.exchange(post('b'), NEVER)), 'b');
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('a connection whose answer was longer than announced is not used again', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${body}and more`);
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  assert.equal(bodyOf(await client.exchange(post('a'), NEVER)), 'a');
  assert.equal(bodyOf(await client.exchange(post('b'), NEVER)), 'b');
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('Connection: close is obeyed', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    answer(socket, body, 'Connection: close\r\n');
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  for (const body of ['a', 'b']) await client.exchange(post(body), NEVER);
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('an idle connection is closed after four seconds, or a second before the server would', async (t) => {
  for (const { headers, idleMs } of [
    { headers: '', idleMs: 4000 },
    { headers: 'Keep-Alive: timeout=60\r\n', idleMs: 4000 },
    { headers: 'Keep-Alive: timeout=3\r\n', idleMs: 2000 },
  ]) {
    const clock = new ManualClock();
    const server = await listen(t, ({ socket, body }) => answer(socket, body, headers));
    const client = openHttpClient({ origin: server.origin }, clock);
    await client.exchange(post('a'), NEVER);
    await clock.advance(idleMs - 1);
    await client.exchange(post('b'), NEVER);
    assert.equal(server.sockets.length, 1, headers);
    assert.equal(clock.timerCount, 1);
    const gone = once(server.sockets[0]!, 'close');
    await clock.advance(idleMs);
    await gone;
    await client.exchange(post('c'), NEVER);
    assert.equal(server.sockets.length, 2, headers);
    await client.close();
    assert.equal(clock.timerCount, 0);
  }
});

test('a server that keeps a connection for a second or less gets a new one each time', async (t) => {
  const server = await listen(t, ({ socket, body }) => {
    answer(socket, body, 'Keep-Alive: timeout=1\r\n');
  });
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  for (const body of ['a', 'b']) await client.exchange(post(body), NEVER);
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('a process that was held up does not use a connection whose time is over', async (t) => {
  const clock = new ManualClock();
  // The timers of a blocked process have not run although the time is over.
  const held = {
    now: () => clock.now(),
    monotonicMs: () => heldMs,
    after: () => ({ cancel() {} }),
  };
  let heldMs = 0;
  const server = await listen(t, ({ socket, body }) => answer(socket, body));
  const client = openHttpClient({ origin: server.origin }, held);
  await client.exchange(post('a'), NEVER);
  heldMs = 6000;
  await client.exchange(post('b'), NEVER);
  assert.equal(server.sockets.length, 2);
  await client.close();
});

test('a Unix socket is reached by its path', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wire-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'a b.sock');
  const server = await listen(t, ({ socket, body }) => answer(socket, body), path);
  const client = openHttpClient({ origin: `http+unix://${path}` }, new ManualClock());
  assert.equal(bodyOf(await client.exchange(post('a'), NEVER)), 'a');
  assert.match(server.requests[0]?.head ?? '', /\r\nHost: localhost\r\n/);
  await client.close();
});

test('an origin or option that makes no sense is refused at once, saying what is wanted', () => {
  const origins = [
    'gateway',
    'ftp://host',
    'http://host/path',
    'https://host?x=1',
    'http://user:secret@host',
    'http+unix://',
    'http+unix://host/path',
  ];
  for (const origin of origins) {
    assert.throws(() => openHttpClient({ origin }, new ManualClock()), /http\+unix:\/\/\/path/);
  }
  const options = { origin: 'http://127.0.0.1:1', socketsMax: 0 };
  assert.throws(() => openHttpClient(options, new ManualClock()), /socketsMax/);
});

test('a request that cannot be written is a bug that names the header and not its value', async () => {
  const client = openHttpClient({ origin: 'http://127.0.0.1:1' }, new ManualClock());
  const refused = async (request: HttpRequest, message: RegExp): Promise<void> => {
    await assert.rejects(client.exchange(request, NEVER), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /4242/);
      return error instanceof TypeError;
    });
  };
  await refused(post('', { 'X-Key': '4242\r\nEvil: 1' }), /X-Key/);
  await refused(post('', { 'X Key 4242': 'a' }), /token/);
  await refused(post('', { Host: '4242' }), /Host/);
  await refused({ ...post(''), path: '/4242 HTTP/1.1' }, /path/);
  await client.close();
});
