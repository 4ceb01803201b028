import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generate } from 'selfsigned';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { encryption } from '../../src/cli/doctor-config.ts';
import {
  clockCheck,
  coreFiles,
  freedMemory,
  inspector,
  nodeVersion,
  swap,
} from '../../src/cli/doctor-machine.ts';
import { diagnose } from '../../src/cli/doctor.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { tokenline } from './command.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-doctor-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const FREE = {
  TOKENLINE_BRIDGE_PORT: '0',
  TOKENLINE_TOKENIZER_PORT: '0',
  TOKENLINE_SANDBOX_PORT: '0',
  TOKENLINE_LINE_PORT: '0',
};
let count = 0;
function freshData(): string {
  count += 1;
  return join(directory, `data-${count}`);
}

async function found(
  env: Record<string, string> = {},
  file: string | null = null,
): Promise<readonly Diagnosis[]> {
  const all = { TOKENLINE_DATA: freshData(), ...FREE, ...env };
  return diagnose({ clock: systemClock, env: all, terminal: openTerminal('1') }, file);
}

async function one(
  check: string,
  env: Record<string, string> = {},
  file: string | null = null,
): Promise<Diagnosis> {
  const diagnosis = (await found(env, file)).find((candidate) => candidate.check === check);
  assert.ok(diagnosis, `no ${check}`);
  return diagnosis;
}

test('a fresh sandbox has nothing that fails, and every remark says why and what to do', async () => {
  const all = await found();
  assert.deepEqual(
    all.filter(({ state }) => state === 'fail'),
    [],
  );
  for (const { check, state, says, why, todo } of all) {
    assert.notEqual(says, '', check);
    assert.equal(state === 'ok', why === '' && todo === '', check);
  }
  const checks = all.map(({ check }) => check);
  for (const check of ['node.version', 'memory.swap', 'clock', 'data.permissions', 'prompts']) {
    assert.ok(checks.includes(check), check);
  }
});

test('an old Node, an open inspector and a C library without MALLOC_PERTURB_ are named', () => {
  assert.equal(nodeVersion('20.18.9').state, 'fail');
  assert.equal(nodeVersion('20.19.0').state, 'ok');
  assert.equal(nodeVersion('24.1.0').state, 'ok');
  assert.equal(inspector({}, ['--inspect=9229']).state, 'fail');
  assert.equal(inspector({ NODE_OPTIONS: '--inspect' }, []).state, 'warn');
  assert.equal(inspector({ NODE_OPTIONS: '--max-old-space-size=512' }, []).state, 'ok');
  assert.equal(freedMemory('glibc', false).state, 'ok');
  assert.equal(freedMemory('glibc', true).state, 'warn');
  assert.equal(freedMemory('musl', false).state, 'warn');
});

test('a core handler that may ignore the limit, swap and a clock that is wrong are named', () => {
  assert.equal(coreFiles('core').state, 'ok');
  assert.equal(coreFiles('|/usr/lib/systemd/systemd-coredump %P').state, 'ok');
  const piped = coreFiles('|/usr/libexec/collect %p');
  assert.equal(piped.state, 'warn');
  assert.match(piped.says, /\/usr\/libexec\/collect$/);
  assert.equal(swap(false).state, 'ok');
  assert.equal(swap(true).state, 'warn');
  assert.equal(swap(null).state, 'warn');
  const noon = Date.UTC(2026, 10, 23, 12);
  assert.equal(clockCheck(noon, noon - 1, true).state, 'ok');
  assert.equal(clockCheck(noon, noon - 1, false).state, 'warn');
  assert.equal(clockCheck(noon, noon + 1, true).state, 'fail');
});

test('a data directory or a key that others can read is a failure with its remedy', async () => {
  const data = freshData();
  mkdirSync(join(data, 'keys'), { recursive: true });
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'keys', 'ledger.pem'), 'key', { mode: 0o644 });
  const env = { TOKENLINE_DATA: data };
  const open = await one('data.permissions', env);
  assert.deepEqual([open.state, open.todo], ['fail', `Run: chmod 700 ${data}`]);
  const key = await one('keys.ledger', env);
  assert.equal(key.state, 'fail');
  assert.match(key.why, /PCI DSS/);
});

test('a wrong configuration is a failure for each slip, and the machine is still looked at', async () => {
  const file = join(directory, 'wrong.yaml');
  writeFileSync(file, 'mode: life\nbridge: { port: x }\n');
  const all = await found({}, file);
  const wrong = all.filter(({ check }) => check === 'config');
  assert.equal(wrong.length, 1, 'a variable stands over bridge.port');
  assert.match(wrong[0]?.says ?? '', /mode: expected one of sandbox, live/);
  assert.ok(all.some(({ check }) => check === 'node.version'));
});

test('known secrets that are reachable from outside are a remark, and so is a lack of TLS', async () => {
  const env = { TOKENLINE_BRIDGE_HOST: '0.0.0.0' };
  assert.equal((await one('credentials', env)).state, 'warn');
  assert.equal((await one('tls.bridge', env)).state, 'warn');
  assert.equal((await one('tls.tokenizer', env)).state, 'ok');
  const listen = { host: '0.0.0.0', port: 0 };
  assert.equal(encryption('bridge', listen, null, 'live', 0).state, 'fail');
});

test('a certificate is checked for its key and its end', async () => {
  const pair = (days: number): Promise<{ cert: string; private: string }> =>
    generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + days * 86_400_000),
    });
  const files = async (name: string, days: number) => {
    const { cert, private: key } = await pair(days);
    const certFile = join(directory, `${name}.crt`);
    const keyFile = join(directory, `${name}.key`);
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    return { certFile, keyFile };
  };
  const listen = { host: '0.0.0.0', port: 0 };
  const judge = (tls: { certFile: string; keyFile: string }): string =>
    encryption('bridge', listen, tls, 'live', Date.now()).state;
  const long = await files('long', 90);
  const short = await files('short', 10);
  assert.equal(judge(long), 'ok');
  assert.equal(judge(short), 'warn');
  assert.equal(judge({ certFile: long.certFile, keyFile: short.keyFile }), 'fail');
  assert.equal(judge({ certFile: '/nowhere.crt', keyFile: short.keyFile }), 'fail');
  assert.equal(
    encryption('bridge', listen, short, 'live', Date.now() + 11 * 86_400_000).state,
    'fail',
  );
});

test('a port of somebody else is a failure, one of a running Tokenline is not', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const data = freshData();
    const env = { TOKENLINE_DATA: data, TOKENLINE_BRIDGE_PORT: String(port) };
    assert.equal((await one('port.bridge', env)).state, 'fail');
    mkdirSync(join(data, 'run'), { recursive: true, mode: 0o700 });
    writeFileSync(join(data, 'run', 'ports.json'), JSON.stringify({ bridge: port }));
    const ours = await one('port.bridge', env);
    assert.deepEqual([ours.state, ours.says], ['ok', `${port} is ours`]);
  } finally {
    server.close();
  }
});

test('a database that does not answer is a failure', async () => {
  const env = { TOKENLINE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const { state, says } = await one('database.durable', env);
  assert.deepEqual([state, says], ['fail', 'the database cannot be reached']);
});

test('the command prints a table, or JSON, and ends with 1 when something failed', async () => {
  const env = { TOKENLINE_DATA: freshData(), ...FREE };
  const good = await tokenline(['doctor'], env).ended;
  assert.equal(good.code, 0, good.out);
  assert.match(good.out, /^ok +node\.version +Node \d+/m);
  assert.match(good.out, /\d+ ok, \d+ to look at, 0 failed/);
  const bad = await tokenline(['doctor', '--json'], { ...env, TOKENLINE_BRIDGE_PORT: 'x' }).ended;
  assert.equal(bad.code, 1);
  const all = JSON.parse(bad.out) as Diagnosis[];
  assert.match(all.find(({ state }) => state === 'fail')?.says ?? '', /^TOKENLINE_BRIDGE_PORT: /);
});
