import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { openPglite } from '../../src/store/pglite.ts';
import { StartRefused } from '../../src/system/start-refused.ts';
import { ports } from '../database.ts';
import { seededRandomness } from '../randomness.ts';
import { temporaryDirectory } from './temporary.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  /** Resolves when this many commits were answered. */
  reached(count: number): Promise<void>;
  /** Kills it, and gives the numbers that were answered. */
  kill(): Promise<number[]>;
}

function startWriter(directory: string, first: number): Writer {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A line without its end was cut off by the kill.
  const lines = (): string[] => out.split('\n').slice(0, -1);
  return {
    child,
    reached: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines().length >= count) resolve();
        };
        child.stdout.on('data', look);
        void closed.then(() => reject(new Error(`the writer ended: ${errors}`)));
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
      return lines().map(Number);
    },
  };
}

describe('a process with PGlite that is killed', () => {
  const directory = join(temporaryDirectory(), 'database');
  const randomness = seededRandomness(7);
  const answered: number[] = [];

  for (let round = 1; round <= 6; round += 1) {
    test(`has lost no answered commit, and no half of one (${round})`, async () => {
      const writer = startWriter(directory, round * 10_000);
      await writer.reached(10 + Math.floor(randomness.fraction() * 120));
      answered.push(...(await writer.kill()));

      const store = await openPglite(directory, ports);
      const pairs = await store.query(
        `select n, count(*) as sides, sum(length(body)) as length from pair group by n`,
      );
      assert.equal(store.durable, true);
      await store.close();
      const found = new Map(pairs.map((row) => [row['n'], row]));
      for (const n of answered) {
        assert.deepEqual(found.get(n), { n, sides: 2, length: n % 3000 }, `row ${n} is whole`);
      }
      for (const row of pairs) assert.equal(row['sides'], 2);
      // The commit that was being answered may have come through, for each kill.
      assert.ok(found.size - answered.length <= round);
    });
  }

  test('a second process is refused while the first one writes, and harms nothing', async () => {
    const writer = startWriter(directory, 1);
    await writer.reached(3);
    await assert.rejects(openPglite(directory, ports), (error) => {
      assert.ok(error instanceof StartRefused);
      assert.match(error.message, new RegExp(`process ${writer.child.pid} `));
      return true;
    });
    await writer.reached(6);
    await writer.kill();
  });
});
