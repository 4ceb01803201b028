import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { openPglite } from '../../src/store/pglite.ts';
import { StoreUnavailable, type Store } from '../../src/store/store.ts';
import { DurableNodeFs } from '../../src/store/durable-node-fs.ts';
import { StartRefused } from '../../src/system/start-refused.ts';
import { ports } from '../database.ts';
import { temporaryDirectory } from './temporary.ts';

const events: string[] = [];
const log = { info: (event: string) => void events.push(event), alarm: () => {} };

/** A disk that a test looks at, and that it can break. */
class TestDisk extends DurableNodeFs {
  isBroken = false;

  protected override syncFile(descriptor: number): void {
    if (this.isBroken) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    super.syncFile(descriptor);
  }
}

/** A store on a disk that the test has a hand on. */
async function openOn(directory: string): Promise<{ store: Store; disk: TestDisk }> {
  const disks: TestDisk[] = [];
  const store = await openPglite(directory, {
    ...ports,
    log,
    fileSystem: (cluster) => {
      const disk = new TestDisk(cluster);
      disks.push(disk);
      return disk;
    },
  });
  const [disk] = disks;
  assert.ok(disk);
  return { store, disk };
}

describe('PGlite on a disk', () => {
  const directory = join(temporaryDirectory(), 'data', 'database');
  let store: Store;
  let disk: TestDisk;
  before(async () => {
    ({ store, disk } = await openOn(directory));
    await store.query('create table note (id text primary key)');
  });
  after(() => store.close());

  test('it begins with the template of the build', () => {
    assert.deepEqual(events, [], 'store.template_missing was not logged');
  });

  test('it is durable', () => {
    assert.equal(store.durable, true);
  });

  test('every commit is synced to the disk before it is answered', async () => {
    for (let n = 0; n < 10; n += 1) {
      const before = disk.syncCount;
      await store.query('insert into note values ($1)', [`alone-${n}`]);
      assert.ok(disk.syncCount > before, `insert ${n}`);
    }
    const before = disk.syncCount;
    await store.tx(async (sql) => {
      await sql.query("insert into note values ('in'), ('a'), ('transaction')");
    });
    assert.ok(disk.syncCount > before, 'transaction');
  });

  test('reading syncs nothing', async () => {
    await store.query('select * from note');
    const before = disk.syncCount;
    await store.query('select * from note');
    assert.equal(disk.syncCount, before);
  });

  test('nobody but the owner can look into its files', () => {
    const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    assert.ok(paths.length > 900, `${paths.length} files`);
    for (const path of ['.', ...paths]) {
      const { mode } = statSync(join(directory, path));
      assert.equal(mode & 0o077, 0, `${path} has mode ${(mode & 0o777).toString(8)}`);
    }
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  test('a second store on the same directory is refused, naming the process', async () => {
    await assert.rejects(openPglite(directory, ports), (error) => {
      assert.ok(error instanceof StartRefused);
      assert.match(error.message, new RegExp(`process ${process.pid} .*TOKENLINE_DATA`));
      return true;
    });
    assert.equal((await store.query('select 1 as one')).length, 1);
  });

  test('what was written is there when it is opened again', async () => {
    await store.close();
    assert.equal(existsSync(join(directory, 'lock')), false);
    ({ store, disk } = await openOn(directory));
    const rows = await store.query("select id from note where id = 'transaction'");
    assert.deepEqual(rows, [{ id: 'transaction' }]);
    assert.equal(store.durable, true);
  });
});

describe('PGlite on a disk that fails', () => {
  const directory = temporaryDirectory();

  for (const [name, write] of [
    ['a statement', (store: Store) => store.query("insert into note values ('lost')")],
    [
      'a transaction',
      (store: Store) => store.tx((sql) => sql.query("insert into note values ('lost')")),
    ],
  ] as const) {
    test(`${name} whose commit cannot be synced is not answered as if it were`, async () => {
      const { store, disk } = await openOn(directory);
      await store.query('create table if not exists note (id text primary key)');
      await store.query("insert into note values ('kept') on conflict do nothing");
      disk.isBroken = true;
      await assert.rejects(write(store), StoreUnavailable);
      disk.isBroken = false;

      await assert.rejects(store.query('select 1'), StoreUnavailable, 'and it stays stopped');
      await assert.rejects(
        store.tx((sql) => sql.query('select 1')),
        StoreUnavailable,
      );
      await store.close();

      const again = await openOn(directory);
      const rows = await again.store.query("select id from note where id = 'kept'");
      assert.deepEqual(rows, [{ id: 'kept' }]);
      await again.store.query("delete from note where id = 'lost'");
      await again.store.close();
    });
  }
});

describe('the beginning of PGlite', () => {
  test('a first start that was interrupted is begun again', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'cluster', 'base'), { recursive: true });
    writeFileSync(join(directory, 'cluster', 'PG_VERSION'), '18\n');
    writeFileSync(join(directory, 'unfinished'), '');
    const { store } = await openOn(directory);
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
    assert.equal(existsSync(join(directory, 'unfinished')), false);
    await store.close();
  });

  test('a cluster of another PostgreSQL is refused', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'cluster'));
    writeFileSync(join(directory, 'cluster', 'PG_VERSION'), '17\n');
    await assert.rejects(openPglite(directory, ports), (error) => {
      assert.ok(error instanceof StartRefused);
      assert.match(error.message, /PostgreSQL 17, this program has 18/);
      return true;
    });
    assert.equal(existsSync(join(directory, 'lock')), false, 'the lock is given back');
  });

  test('a cluster that is damaged is refused with what to do', async () => {
    const directory = temporaryDirectory();
    const { store } = await openOn(directory);
    await store.close();
    rmSync(join(directory, 'cluster', 'global', 'pg_control'));
    await assert.rejects(openPglite(directory, ports), (error) => {
      assert.ok(error instanceof StartRefused);
      assert.match(error.message, /does not start.*backup/);
      return true;
    });
  });

  test('a directory that cannot be made is refused with what to do', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    await assert.rejects(openPglite(join(file, 'database'), ports), (error) => {
      assert.ok(error instanceof StartRefused);
      assert.match(error.message, /TOKENLINE_DATA/);
      return true;
    });
  });

  test('without a template it makes a cluster by itself, and says so', async () => {
    const missing = pathToFileURL(join(temporaryDirectory(), 'no-template.tar.gz'));
    events.length = 0;
    const store = await openPglite(null, { ...ports, log, template: missing });
    assert.deepEqual(events, ['store.template_missing']);
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
    assert.equal(store.durable, false, 'memory is not durable');
    await store.close();
  });
});

test('PGlite is looked after: the log is cut and dead rows are swept', async () => {
  const store = await openPglite(null, ports);
  const state = async (): Promise<{ redo: unknown; vacuums: unknown }> => {
    const [row] = await store.query(`select
      (select redo_lsn::text from pg_control_checkpoint()) as redo,
      (select vacuum_count from pg_stat_user_tables where relname = 'swept') as vacuums`);
    return { redo: row?.['redo'], vacuums: row?.['vacuums'] };
  };
  await store.query('create table swept (n int)');
  await store.query('insert into swept values (0)');
  const before = await state();
  for (let n = 0; n < 1000; n += 1) await store.query('update swept set n = n + 1');
  const behind = await state();
  assert.notEqual(behind.redo, before.redo, 'there was a checkpoint');
  assert.equal(before.vacuums, 0);
  assert.equal(behind.vacuums, 1);
  await store.close();
});
