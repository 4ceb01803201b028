import { Pool, type PoolClient, type QueryResult } from 'pg';
import type { Log } from '../system/log.ts';
import { parameter, readerOf } from './columns.ts';
import { sqlStateOf, storeError } from './error.ts';
import { isNotKept, KeptStatements } from './kept-statements.ts';
import { StoreUnavailable, type Sql, type SqlRow, type SqlValue, type Store } from './store.ts';
import { repeatOnConflict, TransactionGuard, type StorePorts } from './transaction.ts';

export interface PostgresOptions extends StorePorts {
  readonly log: Log;
  /** Connections of this process, 1 or more. */
  readonly poolMax?: number;
  /** How long a statement may wait for a connection, free or new. */
  readonly connectTimeoutMs?: number;
  /** How long one statement may take. */
  readonly statementTimeoutMs?: number;
  /** Whether the server keeps statements prepared that are asked often; without it, none. */
  readonly keepStatements?: boolean;
}

const POOL_MAX = 10;
/** A caller is waiting: a database that is not there has to be known within a few seconds. */
const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 8000;
/** The server gives up first, where it can; this is for a network that swallows everything. */
const ANSWER_GRACE_MS = 1000;

/**
 * Opens PostgreSQL, and anything that speaks its protocol.
 *
 * @param url `postgresql://user:password@host/database`, as libpq takes it.
 * @throws {StoreUnavailable} when it cannot be reached.
 */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Store> {
  const store = new PostgresStore(url, options);
  try {
    await store.start();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class PostgresStore implements Store {
  readonly engine = 'postgres';
  readonly #pool: Pool;
  readonly #ports: StorePorts;
  readonly #log: Log;
  readonly #kept: KeptStatements | null;
  readonly #guard = new TransactionGuard();
  readonly #begin: string;
  #durable = false;

  constructor(url: string, options: PostgresOptions) {
    const statementTimeoutMs = Math.round(options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS);
    this.#ports = options;
    this.#log = options.log;
    this.#kept = options.keepStatements === true ? new KeptStatements() : null;
    // One round trip. As startup parameters PgBouncer would refuse them.
    this.#begin = `begin isolation level read committed;
      set local statement_timeout = ${statementTimeoutMs};
      set local idle_in_transaction_session_timeout = ${statementTimeoutMs}`;
    this.#pool = new Pool({
      connectionString: url,
      application_name: 'tokenline',
      max: options.poolMax ?? POOL_MAX,
      connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
      keepAlive: true,
      types: { getTypeParser: readerOf },
    });
    // Without a listener an idle connection that breaks would end the process. The pool drops it.
    this.#pool.on('error', (error) => {
      options.log.info('store.connection_lost', { error: error.name });
    });
    // Nor is there one between the pool's, which goes when it lends a connection, and the session's:
    // a server that is ready and ends in one breath would end the process. The next statement fails.
    this.#pool.on('connect', (client) => void client.on('error', () => {}));
  }

  get durable(): boolean {
    return this.#durable;
  }

  async start(): Promise<void> {
    // With `true` an engine that has no such setting answers null, and counts as not durable.
    const [row] = await this.query(`select current_setting('fsync', true) as fsync,
      current_setting('synchronous_commit', true) as synchronous_commit`);
    const synchronous = row?.['synchronous_commit'] ?? 'off';
    this.#durable = row?.['fsync'] === 'on' && synchronous !== 'off';
  }

  async query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    this.#guard.assertOutside();
    return this.#connected(async (session) => (await this.#ask(session, text, values)).rows);
  }

  /** Outside of a transaction alone: within one, a name that the server does not have would end it. */
  async #ask(
    session: Session,
    text: string,
    values?: readonly SqlValue[],
  ): Promise<QueryResult<SqlRow>> {
    const name = values === undefined ? null : (this.#kept?.nameOf(text) ?? null);
    if (name === null) return session.query(text, values);
    try {
      return await session.query(text, values, name);
    } catch (error) {
      const state = sqlStateOf(error);
      if (!isNotKept(state)) throw error;
      this.#kept?.giveUp();
      this.#log.info('store.statements_not_kept', { code: state });
      return session.query(text, values);
    }
  }

  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#guard.assertOutside();
    return this.#connected((session) => this.#transact(session, work));
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #transact<T>(session: Session, work: (sql: Sql) => Promise<T>): Promise<T> {
    await session.query(this.#begin);
    let value: T;
    try {
      const query: Sql['query'] = async (text, values) => (await session.query(text, values)).rows;
      value = await this.#guard.run(query, work);
    } catch (error) {
      await session.rollback();
      throw error;
    }
    const end = await session.query('commit');
    // A statement failed and `work` went on: PostgreSQL answers COMMIT with ROLLBACK, and no error.
    if (end.command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back');
    return value;
  }

  #connected<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return repeatOnConflict(async () => {
      const session = new Session(await this.#connect());
      try {
        return await work(session);
      } finally {
        session.release();
      }
    }, this.#ports);
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      // Whatever it was (no host, wrong password, no free connection in time): nothing was begun.
      throw new StoreUnavailable('the database cannot be reached', { cause: error });
    }
  }
}

/**
 * A connection on loan. The pool's own `query` gives up its connection on every error, also on a
 * unique violation, which is an everyday answer here; this drops only what is broken.
 */
class Session {
  readonly #client: PoolClient;
  #broken: Error | null = null;
  readonly #onError = (error: Error): void => {
    this.#broken = error;
  };

  constructor(client: PoolClient) {
    this.#client = client;
    // Without a listener a connection that breaks between two statements would end the process.
    client.on('error', this.#onError);
  }

  /** @param name under which the server keeps the statement; it needs `values`. */
  async query(
    text: string,
    values?: readonly SqlValue[],
    name?: string,
  ): Promise<QueryResult<SqlRow>> {
    const parameters = values?.map(parameter);
    try {
      // Without values the text may hold several statements, and there is one result for each.
      const result: QueryResult<SqlRow> | QueryResult<SqlRow>[] =
        name === undefined
          ? await this.#client.query(text, parameters)
          : await this.#client.query({ name, text, values: parameters ?? [] });
      return Array.isArray(result) ? last(result) : result;
    } catch (error) {
      // A RangeError is ours, from reading a column; everything else without a state is the line.
      if (sqlStateOf(error) !== null || error instanceof RangeError) throw storeError(error);
      this.#broken = error instanceof Error ? error : new Error(String(error));
      throw new StoreUnavailable('the connection to the database broke', { cause: error });
    }
  }

  /** Never fails: a connection that cannot roll back is dropped, and the server rolls back. */
  async rollback(): Promise<void> {
    try {
      await this.query('rollback');
    } catch (error) {
      this.#broken ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  release(): void {
    this.#client.removeListener('error', this.#onError);
    this.#client.release(this.#broken ?? undefined);
  }
}

function last(results: readonly QueryResult<SqlRow>[]): QueryResult<SqlRow> {
  const result = results.at(-1);
  if (result === undefined) throw new Error('the database answered nothing');
  return result;
}
