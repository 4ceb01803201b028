import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openPostgres, type PostgresOptions } from '../../src/store/postgres.ts';
import { StoreUnavailable, UniqueViolation, type Store } from '../../src/store/store.ts';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { findPostgres, startCluster, type Cluster } from '../cluster.ts';
import { admin, databaseUrl, ports } from '../database.ts';

const events: string[] = [];
const log = { info: (event: string) => void events.push(event), alarm: () => {} };

describe('PostgreSQL', () => {
  const database = newId('test', systemRandomness);
  const url = (): string => databaseUrl(database);
  const opened: Store[] = [];

  async function open(options: Partial<PostgresOptions> = {}): Promise<Store> {
    const store = await openPostgres(url(), { ...ports, log, ...options });
    opened.push(store);
    return store;
  }

  /** Ends every connection of the database, as an administrator or a failover does. */
  const endConnections = (): Promise<void> =>
    admin(`select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = '${database}' and pid <> pg_backend_pid()`);

  before(async () => {
    await admin(`create database ${database}`);
    const store = await open();
    await store.query('create table note (id int primary key, body text)');
    await store.query("insert into note select n, 'x' from generate_series(1, 10) as n");
  });

  after(async () => {
    for (const store of opened) await store.close();
    await admin(`drop database ${database} with (force)`);
  });

  test('with fsync and synchronous_commit it is durable', async () => {
    assert.equal((await open()).durable, true);
  });

  test('without synchronous_commit it is not durable', async () => {
    await admin(`alter database ${database} set synchronous_commit = off`);
    try {
      assert.equal((await open()).durable, false);
    } finally {
      await admin(`alter database ${database} reset synchronous_commit`);
    }
  });

  test('two transactions that claim with SKIP LOCKED get different rows at the same time', async () => {
    const store = await open();
    const meeting = barrier(2);
    const claim = (): Promise<number> =>
      store.tx(async (sql) => {
        const rows = await sql.query(
          'select id from note order by id limit 1 for update skip locked',
        );
        await meeting();
        return Number(rows[0]?.['id']);
      });
    const claimed = await Promise.all([claim(), claim()]);
    assert.deepEqual(
      claimed.sort((a, b) => a - b),
      [1, 2],
    );
  });

  test('two transactions that lock each other out both end, because one is repeated', async () => {
    const store = await open();
    const meeting = barrier(2);
    let runs = 0;
    const lockBoth = (first: number, second: number): Promise<void> =>
      store.tx(async (sql) => {
        runs += 1;
        await sql.query("update note set body = body || 'y' where id = $1", [first]);
        await meeting();
        await sql.query("update note set body = body || 'y' where id = $1", [second]);
      });
    await Promise.all([lockBoth(5, 6), lockBoth(6, 5)]);
    // The server may end both, where both of its processes look at the same moment.
    assert.ok(runs === 3 || runs === 4, `they ran ${runs} times`);
    const rows = await store.query('select body from note where id in (5, 6)');
    assert.deepEqual(rows, [{ body: 'xyy' }, { body: 'xyy' }]);
  });

  test('a violated key does not cost the connection', async () => {
    const store = await open({ poolMax: 1 });
    const pid = async (): Promise<unknown> =>
      (await store.query('select pg_backend_pid() as pid'))[0]?.['pid'];
    const first = await pid();
    await assert.rejects(store.query('insert into note values (1)'), UniqueViolation);
    assert.equal(await pid(), first);
  });

  test('a broken transaction does not come back to the pool', async () => {
    const store = await open({ poolMax: 1 });
    await assert.rejects(
      store.tx(async (sql) => {
        await sql.query('select 1 / 0').catch(() => {});
      }),
    );
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
    const left = await store.query(`select count(*) as n from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`);
    assert.deepEqual(left, [{ n: 0 }]);
  });

  test('an idle connection that is ended is replaced, and the process goes on', async () => {
    const store = await open();
    await store.query('select 1');
    events.length = 0;
    await endConnections();
    while (events.length === 0) await wait(5);
    assert.equal(events[0], 'store.connection_lost');
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
  });

  test('a statement whose connection is ended is StoreUnavailable', async () => {
    const store = await open();
    const sleeping = assert.rejects(store.query('select pg_sleep(60)'), StoreUnavailable);
    await asleep(store);
    await endConnections();
    await sleeping;
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
  });

  test('a transaction whose connection is ended between two statements is StoreUnavailable', async () => {
    const store = await open();
    const work = store.tx(async (sql) => {
      await sql.query('insert into note values (100)');
      await endConnections();
      await sql.query('insert into note values (101)');
    });
    await assert.rejects(work, StoreUnavailable);
    assert.deepEqual(await store.query('select id from note where id >= 100'), []);
  });

  test("an error of the work outlives the connection's end", async () => {
    const store = await open();
    const reason = new Error('mine');
    const work = store.tx(async () => {
      await endConnections();
      throw reason;
    });
    await assert.rejects(work, (error) => error === reason);
  });

  test('a statement that takes too long in a transaction is cancelled by the server', async () => {
    const store = await open({ statementTimeoutMs: 100 });
    const work = store.tx((sql) => sql.query('select pg_sleep(60)'));
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof StoreUnavailable);
      assert.match(error.message, /57014/);
      return true;
    });
  });

  test('a statement that waits too long for its answer is given up', async () => {
    const store = await open({ statementTimeoutMs: 100 });
    await assert.rejects(store.query('select pg_sleep(60)'), StoreUnavailable);
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
  });

  test('a statement that gets no connection in time is StoreUnavailable', async () => {
    const store = await open({ poolMax: 1, connectTimeoutMs: 100 });
    await store.tx(async (sql) => {
      await sql.query('select 1');
      // Begun outside the transaction, as another request would be.
      await otherRequest(() => assert.rejects(store.query('select 1'), StoreUnavailable));
    });
    assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
  });

  test('a database that is not there is StoreUnavailable, and its password is nowhere', async () => {
    const missing = new URL(databaseUrl('there_is_no_such_database'));
    missing.password = 'dontprintme';
    await assert.rejects(openPostgres(missing.href, ports), (error) => {
      assert.ok(error instanceof StoreUnavailable);
      assert.doesNotMatch(`${error.stack} ${String(error.cause)}`, /dontprintme/);
      return true;
    });
  });
});

describe('a PostgreSQL that goes away', () => {
  test('a server that takes the connection and says nothing fails within the timeout', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `postgresql://nobody@127.0.0.1:${address.port}/nothing`;
    const beganMs = performance.now();
    await assert.rejects(openPostgres(url, { ...ports, connectTimeoutMs: 200 }), StoreUnavailable);
    assert.ok(performance.now() - beganMs < 3000);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('a server that is stopped in the middle fails at once, and is used again when it is back', async () => {
    const bin = findPostgres();
    assert.ok(bin !== null);
    const cluster: Cluster = await startCluster(bin);
    const store = await openPostgres(cluster.url, ports);
    try {
      const sleeping = assert.rejects(store.query('select pg_sleep(60)'), StoreUnavailable);
      await asleep(store);
      // Immediate shutdown, as near to a crash as a server can be asked for.
      process.kill(cluster.pid, 'SIGQUIT');
      await sleeping;
      await assert.rejects(store.query('select 1'), StoreUnavailable);
      await assert.rejects(
        store.tx((sql) => sql.query('select 1')),
        StoreUnavailable,
      );
      await cluster.restart();
      assert.deepEqual(await store.query('select 1 as one'), [{ one: 1 }]);
    } finally {
      await store.close();
      await cluster.stop();
    }
  });

  test('a server that is ready and ends in one breath is not there, and no error of ours', async () => {
    const ready = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
    const fatal = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'));
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([ready, fatal])));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      // An error that nobody listens to would be the test's own failure.
      const lost = openPostgres(`postgresql://me@127.0.0.1:${port}/any`, { ...ports, log });
      await assert.rejects(lost, StoreUnavailable);
    } finally {
      server.close();
    }
  });
});

/** A message of PostgreSQL's protocol: its letter, its length without the letter, its body. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.from(`${letter}....`, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Waits until a `pg_sleep` of another connection of the same database has begun. */
async function asleep(store: Store): Promise<void> {
  const seen = (): Promise<readonly unknown[]> =>
    store.query(`select 1 from pg_stat_activity where datname = current_database()
      and pid <> pg_backend_pid() and wait_event = 'PgSleep'`);
  while ((await seen()).length === 0) await wait(5);
}

/** Lets nobody pass until `count` have come; afterwards everybody. */
function barrier(count: number): () => Promise<void> {
  let waiting = count;
  let open: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    waiting -= 1;
    if (waiting <= 0) open();
    return all;
  };
}

/** Runs something outside the context of the transaction that a test is in. */
const outside = new AsyncResource('another request');
function otherRequest<T>(work: () => T): T {
  return outside.runInAsyncScope(work);
}
