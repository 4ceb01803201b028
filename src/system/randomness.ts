import { randomBytes } from 'node:crypto';

/** Randomness as a port, so that a simulated run can be repeated. */
export interface Randomness {
  /** `count` unpredictable bytes. */
  bytes(count: number): Uint8Array;
  /** In [0, 1), for jitter; need not be unpredictable. */
  fraction(): number;
}

export const systemRandomness: Randomness = {
  bytes: (count) => randomBytes(count),
  fraction: () => Math.random(),
};

/** 24 letters and no digit: an id can never look like a card number. No `l` or `o`. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz';

/** 20 letters of 24 are 91 bits. */
const ID_LETTERS = 20;

/**
 * A new id such as `op_kqzt…`: letters only, so that *any* run of 12 or more digits in a log, a
 * table or a webhook is an alarm.
 */
export function newId(prefix: string, randomness: Randomness): string {
  let id = `${prefix}_`;
  while (id.length < prefix.length + 1 + ID_LETTERS) {
    for (const byte of randomness.bytes(ID_LETTERS)) {
      // 240 is the largest multiple of 24 in a byte; above it the letters would not be even.
      if (byte < 240 && id.length < prefix.length + 1 + ID_LETTERS) id += LETTERS[byte % 24];
    }
  }
  return id;
}

/** Bytes that nobody can guess, as text that may stand in a header, a cookie or an address. */
export function secretText(randomness: Randomness, count: number): string {
  return Buffer.from(randomness.bytes(count)).toString('base64url');
}
