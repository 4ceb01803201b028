import { migrate } from '../../../src/store/migrate.ts';
import {
  StoreUnavailable,
  type Sql,
  type SqlRow,
  type SqlValue,
  type Store,
} from '../../../src/store/store.ts';
import { TransactionGuard } from '../../../src/store/transaction.ts';
import type { Clock } from '../../../src/system/clock.ts';
import { Database } from './database.ts';
import { define } from './definition.ts';
import { SqlError } from './errors.ts';
import { parsed } from './parse.ts';
import { compileQuery, isQuery } from './statement.ts';

/** Only `now()` asks it, and only migrations ask for `now()`. */
const NOW_MS = Date.UTC(2026, 0, 1);

/**
 * The store of the simulation: the statements of `src/store` run on tables in memory, by an
 * interpreter of the SQL that they use. The schema is what the real migrations declare.
 *
 * A statement runs to its end when it is asked for, so that whoever calls decides about the order.
 * Transactions come one after the other, and statements wait while one is open: what another has not
 * committed is never seen, and 40001 never happens. Nothing is kept when the process ends.
 */
export class MemoryStore implements Store {
  readonly engine = 'postgres';
  readonly durable = true;
  readonly #database: Database;
  readonly #guard: Pick<TransactionGuard, 'assertOutside' | 'run'>;
  #waiting: (() => void)[] = [];
  #inTransaction = false;
  #closed = false;

  constructor(database: Database, guarded = true) {
    this.#database = database;
    this.#guard = guarded ? new TransactionGuard() : UNGUARDED;
  }

  async query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    if (this.#inTransaction) this.#guard.assertOutside();
    while (this.#inTransaction) await this.#ended();
    return this.#statement(text, values);
  }

  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#guard.assertOutside();
    while (this.#inTransaction) await this.#ended();
    this.#assertOpen();
    this.#inTransaction = true;
    let failed = false;
    const query: Sql['query'] = (text, values) => {
      if (failed) throw new SqlError('25P02', 'current transaction is aborted');
      try {
        return Promise.resolve(this.#run(text, values));
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    try {
      const value = await this.#guard.run(query, work);
      if (failed) throw new Error('the transaction had failed and was rolled back');
      this.#database.commit();
      return value;
    } catch (error) {
      this.#database.undoTo(0);
      throw error;
    } finally {
      this.#end();
    }
  }

  /** Every table as it was when the store was opened; nothing may be under way. */
  reset(): void {
    this.#database.reset();
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
  }

  /** When the transaction that is open has ended; another may have begun by then. */
  #ended(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #end(): void {
    this.#inTransaction = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** One statement, or several, that are a transaction of their own. */
  #statement(text: string, values: readonly SqlValue[] | undefined): readonly SqlRow[] {
    this.#assertOpen();
    try {
      const rows = this.#run(text, values);
      this.#database.commit();
      return rows;
    } catch (error) {
      this.#database.undoTo(0);
      throw error;
    }
  }

  #run(text: string, values: readonly SqlValue[] | undefined): readonly SqlRow[] {
    const { schema } = this.#database;
    const known = schema.compiled.get(text);
    if (known) return known(this.#database, values ?? [], NOW_MS);
    const statements = parsed(text);
    if (statements.length > 1 && values !== undefined) {
      throw new SqlError('42601', 'cannot insert multiple commands into a prepared statement');
    }
    let rows: readonly SqlRow[] = [];
    for (const statement of statements) {
      rows = [];
      if (isQuery(statement)) {
        const compiled = compileQuery(statement, this.#database.schema);
        if (statements.length === 1) schema.compiled.set(text, compiled);
        rows = compiled(this.#database, values ?? [], NOW_MS);
      } else define(statement, this.#database);
    }
    return rows;
  }
}

/** Migrations are asked for their time by nobody else, and wait for nobody. */
const STILL: Clock = {
  now: () => NOW_MS,
  monotonicMs: () => 0,
  after: () => ({ cancel: () => {} }),
};

const UNGUARDED: Pick<TransactionGuard, 'assertOutside' | 'run'> = {
  assertOutside: () => undefined,
  run: (query, work) => work({ query: async (text, values) => query(text, values) }),
};

async function migrated(): Promise<Database> {
  const database = new Database();
  await migrate(new MemoryStore(database, false), {
    clock: STILL,
    randomness: { bytes: (n) => new Uint8Array(n), fraction: () => 0 },
  });
  return database;
}

const ORIGIN = await migrated();

/**
 * A new database with the schema and nothing in it. Costs microseconds: what is declared is shared.
 *
 * @param guarded false where work inside a transaction is known to use it: on Node 20 what sees to
 *   that switches async hooks on, which had a quarter of the samples in a profile of the simulation.
 *   A mistake waits for ever then.
 */
export function openMemoryStore(guarded = true): MemoryStore {
  return new MemoryStore(new Database(ORIGIN), guarded);
}
