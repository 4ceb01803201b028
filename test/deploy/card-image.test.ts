import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ANSWER, startFakeBridge, type FakeBridge } from '../card/fake-bridge.ts';
import { startFakeGateway, type FakeGateway } from '../card/fake-gateway.ts';
import { tokenizerSettings } from '../card/settings.ts';
import { argumentsOf, lastStage, placeOf, readDockerfile, ROOT } from './dockerfile.ts';

/** The image's own files, and no others: what COPY brings, in a folder with no packages above it. */

const HOME = '/opt/tokenline';
const stage = lastStage(readDockerfile('tokenizer.Dockerfile'));
const folder = mkdtempSync(join(tmpdir(), 'deploy-card-image-'));
const settings = join(folder, 'tokenizer.json');

let bridge: FakeBridge;
let gateway: FakeGateway;
let child: ChildProcess;
let output = '';
let port = 0;

function assemble(): void {
  for (const line of stage.copies) {
    for (const source of line.sources) {
      const target = line.target.endsWith('/') ? join(line.target, source) : line.target;
      cpSync(placeOf(line, source), join(folder, 'image', target), { recursive: true });
    }
  }
}

/** Of the `ENV` lines, as the image has them. */
function environment(): Record<string, string> {
  const pairs = argumentsOf(stage, 'ENV').map((pair): [string, string] => {
    const [name = '', value = ''] = pair.split('=', 2);
    return [name, value];
  });
  return Object.fromEntries(pairs);
}

function atHome(word: string): string {
  return word.replaceAll(HOME, join(folder, 'image'));
}

const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 20));

const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;

before(async () => {
  assemble();
  bridge = await startFakeBridge();
  gateway = await startFakeGateway();
  writeFileSync(settings, JSON.stringify(tokenizerSettings(bridge.origin, gateway.origin)));
  const [program = '', ...words] = argumentsOf(stage, 'ENTRYPOINT').map(atHome);
  child = spawn(program, [...words, settings], {
    cwd: join(folder, 'image'),
    env: { ...environment(), PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr?.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the card process ended: ${output}`);
  });
  ended.catch(() => undefined);
  while (!output.includes('"process.ready"')) await Promise.race([turn(), ended]);
  port = Number(/"port":(\d+)/.exec(output)?.[1]);
});

after(async () => {
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await bridge.close();
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a card becomes a token with the files of the image alone', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/tokens`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await bridge.token(['cards'])}`,
    },
    body: JSON.stringify({
      card_number: '4242424242424242',
      cvv: '123',
      expiry_month: '12',
      expiry_year: '39',
      customer_id: 'cust_a',
      amount: '29.99',
      currency: 'USD',
      recurring_flag: true,
      metadata: { interaction_id: 'call-a', call_id: 'call-a', source: 'ivr' },
    }),
  });
  assert.equal(await response.text(), ANSWER);
  assert.equal(response.status, 200);
  assert.equal(gateway.calls.length, 1);
});

test('it is started as SECURITY.md wants it: no core file, freed memory overwritten', () => {
  const limits = readFileSync(`/proc/${child.pid}/limits`, 'utf8');
  assert.match(limits, /^Max core file size +0 /m);
  assert.match(readFileSync(`/proc/${child.pid}/environ`, 'utf8'), /(^|\0)MALLOC_PERTURB_=165\0/);
  assert.match(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'), /^node\0/, 'the shell is gone');
  assert.doesNotMatch(output, /"kind":"(?:malloc_perturb|core_limit)"/);
});

test('the image’s own probe tells a server that is ready from one that is not', async () => {
  const [program, script = '', shown, path = ''] = JSON.parse(
    /\[.*\]/.exec(argumentsOf(stage, 'HEALTHCHECK').join(' '))?.[0] ?? '[]',
  ) as string[];
  assert.deepEqual([program, shown], ['node', '8081']);
  const ask = async (at: number): Promise<unknown> =>
    (await once(spawn(process.execPath, [atHome(script), String(at), path]), 'exit'))[0];
  assert.equal(await ask(port), 0);
  assert.equal(await ask(1), 1);
});

test('it has its three packages with what they need, and no other', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string> }>;
  };
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {}).forEach(want);
  };
  ['typebox', 'jose', 'prom-client'].forEach(want);
  const modules = join(folder, 'image', 'node_modules');
  const found = readdirSync(modules).flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
      : [name],
  );
  assert.deepEqual(found.sort(), [...wanted].sort());
});

test('no process and no tool of the others is in it', () => {
  const rooms = readdirSync(join(folder, 'image', 'dist')).sort();
  const card = [
    'card',
    'cli',
    'contract',
    'gateway',
    'payment',
    'resilience',
    'system',
    'tokenizer',
  ];
  assert.deepEqual(rooms, card);
  assert.deepEqual(readdirSync(join(folder, 'image', 'dist', 'cli')), [
    'probe-process.js',
    'tokenizer-process.js',
  ]);
  const started = spawnSync(process.execPath, [join(folder, 'image', 'dist', 'cli', 'main.js')]);
  assert.notEqual(started.status, 0);
});
