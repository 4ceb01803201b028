/**
 * Card numbers where none belong. A run of digits is an alarm wherever Tokenline writes; a text that
 * somebody gives us is judged more closely, because customer numbers are long as well.
 */

/**
 * RFC 9562 §4: Genesys names conversations by UUIDs, whose last group may be twelve digits. A longer
 * word that only contains the pattern is none.
 */
const UUIDS =
  /(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z])/gi;

/**
 * Digits that people and forms write in groups: up to three of these between them. Not the colon,
 * or a date with a time would be fourteen digits.
 */
const GROUPED = /[0-9]+(?:[\s._/+-]{1,3}[0-9]+)*/g;
const BETWEEN = /[\s._/+-]+/;

/**
 * ISO/IEC 7812-1: a PAN has at most 19 digits. Below 13 there are only some Maestro numbers, and
 * every telephone number would be in question.
 */
const PAN_DIGITS_MIN = 13;
const PAN_DIGITS_MAX = 19;

function withoutUuids(text: string): string {
  // A letter in its place keeps the digits before and behind it apart.
  return text.replaceAll(UUIDS, 'u');
}

/** True when `text` has `min` or more ASCII digits in a row, UUIDs excepted. */
export function hasDigitRun(text: string, min: number): boolean {
  return longestRun(withoutUuids(text)) >= min;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/[0-9]+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/**
 * True when `text` holds 13 to 19 digits that pass Luhn, in a row or in groups, UUIDs excepted.
 * A random number of that length passes in one case of ten, so a field that carries long numbers by
 * nature cannot be judged by this. Thirteen digits that begin with 1 are a time in milliseconds until
 * the year 2033 and no card: of that length there are only old Visa cards, which begin with 4.
 */
export function holdsCardNumber(text: string): boolean {
  for (const [chain] of withoutUuids(text).matchAll(GROUPED)) {
    if (chainHoldsCard(chain.split(BETWEEN))) return true;
  }
  return false;
}

/** Neighbouring groups that make up a card number together: a date before one does not hide it. */
function chainHoldsCard(groups: readonly string[]): boolean {
  for (let first = 0; first < groups.length; first += 1) {
    let digits = '';
    for (let last = first; last < groups.length && digits.length < PAN_DIGITS_MAX; last += 1) {
      digits += groups[last] ?? '';
      if (isCardNumber(digits)) return true;
    }
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  if (digits.length < PAN_DIGITS_MIN || digits.length > PAN_DIGITS_MAX) return false;
  if (digits.length === PAN_DIGITS_MIN && digits.startsWith('1')) return false;
  return passesLuhn(digits);
}

/** ISO/IEC 7812-1 annex B. The check of real cards is `card/luhn.ts`, over bytes. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    let value = Number(digits[i]);
    if (double && (value *= 2) > 9) value -= 9;
    sum += value;
  }
  return sum % 10 === 0;
}
