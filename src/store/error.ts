import { StoreUnavailable, UniqueViolation } from './store.ts';

/** The five characters of https://www.postgresql.org/docs/current/errcodes-appendix.html, or `null`. */
export function sqlStateOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // Node's own codes (EPIPE, …) have five characters too, and none of them holds a digit.
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) ? code : null;
}

/** True when nothing was committed and the same work may succeed a moment later. */
export function isConflict(error: unknown): boolean {
  const state = sqlStateOf(error instanceof StoreUnavailable ? error.cause : error);
  return state !== null && CONFLICT.test(state);
}

/** A serialization failure, a deadlock. */
const CONFLICT = /^40(?:001|P01)$/;

/**
 * States in which the server refuses to work, whatever the statement: 08 connection, 53 resources
 * (connections, memory, disk), 57 shutdown and statement timeout, 58 I/O, 25006 a standby after a
 * failover, 25P03 and 25P04 a transaction that took too long.
 */
const UNAVAILABLE = /^(?:08|53|57|58)|^25(?:006|P03|P04)$/;

/**
 * What a driver's error is to the callers of the store. Anything that the statement itself caused
 * stays as it is: that is a bug.
 */
export function storeError(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state === null || !(error instanceof Error)) return error;
  if (state === '23505') {
    const constraint = 'constraint' in error ? error.constraint : null;
    return new UniqueViolation(typeof constraint === 'string' ? constraint : 'unknown');
  }
  // A conflict that goes on after every repetition is a database that refuses to work, too.
  if (!UNAVAILABLE.test(state) && !CONFLICT.test(state)) return error;
  return new StoreUnavailable(`the database refuses to work (SQLSTATE ${state})`, { cause: error });
}
