import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keepChild, type Child, type ChildOptions } from '../../src/cli/child.ts';
import { ManualClock } from '../clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-child-'));
const started: Child[] = [];
after(() => {
  for (const child of started) child.kill();
  rmSync(directory, { recursive: true, force: true });
});

interface Scene {
  readonly child: Child;
  readonly clock: ManualClock;
  /** Resolves with the next line that holds the words; those before it are forgotten. */
  readonly said: (words: string) => Promise<string>;
}

let count = 0;
function scene(script: string, over: Partial<ChildOptions> = {}): Scene {
  count += 1;
  const entry = join(directory, `${count}.mjs`);
  writeFileSync(entry, script);
  const clock = new ManualClock();
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const child = keepChild({
    name: 'bridge',
    entry,
    execArgv: [],
    env: { PATH: '/usr/bin:/bin', COLOUR: 'green' },
    settings: { secret: 'tell-nobody' },
    clock,
    say: (line) => {
      lines.push(line);
      for (const wake of waiting.splice(0)) wake();
    },
    ...over,
  });
  started.push(child);
  return {
    child,
    clock,
    async said(words) {
      for (;;) {
        const at = lines.findIndex((line) => line.includes(words));
        const [found] = at === -1 ? [] : lines.splice(0, at + 1).slice(-1);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

/** Reads its settings, writes what it sees to a file, and is ready. */
const report = (file: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
const settings = JSON.parse(await text(process.stdin));
const limits = readFileSync('/proc/self/limits', 'utf8');
writeFileSync(${JSON.stringify(file)}, JSON.stringify({
  settings, argv: process.argv, env: { ...process.env }, pid: process.pid,
  core: /^Max core file size +(\\S+)/m.exec(limits)[1],
}));
process.send({ ready: true, port: 4711 });
setInterval(() => {}, 1000);
`;

const READY = `process.send({ ready: true, port: 1 }); setInterval(() => {}, 1000);`;

test('a child gets its settings on standard input, a clean environment and no core files', async () => {
  const file = join(directory, 'seen.json');
  const { child } = scene(report(file));
  assert.equal(await child.ready, 4711);
  const seen = JSON.parse(readFileSync(file, 'utf8')) as {
    settings: unknown;
    argv: string[];
    env: Record<string, string>;
    pid: number;
    core: string;
  };
  assert.deepEqual(seen.settings, { secret: 'tell-nobody' });
  assert.equal(seen.core, '0');
  assert.equal(seen.pid, child.pid(), 'the shell has been replaced by Node');
  const inherited = Object.keys(seen.env)
    .toSorted()
    .filter((name) => !name.startsWith('NODE_CHANNEL'));
  assert.deepEqual(
    inherited.filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name)),
    ['COLOUR', 'PATH'],
  );
  assert.ok(!JSON.stringify([seen.argv, seen.env]).includes('tell-nobody'));
  await child.stop(1_000);
});

test('a child that ends before it is ready is not started again', async () => {
  const { child } = scene('process.exit(3);');
  await assert.rejects(child.ready, /bridge ended before it was ready \(exit code 3\)/);
  await child.stop(1_000);
});

test('a child that falls is started again, each time after a longer wait, up to five seconds', async () => {
  const { child, clock, said } = scene(READY);
  await child.ready;
  for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
    const before = child.pid();
    assert.ok(before !== null);
    process.kill(before, 'SIGKILL');
    await said(`SIGKILL); starting it again in ${delayMs} ms`);
    await clock.advance(delayMs - 1);
    assert.equal(child.pid(), null, `not before ${delayMs} ms`);
    await clock.advance(1);
    assert.notEqual(child.pid(), before);
  }
  await said('bridge is running again');
  await child.stop(1_000);
});

test('a child that was well for a minute begins with the shortest wait again', async () => {
  const { child, clock, said } = scene(READY);
  await child.ready;
  process.kill(child.pid() ?? 0, 'SIGKILL');
  await said('in 250 ms');
  await clock.advance(250);
  await said('running again');
  await clock.advance(60_000);
  process.kill(child.pid() ?? 0, 'SIGTERM');
  assert.match(await said('SIGTERM'), /in 250 ms/);
  await child.stop(1_000);
});

test('stopping waits for what is in flight and starts nothing again', async () => {
  const file = join(directory, 'finished');
  const { child, clock } = scene(`
import { writeFileSync } from 'node:fs';
process.on('SIGTERM', () => setTimeout(() => {
  writeFileSync(${JSON.stringify(file)}, 'yes');
  process.exit(0);
}, 100));
${READY}`);
  await child.ready;
  await child.stop(10_000);
  assert.equal(readFileSync(file, 'utf8'), 'yes');
  await clock.advance(10_000);
  assert.equal(child.pid(), null);
  assert.equal(clock.timerCount, 0);
});

test('a child that does not stop in its time is killed', async () => {
  const { child, clock, said } = scene(`process.on('SIGTERM', () => {}); ${READY}`);
  await child.ready;
  const stopped = child.stop(2_000);
  await clock.advance(2_000);
  await said('did not stop within 2 s');
  await stopped;
  assert.equal(child.pid(), null);
});

test('a child that is stopped while it waits to be started again stays down', async () => {
  const { child, clock, said } = scene(READY);
  await child.ready;
  process.kill(child.pid() ?? 0, 'SIGKILL');
  await said('starting it again');
  await child.stop(1_000);
  await clock.advance(10_000);
  assert.equal(child.pid(), null);
});
