import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, type PGliteOptions, type Results, type Transaction } from '@electric-sql/pglite';
import type { Log } from '../system/log.ts';
import { StartRefused } from '../system/start-refused.ts';
import { parameter, readerOf } from './columns.ts';
import { DirectoryLock } from './directory-lock.ts';
import { DurableNodeFs, syncPath, syncTree } from './durable-node-fs.ts';
import { storeError } from './error.ts';
import { StoreUnavailable, type Sql, type SqlRow, type SqlValue, type Store } from './store.ts';
import { repeatOnConflict, TransactionGuard, type StorePorts } from './transaction.ts';

export interface PgliteOptions extends StorePorts {
  readonly log: Log;
  /** The cluster to begin with, a tar or a gzipped file of one; by default what the build has made. */
  readonly template?: Blob | URL;
  /** For tests: the file system. */
  readonly fileSystem?: (directory: string) => DurableNodeFs;
}

/** PostgreSQL's major version inside PGlite; a cluster of another one cannot be opened. */
const CLUSTER_VERSION = '18';
const TEMPLATE = new URL('../../dist/store/pglite-template.tar.gz', import.meta.url);
/** A caller's operation is about three statements: a few hundred calls. */
const UPKEEP_EVERY = 1000;

/**
 * Opens the embedded PostgreSQL in a directory that is its own, for one process on one machine.
 *
 * @param directory made if it is not there; `null` is a database in memory, for tests.
 * @throws {StartRefused} when another process uses the directory, or it cannot be used.
 */
export async function openPglite(
  directory: string | null,
  options: PgliteOptions,
): Promise<PgliteStore> {
  if (directory === null) return openInMemory(options);
  makePrivate(directory);
  const lock = await DirectoryLock.take(join(directory, 'lock'), options.clock, options.randomness);
  try {
    return await openOnDisk(directory, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makePrivate(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
  } catch (error) {
    throw new StartRefused(
      `the database's directory ${directory} cannot be made, or is not ours. Give this user the ` +
        'right to it, or name another one with TOKENLINE_DATA.',
      { cause: error },
    );
  }
}

async function openInMemory(options: PgliteOptions): Promise<PgliteStore> {
  const pg = new PGlite(settings(template(options)));
  await pg.waitReady;
  return new PgliteStore({ pg, durable: false, options, isDead: () => false, closed: () => {} });
}

async function openOnDisk(
  directory: string,
  lock: DirectoryLock,
  options: PgliteOptions,
): Promise<PgliteStore> {
  const cluster = join(directory, 'cluster');
  // Stands while the cluster is being made: to PGlite half a cluster is a whole one.
  const unfinished = join(directory, 'unfinished');
  if (existsSync(unfinished)) rmSync(cluster, { recursive: true, force: true });
  const isNew = !existsSync(join(cluster, 'PG_VERSION'));
  if (isNew) {
    writeFileSync(unfinished, '', { mode: 0o600 });
    syncPath(directory);
    syncPath(join(directory, '..'));
  } else {
    refuseOtherVersion(cluster);
  }
  makePrivate(cluster);
  const fs = options.fileSystem?.(cluster) ?? new DurableNodeFs(cluster);
  const pg = new GuardedPglite(fs, {
    ...settings(isNew ? template(options) : null),
    fs,
    // Without `-F`, which turns fsync off.
    startParams: PGlite.defaultStartParams.filter((word) => word !== '-F'),
  });
  await started(pg, directory);
  if (isNew) {
    syncTree(directory);
    rmSync(unfinished);
    syncPath(directory);
  }
  const durable = await commitsAreSynced(pg, fs);
  return new PgliteStore({
    pg,
    durable,
    options,
    isDead: () => fs.dead,
    closed: () => lock.release(),
  });
}

/** What every database starts with. Its `postgresql.conf` is written anew at every start. */
function settings(cluster: Blob | null): PGliteOptions {
  return {
    postgresqlconf: ['wal_sync_method=fsync', 'shared_buffers=16MB'],
    ...(cluster === null ? {} : { loadDataDir: cluster }),
  };
}

/** `null` when it was not built: PGlite makes a cluster then, which takes seconds and 800 MB. */
function template(options: PgliteOptions): Blob | null {
  const source = options.template ?? TEMPLATE;
  if (source instanceof Blob) return source;
  try {
    return new Blob([readFileSync(source)], { type: 'application/x-gzip' });
  } catch {
    options.log.info('store.template_missing');
    return null;
  }
}

function refuseOtherVersion(cluster: string): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version === CLUSTER_VERSION) return;
  throw new StartRefused(
    `the embedded database in ${cluster} is of PostgreSQL ${version}, this program has ` +
      `${CLUSTER_VERSION}. Start the release that made it, or move the data to a PostgreSQL server.`,
  );
}

async function started(pg: PGlite, directory: string): Promise<void> {
  try {
    await pg.waitReady;
  } catch (error) {
    throw new StartRefused(
      `the embedded database in ${directory} does not start. Is the disk full, or was a file ` +
        'changed? Restore the directory from a backup, or move it away to begin with an empty one.',
      { cause: error },
    );
  }
}

/** Commits something, and looks whether it went through the patched `fsync`. */
async function commitsAreSynced(pg: PGlite, fs: DurableNodeFs): Promise<boolean> {
  const before = fs.syncCount;
  await pg.query("select pg_logical_emit_message(true, 'tokenline', 'is this synced?')");
  const { rows } = await pg.query<{ fsync: string; synchronous_commit: string }>(
    `select current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous_commit`,
  );
  const isOn = rows[0]?.fsync === 'on' && rows[0].synchronous_commit === 'on';
  return isOn && fs.syncCount > before;
}

/** PGlite that leaves a dead engine alone. Everything that reaches the engine comes through here. */
class GuardedPglite extends PGlite {
  readonly #fs: DurableNodeFs;

  constructor(fs: DurableNodeFs, options: PGliteOptions) {
    super(options);
    this.#fs = fs;
  }

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#fs.dead) throw stopped();
    return super.execProtocolRawSync(message);
  }
}

function stopped(): StoreUnavailable {
  return new StoreUnavailable(
    'the embedded database stopped after a PANIC; start the process again',
  );
}

interface Parts {
  readonly pg: PGlite;
  readonly durable: boolean;
  readonly options: PgliteOptions;
  readonly isDead: () => boolean;
  readonly closed: () => void;
}

/** One session: PGlite itself puts statements and transactions in a row. */
export class PgliteStore implements Store {
  readonly engine = 'pglite';
  readonly durable: boolean;
  readonly #pg: PGlite;
  readonly #parts: Parts;
  readonly #guard = new TransactionGuard();
  #closing: Promise<void> | null = null;
  #statements = 0;

  constructor(parts: Parts) {
    this.durable = parts.durable;
    this.#parts = parts;
    this.#pg = parts.pg;
    this.#pg.serializers = {};
    this.#pg.parsers = new Proxy({}, { get: (_, oid) => readerOf(Number(oid)) });
  }

  async query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    this.#guard.assertOutside();
    return this.#repeat(() => this.#run(this.#pg, text, values));
  }

  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#guard.assertOutside();
    return this.#repeat(() =>
      this.#pg.transaction((session) =>
        this.#guard.run((text, values) => this.#run(session, text, values), work),
      ),
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The whole database as a tar, which can be the template of another one. */
  async snapshot(): Promise<Blob> {
    // So that a copy of it has no log to replay.
    await this.query('checkpoint');
    return this.#pg.dumpDataDir('none');
  }

  async #close(): Promise<void> {
    try {
      if (!this.#parts.isDead()) await this.#pg.close();
    } finally {
      this.#parts.closed();
    }
  }

  async #repeat<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new StoreUnavailable('the database is closed');
    let value: T;
    try {
      value = await repeatOnConflict(work, this.#parts.options);
    } catch (error) {
      throw this.#understood(error);
    }
    this.#statements += 1;
    if (this.#statements % UPKEEP_EVERY === 0) void this.#upkeep();
    return value;
  }

  async #run(
    session: Pick<Transaction, 'query' | 'exec'>,
    text: string,
    values?: readonly SqlValue[],
  ): Promise<readonly SqlRow[]> {
    try {
      if (values !== undefined) {
        return (await session.query<SqlRow>(text, values.map(parameter))).rows;
      }
      const results = (await session.exec(text)) as Results<SqlRow>[];
      return results.at(-1)?.rows ?? [];
    } catch (error) {
      throw this.#understood(error);
    }
  }

  #understood(error: unknown): unknown {
    if (this.#parts.isDead()) return error instanceof StoreUnavailable ? error : stopped();
    // PGlite hangs the statement's values on the error, where a log could print them.
    if (error instanceof Error && 'params' in error) error.params = undefined;
    return storeError(error);
  }

  /**
   * What the background processes of a server do and a single session has not: without a checkpoint
   * the log grows for ever, and without a vacuum the tables do.
   */
  async #upkeep(): Promise<void> {
    try {
      await this.#pg.exec('checkpoint');
      // The counts of dead rows are brought up to date once a second otherwise.
      await this.#pg.exec('select pg_stat_force_next_flush()');
      const { rows } = await this.#pg.query<{ name: string }>(MOST_DEAD_ROWS);
      // One table at a time: nothing else is answered meanwhile.
      if (rows[0] !== undefined) await this.#pg.exec(`vacuum (analyze) ${rows[0].name}`);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      if (this.#closing === null)
        this.#parts.options.log.alarm('store.upkeep_failed', { error: name });
    }
  }
}

/** The rule of autovacuum, https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM */
const MOST_DEAD_ROWS = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
  where n_dead_tup > 50 + 0.2 * n_live_tup order by n_dead_tup desc limit 1`;
