import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { migrate, type Migration } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { StartRefused } from '../../src/system/start-refused.ts';
import { systemRandomness } from '../../src/system/randomness.ts';
import { ManualClock } from '../clock.ts';
import { openEmpty, ports, type EngineName, type Opened } from '../database.ts';

const ONE: Migration = { version: 1, sql: 'create table a (n int); insert into a values (1)' };
const TWO: Migration = { version: 2, sql: 'create table b (n int)' };
const BROKEN: Migration = { version: 2, sql: 'create table b (n int); select 1 / 0' };

for (const engine of ['pglite', 'postgres'] as const) suite(engine);

function suite(engine: EngineName): void {
  describe(`migrations on ${engine}`, () => {
    let opened: Opened;
    let store: Store;
    before(async () => {
      opened = await openEmpty(engine);
      ({ store } = opened);
    });
    after(() => opened.drop());

    const run = (migrations: readonly Migration[]): Promise<void> =>
      migrate(store, { ...ports, migrations });
    const versions = async (): Promise<unknown[]> =>
      (await store.query('select version from schema_version order by version')).map(
        (row) => row['version'],
      );

    test('run in order, each once', async () => {
      await run([ONE]);
      await run([ONE]);
      assert.deepEqual(await versions(), [1]);
      await run([ONE, TWO]);
      assert.deepEqual(await versions(), [1, 2]);
      assert.deepEqual(await store.query('select n from a'), [{ n: 1 }]);
      assert.deepEqual(await store.query('select * from schema_lease'), [], 'the lease is back');
    });

    test('refuse a database that is newer than the program', async () => {
      await assert.rejects(run([ONE]), (error) => {
        assert.ok(error instanceof StartRefused);
        assert.match(error.message, /schema version 2, this program knows 1.*newer release/);
        return true;
      });
    });

    test('refuse a database whose migration is not the one of the program', async () => {
      await assert.rejects(run([{ ...ONE, sql: 'create table c ()' }, TWO]), (error) => {
        assert.ok(error instanceof StartRefused);
        assert.match(error.message, /schema version 1 .* is not the one of this program/);
        return true;
      });
    });

    test('that fail leave nothing behind, and give the lease back', async () => {
      const other = await openEmpty(engine);
      const work = migrate(other.store, { ...ports, migrations: [ONE, BROKEN] });
      await assert.rejects(work, /division by zero/);
      assert.deepEqual(await other.store.query('select version from schema_version'), [
        { version: 1 },
      ]);
      await assert.rejects(other.store.query('select * from b'), /does not exist/);
      await migrate(other.store, { ...ports, migrations: [ONE, TWO] });
      await other.drop();
    });

    test('wait for a replica that has the lease, and take over from one that died', async () => {
      const other = await openEmpty(engine);
      await migrate(other.store, { ...ports, migrations: [ONE] });
      await other.store.query(
        "insert into schema_lease values ('migrate', 'somebody', now() + interval '1 minute')",
      );
      const clock = new ManualClock();
      const waited = { done: false };
      const waiting = migrate(other.store, {
        clock,
        randomness: systemRandomness,
        migrations: [ONE, TWO],
      }).then(() => {
        waited.done = true;
      });
      while (clock.timerCount === 0) await turn();
      assert.equal(waited.done, false);
      await other.store.query("update schema_lease set until = now() - interval '1 second'");
      while (!waited.done) {
        await clock.advance(250);
        await turn();
      }
      await waiting;
      assert.equal((await other.store.query('select * from schema_version')).length, 2);
      await other.drop();
    });

    test('give up on a lease that does not end, with what to do', async () => {
      const other = await openEmpty(engine);
      await migrate(other.store, { ...ports, migrations: [ONE] });
      await other.store.query(
        "insert into schema_lease values ('migrate', 'somebody', now() + interval '1 hour')",
      );
      const clock = new ManualClock();
      const met: { error: unknown } = { error: null };
      void migrate(other.store, {
        clock,
        randomness: systemRandomness,
        migrations: [ONE, TWO],
      }).catch((caught: unknown) => {
        met.error = caught;
      });
      while (met.error === null) {
        await clock.advance(60_000);
        await turn();
      }
      assert.ok(met.error instanceof StartRefused);
      assert.match(met.error.message, /schema_lease/);
      await other.drop();
    });

    test('of many replicas that start together run once', async () => {
      const other = await openEmpty(engine);
      const replicas = [other.store, ...(await Promise.all([other.again(), other.again()]))];
      await Promise.all(replicas.map((replica) => migrate(replica, ports)));
      const rows = await other.store.query('select version from schema_version');
      assert.equal(rows.length, MIGRATIONS.length);
      assert.deepEqual(await other.store.query('select * from schema_lease'), []);
      await other.drop();
    });
  });
}

/** A turn of the event loop, so that the database can answer. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
