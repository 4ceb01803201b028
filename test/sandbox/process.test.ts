import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { generate } from 'selfsigned';
import { startSandbox } from '../../src/sandbox/process.ts';
import { readSandboxSettings } from '../../src/sandbox/settings.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';
import { Client, cardBody, subscriptionBody } from './client.ts';
import { sandboxFor } from './house.ts';
import { sandboxSettings } from './settings.ts';

const ENTRY = new URL('../../src/cli/sandbox-process.ts', import.meta.url);

let dataDir = '';
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tokenline-sandbox-process-'));
});
after(() => rm(dataDir, { recursive: true }));

/** Starts the process as its parent does: settings on standard input, ready by IPC. */
async function started(folder: string): Promise<{ child: ChildProcess; client: Client }> {
  const child = fork(ENTRY, {
    execArgv: ['--import', 'tsx'],
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
  child.stdin?.end(JSON.stringify(sandboxSettings(folder)));
  const [message] = (await once(child, 'message')) as [{ ready: boolean; port: number }];
  assert.equal(message.ready, true);
  const client = new Client(`http://127.0.0.1:${message.port}`);
  await client.signIn();
  return { child, client };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('kill -9 at any moment loses nothing that was answered and doubles nothing', async (t) => {
  const folder = join(dataDir, 'killed');
  const answered = new Map<string, string>();
  let { child, client } = await started(folder);
  t.after(() => child.kill('SIGKILL'));
  for (let round = 0; round < 2; round++) {
    const token = await client.token();
    // Twenty requests are under way when it is killed: some are answered, some are not.
    const asked = Array.from({ length: 20 }, (_, index) => {
      const key = `round-${round}-${index}`;
      return client.post('/v1/subscriptions', subscriptionBody(token), key).then(
        ({ text }) => void answered.set(key, text),
        () => undefined,
      );
    });
    await asked[round * 6];
    await killed(child);
    await Promise.all(asked);
    ({ child, client } = await started(folder));
    for (let index = 0; index < 20; index++) {
      const key = `round-${round}-${index}`;
      const before = answered.get(key);
      const again = await client.post('/v1/subscriptions', subscriptionBody(token), key);
      assert.equal(again.status, 200);
      if (before !== undefined) assert.equal(again.text, before, 'the stored answer is the same');
    }
  }
  assert.ok(answered.size > 0);
  const ledger = await client.ledger();
  for (const kind of ['subscriptions', 'charges']) {
    const keys = ledger[kind]?.map((record) => record['idempotency_key']);
    assert.equal(keys?.length, 40, kind);
    assert.equal(new Set(keys).size, 40, kind);
  }
  await killed(child);
});

test('a promise of a process that was killed is kept by the next one', async (t) => {
  const folder = join(dataDir, 'pending');
  let { child, client } = await started(folder);
  t.after(() => child.kill('SIGKILL'));
  await client.tell('tokenize', 'pending:300');
  assert.equal((await client.post('/v1/tokens', cardBody(), 'key-a')).status, 202);
  await killed(child);
  ({ child, client } = await started(folder));
  const statusCode = async () => (await client.get('/v1/operations/key-a')).body['status_code'];
  while ((await statusCode()) === 202);
  assert.equal(await statusCode(), 200);
  assert.equal((await client.ledger())['tokens']?.length, 1);
  // A keyed hash of the card cannot outlive its process: other fields are still compared.
  const other = cardBody(undefined, { customer_id: 'customer-sam' });
  assert.equal((await client.post('/v1/tokens', other, 'key-a')).status, 422);
  await killed(child);
});

test('SIGTERM ends the process in good order', async (t) => {
  const { child } = await started(join(dataDir, 'ended'));
  t.after(() => child.kill('SIGKILL'));
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});

test('a line that was cut off by a loss of power is as if it had never been', async (t) => {
  const folder = join(dataDir, 'torn');
  const first = await sandboxFor(t, { dataDir: folder });
  const token = await first.client.token();
  await first.close();
  const file = join(folder, 'sandbox-ledger.jsonl');
  await appendFile(file, '{"line":"commit","commit":{"operation":{"idempo');
  const second = await sandboxFor(t, { dataDir: folder });
  const ledger = await second.client.ledger();
  assert.deepEqual(
    ledger['tokens']?.map((kept) => kept['token_id']),
    [token],
  );
  await second.client.post('/v1/tokens', cardBody(), 'key-after');
  await second.close();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.map((line): unknown => JSON.parse(line)).length, 2);
});

test('the ledger is nobody else’s to read', async (t) => {
  const { client, dataDir: folder } = await sandboxFor(t);
  await client.token();
  const { mode } = await stat(join(folder, 'sandbox-ledger.jsonl'));
  assert.equal(mode & 0o077, 0);
});

test('with a certificate it speaks TLS', async (t) => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const tls = { certPem: pems.cert, keyPem: pems.private };
  const settings = sandboxSettings(join(dataDir, 'tls'), { tls });
  const sandbox = await startSandbox(settings);
  const origin = `https://localhost:${sandbox.port}`;
  const http = openHttpClient({ origin, ca: pems.cert }, systemClock);
  t.after(async () => {
    await http.close();
    await sandbox.close();
  });
  assert.ok(sandbox.origin.startsWith('https://'));
  const request = { method: 'GET', path: '/healthz', headers: {}, body: null } as const;
  const exchange = await http.exchange(request, new AbortController().signal);
  assert.equal(exchange.kind === 'answered' && exchange.response.status, 200);
});

test('it says what it is and how to use it', async (t) => {
  const { client, origin } = await sandboxFor(t);
  const { text } = await client.call('GET', '/');
  assert.ok(text.includes(`curl ${origin}/__sandbox/ledger`));
  for (const words of ['decline:<Word>', 'late-commit:<ms>', '+13175550100', 'tokenize']) {
    assert.ok(text.includes(words), words);
  }
  assert.equal((await client.call('GET', '/readyz')).status, 200);
});

test('settings that are wrong are named, and their values are not repeated', () => {
  const { gateway, ...others } = sandboxSettings('/anywhere');
  const wrong = { ...others, port: 70_000, gateway: { ...gateway, apiKey: 5 }, extra: 'a-value' };
  assert.throws(
    () => readSandboxSettings(wrong),
    (error: Error) => {
      assert.match(error.message, /\/port/);
      assert.match(error.message, /\/gateway\/apiKey/);
      assert.doesNotMatch(error.message, /a-value|70000|client secret/);
      return true;
    },
  );
});
