import { AsyncLocalStorage } from 'node:async_hooks';
import { sleep, type Clock } from '../system/clock.ts';
import type { Randomness } from '../system/randomness.ts';
import { isConflict } from './error.ts';
import type { Sql, SqlRow, SqlValue } from './store.ts';

/** What a store needs of the outside world. */
export interface StorePorts {
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** Attempts of one statement or transaction that meets a conflict, the first one included. */
const ATTEMPTS_MAX = 6;
const FIRST_DELAY_MS = 10;
const DELAY_MS_MAX = 500;

/**
 * Repeats work that lost a conflict (40001, 40P01), with full jitter so that two that met do not meet
 * again. @throws the last conflict when it does not end.
 */
export async function repeatOnConflict<T>(work: () => Promise<T>, ports: StorePorts): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS_MAX) throw error;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), DELAY_MS_MAX);
      await sleep(ports.clock, delayMs * ports.randomness.fraction());
    }
  }
}

type Query = Sql['query'];

/**
 * Sees to it that work inside a transaction uses the transaction. On PGlite, which has one session,
 * the store's own `query` would wait for the transaction, and the transaction for it; on PostgreSQL
 * the same mistake would quietly work outside the transaction.
 */
export class TransactionGuard {
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();

  assertOutside(): void {
    if (this.#inside.getStore()?.open) {
      throw new Error('inside tx() only the Sql that it gives may be used, and tx() does not nest');
    }
  }

  /** Runs `work` with a `Sql` that refuses to be used after `work` has ended. */
  async run<T>(query: Query, work: (sql: Sql) => Promise<T>): Promise<T> {
    const scope = { open: true };
    const sql: Sql = {
      query: async (text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> => {
        if (!scope.open) throw new Error('the transaction of this Sql has ended');
        return query(text, values);
      },
    };
    try {
      return await this.#inside.run(scope, () => work(sql));
    } finally {
      scope.open = false;
    }
  }
}
