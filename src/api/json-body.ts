import { Fault } from '../payment/fault.ts';
import { holdsCardNumber } from '../system/digit-run.ts';

/** Strings, numbers, and what gives a JSON text its shape. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\]:]/g;

/**
 * Telephone numbers of 13 and 14 digits exist that are Luhn-valid and begin like a card
 * (+49 … like an old Visa number). Cards have 15 digits and more today.
 */
const TELEPHONE_DIGITS_MAX = 14;
const TELEPHONE_FIELDS: ReadonlySet<string> = new Set(['ani', 'dnis']);

function isTelephoneNumber(field: string | null, text: string): boolean {
  if (field === null || !TELEPHONE_FIELDS.has(field)) return false;
  return (text.match(/\d/g)?.length ?? 0) <= TELEPHONE_DIGITS_MAX;
}

/**
 * @param field the name that the text stands under, `null` where it has none.
 * @throws {Fault} `card_number_in_wrong_place`.
 */
export function refuseCardNumber(text: string, field: string | null): void {
  if (isTelephoneNumber(field, text) || !holdsCardNumber(text)) return;
  throw new Fault(
    'card_number_in_wrong_place',
    'Card data goes to POST /v1/tokens of the tokenizer only, from a secure call flow.',
  );
}

/** The text of a string token; the JSON has been parsed before, so it is one. */
function textOf(token: string): string {
  return String(JSON.parse(token));
}

/**
 * Looks through a valid JSON text for what `JSON.parse` hides: names that stand twice (the last one
 * would win in silence), `__proto__`, the depth, and digits beyond a double's precision.
 */
function inspect(
  text: string,
  depthMax: number,
  look: (text: string, field: string | null) => void,
): void {
  const names: (Set<string> | null)[] = [];
  let before = '';
  let field: string | null = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (names.push(token === '{' ? new Set() : null) > depthMax) {
        throw new Fault('bad_request', `The body is nested deeper than ${depthMax} levels.`);
      }
    } else if (token === '}' || token === ']') {
      names.pop();
    } else if (token === ':') {
      field = textOf(before);
      const seen = names.at(-1);
      if (field === '__proto__' || seen?.has(field)) {
        throw new Fault('bad_request', 'The body names a field twice, or names one __proto__.');
      }
      seen?.add(field);
    } else {
      // The field of a name is the one before it; only telephone numbers look at it.
      look(token.startsWith('"') ? textOf(token) : token, field);
      field = null;
    }
    before = token;
  }
}

/**
 * Reads the body of a request: strict UTF-8 and strict JSON (RFC 8259), shallow, without doubled
 * names and, where they are refused, without a card number anywhere.
 *
 * @throws {Fault} `bad_request` or `card_number_in_wrong_place`; neither repeats what was sent.
 */
export function readJson(
  bytes: Uint8Array,
  depthMax: number,
  pans: 'refused' | 'not_looked_for',
): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault('bad_request', 'The body is not UTF-8.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new Fault('bad_request', 'The body is not JSON.');
  }
  inspect(text, depthMax, pans === 'refused' ? refuseCardNumber : () => {});
  return value;
}
