import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { sleep } from '../../src/system/clock.ts';
import { VirtualClock } from '../../src/system/virtual-clock.ts';

/** Quiet after one turn of the loop: here are no sockets and no files. */
const AT_ONCE = (): Promise<void> => new Promise((quiet) => setImmediate(quiet));

test('time stands still until it is waited for, and jumps to the next timer', async () => {
  const clock = new VirtualClock(1_000);
  const order: string[] = [];
  const work = async (): Promise<number> => {
    clock.after(500, () => order.push(`b ${clock.now()}`));
    clock.after(200, () => order.push(`a ${clock.now()}`));
    await sleep(clock, 60_000);
    return clock.monotonicMs();
  };
  assert.equal(await clock.passUntil(work(), AT_ONCE, 100_000), 60_000);
  assert.deepEqual(order, ['a 1200', 'b 1500']);
});

test('whoever paces it is told of every jump before it, and time waits', async () => {
  const clock = new VirtualClock(0);
  const told: string[] = [];
  clock.after(300, () => undefined);
  await clock.passUntil(sleep(clock, 1_000), AT_ONCE, 10_000, async (jumpMs) => {
    told.push(`${clock.monotonicMs()} + ${jumpMs}`);
    await AT_ONCE();
    assert.equal(told.at(-1), `${clock.monotonicMs()} + ${jumpMs}`);
  });
  assert.deepEqual(told, ['0 + 300', '300 + 700']);
});

test('a timer that was called off does not run and moves nothing', async () => {
  const clock = new VirtualClock(0);
  clock.after(10, () => assert.fail('it was called off')).cancel();
  await clock.passUntil(sleep(clock, 20), AT_ONCE, 100);
  assert.equal(clock.monotonicMs(), 20);
});

test('what would never end is told and not waited for', async () => {
  const clock = new VirtualClock(0);
  const never = new Promise<void>(() => undefined);
  await assert.rejects(clock.passUntil(never, AT_ONCE, 100), /no timer is set: it waits for ever/);
});

test('a limit of virtual time is kept', async () => {
  const clock = new VirtualClock(0);
  await assert.rejects(clock.passUntil(sleep(clock, 5_000), AT_ONCE, 1_000), /not ended after 1 s/);
});

test('the failure of what is waited for is its own', async () => {
  const clock = new VirtualClock(0);
  const failing = sleep(clock, 10).then(() => Promise.reject(new Error('its own')));
  await assert.rejects(clock.passUntil(failing, AT_ONCE, 1_000), /its own/);
});

/**
 * In a process of its own, whose thread pool has one thread, as players of call files have: requests
 * over loopback with signatures, files and answers in between, while every core is kept busy.
 */
test('on a busy machine time does not jump past a request that is on its way', async () => {
  const program = resolve(import.meta.dirname, 'quiet-under-load.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), program],
    { env: { PATH: process.env['PATH'], UV_THREADPOOL_SIZE: '1' } },
  );
  assert.deepEqual(JSON.parse(stdout), { early: 0, slow: 30, answered: 120 });
});
