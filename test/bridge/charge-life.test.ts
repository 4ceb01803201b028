import { before, test } from 'node:test';
import * as fc from 'fast-check';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../database.ts';
import { lifeOf, lives } from './charge-life.ts';
import { World } from './world.ts';

/** Lives of ten years for each engine; more with `TOKENLINE_LIVES`. */
const LIVES = Number(process.env['TOKENLINE_LIVES'] ?? 8);

withStores((_name, open) => {
  let store: Store;
  before(async () => {
    store = await open();
  });

  test('ten years of charges, with crashes, declines, outages and changes of mind', async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.nat(), async (life, seed) => {
        const world = await World.open(store, { subscriptions: false, seed });
        await lifeOf(world, life);
      }),
      { numRuns: LIVES, endOnFailure: true, includeErrorInReport: true },
    );
  });
});
