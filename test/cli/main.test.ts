import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSettings } from '../../src/tokenizer/settings.ts';
import { tokenline } from './command.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-main-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const SYSTEM = {
  TOKENLINE_DATA: join(directory, 'data'),
  TOKENLINE_BRIDGE_PORT: '0',
  TOKENLINE_TOKENIZER_PORT: '0',
  TOKENLINE_SANDBOX_PORT: '0',
  TOKENLINE_LINE_PORT: '0',
};

test('--help teaches: examples, variables, exit codes', async () => {
  const { code, out } = await tokenline(['--help']).ended;
  assert.equal(code, 0);
  for (const words of ['serve', 'audit', 'doctor', 'Examples:', 'TOKENLINE_DATA', 'Exit codes:']) {
    assert.ok(out.includes(words), words);
  }
});

test('the commands that do not exist yet are not offered', async () => {
  const { out } = await tokenline(['--help']).ended;
  assert.doesNotMatch(out, /^ {2}(line|console)\b/m);
  const serve = await tokenline(['serve', '--help']).ended;
  assert.match(serve.out, /choices: "sandbox", "bridge",\s+"tokenizer",\s+"line"\)/);
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  ) as { version: string };
  const { code, out } = await tokenline(['--version']).ended;
  assert.deepEqual([code, out], [0, `${version}\n`]);
});

test('a slip on the command line ends with 2 and a line that helps', async () => {
  const slips: readonly [string[], RegExp][] = [
    [[], /Usage: tokenline/],
    [['serv'], /unknown command 'serv'[^]*Did you mean serve/],
    [['serve', '--rol', 'bridge'], /unknown option '--rol'[^]*Did you mean --role/],
    [
      ['serve', '--role', 'phone'],
      /'phone' is invalid. The roles are sandbox, bridge, tokenizer, line/,
    ],
    [['audit', 'fnd'], /unknown command 'fnd'/],
    [['audit', 'find'], /Say what to look for: --gateway-transaction-id/],
    [['audit', 'verify', '--url', 'here'], /--url here: expected an address/],
  ];
  for (const [args, words] of slips) {
    const { code, err } = await tokenline(args, SYSTEM).ended;
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    assert.match(err, words);
    assert.doesNotMatch(err, /\bat .*\.ts:\d+/, 'no stack');
  }
});

test('a configuration that is wrong ends with 2 and names file and key', async () => {
  const file = join(directory, 'wrong.yaml');
  writeFileSync(file, 'bridge: { prot: 1 }\n');
  const { code, err } = await tokenline(['serve', '--config', file], SYSTEM).ended;
  assert.equal(code, 2);
  assert.match(err, /wrong\.yaml: bridge\.prot: is not known; known here are host, port, tls/);
});

test('tokenline.yaml in the working directory is read when no other is named', async () => {
  const here = join(directory, 'here');
  mkdirSync(here);
  writeFileSync(join(here, 'tokenline.yaml'), 'mode: dead\n');
  const own = await tokenline(['serve'], {}, here).ended;
  assert.match(own.err, /tokenline\.yaml: mode: expected one of sandbox, live/);
  const named = { TOKENLINE_CONFIG: '/nowhere/else.yaml' };
  const other = await tokenline(['serve'], named, here).ended;
  assert.deepEqual([other.code, other.err], [2, '/nowhere/else.yaml: there is no such file\n']);
});

test('a port that is in use ends with 1 and names the key to change', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const env = { ...SYSTEM, TOKENLINE_TOKENIZER_PORT: String(port) };
    const { code, err } = await tokenline(['serve'], env).ended;
    assert.equal(code, 1);
    const words = `tokenizer.port: port ${port} on 127.0.0.1 is in use by another program.`;
    assert.ok(err.includes(words), err);
    assert.ok(err.includes('TOKENLINE_TOKENIZER_PORT'), err);
  } finally {
    server.close();
  }
});

test('one process alone needs to be told the credential of the internal line', async () => {
  const { code, err } = await tokenline(['serve', '--role', 'tokenizer'], SYSTEM).ended;
  assert.equal(code, 2);
  assert.match(err, /internal\.credential: .*TOKENLINE_INTERNAL_CREDENTIAL_FILE/);
});

test('a tokenizer that runs alone gets its settings as a document that it takes', async () => {
  const out = join(directory, 'tokenizer.json');
  const apart = {
    ...SYSTEM,
    TOKENLINE_INTERNAL_URL: 'http://127.0.0.1:9443',
    TOKENLINE_INTERNAL_CREDENTIAL: 'not-a-secret-internal-line',
  };
  const { code, err } = await tokenline(['card-settings', '--out', out], apart).ended;
  assert.equal(code, 0, err);
  assert.equal(statSync(out).mode & 0o777, 0o400);
  const settings = readSettings(readFileSync(out, 'utf8'));
  assert.equal(settings.internal.origin, 'http://127.0.0.1:9443');
  assert.equal(settings.gateway.name, 'sandbox');

  const without = await tokenline(['card-settings', '--out', '-'], SYSTEM).ended;
  assert.equal(without.code, 2);
  assert.match(without.err, /needs url and credential/);
  const nowhere = await tokenline(['card-settings', '--out', '/proc/a/b'], apart).ended;
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.err, /--out \/proc\/a\/b: it cannot be written/);
});

test('an auditor who cannot reach the bridge is told how to', async () => {
  const args = ['audit', 'find', '--interaction-id', 'x', '--url', 'http://127.0.0.1:1'];
  const { code, err } = await tokenline(args, SYSTEM).ended;
  assert.equal(code, 1);
  assert.match(err, /no answer \(connect\). Is the bridge running there\?/);
});
