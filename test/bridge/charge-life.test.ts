import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../database.ts';
import { lifeOf, lives } from './charge-life.ts';
import { World } from './world.ts';

/** Lives of ten years for each engine; more with `TOKENLINE_LIVES`. */
const LIVES = Number(process.env['TOKENLINE_LIVES'] ?? 8);

/** One life again, as its failure has named it: `TOKENLINE_LIFE=<seed>:<path>`. */
const [SEED, PATH] = process.env['TOKENLINE_LIFE']?.split(/:(.*)/s) ?? [];

withStores((_name, open) => {
  let store: Store;
  before(async () => {
    store = await open();
  });

  test('ten years of charges, with crashes, declines, outages and changes of mind', async () => {
    const property = fc.asyncProperty(lives, fc.nat(), async (life, seed) => {
      const world = await World.open(store, { subscriptions: false, seed });
      await lifeOf(world, life);
    });
    const details = await fc.check(property, {
      numRuns: LIVES,
      endOnFailure: true,
      includeErrorInReport: true,
      ...(SEED === undefined ? {} : { seed: Number(SEED), path: PATH ?? '' }),
    });
    const again = `TOKENLINE_LIFE=${details.seed}:${details.counterexamplePath ?? ''}`;
    const replay = `Again: ${again} npm test -- test/bridge/charge-life.test.ts`;
    assert.ok(!details.failed, `${await fc.asyncDefaultReportMessage(details)}\n${replay}`);
  });
});
