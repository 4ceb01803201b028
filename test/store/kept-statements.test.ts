import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { KeptStatements, nameFor } from '../../src/store/kept-statements.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { UniqueViolation, type Store } from '../../src/store/store.ts';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { admin, databaseUrl, ports } from '../database.ts';

const INSERT = 'insert into note (body) values ($1)';
const OFTEN = 20;

describe('statements that the server keeps prepared', () => {
  const database = newId('kept', systemRandomness);
  const opened: Store[] = [];
  const events: string[] = [];
  const log = { info: (event: string) => void events.push(event), alarm: () => {} };

  /** One connection, so that a test knows on which it is. */
  async function open(keepStatements?: boolean): Promise<Store> {
    const keep = keepStatements === undefined ? {} : { keepStatements };
    const store = await openPostgres(databaseUrl(database), { ...ports, log, poolMax: 1, ...keep });
    opened.push(store);
    return store;
  }

  const insert = async (store: Store, count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await store.query(INSERT, ['x']);
  };
  const count = async (store: Store): Promise<unknown> =>
    (await store.query('select count(*)::int as n from note'))[0]?.['n'];
  const kept = async (store: Store): Promise<unknown[]> =>
    (await store.query('select name from pg_prepared_statements')).map((row) => row['name']);

  before(async () => {
    await admin(`create database ${database}`);
    const store = await open();
    await store.query('create table note (body text not null, unique_body text unique)');
  });
  beforeEach(async () => {
    events.length = 0;
    await opened[0]?.query('delete from note');
  });
  after(async () => {
    for (const store of opened) await store.close();
    await admin(`drop database ${database} with (force)`);
  });

  test('none, unless they are asked for', async () => {
    for (const store of [await open(), await open(false)]) {
      await insert(store, OFTEN);
      assert.deepEqual(await kept(store), []);
    }
  });

  test('what is asked often is kept, under a name that says its text', async () => {
    const store = await open(true);
    await insert(store, 4);
    assert.deepEqual(await kept(store), []);
    await insert(store, OFTEN - 4);
    assert.deepEqual(await kept(store), [nameFor(INSERT)]);
    assert.equal(await count(store), OFTEN);
    assert.deepEqual(events, []);
  });

  test('a violated key is told as such', async () => {
    const store = await open(true);
    const once = "insert into note (body, unique_body) values ($1, 'one')";
    await store.query(once, ['x']);
    for (let n = 0; n < OFTEN; n += 1) {
      await assert.rejects(store.query(once, ['x']), UniqueViolation);
    }
    assert.deepEqual(await kept(store), [nameFor(once)]);
  });

  test('a server that has lost them carries the statement out, once', async () => {
    const store = await open(true);
    await insert(store, OFTEN);
    // As a pooler does that gives the next transaction another connection.
    await store.query('deallocate all');
    await insert(store, 1);
    assert.deepEqual(events, ['store.statements_not_kept']);
    await insert(store, OFTEN);
    assert.equal(await count(store), OFTEN * 2 + 1);
    assert.deepEqual(await kept(store), [], 'from now on without a name');
    assert.equal(events.length, 1);
  });

  test('a connection on which somebody else has prepared it carries it out, once', async () => {
    const store = await open(true);
    await store.query(`prepare ${nameFor(INSERT)} (text) as ${INSERT}`);
    await insert(store, OFTEN);
    assert.equal(await count(store), OFTEN);
    assert.deepEqual(events, ['store.statements_not_kept']);
  });

  test('a table that was changed meanwhile is read as it is now', async () => {
    const store = await open(true);
    await insert(store, 1);
    const read = (): Promise<readonly object[]> =>
      store.query('select * from note where body = $1', ['x']);
    for (let n = 0; n < OFTEN; n += 1) await read();
    await opened[0]?.query('alter table note add column more text');
    assert.deepEqual(await read(), [{ body: 'x', unique_body: null, more: null }]);
    assert.deepEqual(events, ['store.statements_not_kept']);
  });

  test('in a transaction nothing has a name: what the server lost would end it', async () => {
    const store = await open(true);
    await store.tx(async (sql) => {
      for (let n = 0; n < OFTEN; n += 1) await sql.query(INSERT, ['x']);
    });
    assert.deepEqual(await kept(store), []);
  });

  test('texts that are put together anew each time do not fill the memory', () => {
    const statements = new KeptStatements();
    const names = new Set<string | null>();
    for (let n = 0; n < 2_000; n += 1) {
      for (let times = 0; times < 6; times += 1) names.add(statements.nameOf(`select ${n}`));
    }
    assert.equal(names.size, 33, '32 names, and none for the others');
  });
});
