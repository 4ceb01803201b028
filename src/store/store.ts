/** A value that can be a parameter: the same on both drivers. Times are passed as ISO text. */
export type SqlValue = string | number | boolean | null | readonly string[] | readonly number[];

/**
 * A row as both drivers give it: `bool` as boolean, every kind of number as number, `timestamptz` as
 * milliseconds since 1970, `json` and `jsonb` parsed, null as null, and everything else, dates and
 * arrays included, as PostgreSQL's text. A list is selected with `json_agg`.
 */
export type SqlRow = Readonly<Record<string, unknown>>;

export interface Sql {
  /**
   * Runs one statement. Without `values` the text may hold several, as in a migration; the rows are
   * those of the last one.
   *
   * @throws {UniqueViolation} @throws {StoreUnavailable} Any other error is a bug in the statement.
   */
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/**
 * SQL over PostgreSQL, by `pg` or by PGlite. No LISTEN/NOTIFY, no advisory locks, and no named
 * prepared statements unless they are asked for: what is used works on every engine that speaks
 * PostgreSQL, PgBouncer included.
 */
export interface Store extends Sql {
  readonly engine: 'postgres' | 'pglite';
  /** True when a commit is on the disk before it is answered (`fsync` is on). */
  readonly durable: boolean;
  /**
   * Runs `work` in one transaction, READ COMMITTED: commits when it ends, rolls back when it throws.
   * Repeats it on 40001 and 40P01, so `work` must not touch anything but the transaction. Inside it
   * the store itself refuses every call, and a second `tx` with them.
   */
  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Waits for what is running. A second call does nothing. */
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
