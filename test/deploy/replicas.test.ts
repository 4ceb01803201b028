import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePorts } from '../../scoreboard/process/fleet.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';
import { openEmpty, type Opened } from '../database.ts';
import { bodyText } from '../card/captures.ts';
import { send, type Answer } from '../whole/http.ts';
import { until } from '../whole/system.ts';
import { environmentOf, readCompose } from './compose.ts';
import { ROOT } from './dockerfile.ts';

/**
 * The compose file's own settings, with this machine's addresses in place of the services' names: three
 * bridges that start together on an empty PostgreSQL, and two tokenizers that know none of it.
 */

const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'deploy-replicas-'));
const compose = readCompose('compose.yaml');
const pem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

interface Replica {
  readonly process: ChildProcess;
  readonly port: number;
  readonly written: () => string;
}

const bridges: Replica[] = [];
const tokenizers: Replica[] = [];
let sandbox: Replica;
let database: Opened;
let sandboxPort = 0;
let secrets: Record<string, string> = {};
let linePorts: number[] = [];

function begin(
  name: string,
  port: number,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Replica {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { process: child, port, written: () => `${name}:\n${text}` };
}

/** A service's own environment, on this machine. */
function environment(service: string, name: string, more: Record<string, string>) {
  const home = join(folder, name);
  mkdirSync(home);
  const { TOKENLINE_CONFIG: _, ...rest } = environmentOf(
    [compose.services[service]],
    join(home, 'secrets'),
    secrets,
  );
  return {
    ...rest,
    TOKENLINE_DATA: join(home, 'data'),
    TOKENLINE_SANDBOX_HOST: '127.0.0.1',
    TOKENLINE_SANDBOX_PORT: String(sandboxPort),
    TOKENLINE_BRIDGE_HOST: '127.0.0.1',
    TOKENLINE_INTERNAL_HOST: '127.0.0.1',
    ...more,
  };
}

async function ready(replica: Replica): Promise<void> {
  await until('readiness', async () => {
    assert.equal(replica.process.exitCode, null, replica.written());
    const path = replica === sandbox ? '/healthz' : '/readyz';
    const answer = await send(replica.port, { path }).catch(() => null);
    return answer?.status === 200 ? true : null;
  });
}

interface Shipped {
  readonly seq: number;
  readonly key_id: string;
}

/** The checkpoints among the lines of a log. */
function shippedIn(log: string): Shipped[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{"seq":'))
    .map((line) => JSON.parse(line) as Shipped);
}

/** As the image does: the settings by `card-settings`, and the process on them with nothing else. */
function beginTokenizer(index: number, port: number): Replica {
  const out = join(folder, `tokenizer-${index}.json`);
  const written = spawnSync(process.execPath, [MAIN, 'card-settings', '--out', out], {
    cwd: folder,
    encoding: 'utf8',
    env: environment('card-settings', `settings-${index}`, {
      TOKENLINE_TOKENIZER_HOST: '127.0.0.1',
      TOKENLINE_TOKENIZER_PORT: String(port),
      TOKENLINE_INTERNAL_URL: `http://127.0.0.1:${linePorts[index]}`,
    }),
  });
  assert.equal(written.status, 0, written.stderr);
  const entry = join(ROOT, 'dist', 'cli', 'tokenizer-process.js');
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$1" < "$2"', process.execPath, entry, out], {
    env: { PATH: process.env['PATH'] ?? '', MALLOC_PERTURB_: '165' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  return { process: child, port, written: () => text };
}

before(async () => {
  database = await openEmpty('postgres');
  const all = await freePorts(9);
  sandboxPort = all[0] ?? 0;
  linePorts = all.slice(1, 4);
  secrets = {
    database_url: `${database.url}\n`,
    internal_credential: 'a-credential-of-the-internal-line\n',
    access_key: pem(),
    ledger_key: pem(),
  };
  const serve = (role: string): string[] => [MAIN, 'serve', '--role', role];
  sandbox = begin('sandbox', sandboxPort, serve('sandbox'), environment('sandbox', 'sandbox', {}));
  // At the same moment, on a database without a table.
  for (const [index, port] of all.slice(4, 7).entries()) {
    const env = environment('bridge', `bridge-${index}`, {
      TOKENLINE_BRIDGE_PORT: String(port),
      TOKENLINE_INTERNAL_URL: `http://127.0.0.1:${linePorts[index]}`,
      TOKENLINE_LEDGER_CHECKPOINT_EVERY_MS: '1000',
      TOKENLINE_DATABASE_POOL_MAX: '2',
    });
    bridges.push(begin(`bridge ${index}`, port, serve('bridge'), env));
  }
  for (const [index, port] of all.slice(7).entries()) tokenizers.push(beginTokenizer(index, port));
  await Promise.all([sandbox, ...bridges, ...tokenizers].map(ready));
});

after(async () => {
  for (const { process: child } of [...tokenizers, ...bridges, sandbox]) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function tokenOf(bridge: Replica | undefined): Promise<string> {
  const answer = await send(bridge?.port ?? 0, {
    method: 'POST',
    path: '/oauth/token',
    headers: {
      authorization: `Basic ${Buffer.from('tokenline-sandbox:not-a-secret-sandbox').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  assert.equal(answer.status, 200, answer.text);
  return String(answer.body['access_token']);
}

function post(port: number, path: string, token: string, body: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return send(port, { method: 'POST', path, headers, body });
}

test('three bridges that start together on an empty database migrate it once', async () => {
  const rows = await database.store.query('select version from schema_version order by version');
  assert.deepEqual(
    rows.map(({ version }) => version),
    MIGRATIONS.map(({ version }) => version),
  );
  assert.deepEqual(await database.store.query('select * from schema_lease'), []);
  for (const bridge of bridges) assert.doesNotMatch(bridge.written(), /"level":"alarm"/);
});

test('a token of one bridge is good at every other, and at every tokenizer', async () => {
  for (const [index, from] of bridges.entries()) {
    const token = await tokenOf(from);
    for (const bridge of bridges) {
      const body = JSON.stringify({ interaction_id: `call-${'abc'[index]}` });
      const answer = await post(bridge.port, '/v1/availability', token, body);
      assert.equal(answer.status, 200, answer.text);
    }
    for (const [at, tokenizer] of tokenizers.entries()) {
      const call = `card-${'abc'[index]}-${'abc'[at]}`;
      const answer = await post(
        tokenizer.port,
        '/v1/tokens',
        token,
        bodyText('4242424242424242', '123', call),
      );
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body['outcome'], 'approved', answer.text);
    }
  }
});

test('what one bridge has answered, another one answers again, byte for byte', async () => {
  const token = await tokenOf(bridges[0]);
  const card = JSON.parse(bodyText('4242424242424242', '123', 'card-of-both')) as object;
  const body = JSON.stringify({ ...card, attempt: 1 });
  const first = await post(tokenizers[0]?.port ?? 0, '/v1/tokens', token, body);
  assert.equal(first.body['outcome'], 'approved', first.text);
  const again = await post(tokenizers[1]?.port ?? 0, '/v1/tokens', token, body);
  assert.equal(again.text, first.text);
});

test('no bridge takes more connections of the database than it may', async () => {
  const token = await tokenOf(bridges[0]);
  const body = '{"interaction_id":"call-busy"}';
  const answers = await Promise.all(
    bridges.flatMap(({ port }) =>
      Array.from({ length: 12 }, () => post(port, '/v1/availability', token, body)),
    ),
  );
  for (const answer of answers) assert.equal(answer.status, 200, answer.text);
  // An idle one stays for 10 s (node-postgres, idleTimeoutMillis): all that were taken are seen.
  const [row] = await database.store.query(`select count(*) as n from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`);
  const taken = Number(row?.['n']);
  assert.ok(taken >= 3 && taken <= 6, `${taken} connections of three bridges`);
});

test('checkpoints come with the log, and belong to one key whichever bridge signed them', async () => {
  const shipped = await until('a checkpoint', () => {
    const found = bridges.flatMap((bridge) => shippedIn(bridge.written()));
    return found.length > 0 ? found : null;
  });
  assert.equal(new Set(shipped.map(({ key_id }) => key_id)).size, 1);
  const file = join(folder, 'checkpoints.jsonl');
  writeFileSync(file, shipped.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const args = [
    'audit',
    'verify',
    '--url',
    `http://127.0.0.1:${bridges[2]?.port}`,
    '--checkpoints',
    file,
  ];
  const publicKey = join(folder, 'bridge-0', 'data', 'keys', 'ledger.pub.pem');
  const verify = begin('verify', 0, [MAIN, ...args, '--public-key', publicKey], {});
  await once(verify.process, 'close');
  assert.equal(verify.process.exitCode, 0, verify.written());
});

test('a bridge that is taken away is missed by nobody who asks another', async () => {
  const [gone, ...left] = bridges;
  gone?.process.kill('SIGTERM');
  if (gone) await once(gone.process, 'close');
  const token = await tokenOf(left[0]);
  for (const bridge of left) {
    const answer = await post(
      bridge.port,
      '/v1/availability',
      token,
      '{"interaction_id":"call-z"}',
    );
    assert.equal(answer.status, 200, answer.text);
  }
});
