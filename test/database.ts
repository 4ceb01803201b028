import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Client } from 'pg';
import { openMemoryStore } from '../scoreboard/simulation/memory-store/store.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite, PgliteStore } from '../src/store/pglite.ts';
import { openPostgres } from '../src/store/postgres.ts';
import type { Store } from '../src/store/store.ts';
import { systemClock } from '../src/system/clock.ts';
import type { Log } from '../src/system/log.ts';
import { newId, systemRandomness } from '../src/system/randomness.ts';

export const silentLog: Log = { info: () => {}, alarm: () => {} };
export const ports = { clock: systemClock, randomness: systemRandomness, log: silentLog };

export type EngineName = 'pglite' | 'postgres';
/** The engines, and the store in memory that the simulation plays on. */
export type StoreName = EngineName | 'memory';

/** The PostgreSQL server that `npm test` has started, with the right to make databases. */
export function testDatabaseUrl(): string {
  const url = process.env['TOKENLINE_TEST_DATABASE_URL'];
  if (url === undefined) {
    throw new Error(
      'TOKENLINE_TEST_DATABASE_URL is not set: run the tests with `npm test`, or one file with ' +
        '`npm test -- test/store/….test.ts`.',
    );
  }
  return url;
}

/**
 * Runs the same tests on both engines and in memory, each in a suite of its name. `open` gives a new,
 * empty store with the schema in it; all of them are closed, and their databases dropped, when the
 * suite ends.
 */
export function withStores(run: (name: StoreName, open: () => Promise<Store>) => void): void {
  for (const name of ['pglite', 'postgres', 'memory'] as const) {
    describe(name, () => {
      const all: Opened[] = [];
      run(name, async () => {
        const opened = await MIGRATED[name]();
        all.push(opened);
        return opened.store;
      });
      after(async () => {
        for (const opened of all) await opened.drop();
      });
    });
  }
}

/** A database of its own. */
export interface Opened {
  readonly store: Store;
  /** `null` is PGlite in memory. */
  readonly url: string | null;
  /** Another store on the same database; PGlite has one session, so it is the same store. */
  readonly again: () => Promise<Store>;
  /** Closes every store on it, and removes it. */
  readonly drop: () => Promise<void>;
}

/** A database with nothing in it, not even the schema. */
export function openEmpty(engine: EngineName): Promise<Opened> {
  return engine === 'pglite' ? inMemory(unzippedTemplate()) : onServer('');
}

/** A database of its own with the schema in it; whoever opens it drops it. */
export function openMigrated(engine: StoreName): Promise<Opened> {
  return MIGRATED[engine]();
}

const MIGRATED: Record<StoreName, () => Promise<Opened>> = {
  pglite: async () => {
    if (snapshot !== null) return inMemory(await snapshot);
    const first = inMemory(unzippedTemplate());
    // The first of a process is copied before it is used, for the others.
    snapshot = first.then(async ({ store }) => {
      await migrate(store, ports);
      assert(store instanceof PgliteStore);
      return store.snapshot();
    });
    await snapshot;
    return first;
  },
  postgres: async () => {
    template ??= makeTemplate();
    return onServer(`template ${await template}`);
  },
  memory: () => {
    const store = openMemoryStore();
    const again = (): Promise<Store> => Promise.resolve(store);
    return Promise.resolve({ store, url: null, again, drop: () => store.close() });
  },
};

let snapshot: Promise<Blob> | null = null;
let template: Promise<string> | null = null;

/** A database to copy. One for each test process: several begin together, and a copy locks it. */
async function makeTemplate(): Promise<string> {
  const name = newId('template', systemRandomness);
  await admin(`create database ${name}`);
  const store = await openPostgres(databaseUrl(name), ports);
  await migrate(store, ports);
  await store.close();
  return name;
}

async function inMemory(cluster: Blob): Promise<Opened> {
  const store = await openPglite(null, { ...ports, template: cluster });
  return { store, url: null, again: () => Promise.resolve(store), drop: () => store.close() };
}

/** PGlite unpacks a gzipped template three times as slowly as zlib does. */
function unzippedTemplate(): Blob {
  const packed = new URL('../dist/store/pglite-template.tar.gz', import.meta.url);
  return new Blob([gunzipSync(readFileSync(packed))]);
}

async function onServer(options: string): Promise<Opened> {
  const name = newId('test', systemRandomness);
  await admin(`create database ${name} ${options}`);
  const stores: Store[] = [];
  const again = async (): Promise<Store> => {
    const store = await openPostgres(databaseUrl(name), ports);
    stores.push(store);
    return store;
  };
  const drop = async (): Promise<void> => {
    for (const store of stores) await store.close();
    await admin(`drop database ${name} with (force)`);
  };
  return { store: await again(), url: databaseUrl(name), again, drop };
}

/** The address of another database of the test server. */
export function databaseUrl(name: string): string {
  const url = new URL(testDatabaseUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs a statement on the server itself, such as `create database`. */
export async function admin(statement: string): Promise<void> {
  const client = new Client({ connectionString: testDatabaseUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
