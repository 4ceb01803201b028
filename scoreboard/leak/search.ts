import { formsOf } from './encodings.ts';

/** Digits in one form, by the place of their owner in a list. */
export interface Needle {
  readonly owner: number;
  readonly encoding: string;
  readonly bytes: Buffer;
}

/** Needles are told apart by eight bytes of them: the shortest is a packed number. */
const WINDOW = 8;
const TABLE_BITS = 21;

interface Anchored extends Needle {
  /** Where the window ends in the needle. */
  readonly end: number;
}

function hashOf(high: number, low: number): number {
  return (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> (32 - TABLE_BITS);
}

/**
 * Finds any of thousands of needles in one pass over bytes. Of each needle the rarest eight bytes are
 * put into a table by their hash; a rolling window over the haystack asks the table, and what the
 * table knows is compared in full. That is Rabin and Karp's way; the table is one byte an entry, so
 * that it stays in the processor's cache.
 */
export class Search {
  /** Bytes behind which a needle may begin and not yet have ended. */
  readonly overlap: number;
  readonly #table = new Uint8Array(2 ** TABLE_BITS);
  readonly #buckets = new Map<number, Anchored[]>();

  constructor(cards: readonly { readonly digits: string; readonly cvv: string }[]) {
    const needles = cards.flatMap((card, owner) =>
      formsOf(card).map(({ encoding, bytes }): Needle => ({ owner, encoding, bytes })),
    );
    this.overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.length - 1));
    const shared = new Map<string, number>();
    for (const { bytes } of needles) {
      for (let at = 0; at + WINDOW <= bytes.length; at++) {
        const window = bytes.toString('latin1', at, at + WINDOW);
        shared.set(window, (shared.get(window) ?? 0) + 1);
      }
    }
    for (const needle of needles) this.#put(needle, shared);
  }

  /** Told of each needle with the place where it begins. */
  scan(bytes: Buffer, found: (needle: Needle, at: number) => void): void {
    const table = this.#table;
    let high = 0;
    let low = 0;
    for (let at = 0; at < bytes.length; at++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[at] ?? 0);
      const hash = (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 11;
      if (table[hash] !== 0) this.#compare(bytes, at, hash, found);
    }
  }

  #put(needle: Needle, shared: ReadonlyMap<string, number>): void {
    const { bytes } = needle;
    let end = WINDOW;
    let rarest = Number.POSITIVE_INFINITY;
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      const count = shared.get(bytes.toString('latin1', at, at + WINDOW)) ?? 0;
      if (count >= rarest) continue;
      rarest = count;
      end = at + WINDOW;
    }
    const hash = hashOf(bytes.readInt32BE(end - WINDOW), bytes.readInt32BE(end - WINDOW / 2));
    this.#table[hash] = 1;
    const bucket = this.#buckets.get(hash) ?? [];
    bucket.push({ ...needle, end });
    this.#buckets.set(hash, bucket);
  }

  #compare(
    bytes: Buffer,
    at: number,
    hash: number,
    found: (needle: Needle, at: number) => void,
  ): void {
    for (const needle of this.#buckets.get(hash) ?? []) {
      const from = at + 1 - needle.end;
      const to = from + needle.bytes.length;
      if (from < 0 || to > bytes.length) continue;
      if (bytes.compare(needle.bytes, 0, needle.bytes.length, from, to) === 0) found(needle, from);
    }
  }
}
