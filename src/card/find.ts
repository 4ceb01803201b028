import { luhnValid } from './luhn.ts';

const DIGITS_MIN = 12;
const DIGITS_MAX = 19;

/** Cards are printed in groups of four, or of four, six and five; dates and telephone numbers are not. */
const FIRST_GROUPS = [4, 6];
const GROUP_DIGITS_MIN = 3;

/** Numbers of 12 digits are some of Maestro's, and nobody prints them in groups. */
const GROUPED_DIGITS_MIN = 13;

/** 8-4-4-4-12 hexadecimal digits (RFC 9562 §4): Genesys names its conversations so. */
const UUID_BYTES = 36;
const UUID_DASHES = [8, 13, 18, 23];

const DASH = 0x2d;
/** What may stand between groups; the last two bytes are a space that does not break, in UTF-8. */
const SEPARATORS: ReadonlySet<number | undefined> = new Set([
  ...Buffer.from(' \t-._/+'),
  0xc2,
  0xa0,
]);
const SEPARATOR_BYTES_MAX = 3;

/** Longer than any PAN, and more than 64 bytes: see `secret.ts`. */
const SCRATCH_BYTES = 128;

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

function isAlphanumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x7a);
}

const isHex = (byte: number | undefined): boolean =>
  isAlphanumeric(byte) && (isDigit(byte) || ((byte ?? 0) | 0x20) <= 0x66);

function uuidAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + UUID_BYTES > end) return false;
  if (isAlphanumeric(bytes[start - 1]) || isAlphanumeric(bytes[start + UUID_BYTES])) return false;
  for (let i = 0; i < UUID_BYTES; i++) {
    const byte = bytes[start + i];
    if (UUID_DASHES.includes(i) ? byte !== DASH : !isHex(byte)) return false;
  }
  return true;
}

function groupAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes[at])) at++;
  return at - start;
}

function separatorAt(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at - start < SEPARATOR_BYTES_MAX && SEPARATORS.has(bytes[at])) at++;
  return at - start;
}

/**
 * True when `bytes[start, end)` holds what may be a PAN: 12 to 19 digits that pass Luhn, plain or in
 * groups, or a plain run of more digits, in which a PAN could hide. UUIDs are left out, because 3 in
 * 1000 of them would be taken for cards. No string is made.
 */
export function holdsPan(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  const scratch = Buffer.alloc(SCRATCH_BYTES);
  let at = start;
  try {
    while (at < end) {
      if (uuidAt(bytes, at, end)) at += UUID_BYTES;
      else if (!isDigit(bytes[at])) at++;
      else {
        const plain = groupAt(bytes, at, end);
        if (plain > DIGITS_MAX || panAt(bytes, at, end, scratch)) return true;
        at += plain;
      }
    }
    return false;
  } finally {
    scratch.fill(0);
  }
}

/** Looks at the digits from `at` on: the first group alone, then with each further group. */
function panAt(bytes: Uint8Array, at: number, end: number, scratch: Buffer): boolean {
  let count = 0;
  let next = at;
  for (let group = groupAt(bytes, next, end); group > 0; group = groupAt(bytes, next, end)) {
    if (count > 0 && group < GROUP_DIGITS_MIN) return false;
    if (count + group > DIGITS_MAX) return false;
    scratch.set(bytes.subarray(next, next + group), count);
    count += group;
    next += group;
    const enough = count >= (count === group ? DIGITS_MIN : GROUPED_DIGITS_MIN);
    if (enough && luhnValid(scratch.subarray(0, count))) return true;
    const separated = separatorAt(bytes, next);
    if (separated === 0 || (count === group && !FIRST_GROUPS.includes(group))) return false;
    next += separated;
  }
  return false;
}
