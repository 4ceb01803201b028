import { isUtf8 } from 'node:buffer';
import { Compile } from 'typebox/compile';
import type { Card } from '../card/card.ts';
import { holdsPan } from '../card/find.ts';
import { SecretBytes } from '../card/secret.ts';
import { TokenRequest, type Body } from '../contract/schemas.ts';
import { Fault } from '../payment/fault.ts';
import { canonicalJson, fingerprint } from '../payment/fingerprint.ts';
import { scanMembers, type Member, type ScanKeys } from './scan.ts';

/** The guide's payload with the longest permitted values is below 2 KB. */
export const BODY_BYTES_MAX = 8192;

/** A request with the card taken out of it. */
export interface CardRequest {
  /** The caller of {@link BodySlab.read} zeroes it on every way out. */
  readonly card: Card;
  /** The payload with `0` in place of every byte of the secret fields. */
  readonly payload: Body<typeof TokenRequest>;
  /** SHA-256 of the payload without its card, whatever the order of its keys. */
  readonly payloadHash: string;
}

const TOP_KEYS: ReadonlySet<string> = new Set(Object.keys(TokenRequest.properties));
const KEYS: ScanKeys = {
  known: TOP_KEYS,
  secret: new Set(['card_number', 'cvv']),
  others: 'refused',
};

/** The MACs cover these; an unkeyed hash of so few possible values would give them away. */
const CARD_KEYS: ReadonlySet<string> = new Set([
  ...KEYS.secret,
  'expiry_month',
  'expiry_year',
  'postal_code',
]);

/**
 * Longer values are cut: they are no card number and no security code, `checkCard` says so by the
 * length that is left, and nothing else is done with them.
 */
const SECRET_BYTES_MAX = 64;

const ZERO_DIGIT = 0x30;
const SPACE = 0x20;

const validator = Compile(TokenRequest);

/**
 * The bytes of one request's body, from the socket to the moment when its secrets have been taken
 * out: one buffer, outside V8's heap and outside Node's pool, filled with zeros at the end.
 */
export class BodySlab {
  readonly #slab = Buffer.alloc(BODY_BYTES_MAX);
  #length = 0;

  /** Takes a chunk and fills it with zeros. `false` where the body is too long. */
  add(chunk: Uint8Array): boolean {
    const fits = this.#length + chunk.length <= BODY_BYTES_MAX;
    if (fits) {
      this.#slab.set(chunk, this.#length);
      this.#length += chunk.length;
    }
    chunk.fill(0);
    return fits;
  }

  /** True once nothing is left of the body. */
  get empty(): boolean {
    return this.#length === 0 && this.#slab.every((byte) => byte === 0);
  }

  zero(): void {
    this.#slab.fill(0);
    this.#length = 0;
  }

  /**
   * Takes the guide's card out, and only then lets a JSON parser see the rest. The slab is zeroed
   * whatever happens.
   *
   * @throws Fault `bad_request` or `card_number_in_wrong_place`, naming fields and no values.
   */
  read(): CardRequest {
    return this.take(readCard);
  }

  /**
   * Reads the body in another way.
   *
   * @param reader gets the bytes, and a list for the secrets that it takes out: they are zeroed where
   *   it throws.
   */
  take<T>(reader: (bytes: Buffer, secrets: SecretBytes[]) => T): T {
    const secrets: SecretBytes[] = [];
    try {
      return reader(this.#slab.subarray(0, this.#length), secrets);
    } catch (error) {
      for (const secret of secrets) secret.zero();
      throw error;
    } finally {
      this.zero();
    }
  }
}

/**
 * Takes the secrets out of a body, which have `0` in their place afterwards, and parses the rest.
 *
 * @param wanted the secret fields that have to be there; others are taken out as well and zeroed.
 */
export function redacted(
  bytes: Buffer,
  keys: ScanKeys,
  wanted: readonly string[],
  secrets: SecretBytes[],
): unknown {
  if (!isUtf8(bytes)) throw new Fault('bad_request', 'The body is not UTF-8.');
  const members = scanMembers(bytes, keys);
  for (const member of members.values()) refuseMisplaced(bytes, member, keys);
  for (const key of wanted) secrets.push(takeSecret(bytes, members, key));
  for (const member of members.values()) if (keys.secret.has(member.key)) blot(bytes, member);
  return JSON.parse(bytes.toString('utf8'));
}

/** Puts `0` in place of a text, digit for digit, and of anything else as a whole. */
function blot(bytes: Buffer, { value, isText }: Member): void {
  const span = bytes.subarray(value.start, value.end);
  span.fill(isText ? ZERO_DIGIT : SPACE);
  if (!isText) span[0] = ZERO_DIGIT;
}

function readCard(bytes: Buffer, secrets: SecretBytes[]): CardRequest {
  const payload = redacted(bytes, KEYS, ['card_number', 'cvv'], secrets);
  return cardRequestOf(payload, secrets);
}

/** @param secrets PAN and CVV, in this order. */
export function cardRequestOf(payload: unknown, secrets: readonly SecretBytes[]): CardRequest {
  const [pan, cvv] = secrets;
  if (pan === undefined || cvv === undefined) throw new Error('the card was not taken out');
  if (!validator.Check(payload)) throw refusal(payload);
  return {
    card: {
      pan,
      cvv,
      expiryMonth: numberOf(payload.expiry_month, [1, 2]),
      expiryYear: yearOf(payload.expiry_year),
      postalCode: payload.postal_code === '' ? null : (payload.postal_code ?? null),
    },
    payload,
    payloadHash: hashOf(payload),
  };
}

function refuseMisplaced(bytes: Buffer, member: Member, keys: ScanKeys): void {
  if (keys.secret.has(member.key)) return;
  if (!holdsPan(bytes, member.value.start, member.value.end)) return;
  const [place] = keys.secret;
  const named = keys.known.has(member.key) ? member.key : 'A field';
  throw new Fault(
    'card_number_in_wrong_place',
    `${named} holds what may be a card number. Send it in ${place ?? ''} and nowhere else.`,
  );
}

function takeSecret(bytes: Buffer, members: ReadonlyMap<string, Member>, key: string): SecretBytes {
  const member = members.get(key);
  if (!member) throw new Fault('bad_request', `${key} is missing.`);
  if (!member.isText) throw new Fault('bad_request', `${key} has to be a JSON string.`);
  if (member.escaped) throw new Fault('bad_request', `${key} has an escape in it.`);
  const span = bytes.subarray(member.value.start, member.value.end);
  const secret = SecretBytes.copyOf(span.subarray(0, SECRET_BYTES_MAX));
  span.fill(ZERO_DIGIT);
  return secret;
}

/** Names the first field that is wrong, as far as it is one of ours: input is not repeated. */
function refusal(payload: unknown): Fault {
  const first = validator.Errors(payload)[0];
  const named = [...(first?.instancePath.split('/') ?? []), ...missingIn(first?.params)];
  const field = named.find((name) => TOP_KEYS.has(name)) ?? 'A field';
  return new Fault('bad_request', `${field} is missing, unknown or wrong; see /openapi.json.`);
}

function missingIn(params: object | undefined): readonly string[] {
  const missing: unknown =
    params && 'requiredProperties' in params ? params.requiredProperties : [];
  return Array.isArray(missing) ? missing.map(String) : [];
}

/** NaN, which is no expiry date, where the text has another number of digits. */
function numberOf(value: string | number, digitCounts: readonly number[]): number {
  if (typeof value === 'number') return value;
  return digitCounts.includes(value.length) ? Number(value) : Number.NaN;
}

function yearOf(value: string | number): number {
  const year = numberOf(value, [2, 4]);
  return year < 100 && !(typeof value === 'string' && value.length === 4) ? 2000 + year : year;
}

function hashOf(payload: object): string {
  const rest = Object.entries(payload).filter(([key]) => !CARD_KEYS.has(key));
  return fingerprint(canonicalJson(Object.fromEntries(rest)));
}
