import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wanted } from '../../src/genesys/wanted.ts';
import { REST_FILE, STRIPE_FILE, wantedFrom } from './direct-world.ts';
import { smallDirect, smallWanted } from './small.ts';
import { contentsOf, dueOf, startWorld, type World } from './world.ts';

type Contents = ReturnType<typeof contentsOf>;

/** What work leaves behind where it is not cut, and how many writes it is. */
async function whole(
  before: (world: World) => Promise<unknown>,
  work: (world: World) => Promise<unknown>,
): Promise<{ contents: Contents; count: number }> {
  const world = await startWorld();
  await before(world);
  const first = world.double.writes().length;
  await work(world);
  const contents = contentsOf(world.double);
  const count = world.double.writes().length - first;
  await world.close();
  return { contents, count };
}

/** Cut after each of its writes, and done again, work ends as where it is not cut. */
async function goesOn(
  before: (world: World) => Promise<unknown>,
  work: (world: World) => Promise<unknown>,
  wanted: Wanted | null,
): Promise<number> {
  const { contents, count } = await whole(before, work);
  for (let at = 0; at < count; at += 1) {
    const world = await startWorld();
    await before(world);
    world.double.script({ at: 'write', after: at, does: { kind: 'cut_after' } });
    await assert.rejects(work(world), `cut after ${at + 1}`);
    await work(world);
    assert.deepEqual(contentsOf(world.double), contents, `cut after ${at + 1}`);
    if (wanted !== null) assert.deepEqual(dueOf(await world.plan(wanted)), []);
    assert.deepEqual(world.double.problems, []);
    await world.close();
  }
  return count;
}

const nothing = (): Promise<void> => Promise.resolve();
const stripe = (): Wanted => smallDirect(wantedFrom(STRIPE_FILE));
const rest = (): Wanted => smallDirect(wantedFrom(REST_FILE));

for (const [gateway, small] of [
  ['Stripe', stripe],
  ['REST', rest],
] as const) {
  test(`an apply with ${gateway} that is cut off after any of its writes goes on`, async () => {
    const wanted = small();
    const count = await goesOn(nothing, (world) => world.apply(wanted), wanted);
    assert.ok(count >= 24, `${count} writes`);
  });

  test(`a destroy with ${gateway} that is cut off after any of its writes goes on`, async () => {
    const wanted = small();
    const apply = (world: World) => world.apply(wanted);
    const count = await goesOn(apply, (world) => world.destroy(wanted), null);
    assert.ok(count >= 13, `${count} writes`);
  });
}

for (const [title, from, to] of [
  ['the bridge to the flow', smallWanted, stripe],
  ['the flow to the bridge', rest, smallWanted],
  ['Stripe to REST', stripe, rest],
  ['REST to Stripe', rest, stripe],
] as const) {
  test(`a change from ${title} that is cut off after any of its writes goes on`, async () => {
    const [before, after] = [from(), to()];
    await goesOn(
      (world) => world.apply(before),
      (world) => world.apply(after),
      after,
    );
  });
}
