import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertDurableForLive, openStore } from '../../src/store/open.ts';
import { StoreUnavailable, type Store } from '../../src/store/store.ts';
import { StartRefused } from '../../src/system/start-refused.ts';
import { admin, openEmpty, ports, silentLog } from '../database.ts';
import { temporaryDirectory } from './temporary.ts';

describe('opening the store', () => {
  const open = (databaseUrl: string | null, dataDirectory: string): Promise<Store> =>
    openStore({ databaseUrl, dataDirectory }, ports.clock, ports.randomness, silentLog);
  const isMigrated = async (store: Store): Promise<boolean> =>
    (await store.query('select state from switch')).length === 1;

  test('without an address it is PGlite in the data directory, migrated and durable', async () => {
    const data = temporaryDirectory();
    const store = await open(null, data);
    assert.equal(store.engine, 'pglite');
    assert.equal(store.durable, true);
    assert.equal(await isMigrated(store), true);
    assert.ok(existsSync(join(data, 'database', 'cluster', 'PG_VERSION')));
    await store.close();

    const again = await open(null, data);
    assert.equal(await isMigrated(again), true);
    await again.query("update schema_version set checksum = 'other'");
    await again.close();
    await assert.rejects(open(null, data), StartRefused);
    assert.equal(existsSync(join(data, 'database', 'lock')), false, 'a refusal closes the store');
  });

  test('with an address it is PostgreSQL, migrated', async () => {
    const empty = await openEmpty('postgres');
    const data = temporaryDirectory();
    assert.ok(empty.url !== null);
    const store = await open(empty.url, data);
    assert.equal(store.engine, 'postgres');
    assert.equal(await isMigrated(store), true);
    assert.equal(existsSync(join(data, 'database')), false);
    await store.close();
    await empty.drop();
  });

  test('an address where nothing is, is StoreUnavailable', async () => {
    const nowhere = `postgresql://postgres@localhost/x?host=${temporaryDirectory()}`;
    await assert.rejects(open(nowhere, temporaryDirectory()), StoreUnavailable);
  });
});

describe('a live gateway', () => {
  test('is accepted on a store that syncs', async () => {
    const { store, drop } = await openEmpty('postgres');
    assertDurableForLive(store);
    await drop();
  });

  test('is refused on PostgreSQL that does not sync, saying which settings', async () => {
    const { again, url, drop } = await openEmpty('postgres');
    assert.ok(url !== null);
    const name = new URL(url).pathname.slice(1);
    await admin(`alter database ${name} set synchronous_commit = off`);
    const store = await again();
    assert.throws(
      () => assertDurableForLive(store),
      (error) => {
        assert.ok(error instanceof StartRefused);
        assert.match(error.message, /fsync = on and synchronous_commit = on/);
        return true;
      },
    );
    await drop();
  });

  test('is refused on a database in memory, saying what to use', async () => {
    const { store, drop } = await openEmpty('pglite');
    assert.throws(() => assertDurableForLive(store), /TOKENLINE_DATABASE_URL/);
    await drop();
  });
});
