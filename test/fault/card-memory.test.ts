import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { generate } from 'selfsigned';
import { build, type Built } from '../card/built.ts';
import { bodyText, drive, Lane, panOf, type Behaviour } from '../card/captures.ts';
import { spawnChild, startChild, type CardChild } from '../card/child.ts';
import type { Neighbourhood } from '../card/neighbours-process.ts';
import { tokenizerSettings } from '../card/settings.ts';
import { ACME_MAPPING } from '../doubles/rest/acme.ts';
import { mappingOf } from '../gateway/rest/opened.ts';
import { memoryReadable, scanProcess } from '../memory-scan.ts';

const CAPTURES = 320;
const TSX = ['--import', 'tsx'];
const PERTURB = { MALLOC_PERTURB_: '165' };

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let built: Built;
let folder: string;
let tls: { cert: string; key: string };

before(async () => {
  built = await build('src/cli/tokenizer-process.ts');
  folder = await mkdtemp(join(tmpdir(), 'card-memory-'));
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  tls = { cert: made.cert, key: made.private };
});

after(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Neighbours {
  readonly bridge: string;
  readonly gateway: string;
  readonly token: string;
  counts(): Promise<{ tokenCalls: number; finishes: number }>;
}

async function startNeighbours(
  t: TestContext,
  secure: boolean,
  name: string,
  gateway: Neighbourhood['gateway'] = 'sandbox',
): Promise<Neighbours> {
  const child = spawnChild(fileOf('../card/neighbours-process.ts'), { execArgv: TSX });
  child.stderr?.on('data', (chunk) => process.stderr.write(String(chunk)));
  child.stdout?.resume();
  t.after(() => child.kill());
  const path = join(folder, `${name}.sock`);
  child.send({ tls: secure ? tls : null, path, gateway } satisfies Neighbourhood);
  const [found] = (await once(child, 'message')) as [Omit<Neighbours, 'counts'>];
  return {
    ...found,
    async counts() {
      child.send('counts');
      const [counts] = (await once(child, 'message')) as [{ tokenCalls: number; finishes: number }];
      return counts;
    },
  };
}

/** Asks the process itself until no card is being served: clients that left do not stop theirs. */
async function quiet(child: CardChild, ca: string | null): Promise<void> {
  const { request } = await (ca === null ? import('node:http') : import('node:https'));
  for (let tries = 0; tries < 2_000; tries++) {
    const text = await new Promise<string>((resolve, reject) => {
      const options = { port: child.port, host: '127.0.0.1', path: '/metrics', ...(ca && { ca }) };
      request(options, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += String(chunk)));
        response.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    if (/^tokenline_card_requests_in_flight\{[^}]*\} 0$/m.test(text)) return;
  }
  assert.fail('cards are still being served');
}

/** A form that is signed for AWS: the body is hashed on its way. */
const REST = {
  mapping: mappingOf({ ...ACME_MAPPING, authorization: 'none' }),
  signing: {
    kind: 'aws_sigv4',
    region: 'eu-central-1',
    service: 'execute-api',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'a secret of a test',
    sessionToken: 'a token of a test',
    credentialsFile: null,
  },
} as const;

/** Every gateway's digit path, and every door; the series of its numbers, in which no other one's are. */
const WAYS = [
  { gateway: 'sandbox', door: 'tokens', secure: false, series: 3 },
  { gateway: 'sandbox', door: 'tokens', secure: true, series: 1 },
  { gateway: 'stripe', door: 'tokens', secure: false, series: 3 },
  { gateway: 'stripe', door: 'tokens', secure: true, series: 1 },
  { gateway: 'paypal', door: 'tokens', secure: false, series: 3 },
  { gateway: 'paypal', door: 'tokens', secure: true, series: 1 },
  { gateway: 'rest', door: 'tokens', secure: false, series: 3 },
  { gateway: 'rest', door: 'tokens', secure: true, series: 1 },
  { gateway: 'sandbox', door: 'pay-connector', secure: false, series: 3 },
  { gateway: 'sandbox', door: 'pay-connector', secure: true, series: 1 },
] as const;

for (const { gateway, door, secure, series } of WAYS) {
  const way = `${gateway}, ${door}, ${secure ? 'TLS' : 'plain HTTP'} in and out`;
  test(`no copy of a card is left in the card process right after the last answer, ${way}`, async (t) => {
    const neighbours = await startNeighbours(t, secure, `${gateway}-${door}-${secure}`, gateway);
    const ca = secure ? tls.cert : null;
    const settings = tokenizerSettings(neighbours.bridge, neighbours.gateway, {
      retry: { retriesMax: 2, firstDelayMs: 10, delayMsMax: 40 },
    });
    const child = await startChild(built.entry, {
      env: PERTURB,
      settings: {
        ...settings,
        listen: { ...settings.listen, tls: secure ? tls : null },
        gateway: { ...settings.gateway, name: gateway, ca, ...(gateway === 'rest' && REST) },
        payConnector: { username: 'connector', password: 'a password of a test' },
      },
    });
    t.after(() => child.process.kill('SIGKILL'));
    const readable = await memoryReadable(child.pid);
    if (readable !== true) return t.skip(readable);
    const { digits, statuses } = await drive(
      { port: child.port, ca, token: neighbours.token, door },
      series,
      CAPTURES,
    );
    await quiet(child, ca);
    const found = await scanProcess(child.pid, digits);
    t.diagnostic(`${digits.length} numbers, ${found.bytesRead >> 20} MB`);
    assert.deepEqual(found.places, []);
    assert.equal(found.copies, 0);
    assert.ok(found.bytesRead > 20_000_000, 'the scan has seen the process');

    const answered = (behaviour: Behaviour): Set<number> => new Set(statuses.get(behaviour));
    assert.deepEqual(answered('keep-alive'), new Set([200]));
    assert.deepEqual(answered('split in the middle of the PAN'), new Set([200]));
    assert.deepEqual(answered('no token'), new Set([401]));
    const { tokenCalls, finishes } = await neighbours.counts();
    assert.ok(tokenCalls > CAPTURES / 4, 'cards were sent to the gateway');
    assert.ok(finishes > CAPTURES / 4, 'operations came to their end');
    assert.doesNotMatch(child.output(), /\d{12}/);
    assert.equal(await child.stop(), 0);
  });
}

test('the same scan finds the cards of a route that parses JSON and calls fetch', async (t) => {
  const neighbours = await startNeighbours(t, false, 'naive');
  const child = await startChild(fileOf('../card/naive-process.ts'), {
    execArgv: TSX,
    args: [neighbours.gateway],
  });
  t.after(() => child.process.kill('SIGKILL'));
  const readable = await memoryReadable(child.pid);
  if (readable !== true) return t.skip(readable);
  const lane = new Lane({ port: child.port, ca: null, token: '' });
  const pans = Array.from({ length: 50 }, (_, index) => panOf(5, index));
  for (const pan of pans) await lane.capture('keep-alive', bodyText(pan, '123', 'call-a'), pan);
  lane.close();
  const found = await scanProcess(child.pid, pans);
  t.diagnostic(`${found.copies} copies of ${found.pansFound} cards`);
  assert.ok(found.pansFound > 25, `only ${found.pansFound} of 50 cards were found`);
  assert.ok(found.places.some((place) => place.endsWith('ascii')));
});
