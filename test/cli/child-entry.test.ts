import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-entry-'));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const ENTRY = new URL('../../src/cli/child-entry.ts', import.meta.url).href;
const LOADER = import.meta.resolve('tsx');

interface Scene {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
  readonly ended: Promise<{ code: number | null; err: string }>;
}

/** A child whose server says on standard error what happens to it. */
function scene(start: string, settings: unknown): Scene {
  const file = join(directory, `${started.length}.mts`);
  writeFileSync(
    file,
    `import { runAsChild } from ${JSON.stringify(ENTRY)};
    const hold = setInterval(() => {}, 1000);
    await runAsChild(async (settings) => { ${start} });`,
  );
  const stdio = ['pipe', 'ignore', 'pipe', 'ipc'] as const;
  const child = spawn(process.execPath, ['--import', LOADER, file], { stdio: [...stdio] });
  started.push(child);
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  // Not `close`, which does not come after a `disconnect` of ours.
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const silent = new Promise<void>((resolve) => child.stderr?.once('end', resolve));
  child.stdin?.end(JSON.stringify(settings));
  return {
    child,
    ready: new Promise((resolve) => child.once('message', resolve)),
    ended: Promise.all([exited, silent]).then(([code]) => ({ code, err })),
  };
}

const SERVER = `return { port: settings.port, close: async () => { console.error('closed'); } };`;

test('a child reads its settings, says that it is ready, and closes on SIGTERM', async () => {
  const { child, ready, ended } = scene(SERVER, { port: 4711 });
  assert.deepEqual(await ready, { ready: true, port: 4711 });
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, err: 'closed\n' });
});

test('a child ends with its parent', async () => {
  const { child, ready, ended } = scene(SERVER, { port: 1 });
  await ready;
  child.disconnect();
  assert.deepEqual(await ended, { code: 0, err: 'closed\n' });
});

test('a child ends with a parent that has gone before it was ready', async () => {
  const { child, ended } = scene(SERVER, { port: 1 });
  child.disconnect();
  assert.equal((await ended).code, 0);
});

test('SIGUSR1 opens no inspector', async () => {
  const { child, ready, ended } = scene(SERVER, { port: 1 });
  await ready;
  child.kill('SIGUSR1');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, { code: 0, err: 'closed\n' });
});

test('a server that cannot start ends with one line for the operator and no stack', async () => {
  const { ended } = scene(`throw new Error('database_url: nobody is there');`, {});
  assert.deepEqual(await ended, { code: 1, err: 'database_url: nobody is there\n' });
});
