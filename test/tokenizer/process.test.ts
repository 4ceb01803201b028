import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { build, type Built } from '../card/built.ts';
import { bodyText } from '../card/captures.ts';
import { spawnChild, startChild, type CardChild } from '../card/child.ts';
import { ANSWER, startFakeBridge, type FakeBridge } from '../card/fake-bridge.ts';
import { GRANT, startFakeGateway, type FakeGateway } from '../card/fake-gateway.ts';
import { tokenizerSettings } from '../card/settings.ts';
import { digitsIn } from '../conformance/digits.ts';

const PAN = '4000056655665556';
const PERTURB = { MALLOC_PERTURB_: '165' };

let built: Built;
let bridge: FakeBridge;
let gateway: FakeGateway;

before(async () => {
  built = await build('src/cli/tokenizer-process.ts');
  bridge = await startFakeBridge();
  gateway = await startFakeGateway();
});

after(async () => {
  await Promise.all([built.remove(), bridge.close(), gateway.close()]);
});

const settings = (): object => tokenizerSettings(bridge.origin, gateway.origin);

async function start(t: TestContext, env: Record<string, string> = PERTURB): Promise<CardChild> {
  const child = await startChild(built.entry, { settings: settings(), env });
  t.after(() => child.process.kill('SIGKILL'));
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

async function ended(options: Parameters<typeof spawnChild>[1]): Promise<Ended> {
  const child = spawnChild(built.entry, options);
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout?.resume();
  child.on('message', () => child.kill('SIGKILL'));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** `import … from '…'`, `export … from '…'`, `import '…'`, and `import('…')`. */
const IMPORTS =
  /^(?:import|export)\b(?:[^'";=]*\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

/** npm packages that a built module and everything that it imports name, with who names them. */
async function packagesOf(entry: string): Promise<Map<string, string>> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const code = await readFile(file, 'utf8');
    for (const [, statically, lazily] of code.matchAll(IMPORTS)) {
      const specifier = statically ?? lazily ?? '';
      if (specifier.startsWith('.')) await visit(join(dirname(file), specifier));
      else if (!isBuiltin(specifier)) packages.set(specifier.split('/')[0] ?? '', file);
    }
  };
  await visit(entry);
  assert.ok(seen.size > 20, 'the walk has seen the process');
  return packages;
}

test('the built card process loads typebox, jose and prom-client, and no other package', async () => {
  const packages = await packagesOf(built.entry);
  assert.deepEqual([...packages.keys()].sort(), ['jose', 'prom-client', 'typebox']);
});

test('it says that it is ready, serves a card, and ends with 0 on SIGTERM', async (t) => {
  const child = await start(t);
  const reply = await fetch(`http://127.0.0.1:${child.port}/v1/tokens`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await bridge.token()}`,
    },
    body: bodyText(PAN, '737', 'call-alpha'),
  });
  assert.equal(await reply.text(), ANSWER);
  assert.equal(await child.stop(), 0);
  assert.deepEqual(digitsIn(child.output(), PAN), []);
  assert.match(child.output(), /process\.ready/);
  assert.match(child.output(), /process\.stopped/);
});

test('on SIGTERM it finishes what is in flight before it ends', async (t) => {
  const child = await start(t);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const arrived = new Promise<void>((resolve) => {
    gateway.onToken = async () => {
      resolve();
      await gate;
      return GRANT;
    };
  });
  t.after(() => (gateway.onToken = () => GRANT));
  const reply = fetch(`http://127.0.0.1:${child.port}/v1/tokens`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await bridge.token()}`,
    },
    body: bodyText(PAN, '737', 'call-beta'),
  });
  await arrived;
  const finishes = bridge.finishes.length;
  const exited = child.stop();
  release();
  assert.equal(await (await reply).text(), ANSWER);
  assert.equal(await exited, 0);
  assert.equal(bridge.finishes.length, finishes + 1);
});

test('it ends with its parent', async (t) => {
  const child = await start(t);
  const exited = once(child.process, 'exit');
  child.process.disconnect();
  assert.deepEqual(await exited, [0, null]);
});

test('it ends with a parent that has gone before it was ready', async (t) => {
  const child = spawnChild(built.entry, { settings: settings(), env: PERTURB });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  // Not `close`, which does not come after a `disconnect` of ours.
  const exited = once(child, 'exit');
  child.disconnect();
  assert.deepEqual(await exited, [0, null], stderr);
});

test('flags and variables that would show card digits keep it from starting, with exit code 78', async () => {
  const refused: [Parameters<typeof spawnChild>[1], RegExp][] = [
    [{ execArgv: ['--inspect=127.0.0.1:0'] }, /--inspect/],
    [{ execArgv: ['--heapsnapshot-signal=SIGUSR2'] }, /--heapsnapshot-signal/],
    [{ execArgv: ['--report-on-fatalerror'] }, /--report-on-fatalerror/],
    [{ env: { NODE_OPTIONS: '--no-warnings' } }, /NODE_OPTIONS/],
  ];
  for (const [options, said] of refused) {
    const { code, stderr } = await ended({ settings: settings(), ...options });
    assert.equal(code, 78, stderr);
    assert.match(stderr, said);
  }
});

test('settings that cannot work end it with 78 and a sentence that repeats none of them', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const good = tokenizerSettings(bridge.origin, gateway.origin);
  const wrong: [object | undefined, RegExp][] = [
    [undefined, /stdin/],
    [{}, /wrong at/],
    [
      { ...good, internal: { ...good.internal, credential: 'short-secret' } },
      /\/internal\/credential/,
    ],
    [{ ...good, gateway: { ...good.gateway, name: 'nowhere' } }, /there is no gateway/],
    [{ ...good, gateway: { ...good.gateway, credentials: {} } }, /clientId/],
    [{ ...good, timeZone: 'Mars/Olympus' }, /timeZone/],
    [{ ...good, gateway: { ...good.gateway, origin: 'gateway' } }, /origin/],
    [{ ...good, listen: { ...good.listen, tls: { cert: 'no cert', key: 'no key' } } }, /tls/],
    [{ ...good, listen: { ...good.listen, port } }, /EADDRINUSE/],
  ];
  for (const [given, said] of wrong) {
    const { code, stderr } = await ended({ ...(given && { settings: given }), env: PERTURB });
    assert.equal(code, 78, stderr);
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /short-secret|api-key|no key/);
  }
  taken.close();
});

test('without MALLOC_PERTURB_ it starts, says what to do, and shows it in its metrics', async (t) => {
  const child = await start(t, {});
  const metrics = await (await fetch(`http://127.0.0.1:${child.port}/metrics`)).text();
  assert.match(child.output(), /MALLOC_PERTURB_=165/);
  assert.match(metrics, /tokenline_card_hardening\{check="malloc_perturb",role="tokenizer"\} 0/);
  const sound = await start(t);
  const better = await (await fetch(`http://127.0.0.1:${sound.port}/metrics`)).text();
  if (process.report.getReport() && isGlibc()) {
    assert.match(better, /tokenline_card_hardening\{check="malloc_perturb",role="tokenizer"\} 1/);
  }
});

function isGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}

test('SIGUSR1 does not open the inspector', async (t) => {
  const child = await start(t);
  child.process.kill('SIGUSR1');
  const reply = await fetch(`http://127.0.0.1:${child.port}/healthz`);
  assert.equal(reply.status, 200);
  assert.doesNotMatch(child.output(), /Debugger listening/);
  const socket = connect(9229, '127.0.0.1');
  const opened = await new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  });
  socket.destroy();
  if (opened) t.diagnostic('port 9229 is somebody else’s');
});
