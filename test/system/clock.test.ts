import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../../src/system/clock.ts';
import { newId } from '../../src/system/randomness.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

test('timers run in the order in which they are due, then in the order of setting', async () => {
  const clock = new ManualClock();
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.monotonicMs()}`);
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, note('second'));
  clock.after(31, note('not yet'));
  await clock.advance(30);
  assert.deepEqual(ran, ['first@10', 'second@10', 'late@20']);
  assert.equal(clock.monotonicMs(), 30);
  assert.equal(clock.timerCount, 1);
});

test('a timer that is called off does not run', async () => {
  const clock = new ManualClock();
  let ran = false;
  clock.after(10, () => (ran = true)).cancel();
  await clock.advance(10);
  assert.equal(ran, false);
});

test('waits that follow each other all happen within one advance', async () => {
  const clock = new ManualClock();
  const woken: number[] = [];
  const walk = async (): Promise<void> => {
    for (let step = 0; step < 3; step += 1) {
      await sleep(clock, 100);
      woken.push(clock.monotonicMs());
    }
  };
  const done = walk();
  await clock.advance(300);
  await done;
  assert.deepEqual(woken, [100, 200, 300]);
});

test('the wall clock jumps without moving durations or timers', async () => {
  const clock = new ManualClock(1000);
  let ran = false;
  clock.after(10, () => (ran = true));
  clock.jumpWall(-500);
  assert.deepEqual([clock.now(), clock.monotonicMs(), ran], [500, 0, false]);
  await clock.advance(10);
  assert.deepEqual([clock.now(), clock.monotonicMs(), ran], [510, 10, true]);
});

test('a sleep ends early when its signal is aborted, and leaves no timer behind', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const slept = sleep(clock, 1000, controller.signal);
  controller.abort();
  await slept;
  assert.equal(clock.timerCount, 0);
});

test('the same seed gives the same randomness, another seed another', () => {
  const draw = (seed: number): string => {
    const randomness = seededRandomness(seed);
    return `${newId('op', randomness)} ${randomness.fraction()}`;
  };
  assert.equal(draw(7), draw(7));
  assert.notEqual(draw(7), draw(8));
  assert.match(draw(7), /^op_[a-z]{20} 0\.\d+$/);
});
