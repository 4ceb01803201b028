import { StoreUnavailable, type Sql, type Store } from '../../src/store/store.ts';

/** When a statement is to fail: `before` it reaches the database, `after` it has been committed. */
export type Failing = 'before' | 'after';

/**
 * A store whose statements can be counted, lost and held, and that knows when none is under way.
 */
export class WatchedStore implements Store {
  readonly inner: Store;
  /** Texts of all statements, in the order in which they were asked. */
  readonly asked: string[] = [];
  /** Statements and transactions under way. */
  busy = 0;
  /** Decides about a statement before it runs: fail it, or leave this process dead in it. */
  rule: (text: string, index: number) => Failing | 'dies' | 'dies_after' | null = () => null;

  constructor(inner: Store) {
    this.inner = inner;
  }

  get engine(): Store['engine'] {
    return this.inner.engine;
  }

  get durable(): boolean {
    return this.inner.durable;
  }

  async query(...[text, values]: Parameters<Sql['query']>): ReturnType<Sql['query']> {
    const verdict = this.rule(text, this.asked.length);
    this.asked.push(text);
    if (verdict === 'before') throw new StoreUnavailable('the connection was lost');
    if (verdict === 'dies') return never();
    const rows = await this.#watched(() => this.inner.query(text, values));
    if (verdict === 'after') throw new StoreUnavailable('the answer was lost');
    return verdict === 'dies_after' ? never() : rows;
  }

  async tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const verdict = this.rule('tx', this.asked.length);
    this.asked.push('tx');
    if (verdict === 'before') throw new StoreUnavailable('the connection was lost');
    const result = await this.#watched(() => this.inner.tx(work));
    if (verdict === 'after') throw new StoreUnavailable('the answer was lost');
    return result;
  }

  /** A look behind the scenes: it counts as work under way, and never fails. */
  peek(...[text, values]: Parameters<Sql['query']>): ReturnType<Sql['query']> {
    return this.#watched(() => this.inner.query(text, values));
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** What a process that has died answers. */
function never<T>(): Promise<T> {
  return new Promise(() => {});
}

const TABLES = [
  'job',
  'outbox',
  'charge',
  'schedule',
  'subscription',
  'card_token',
  'consent',
  'disclosure',
  'proposal',
  'operation',
  'interaction',
  'velocity',
  'breaker',
  'ledger_checkpoint',
  'ledger_unsealed',
  'ledger_seal',
  'ledger',
] as const;

export const GUARDED = ['ledger', 'ledger_seal', 'ledger_checkpoint'] as const;

/** Does to the ledger what its owner could do: with the triggers that forbid it switched off. */
export function tampering(store: Store, work: (sql: Sql) => Promise<void>): Promise<void> {
  return store.tx(async (sql) => {
    for (const table of GUARDED) await sql.query(`alter table ${table} disable trigger user`);
    await work(sql);
    for (const table of GUARDED) await sql.query(`alter table ${table} enable trigger user`);
  });
}

/** Empties every table, so that tests can share one database. */
export async function wipe(store: Store): Promise<void> {
  await tampering(store, async (sql) => {
    for (const table of TABLES) await sql.query(`delete from ${table}`);
    await sql.query(`update switch set state = 'on', reason = 'initial state'`);
  });
}

/** Every row of every table, as text. */
export async function dump(store: Store): Promise<string> {
  const tables = await store.query(
    `select table_name from information_schema.tables where table_schema = 'public'`,
  );
  const texts: string[] = [];
  for (const { table_name: name } of tables) {
    const rows = await store.query(`select row_to_json(t)::text as row from ${String(name)} t`);
    texts.push(...rows.map((row) => `${String(name)} ${String(row['row'])}`));
  }
  return texts.join('\n');
}
