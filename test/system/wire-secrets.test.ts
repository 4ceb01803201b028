import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { requestBytes } from '../../src/system/request-bytes.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { ManualClock } from '../clock.ts';
import { answer, listen, NEVER, post } from './loopback.ts';

const SECRET = '4242424242424242';

/** Larger than what the kernel's socket buffers of loopback take while nobody reads. */
const STALLING_BYTES = 32 * 1024 * 1024;

/** Every buffer that a client asked for. */
function watched(): { buffers: Buffer[]; allocate: (byteCount: number) => Buffer } {
  const buffers: Buffer[] = [];
  return {
    buffers,
    allocate(byteCount) {
      const buffer = Buffer.alloc(byteCount);
      buffers.push(buffer);
      return buffer;
    },
  };
}

const wiped = (buffer: Buffer | undefined): boolean =>
  buffer !== undefined && buffer.every((byte) => byte === 0);

test('head and body lie in one buffer outside V8’s heap, wiped before the answer comes', async (t) => {
  const server = await listen(t, () => {});
  const { buffers, allocate } = watched();
  const client = openHttpClient({ origin: server.origin }, new ManualClock(), allocate);
  const exchange = client.exchange(post(SECRET), NEVER);
  await server.seen(1);
  const [request] = server.requests;
  assert.equal(request?.body, SECRET);
  assert.equal(buffers.length, 1);
  assert.ok(buffers[0]!.length >= request.head.length + request.body.length);
  assert.ok(buffers[0]!.length > 64);
  assert.equal(buffers[0]!.buffer.byteLength, buffers[0]!.length, 'not a slice of a pool');
  assert.ok(wiped(buffers[0]), 'the answer is still outstanding');
  answer(request.socket, 'ok');
  assert.equal((await exchange).kind, 'answered');
  await client.close();
});

test('what the socket brought of an answer is wiped, and the answer is whole', async (t) => {
  const server = await listen(t, ({ socket }) => answer(socket, SECRET));
  const pushed = t.mock.method(Socket.prototype, 'push');
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  const exchange = await client.exchange(post('a question'), NEVER);
  assert.ok(exchange.kind === 'answered');
  assert.equal(exchange.response.body.toString(), SECRET);
  const { port } = new URL(server.origin);
  const chunks = pushed.mock.calls
    .filter(({ this: socket }) => socket instanceof Socket && socket.remotePort === Number(port))
    .map((call): unknown => call.arguments[0])
    .filter((chunk) => Buffer.isBuffer(chunk));
  assert.ok(chunks.length > 0, 'bytes have come');
  assert.ok(chunks.every(wiped));
  await client.close();
});

test('the caller’s own copy of the body is left to the caller', async (t) => {
  const server = await listen(t, ({ socket }) => answer(socket, 'ok'));
  const client = openHttpClient({ origin: server.origin }, new ManualClock());
  const body = Buffer.from(SECRET);
  await client.exchange(post(body), NEVER);
  assert.equal(body.toString(), SECRET);
  await client.close();
});

test('a request that the peer does not read is wiped when it is aborted', async (t) => {
  const server = await listen(t, () => {});
  const { buffers, allocate } = watched();
  const client = openHttpClient({ origin: server.origin }, new ManualClock(), allocate);
  await stall(client, buffers, async (controller) => {
    controller.abort();
    return 'aborted';
  });
});

test('a request that the peer does not read is wiped when the peer resets', async (t) => {
  const server = await listen(t, () => {});
  const { buffers, allocate } = watched();
  const client = openHttpClient({ origin: server.origin }, new ManualClock(), allocate);
  await stall(client, buffers, async () => {
    while (server.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    server.sockets[0]!.pause();
    server.sockets[0]!.resetAndDestroy();
    return 'reset';
  });
});

/** Sends more than anybody reads, ends it, and looks at the buffer. */
async function stall(
  client: ReturnType<typeof openHttpClient>,
  buffers: Buffer[],
  end: (controller: AbortController) => Promise<string>,
): Promise<void> {
  const controller = new AbortController();
  const exchange = client.exchange(post(Buffer.alloc(STALLING_BYTES, SECRET)), controller.signal);
  while (buffers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(wiped(buffers[0]), false, 'still being written');
  const reason = await end(controller);
  const ended = await exchange;
  assert.ok(ended.kind === 'no_answer' && ended.reason === reason, JSON.stringify(ended));
  assert.ok(wiped(buffers[0]));
  await client.close();
}

test('a peer that answers before it has read everything leaves nothing behind either', async (t) => {
  const server = await listen(t, () => {});
  const { buffers, allocate } = watched();
  const client = openHttpClient({ origin: server.origin }, new ManualClock(), allocate);
  const exchange = client.exchange(post(Buffer.alloc(STALLING_BYTES, SECRET)), NEVER);
  while (server.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [socket] = server.sockets;
  socket!.pause();
  const gone = once(socket!, 'close');
  answer(socket!, 'too much');
  assert.equal((await exchange).kind, 'answered');
  socket!.resume();
  await gone;
  assert.ok(wiped(buffers[0]));
  await client.close();
});

test('no buffer is made for a request that never reaches a socket', async () => {
  const { buffers, allocate } = watched();
  const client = openHttpClient({ origin: 'http://127.0.0.1:1' }, new ManualClock(), allocate);
  await client.exchange(post(SECRET), NEVER);
  await client.exchange(post(SECRET), AbortSignal.abort());
  assert.equal(buffers.length, 0);
  await client.close();
});

test('even the shortest request lies outside V8’s heap', () => {
  const { buffers, allocate } = watched();
  const bytes = requestBytes('GET', Buffer.from('/'), allocate);
  assert.equal(bytes.toString(), 'GET/');
  assert.ok(buffers[0]!.length > 64);
});
