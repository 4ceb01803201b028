import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { DirectoryLock } from '../../src/store/directory-lock.ts';
import { systemRandomness } from '../../src/system/randomness.ts';
import { StartRefused } from '../../src/system/start-refused.ts';
import { ManualClock } from '../clock.ts';
import { temporaryDirectory } from './temporary.ts';

type Fields = Record<string, unknown>;

describe('the lock of a directory', () => {
  const directory = temporaryDirectory();
  let path: string;
  let clock: ManualClock;
  let count = 0;
  beforeEach(() => {
    count += 1;
    path = join(directory, `lock-${count}`);
    clock = new ManualClock();
  });

  const take = (): Promise<DirectoryLock> => DirectoryLock.take(path, clock, systemRandomness);

  const isRefused = (error: unknown): boolean =>
    error instanceof StartRefused && /Stop it, or give this one a directory/.test(error.message);

  /** Changes some fields of the lock that is there. */
  function change(changes: Fields): void {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Fields;
    writeFileSync(path, JSON.stringify({ ...holder, ...changes }));
  }

  /** Leaves a lock there as a process that was killed does: this one's, with some fields changed. */
  async function leave(changes: Fields): Promise<void> {
    const lock = await take();
    const content = readFileSync(path, 'utf8');
    lock.release();
    writeFileSync(path, content);
    change(changes);
  }

  test('is taken, is private, and is gone when it is given back', async () => {
    const lock = await take();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    lock.release();
    lock.release();
    assert.equal(existsSync(path), false);
    assert.equal(clock.timerCount, 0);
  });

  test('is refused while its process runs, naming the process', async () => {
    const lock = await take();
    await assert.rejects(take(), (error) => {
      assert.ok(isRefused(error));
      assert.match(String(error), new RegExp(`process ${process.pid} is using`));
      return true;
    });
    lock.release();
  });

  test('of a process that has ended is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await leave({ pid: child.pid, startTicks: '1' });
    (await take()).release();
  });

  test('of a process whose pid another one has now is taken over', async () => {
    await leave({ startTicks: '1' });
    (await take()).release();
  });

  test('from before the machine was started again is taken over', async () => {
    await leave({ bootId: 'another-boot' });
    (await take()).release();
  });

  test('where the system cannot tell when a process began, its pid decides', async () => {
    await leave({ startTicks: null });
    await assert.rejects(take(), isRefused);
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    change({ pid: child.pid });
    (await take()).release();
  });

  for (const content of ['', '{"pid":', '{"pid":"x"}', 'null']) {
    test(`that holds ${content || 'nothing'} is taken over a moment later`, async () => {
      writeFileSync(path, content);
      const taking = take();
      await clock.advance(100);
      (await taking).release();
    });
  }

  test('of another container that shows no sign of life is taken over', async () => {
    await leave({ pidNamespace: 'pid:[1]', pid: 1 });
    const taking = take();
    await clock.advance(10_000);
    (await taking).release();
  });

  test('of another container that is alive is refused', async () => {
    const other = new ManualClock();
    const lock = await DirectoryLock.take(path, other, systemRandomness);
    change({ pidNamespace: 'pid:[1]', pid: 1 });
    const taking = assert.rejects(take(), /process 1 of another container/);
    await other.advance(3000);
    await clock.advance(10_000);
    await taking;
    lock.release();
  });

  test('goes to one of many that take it over at the same time', async () => {
    await leave({ startTicks: '1' });
    const takers = await Promise.allSettled(Array.from({ length: 5 }, take));
    const [lock, ...others] = takers.filter((taker) => taker.status === 'fulfilled');
    assert.ok(lock);
    assert.deepEqual(others, []);
    assert.ok(existsSync(path));
    lock.value.release();
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.includes('stale')),
      [],
    );
  });
});
