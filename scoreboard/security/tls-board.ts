import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import type { HttpRequest } from '../../src/system/http-client.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { startTokenizer } from '../../src/tokenizer/process.ts';
import { runApi } from '../../test/api/running-api.ts';
import { bodyText } from '../../test/card/captures.ts';
import { startFakeBridge } from '../../test/card/fake-bridge.ts';
import { tokenizerSettings } from '../../test/card/settings.ts';
import { exchange, PAN } from '../../test/tokenizer/running-tokenizer.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { peerCases, tlsPeer, type Peer, type PeerCase } from './tls-peers.ts';

/** A peer that never answers is left after this time. */
const PATIENCE_MS = 1_000;
const BODY = bodyText(PAN, '737', 'call-alpha');

type Fail = (name: string, what: string) => void;

function request(): HttpRequest {
  return { method: 'POST', path: '/v1/tokens', headers: {}, body: Buffer.from(BODY) };
}

/** What the HTTP client of both processes makes of a peer. */
async function byClient(peer: Peer, ca: string, times = 1, between = () => {}): Promise<string[]> {
  const client = openHttpClient({ origin: `https://localhost:${peer.port}`, ca }, systemClock);
  const seen: string[] = [];
  for (let n = 0; n < times; n++) {
    const got = await client.exchange(request(), AbortSignal.timeout(PATIENCE_MS));
    seen.push(got.kind === 'answered' ? 'answered' : `${got.kind} ${got.reason}`);
    between();
  }
  await client.close();
  return seen;
}

/** A whole card process in front of a peer: what it tells the bridge became of the card. */
async function byTokenizer(peer: Peer, ca: string): Promise<string> {
  const bridge = await startFakeBridge();
  const settings = tokenizerSettings(bridge.origin, `https://localhost:${peer.port}`, {
    gateway: {
      // Its card request needs no bearer first: what is sent is the card.
      name: 'stripe',
      origin: `https://localhost:${peer.port}`,
      ca,
      credentials: { apiKey: 'k'.repeat(24) },
    },
    retry: { retriesMax: 0, firstDelayMs: 0, delayMsMax: 0 },
    deadlineMs: 2 * PATIENCE_MS,
  });
  const running = await startTokenizer(settings, { write: () => {} });
  try {
    await exchange(running.port, 'POST', '/v1/tokens', BODY, {
      'content-type': 'application/json',
      authorization: `Bearer ${await bridge.token()}`,
    });
    return bridge.finishes[0]?.request.outcome ?? 'never finished';
  } finally {
    await Promise.all([running.close(), bridge.close()]);
  }
}

/** Whether a client that minds nothing gets through: the peer is there, and it counts. */
async function indifferent(port: number): Promise<boolean> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    ciphers: 'ALL:eNULL:aNULL:@SECLEVEL=0',
  });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  const through = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
  if (through) {
    await new Promise((resolve) => {
      socket.once('data', resolve).once('close', resolve);
      socket.write('{}');
    });
  }
  socket.destroy();
  return through;
}

async function clientCell({ name, good, reachable, open }: PeerCase, ca: string, fail: Fail) {
  const peer = await open();
  try {
    const [seen = ''] = await byClient(peer, ca);
    const outcome = await byTokenizer(peer, ca);
    if (good) {
      if (seen !== 'answered') fail(name, `a good peer was refused: ${seen}`);
      if (outcome === 'never finished' || peer.connections() < 2) {
        fail(name, `the card process did not ask a good peer: ${outcome}`);
      }
      if (peer.bytes() < 1.5 * BODY.length) fail(name, 'a good peer did not get both bodies');
      return;
    }
    if (!seen.startsWith('not_sent')) fail(name, `it was not refused before sending: ${seen}`);
    if (outcome !== 'failed') fail(name, `the bridge was told ${outcome}, though nothing was sent`);
    if (peer.bytes() > 0) fail(name, `${peer.bytes()} bytes of a request reached it`);
    if (peer.connections() < 2) fail(name, 'it was not even asked, which shows nothing');
    if (peer.connections() > 2) fail(name, 'it was asked again, in a weaker way perhaps');
    if (reachable && (!(await indifferent(peer.port)) || peer.bytes() === 0)) {
      fail(name, 'nobody at all can reach it, so that it was refused shows nothing');
    }
  } finally {
    await peer.close();
  }
}

const SWAPS = ['selfSigned', 'unknown', 'expired', 'otherHost'] as const;

/** A peer that was good, and is another one when the connection is opened again. */
async function swapCell(made: Certificates, to: (typeof SWAPS)[number], fail: Fail): Promise<void> {
  const name = `good, then ${to}`;
  // Its end, so that the second request has to open a connection.
  const answer = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';
  const peer = await tlsPeer(made.good, answer);
  let first = 0;
  const seen = await byClient(peer, made.bundle, 2, () => {
    first ||= peer.bytes();
    peer.swap(made[to]);
  });
  if (seen[0] !== 'answered') fail(name, `the good one was refused: ${seen[0]}`);
  if (!seen[1]?.startsWith('not_sent')) fail(name, `the other one was not refused: ${seen[1]}`);
  if (peer.bytes() !== first) fail(name, 'the other one got bytes of a request');
  await peer.close();
}

/** A good peer that sends away to one without TLS: nobody follows. */
async function redirectCell(made: Certificates, fail: Fail): Promise<void> {
  const elsewhere = await tlsPeer(made.unknown);
  const location = `https://127.0.0.1:${elsewhere.port}/v1/tokens`;
  const answer = `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
  const peer = await tlsPeer(made.good, answer);
  await byClient(peer, made.bundle);
  await byTokenizer(peer, made.bundle);
  if (elsewhere.connections() > 0) fail('a redirect', 'it was followed');
  await Promise.all([peer.close(), elsewhere.close()]);
}

interface ClientCase {
  readonly name: string;
  readonly good: boolean;
  readonly options: ConnectionOptions;
}

const at = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
});
const only = (list: string): ConnectionOptions => ({
  ...at('TLSv1.2'),
  ciphers: `${list}:@SECLEVEL=0`,
});

const CLIENTS: readonly ClientCase[] = [
  { name: 'TLS 1.3', good: true, options: at('TLSv1.3') },
  { name: 'TLS 1.2', good: true, options: at('TLSv1.2') },
  { name: 'TLS 1.1', good: false, options: at('TLSv1.1') },
  { name: 'TLS 1.0', good: false, options: at('TLSv1') },
  { name: 'no encryption', good: false, options: only('eNULL') },
  { name: 'no authentication', good: false, options: only('aNULL') },
  { name: 'no forward secrecy', good: false, options: only('AES128-SHA:AES128-GCM-SHA256') },
];

/** Plain HTTP at a port of TLS. @returns what came back. */
async function plainly(port: number): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => {});
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Both servers, met by clients that they should and should not take. @returns cells. */
async function serverCells(made: Certificates, fail: Fail): Promise<number> {
  const ends: (() => unknown)[] = [];
  const tls = { cert: made.goodRsa.cert, key: made.goodRsa.key };
  const listen = { host: '127.0.0.1', port: 0, tls };
  const api = await runApi({ after: (end) => void ends.push(end) }, {}, {}, { listen });
  const bridge = await startFakeBridge();
  const tokenizer = await startTokenizer(
    tokenizerSettings(bridge.origin, 'http://127.0.0.1:9', { listen }),
    { write: () => {} },
  );
  ends.push(
    () => tokenizer.close(),
    () => bridge.close(),
  );
  let cells = 0;
  try {
    for (const [who, port] of [
      ['bridge', api.port],
      ['tokenizer', tokenizer.port],
    ] as const) {
      for (const { name, good, options } of CLIENTS) {
        cells += 1;
        const through = await greeted(port, options);
        if (through !== good) fail(`${who}, ${name}`, through ? 'it was let in' : 'it was refused');
      }
      cells += 1;
      if (/^HTTP\/1\.1 [23]/.test(await plainly(port)))
        fail(`${who}, plain HTTP`, 'it was answered');
    }
  } finally {
    for (const end of ends.toReversed()) await end();
  }
  return cells;
}

/** True where a probe was answered over this connection. */
async function greeted(port: number, options: ConnectionOptions): Promise<boolean> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    ciphers: 'ALL:@SECLEVEL=0',
    ...options,
  });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => {});
  socket.once('secureConnect', () =>
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
  );
  await new Promise((resolve) => socket.once('close', resolve));
  return text.startsWith('HTTP/1.1 200');
}

async function run({ progress, replay }: BoardRun): Promise<BoardResult> {
  const violations: Violation[] = [];
  const fail: Fail = (name, what) =>
    void violations.push({ promise: 'PCI 4.2.1', what: `${name}: ${what}`, replay: name });
  const made = await makeCertificates();
  const cases = peerCases(made).filter(({ name }) => replay === null || replay === name);
  for (const [done, peer] of cases.entries()) {
    await clientCell(peer, made.bundle, fail);
    progress(done + 1, cases.length, peer.name);
  }
  for (const to of SWAPS) await swapCell(made, to, fail);
  await redirectCell(made, fail);
  const servers = await serverCells(made, fail);
  const bad = cases.filter(({ good }) => !good).length;
  return {
    runs: 2 * cases.length + SWAPS.length + 1 + servers,
    violations,
    figures: {
      'good peers': cases.length - bad,
      'bad peers': bad + SWAPS.length + 1,
      'clients at the two servers': servers,
      'revocation lists': 'not asked for: Node fetches neither CRL nor OCSP',
    },
  };
}

export const tlsBoard: Board = {
  id: 'S2',
  title: 'TLS, from both ends',
  proves:
    'A peer whose version, certificate or cipher is not good gets no byte of a request, and the bridge learns that nothing was sent; neither server speaks to a client below TLS 1.2.',
  run,
};
