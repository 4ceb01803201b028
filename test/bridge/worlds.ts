import { before, test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../database.ts';
import { World, type WorldOptions } from './world.ts';

/** Declares a test over a fresh world. */
export type InWorld = (
  title: string,
  run: (world: World) => Promise<void>,
  options?: WorldOptions,
) => void;

/** Runs the tests on both engines: one database an engine, emptied before each test. */
export function withWorlds(declare: (inWorld: InWorld, store: () => Store) => void): void {
  withStores((_name, open) => {
    let store: Store | null = null;
    const opened = (): Store => {
      if (store === null) throw new Error('the store is opened before the tests run');
      return store;
    };
    before(async () => {
      store = await open();
    });
    declare((title, run, options) => {
      test(title, async () => run(await World.open(opened(), options)));
    }, opened);
  });
}
