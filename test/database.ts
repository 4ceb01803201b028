import { readFileSync } from 'node:fs';
import { after, describe } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Client } from 'pg';
import { migrate } from '../src/store/migrate.ts';
import { openPglite, type PgliteStore } from '../src/store/pglite.ts';
import { openPostgres } from '../src/store/postgres.ts';
import type { Store } from '../src/store/store.ts';
import { systemClock } from '../src/system/clock.ts';
import type { Log } from '../src/system/log.ts';
import { newId, systemRandomness } from '../src/system/randomness.ts';

export const silentLog: Log = { info: () => {}, alarm: () => {} };
export const ports = { clock: systemClock, randomness: systemRandomness, log: silentLog };

export type EngineName = 'pglite' | 'postgres';

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
 * Runs the same tests on both engines, each in a suite of its name. `open` gives a new, empty store
 * with the schema in it; all of them are closed, and their databases dropped, when the suite ends.
 */
export function withStores(run: (name: EngineName, open: () => Promise<Store>) => void): void {
  const engines = { pglite: openMemory, postgres: openDatabase };
  for (const name of ['pglite', 'postgres'] as const) {
    describe(name, () => {
      const opened: Opened[] = [];
      run(name, async () => {
        const store = await engines[name]();
        opened.push(store);
        return store.store;
      });
      after(async () => {
        for (const { store, drop } of opened) {
          await store.close();
          await drop();
        }
      });
    });
  }
}

interface Opened {
  readonly store: Store;
  readonly drop: () => Promise<void>;
}

let migrated: Promise<PgliteStore> | null = null;
let snapshot: Promise<Blob> | null = null;

/** A migrated database in memory. The first of a process is copied before it is used, for the others. */
async function openMemory(): Promise<Opened> {
  const drop = (): Promise<void> => Promise.resolve();
  if (migrated === null) {
    migrated = openPglite(null, { ...ports, template: unzippedTemplate() });
    snapshot = migrated.then(async (store) => {
      await migrate(store, ports);
      return store.snapshot();
    });
    await snapshot;
    return { store: await migrated, drop };
  }
  const template = (await snapshot) ?? unzippedTemplate();
  return { store: await openPglite(null, { ...ports, template }), drop };
}

/** PGlite unpacks a gzipped template three times as slowly as zlib does. */
function unzippedTemplate(): Blob {
  const packed = new URL('../dist/store/pglite-template.tar.gz', import.meta.url);
  return new Blob([gunzipSync(readFileSync(packed))]);
}

let template: Promise<string> | null = null;

/** A database that is a copy of a migrated one. */
async function openDatabase(): Promise<Opened> {
  template ??= makeTemplate();
  const name = newId('test', systemRandomness);
  await admin(`create database ${name} template ${await template}`);
  return {
    store: await openPostgres(databaseUrl(name), ports),
    drop: () => admin(`drop database ${name} with (force)`),
  };
}

/** One for each test process: they begin at the same time, and a copy locks its original. */
async function makeTemplate(): Promise<string> {
  const name = newId('template', systemRandomness);
  await admin(`create database ${name}`);
  const store = await openPostgres(databaseUrl(name), ports);
  await migrate(store, ports);
  await store.close();
  return name;
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
