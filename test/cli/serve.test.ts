import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT, run, tokenline, type Command, type Ended } from './command.ts';

const directory = mkdtempSync(join(tmpdir(), 'tl-serve-'));
const data = join(directory, 'data');
const ENV = {
  TOKENLINE_DATA: data,
  TOKENLINE_BRIDGE_PORT: '0',
  TOKENLINE_TOKENIZER_PORT: '0',
  TOKENLINE_SANDBOX_PORT: '0',
  TOKENLINE_LINE_PORT: '0',
  TOKENLINE_LEDGER_CHECKPOINT_EVERY_MS: '1000',
  // Must not reach the children.
  TOKENLINE_UNRELATED: 'stray',
};
const PORTS_FILE = join(data, 'run', 'ports.json');

let system: Command;
let ports: Record<string, number> = {};

/** Looks every tenth of a second; the processes of the test are real and so is their time. */
async function until<T>(what: string, look: () => T | null, seconds = 60): Promise<T> {
  for (let tries = 0; tries < seconds * 10; tries += 1) {
    const found = look();
    if (found !== null) return found;
    await wait(100);
  }
  throw new Error(`${what} did not happen within ${seconds} s:\n${system.written()}`);
}

function pidsOf(role: string): number[] {
  return system
    .written()
    .split('\n')
    .filter((line) => line.includes('"process.ready"') && line.includes(`"role":"${role}"`))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);
}

before(async () => {
  system = tokenline(['serve'], ENV);
  await until('readiness', () => (/Stop with/.test(system.written()) ? true : null));
  ports = JSON.parse(readFileSync(PORTS_FILE, 'utf8')) as Record<string, number>;
});

after(async () => {
  system.process.kill('SIGTERM');
  await system.ended;
  rmSync(directory, { recursive: true, force: true });
});

const auditUrl = (): string[] => ['--url', `http://127.0.0.1:${ports['bridge']}`];
const audit = (...args: string[]): Promise<Ended> =>
  tokenline(['audit', ...args], { TOKENLINE_DATA: data }).ended;

function enrol(): Promise<Ended> {
  const addresses = {
    TOKENLINE_BRIDGE_PORT: String(ports['bridge']),
    TOKENLINE_TOKENIZER_PORT: String(ports['tokenizer']),
    TOKENLINE_SANDBOX_PORT: String(ports['sandbox']),
  };
  return run('bash', [join(ROOT, 'examples/enrol.sh')], addresses).ended;
}

let transaction = '';

test('the banner says what runs where, with the sandbox’s credentials', () => {
  const text = system.written();
  for (const role of ['bridge', 'tokenizer', 'sandbox', 'line']) {
    assert.match(text, new RegExp(`${role} +http://127\\.0\\.0\\.1:${ports[role]} `));
  }
  assert.match(text, /tokenline-sandbox {2}not-a-secret-sandbox {2}\(calls, cards\)/);
  assert.match(text, /TOKENLINE_UNRELATED: this variable means nothing/);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /\u001B/, 'no colours for a pipe');
});

test('data, keys and sockets are open to this user alone', () => {
  for (const name of ['', 'run', 'keys']) {
    assert.equal(statSync(join(data, name)).mode & 0o777, 0o700, name);
  }
  assert.equal(statSync(PORTS_FILE).mode & 0o777, 0o600);
});

test('no secret is on a command line or in an environment, and no core file can be written', () => {
  const pids = [...pidsOf('bridge'), ...pidsOf('tokenizer')];
  assert.equal(pids.length, 2);
  for (const pid of pids) {
    const seen = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    assert.doesNotMatch(seen.join('\0'), /not-a-secret|TOKENLINE|NODE_OPTIONS|whsec_/);
    assert.match(seen.join('\0'), /MALLOC_PERTURB_=165/);
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max core file size +0 /m);
  }
});

test('the example enrols somebody from token to billing, and never shows the card', async () => {
  const { code, out, err } = await enrol();
  assert.equal(code, 0, out + err);
  assert.match(out, /subscription\.created has arrived/);
  assert.match(out, /byte for byte the same/);
  assert.doesNotMatch(out + err, /\d{12}/);
  transaction = /--gateway-transaction-id (\S+)/.exec(out)?.[1] ?? '';
  assert.notEqual(transaction, '');
});

test('the example stops with a clear line when something is not there', async () => {
  const nowhere = { TOKENLINE_BRIDGE_URL: 'http://127.0.0.1:1' };
  const { code, err } = await run('bash', [join(ROOT, 'examples/enrol.sh')], nowhere).ended;
  assert.equal(code, 1);
  assert.match(err, /enrol\.sh: http:\/\/127\.0\.0\.1:1 does not answer/);
});

test('an auditor finds the whole story by the gateway’s transaction', async () => {
  const id = ['--gateway-transaction-id', transaction];
  const { code, out } = await audit('find', ...auditUrl(), ...id);
  assert.equal(code, 0);
  const told = ['consent.given', 'tokenise.approved', 'subscribe.intent', 'subscribe.approved'];
  const places = [...told, 'event.delivered'].map((action) => out.indexOf(action));
  assert.ok(!places.includes(-1), out);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    'in the order in which it happened',
  );
  const json = await audit('find', ...auditUrl(), ...id, '--json');
  const entries = JSON.parse(json.out) as { gateway_transaction_id: string }[];
  assert.ok(entries.some((entry) => entry.gateway_transaction_id === transaction));
  const none = await audit('find', ...auditUrl(), '--operation-id', 'op_nothing');
  assert.equal(none.code, 1);
});

test('the ledger verifies with the key and the checkpoints of the data directory', async () => {
  await until('a checkpoint', () => {
    const file = join(data, 'checkpoints.jsonl');
    return existsSync(file) && readFileSync(file, 'utf8').split('\n').length > 2 ? true : null;
  });
  const { code, out } = await audit('verify', ...auditUrl());
  assert.equal(code, 0, out);
  assert.match(out, /^ok: \d+ entries, each unchanged/);
  assert.match(out, /ledger\.pub\.pem/);
  assert.match(out, /checkpoints\.jsonl agree/);
});

test('a checkpoint of another hand, or a wrong key, makes the verification fail', async () => {
  const forged = join(directory, 'forged.jsonl');
  const [line = ''] = readFileSync(join(data, 'checkpoints.jsonl'), 'utf8').split('\n');
  const checkpoint = JSON.parse(line) as { seq: number };
  writeFileSync(forged, `${JSON.stringify({ ...checkpoint, seq: checkpoint.seq + 1_000_000 })}\n`);
  const other = await audit('verify', ...auditUrl(), '--checkpoints', forged);
  assert.equal(other.code, 1);
  assert.match(other.out, /FAILED: 1 finding\n {2}signature_wrong: /);
  appendFileSync(forged, 'torn\n');
  const torn = await audit('verify', ...auditUrl(), '--checkpoints', forged);
  assert.match(torn.err, /forged\.jsonl:2: this line is no checkpoint/);
  const notAKey = ['--public-key', join(data, 'checkpoints.jsonl')];
  const keyless = await audit('verify', ...auditUrl(), ...notAKey);
  assert.match(keyless.err, /this is no Ed25519 public key/);
});

test('exported evidence proves itself offline, and not after a change', async () => {
  const file = join(directory, 'evidence.json');
  const id = ['--gateway-transaction-id', transaction];
  await until('the checkpoint over it', () =>
    readFileSync(join(data, 'checkpoints.jsonl'), 'utf8').trim().split('\n').length > 2
      ? true
      : null,
  );
  const made = await audit('export', ...auditUrl(), ...id, '--out', file);
  assert.equal(made.code, 0, made.err);
  const key = ['--public-key', join(data, 'keys', 'ledger.pub.pem')];
  const good = await audit('verify', '--file', file, ...key);
  assert.equal(good.code, 0, good.out + good.err);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"result": "success"', '"result": "failure"'));
  const bad = await audit('verify', '--file', file, ...key);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /content_changed: entry \d+ \(led_[a-z]+\) was changed/);
});

test('a client without the scope is told which one it needs', async () => {
  const env = {
    TOKENLINE_DATA: data,
    TOKENLINE_CLIENT_ID: 'tokenline-sandbox',
    TOKENLINE_CLIENT_SECRET: 'not-a-secret-sandbox',
  };
  const args = ['audit', 'find', ...auditUrl(), '--interaction-id', 'x'];
  const { code, err } = await tokenline(args, env).ended;
  assert.equal(code, 1);
  assert.match(err, /tokenline-sandbox needs the scope "auditor"/);
});

test('a second system on the same directory is refused, and takes nothing away from the first', async () => {
  const { code, err } = await tokenline(['serve'], ENV).ended;
  assert.equal(code, 1);
  assert.match(err, /another "tokenline serve" runs sandbox on /);
  assert.ok(existsSync(PORTS_FILE));
});

test('a bridge that is killed comes back on its port, and calls go on', async () => {
  const [pid] = pidsOf('bridge');
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  await until('the restart', () =>
    /bridge is running again/.test(system.written()) ? true : null,
  );
  assert.match(system.written(), /bridge ended by itself \(SIGKILL\); starting it again in 250 ms/);
  const { code, out, err } = await enrol();
  assert.equal(code, 0, out + err);
});

test('SIGTERM stops everything in order and leaves nothing behind', async () => {
  const pids = [...pidsOf('bridge').slice(-1), ...pidsOf('tokenizer')];
  system.process.kill('SIGTERM');
  const { code, out } = await system.ended;
  assert.equal(code, 0);
  const stopped = out.split('\n').filter((line) => line.includes('"process.stopped"'));
  assert.deepEqual(
    stopped.map((line) => (JSON.parse(line) as { role: string }).role),
    ['tokenizer', 'bridge'],
  );
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`), `process ${pid} is still there`);
  assert.ok(!existsSync(PORTS_FILE));
});
