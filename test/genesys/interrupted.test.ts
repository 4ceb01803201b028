import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformRefused } from '../../src/genesys/refusal.ts';
import { smallWanted } from './small.ts';
import { contentsOf, dueOf, startWorld } from './world.ts';

test('an apply that is cut off after any of its writes goes on where it stopped', async () => {
  const whole = await startWorld();
  await whole.apply(smallWanted());
  const contents = contentsOf(whole.double);
  const writes = whole.double.writes();
  await whole.close();
  assert.ok(writes.length >= 20, `${writes.length} writes`);
  for (const [at, route] of writes.entries()) {
    const world = await startWorld();
    const { double } = world;
    double.script({ at: 'write', after: at, does: { kind: 'cut_after' } });
    await assert.rejects(world.apply(smallWanted()), PlatformRefused, route);
    assert.equal(double.writes().length, at + 1, `nothing is sent after the cut at ${route}`);
    await world.apply(smallWanted());
    assert.deepEqual(contentsOf(double), contents, `cut after ${at + 1}: ${route}`);
    assert.deepEqual(dueOf(await world.plan(smallWanted())), [], route);
    assert.deepEqual(double.problems, []);
    await world.close();
  }
});

test('a destroy that is cut off after any of its writes goes on, too', async () => {
  const whole = await startWorld();
  await whole.apply(smallWanted());
  const before = whole.double.writes().length;
  await whole.destroy(smallWanted());
  const count = whole.double.writes().length - before;
  const contents = contentsOf(whole.double);
  await whole.close();
  assert.ok(count >= 9, `${count} writes`);
  for (let at = 0; at < count; at += 1) {
    const world = await startWorld();
    await world.apply(smallWanted());
    world.double.script({ at: 'write', after: at, does: { kind: 'cut_after' } });
    await assert.rejects(world.destroy(smallWanted()), PlatformRefused);
    assert.deepEqual(await world.destroy(smallWanted()), []);
    assert.deepEqual(contentsOf(world.double), contents, `cut after ${at + 1}`);
    await world.close();
  }
});
