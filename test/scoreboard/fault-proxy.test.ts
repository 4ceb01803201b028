import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { certificatesFor, type Certificates } from '../../scoreboard/process/certificate.ts';
import { FaultProxy, type Mode } from '../../scoreboard/process/fault-proxy.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { Exchange, HttpClient } from '../../src/system/http-client.ts';
import { openHttpClient } from '../../src/system/wire.ts';

/** The request has been read by a peer that answers `done`, however the answer fares. */
const delivered: string[] = [];
let peer: Server;
let certificates: Certificates;

before(async () => {
  certificates = await certificatesFor(['localhost']);
  peer = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      delivered.push(body);
      response.setHeader('content-length', 10);
      response.end('it is done');
    });
  });
  await new Promise<void>((done) => peer.listen(0, '127.0.0.1', done));
});

after(() => {
  peer.closeAllConnections();
  peer.close();
});

interface Line {
  readonly proxy: FaultProxy;
  readonly ask: (body: string, timeoutMs?: number) => Promise<Exchange>;
}

async function line(t: TestContext, secure = false): Promise<Line> {
  const { port } = peer.address() as AddressInfo;
  const proxy = await FaultProxy.start({
    upstream: { port, host: '127.0.0.1' },
    protocol: 'http',
    ...(secure ? { secure: certificates } : {}),
  });
  const host = secure ? 'localhost' : '127.0.0.1';
  const origin = `${secure ? 'https' : 'http'}://${host}:${proxy.port}`;
  const http: HttpClient = openHttpClient({ origin, ca: certificates.ca }, systemClock);
  t.after(async () => {
    await http.close();
    proxy.close();
  });
  delivered.length = 0;
  const ask = (body: string, timeoutMs = 5_000): Promise<Exchange> =>
    http.exchange(
      { method: 'POST', path: '/v1/x', headers: {}, body: Buffer.from(body) },
      AbortSignal.timeout(timeoutMs),
    );
  return { proxy, ask };
}

function told(exchange: Exchange): string {
  return exchange.kind === 'answered'
    ? `${exchange.response.status} ${exchange.response.body.toString()}`
    : `${exchange.kind} ${exchange.reason}`;
}

/** Until the peer has read that many requests. */
async function atPeer(count: number): Promise<void> {
  for (let tries = 0; delivered.length < count && tries < 500; tries += 1) await wait(10);
  assert.equal(delivered.length, count);
}

const SAID = Buffer.from('HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy');

const CASES: readonly {
  readonly mode: Mode;
  readonly seen: string;
  readonly acts: boolean;
  readonly timeoutMs?: number;
}[] = [
  { mode: { kind: 'normal' }, seen: '200 it is done', acts: true },
  { mode: { kind: 'reset_before' }, seen: 'no_answer reset', acts: false },
  { mode: { kind: 'reset_after' }, seen: 'no_answer reset', acts: true },
  { mode: { kind: 'black_hole' }, seen: 'no_answer aborted', acts: false, timeoutMs: 200 },
  { mode: { kind: 'cut' }, seen: 'no_answer reset', acts: true },
  { mode: { kind: 'slow', latencyMs: 30, sliceBytes: 3 }, seen: '200 it is done', acts: true },
  {
    mode: { kind: 'slow', latencyMs: 60_000 },
    seen: 'no_answer aborted',
    acts: true,
    timeoutMs: 200,
  },
  { mode: { kind: 'answer', deliver: false, bytes: SAID }, seen: '503 busy', acts: false },
  { mode: { kind: 'answer', deliver: true, bytes: SAID }, seen: '503 busy', acts: true },
];

for (const secure of [false, true]) {
  for (const { mode, seen, acts, timeoutMs = 5_000 } of CASES) {
    test(`${mode.kind} over ${secure ? 'TLS' : 'TCP'}: ${seen}, ${acts ? '' : 'not '}delivered`, async (t) => {
      const { proxy, ask } = await line(t, secure);
      assert.equal(told(await ask('before')), '200 it is done');
      proxy.script({ mode });
      assert.equal(told(await ask('in it', timeoutMs)), seen);
      assert.deepEqual(delivered, acts ? ['before', 'in it'] : ['before']);
      assert.equal(proxy.left(), 0);
      assert.equal(told(await ask('afterwards')), '200 it is done');
      const { turns } = proxy;
      assert.deepEqual(
        turns.map((turn) => turn.mode.kind),
        ['normal', mode.kind, 'normal'],
      );
      assert.ok(turns.every((turn) => turn.line === 'POST /v1/x HTTP/1.1'));
    });
  }
}

test('a late delivery arrives although its client has gone', async (t) => {
  const { proxy, ask } = await line(t);
  proxy.script({ mode: { kind: 'late_delivery', holdMs: 250 } });
  assert.equal(told(await ask('late', 50)), 'no_answer aborted');
  assert.deepEqual(delivered, []);
  await atPeer(1);
});

test('where it refuses nothing is sent, and it takes the same port again', async (t) => {
  const { proxy, ask } = await line(t);
  assert.equal(told(await ask('before')), '200 it is done');
  await proxy.refuse();
  assert.equal(told(await ask('refused')), 'not_sent connect');
  await proxy.accept();
  assert.equal(told(await ask('afterwards')), '200 it is done');
  assert.deepEqual(delivered, ['before', 'afterwards']);
});

test("a stranger's certificate is shown once, and nothing is sent to it", async (t) => {
  const { proxy, ask } = await line(t, true);
  assert.equal(told(await ask('before')), '200 it is done');
  proxy.script({ mode: { kind: 'tls_failure' } });
  await proxy.dropIdle();
  assert.equal(told(await ask('secret')), 'not_sent tls');
  assert.equal(told(await ask('afterwards')), '200 it is done');
  assert.deepEqual(delivered, ['before', 'afterwards']);
});

test('an entry waits for the turn that it is for', async (t) => {
  const { proxy, ask } = await line(t);
  proxy.script({ mode: { kind: 'reset_before' }, when: (first) => first.startsWith('GET ') });
  assert.equal(told(await ask('other')), '200 it is done');
  assert.equal(proxy.left(), 1);
  proxy.heal();
  assert.equal(proxy.left(), 0);
});

test('who watches sees the request before it is acted on, and the first byte alone', async (t) => {
  const { proxy, ask } = await line(t);
  const seen: string[] = [];
  proxy.observer = {
    request: (turn) => void seen.push(`${turn.line} with ${delivered.length} delivered`),
    splits: () => true,
    firstByte: (turn) => void seen.push(`first byte after ${turn.mode.kind}`),
  };
  assert.equal(told(await ask('watched')), '200 it is done');
  assert.deepEqual(seen, ['POST /v1/x HTTP/1.1 with 0 delivered', 'first byte after normal']);
});

/** One connection and what comes back on it, until it is closed. */
function talk(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.once('close', () => resolve(heard));
    socket.once('error', reject);
    socket.end(words);
  });
}

test('bytes that are no HTTP pass whole, however they are cut, and in their order', async (t) => {
  const echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk) => void socket.write(chunk));
    socket.on('end', () => socket.end());
  });
  await new Promise<void>((done) => echo.listen(0, '127.0.0.1', done));
  const { port } = echo.address() as AddressInfo;
  const proxy = await FaultProxy.start({
    upstream: { port, host: '127.0.0.1' },
    protocol: 'bytes',
  });
  t.after(async () => {
    proxy.close();
    echo.close();
  });
  proxy.always({ kind: 'slow', latencyMs: 5, sliceBytes: 1_000 });
  const words = Array.from({ length: 3_000 }, (_, at) => `word ${at};`).join('');
  assert.equal(await talk(proxy.port, words), words);
});
