/** A value that can be a parameter: the same on both drivers. Times are passed as ISO text. */
export type SqlValue = string | number | boolean | null | readonly string[] | readonly number[];

/**
 * A row as both drivers give it: `int8` and `numeric` as numbers, `timestamptz` as milliseconds since
 * 1970 (number), `json`/`jsonb` parsed, everything else as text, number, boolean or null.
 */
export type SqlRow = Readonly<Record<string, unknown>>;

export interface Sql {
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/**
 * SQL over PostgreSQL, by `pg` or by PGlite. No LISTEN/NOTIFY, no advisory locks, no named prepared
 * statements: what is used works on every engine that speaks PostgreSQL, PgBouncer included.
 */
export interface Store extends Sql {
  readonly engine: 'postgres' | 'pglite';
  /** True when a commit is on the disk before it is answered (`fsync` is on). */
  readonly durable: boolean;
  /**
   * Runs `work` in one transaction, READ COMMITTED. Repeats it on 40001 and 40P01, so `work` must
   * not touch anything but the transaction.
   */
  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A unique key that exists already (23505), told apart from everything else that can go wrong. */
export class UniqueViolation extends Error {
  readonly constraint: string;

  constructor(constraint: string) {
    super(`a row with this key exists: ${constraint}`);
    this.name = 'UniqueViolation';
    this.constraint = constraint;
  }
}

/** The database could not be reached or refused to work; nothing was committed, or it is unknown. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}
