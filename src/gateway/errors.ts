import { isMeaning, type Meaning } from './reading.ts';

/**
 * A gateway's codes by what they mean to us: data, one file for each gateway, from its official list.
 * `by_status` holds those that say no more than the HTTP status does. A test proves for each table
 * that no official code is missing, and that a lost, stolen or suspected card sounds like any other
 * decline (`test/conformance/errors.ts`).
 */
export type ErrorTable = Readonly<Partial<Record<Meaning | 'by_status', readonly string[]>>>;

/** The meaning of each code. A code that is not there, or is `null`, has none beyond its status. */
export function meaningsOf(table: ErrorTable): ReadonlyMap<string, Meaning | null> {
  const meanings = new Map<string, Meaning | null>();
  for (const [name, codes] of Object.entries(table)) {
    for (const code of codes) meanings.set(code, isMeaning(name) ? name : null);
  }
  return meanings;
}
