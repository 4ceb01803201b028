import { createHash } from 'node:crypto';
import { sleep, type Clock } from '../system/clock.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { StartRefused } from '../system/start-refused.ts';
import { sqlStateOf } from './error.ts';
import { firstRow, Row } from './row.ts';
import { MIGRATIONS } from './schema.ts';
import { UniqueViolation, type Sql, type Store } from './store.ts';

export interface Migration {
  /** 1, 2, 3, … without a gap. */
  readonly version: number;
  readonly sql: string;
}

export interface MigrateOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** For tests. */
  readonly migrations?: readonly Migration[];
}

const BOOKKEEPING = `
create table if not exists schema_version (
  version int primary key,
  checksum text not null,
  applied_at timestamptz not null
);
create table if not exists schema_lease (
  name text primary key,
  holder text not null,
  until timestamptz not null
)`;

/** A migration that takes longer than this is run by two, and one of them fails on the other. */
const LEASE = "interval '2 minutes'";
const POLL_MS = 250;
/** Longer than the lease: a replica that died in the middle is waited for. */
const WAIT_MS_MAX = 180_000;

/**
 * Brings the schema to the version of this program. Every migration runs once, in a transaction of its
 * own. Replicas that start together take turns by a row: an advisory lock does not work behind
 * PgBouncer and on engines that only speak the protocol.
 *
 * @throws {StartRefused} when the database is newer than the program, or has another history.
 */
export async function migrate(store: Store, options: MigrateOptions): Promise<void> {
  const migrations = options.migrations ?? MIGRATIONS;
  await createBookkeeping(store);
  if ((await pending(store, migrations)).length === 0) return;
  const holder = newId('replica', options.randomness);
  await takeLease(store, holder, options.clock);
  try {
    // Looked at again: another replica may have done it while this one waited.
    for (const migration of await pending(store, migrations)) await apply(store, holder, migration);
  } finally {
    await store.query('delete from schema_lease where holder = $1', [holder]);
  }
}

async function createBookkeeping(store: Store): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await store.query(BOOKKEEPING);
      return;
    } catch (error) {
      // "if not exists" is not safe against itself: two that create at once meet in the catalogue.
      const met = error instanceof UniqueViolation || sqlStateOf(error) === '42P07';
      if (!met || tries === 5) throw error;
    }
  }
}

/** What has not run yet, after a look at what has. */
async function pending(store: Sql, migrations: readonly Migration[]): Promise<Migration[]> {
  const rows = await store.query('select version, checksum from schema_version');
  const applied = new Map(
    rows.map((row) => [new Row(row).number('version'), new Row(row).text('checksum')]),
  );
  const newest = Math.max(0, ...applied.keys());
  const known = migrations.at(-1)?.version ?? 0;
  if (newest > known) {
    throw new StartRefused(
      `the database has schema version ${newest}, this program knows ${known}: it was used by a ` +
        'newer release. Start that release, or restore a backup from before.',
    );
  }
  for (const { version, sql } of migrations) {
    const checksum = applied.get(version);
    if (checksum === undefined || checksum === checksumOf(sql)) continue;
    throw new StartRefused(
      `schema version ${version} of the database is not the one of this program: it was made by an ` +
        'unreleased state of the program, or changed by hand. Start with an empty database, or the ' +
        'program that made it.',
    );
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

async function takeLease(store: Store, holder: string, clock: Clock): Promise<void> {
  const startMs = clock.monotonicMs();
  while (!(await tookLease(store, holder))) {
    if (clock.monotonicMs() - startMs > WAIT_MS_MAX) {
      throw new StartRefused(
        'another replica has been migrating the database for minutes. Look at its log; when no ' +
          'replica runs, delete the row of the table schema_lease.',
      );
    }
    await sleep(clock, POLL_MS);
  }
}

/** By the clock of the database, which all replicas share. */
async function tookLease(store: Store, holder: string): Promise<boolean> {
  const rows = await store.query(
    `insert into schema_lease (name, holder, until) values ('migrate', $1, now() + ${LEASE})
     on conflict (name) do update set holder = excluded.holder, until = excluded.until
     where schema_lease.until < now()
     returning holder`,
    [holder],
  );
  return rows.length === 1;
}

async function apply(store: Store, holder: string, migration: Migration): Promise<void> {
  await store.tx(async (sql) => {
    const lease = await sql.query(
      `update schema_lease set until = now() + ${LEASE} where name = 'migrate' and holder = $1
       returning holder`,
      [holder],
    );
    if (firstRow(lease) === null) {
      throw new StartRefused('another replica took the migration over. Start this one again.');
    }
    await sql.query(migration.sql);
    await sql.query('insert into schema_version values ($1, $2, now())', [
      migration.version,
      checksumOf(migration.sql),
    ]);
  });
}

/** Not in hex, which is full of digits: a search for card numbers would stop at one in fourteen. */
function checksumOf(sql: string): string {
  return createHash('sha256').update(sql, 'utf8').digest('base64url');
}
