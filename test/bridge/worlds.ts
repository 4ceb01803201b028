import { before, test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../database.ts';
import { World, type WorldOptions } from './world.ts';

interface InWorldOptions extends WorldOptions {
  /** Why the test needs a database server, and is not played in memory. */
  readonly needsServer?: string;
}

/** Declares a test over a fresh world. */
export type InWorld = (
  title: string,
  run: (world: World) => Promise<void>,
  options?: InWorldOptions,
) => void;

/** Runs the tests on both engines and in memory: one database each, emptied before each test. */
export function withWorlds(declare: (inWorld: InWorld, store: () => Store) => void): void {
  withStores((name, open) => {
    let store: Store | null = null;
    const opened = (): Store => {
      if (store === null) throw new Error('the store is opened before the tests run');
      return store;
    };
    before(async () => {
      store = await open();
    });
    declare((title, run, options) => {
      const skip = (name === 'memory' && options?.needsServer) || false;
      test(title, { skip }, async () => run(await World.open(opened(), options)));
    }, opened);
  });
}
