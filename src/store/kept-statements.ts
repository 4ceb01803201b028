import { fingerprint } from '../payment/fingerprint.ts';

/** A statement that is asked so often is worth a place on the server. */
const KEPT_FROM = 5;
/** Each takes memory on every connection: about 100 kB for the largest. */
const KEPT_MAX = 32;
/** Of texts that are counted; statements are put together from parts, so there are many of them. */
const COUNTED_MAX = 512;
/** An identifier has at most 63 bytes. */
const NAME_LETTERS = 32;

/**
 * Which statements the server keeps prepared, planned once in place of each time. The name says the
 * text: whatever stands between us and the server, a name never means another statement.
 */
export class KeptStatements {
  readonly #counts = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #givenUp = false;

  /** The name under which the statement is kept, or `null` where it is asked without one. */
  nameOf(text: string): string | null {
    if (this.#givenUp) return null;
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (count < KEPT_FROM || this.#names.size === KEPT_MAX) {
      if (this.#counts.has(text) || this.#counts.size < COUNTED_MAX) this.#counts.set(text, count);
      return null;
    }
    this.#counts.delete(text);
    const name = nameFor(text);
    this.#names.set(text, name);
    return name;
  }

  /** From now on nothing is asked by name. */
  giveUp(): void {
    this.#givenUp = true;
    this.#counts.clear();
    this.#names.clear();
  }
}

export function nameFor(text: string): string {
  return `tokenline_${fingerprint(text).slice(0, NAME_LETTERS)}`;
}

/**
 * Says that the server does not have what was prepared, or cannot use it any more; the statement has
 * not been carried out. 26000 and 42P05 come from a pooler that gives each transaction another
 * connection and does not know of prepared statements; 0A000 where a migration has changed a table
 * ("cached plan must not change result type").
 */
const NOT_KEPT = new Set(['26000', '42P05', '0A000']);

export function isNotKept(sqlState: string | null): sqlState is string {
  return sqlState !== null && NOT_KEPT.has(sqlState);
}
