import { Fault } from '../payment/fault.ts';

/** Bytes of a body, `end` not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of the outermost object. */
export interface Member {
  readonly key: string;
  /** Of a string the bytes between the quotes, else the whole value. */
  readonly value: Span;
  readonly isText: boolean;
  /** True when the text has a `\` in it. */
  readonly escaped: boolean;
}

/** Which keys a body may have. */
export interface ScanKeys {
  /** Of the outermost object; letters and `_`. */
  readonly known: ReadonlySet<string>;
  /** Those of them that may stand nowhere else. */
  readonly secret: ReadonlySet<string>;
  /**
   * What becomes of a key that is not known. `kept`: its member, key and all, is found under a name
   * of its own that is no key, and looked at like any other.
   */
  readonly others: 'refused' | 'kept';
}

interface Text extends Span {
  readonly escaped: boolean;
}

const DEPTH_MAX = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const ESCAPES = Buffer.from('"\\/bfnrtu', 'latin1');
const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word, 'latin1'));

const bad = (detail: string): Fault => new Fault('bad_request', detail);

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

/**
 * Reads the grammar of RFC 8259 on bytes and makes no string but the names of keys that have only
 * letters and `_` in them. Stricter than JSON where two readers could disagree about what a key or a
 * card number is: no escapes in keys, no escaped digits, no key twice in the outermost object.
 */
class Scanner {
  readonly #bytes: Uint8Array;
  readonly #keys: ScanKeys;
  readonly #members = new Map<string, Member>();
  #at = 0;

  constructor(bytes: Uint8Array, keys: ScanKeys) {
    this.#bytes = bytes;
    this.#keys = keys;
  }

  document(): ReadonlyMap<string, Member> {
    this.#skipSpace();
    if (!this.#take('{')) throw bad('The body has to be one JSON object, in UTF-8 without a BOM.');
    this.#object(1);
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw bad('Something follows the JSON object.');
    return this.#members;
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return;
      this.#at++;
    }
  }

  #take(mark: string): boolean {
    if (this.#bytes[this.#at] !== mark.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  #object(depth: number): void {
    this.#skipSpace();
    if (this.#take('}')) return;
    do {
      this.#skipSpace();
      const start = this.#at;
      const key = this.#key(depth);
      this.#skipSpace();
      if (!this.#take(':')) throw bad('The body is no JSON: a ":" is missing behind a key.');
      this.#skipSpace();
      const member = this.#value(depth);
      if (depth === 1) this.#keep(key, start, member);
      this.#skipSpace();
    } while (this.#take(','));
    if (!this.#take('}')) throw bad('The body is no JSON: an object does not end where it should.');
  }

  #keep(key: string, start: number, member: Omit<Member, 'key'>): void {
    if (this.#keys.known.has(key)) {
      this.#members.set(key, { key, ...member });
      return;
    }
    const name = `${this.#members.size + 1}`;
    const value = { start, end: member.value.end };
    this.#members.set(name, { key: name, value, isText: false, escaped: member.escaped });
  }

  #array(depth: number): void {
    this.#skipSpace();
    if (this.#take(']')) return;
    do {
      this.#skipSpace();
      this.#value(depth);
      this.#skipSpace();
    } while (this.#take(','));
    if (!this.#take(']')) throw bad('The body is no JSON: an array does not end where it should.');
  }

  #key(depth: number): string {
    if (this.#bytes[this.#at] !== QUOTE) throw bad('The body is no JSON: a key is missing.');
    const text = this.#text();
    if (text.escaped) throw bad('A key has an escape in it; write keys as they are.');
    const name = this.#plainName(text);
    if (depth > 1) {
      if (!this.#keys.secret.has(name)) return name;
      throw bad(`${name} stands inside another object; it belongs in the outermost one.`);
    }
    if (!this.#keys.known.has(name)) {
      if (this.#keys.others === 'kept') return '';
      throw bad('The outermost object has a key that is not known; /openapi.json lists them.');
    }
    if (this.#members.has(name)) throw bad(`${name} stands there twice.`);
    return name;
  }

  /** A key with anything but letters and `_` may be a card number: no string is made of it. */
  #plainName(text: Span): string {
    for (let i = text.start; i < text.end; i++) {
      const byte = this.#bytes[i] ?? 0;
      const lower = byte | 0x20;
      if (byte !== 0x5f && (lower < 0x61 || lower > 0x7a)) return '';
    }
    return Buffer.from(this.#bytes.subarray(text.start, text.end)).toString('latin1');
  }

  #value(depth: number): Omit<Member, 'key'> {
    const start = this.#at;
    if (this.#bytes[start] === QUOTE) {
      const text = this.#text();
      return { value: text, isText: true, escaped: text.escaped };
    }
    if (this.#take('{') || this.#take('[')) {
      if (depth === DEPTH_MAX) throw bad(`The body is nested more than ${DEPTH_MAX} deep.`);
      if (this.#bytes[start] === 0x7b) this.#object(depth + 1);
      else this.#array(depth + 1);
    } else if (!this.#literal()) this.#number();
    return { value: { start, end: this.#at }, isText: false, escaped: false };
  }

  #text(): Text {
    this.#at++;
    const start = this.#at;
    let escaped = false;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw bad('The body is no JSON: a text does not end.');
      if (byte < 0x20) throw bad('The body is no JSON: a text has a control character in it.');
      this.#at++;
      if (byte === QUOTE) return { start, end: this.#at - 1, escaped };
      if (byte === BACKSLASH) {
        escaped = true;
        this.#escape();
      }
    }
  }

  #escape(): void {
    const kind = this.#bytes[this.#at];
    if (kind === undefined || !ESCAPES.includes(kind)) {
      throw bad('The body is no JSON: there is no such escape.');
    }
    this.#at++;
    if (kind !== SMALL_U) return;
    const hex = this.#bytes.subarray(this.#at, this.#at + 4);
    if (hex.length < 4 || !hex.every(isHex)) throw bad('The body is no JSON: \\u wants 4 digits.');
    // U+0030 to U+0039: nobody escapes a digit but to hide it.
    if (hex[0] === 0x30 && hex[1] === 0x30 && hex[2] === 0x33 && isDigit(hex[3])) {
      throw bad('A digit is written as an escape; write digits as they are.');
    }
    this.#at += 4;
  }

  #literal(): boolean {
    for (const word of LITERALS) {
      const found = this.#bytes.subarray(this.#at, this.#at + word.length);
      if (word.equals(found)) {
        this.#at += word.length;
        return true;
      }
    }
    return false;
  }

  #digits(): number {
    const start = this.#at;
    while (isDigit(this.#bytes[this.#at])) this.#at++;
    return this.#at - start;
  }

  #number(): void {
    const wrong = bad('The body is no JSON: a value is missing or is no value.');
    this.#take('-');
    const leadingZero = this.#bytes[this.#at] === 0x30;
    const whole = this.#digits();
    if (whole === 0 || (leadingZero && whole > 1)) throw wrong;
    if (this.#take('.') && this.#digits() === 0) throw wrong;
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      if (this.#digits() === 0) throw wrong;
    }
  }
}

/**
 * Finds the members of the outermost object.
 *
 * @throws Fault `bad_request` for whatever is not one such object.
 */
export function scanMembers(bytes: Uint8Array, keys: ScanKeys): ReadonlyMap<string, Member> {
  return new Scanner(bytes, keys).document();
}
