import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { before, test, type TestContext } from 'node:test';
import { generate } from 'selfsigned';
import type { Exchange, HttpRequest } from '../../src/system/http-client.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { ManualClock } from '../clock.ts';
import { answer, bodyOf, NEVER, reasonOf, serve, type Loopback } from './loopback.ts';

const REQUEST: HttpRequest = {
  method: 'POST',
  path: '/v1/tokens',
  headers: {},
  body: Buffer.from('4242424242424242'),
};

interface Authority {
  readonly key: string;
  readonly cert: string;
}

let authority: Authority;

before(async () => {
  const made = await generate([{ name: 'commonName', value: 'Test Authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  authority = { key: made.private, cert: made.cert };
});

/** A TLS server whose certificate is for these names only. */
async function listen(
  t: TestContext,
  names: readonly ({ type: 2; value: string } | { type: 7; ip: string })[],
): Promise<Loopback & { bytesRead(): number }> {
  const made = await generate([{ name: 'commonName', value: 'gateway' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: authority,
    extensions: [{ name: 'subjectAltName', altNames: [...names] }],
  });
  const server = createServer({ key: made.private, cert: made.cert });
  let bytes = 0;
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  });
  const loopback = await serve(t, server, 'secureConnection', ({ socket, body }) => {
    answer(socket, `re:${body.length}`);
  });
  return { ...loopback, bytesRead: () => bytes };
}

async function ask(origin: string, ca: string | undefined): Promise<Exchange> {
  const options = ca === undefined ? { origin } : { origin, ca };
  const client = openHttpClient(options, new ManualClock());
  const exchange = await client.exchange(REQUEST, NEVER);
  await client.close();
  return exchange;
}

test('a server with a certificate of the given authority for this name is used, and reused', async (t) => {
  const server = await listen(t, [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ]);
  for (const host of ['localhost', '127.0.0.1']) {
    const options = { origin: `https://${host}:${server.port}`, ca: authority.cert };
    const client = openHttpClient(options, new ManualClock());
    assert.equal(bodyOf(await client.exchange(REQUEST, NEVER)), 're:16');
    assert.equal(bodyOf(await client.exchange(REQUEST, NEVER)), 're:16');
    await client.close();
  }
  assert.equal(server.sockets.length, 2);
});

test('a certificate for another name is refused before any byte of the request', async (t) => {
  const server = await listen(t, [{ type: 2, value: 'other.example' }]);
  for (const host of ['localhost', '127.0.0.1']) {
    const exchange = await ask(`https://${host}:${server.port}`, authority.cert);
    assert.equal(reasonOf(exchange), 'not_sent tls');
  }
  assert.equal(server.bytesRead(), 0);
});

test('a certificate of an unknown authority is refused, also when the environment says otherwise', async (t) => {
  const server = await listen(t, [{ type: 7, ip: '127.0.0.1' }]);
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.after(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const exchange = await ask(`https://127.0.0.1:${server.port}`, undefined);
  assert.equal(reasonOf(exchange), 'not_sent tls');
  assert.equal(server.bytesRead(), 0);
});

test('a key below 112 bits and a cipher without forward secrecy are refused before any byte', async (t) => {
  const rsa = { keyType: 'rsa', algorithm: 'sha256' } as const;
  const own = await generate([{ name: 'commonName', value: 'RSA Authority' }], {
    ...rsa,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  const ca = { key: own.private, cert: own.cert };
  for (const [keySize, ciphers, wanted] of [
    [2_048, 'ECDHE-RSA-AES128-GCM-SHA256', 'answered'],
    [1_024, 'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0', 'not_sent tls'],
    [2_048, 'AES128-GCM-SHA256:AES128-SHA', 'not_sent tls'],
  ] as const) {
    const made = await generate([{ name: 'commonName', value: 'gateway' }], {
      ...rsa,
      keySize,
      ca,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const options = { key: made.private, cert: made.cert, ciphers, maxVersion: 'TLSv1.2' } as const;
    const server = createServer(options);
    server.on('tlsClientError', () => {});
    const { port, requests } = await serve(t, server, 'secureConnection', ({ socket }) => {
      answer(socket, 'ok');
    });
    assert.equal(reasonOf(await ask(`https://127.0.0.1:${port}`, own.cert)), wanted, ciphers);
    assert.equal(requests.length, wanted === 'answered' ? 1 : 0);
  }
});

test('a peer that speaks no TLS, or hangs in the handshake, gets nothing of the request', async (t) => {
  const chunks: Buffer[] = [];
  let speaks = true;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (speaks) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal(reasonOf(await ask(origin, authority.cert)), 'not_sent tls');

  speaks = false;
  const client = openHttpClient({ origin, ca: authority.cert }, new ManualClock());
  const controller = new AbortController();
  const hanging = client.exchange(REQUEST, controller.signal);
  const [socket] = (await once(server, 'connection')) as [NodeJS.EventEmitter];
  await once(socket, 'data');
  controller.abort();
  assert.equal(reasonOf(await hanging), 'not_sent aborted');
  await client.close();
  assert.equal(Buffer.concat(chunks).includes('tokens'), false);
});

test('a TLS request is wiped as soon as it has been written', async (t) => {
  const server = await listen(t, [{ type: 7, ip: '127.0.0.1' }]);
  const buffers: Buffer[] = [];
  const client = openHttpClient(
    { origin: `https://127.0.0.1:${server.port}`, ca: authority.cert },
    new ManualClock(),
    (byteCount) => {
      const buffer = Buffer.alloc(byteCount);
      buffers.push(buffer);
      return buffer;
    },
  );
  await client.exchange(REQUEST, NEVER);
  assert.equal(server.requests[0]?.body, '4242424242424242');
  assert.equal(buffers.length, 1);
  assert.ok(buffers[0]!.every((byte) => byte === 0));
  await client.close();
});
