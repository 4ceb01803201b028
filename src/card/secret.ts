import { inspect } from 'node:util';

/**
 * Buffers of 64 bytes and less live on V8's own heap, where the garbage collector moves them and
 * leaves a stale copy behind. A larger slab is allocated outside and stays where it is.
 */
const SLAB_BYTES = 256;

/** The shortest PAN has 12 digits. */
const ECHO_BYTES_MIN = 12;

const MASK = '[secret]';

/**
 * Bytes that must not outlive their use and cannot be printed: a PAN or a CVV.
 *
 * Every way of showing one (template, JSON, `console`, `util.inspect`, an error's message) gives
 * `[secret]`. The bytes come out only by {@link SecretBytes.reveal}, a word that is allowed in three
 * places and searched for by `test/tidy.test.ts`. The owner calls {@link SecretBytes.zero} on every
 * way out.
 */
export class SecretBytes {
  readonly #slab: Buffer;
  #length: number;

  private constructor(slab: Buffer, length: number) {
    this.#slab = slab;
    this.#length = length;
  }

  /** Copies `source`; the caller still has to wipe the source. At most `SLAB_BYTES` bytes. */
  static copyOf(source: Uint8Array): SecretBytes {
    if (source.length > SLAB_BYTES) throw new RangeError('a secret is longer than its slab');
    const slab = Buffer.alloc(SLAB_BYTES);
    slab.set(source);
    return new SecretBytes(slab, source.length);
  }

  /** Nothing yet: bytes come one by one, by {@link SecretBytes.append}, as a caller keys them. */
  static empty(): SecretBytes {
    return new SecretBytes(Buffer.alloc(SLAB_BYTES), 0);
  }

  /** Adds one byte, such as the code of a key. At most `SLAB_BYTES` in all. */
  append(byte: number): void {
    if (!Number.isInteger(byte) || byte < 0 || byte > 255) {
      throw new RangeError('a secret is made of bytes');
    }
    if (this.#length === SLAB_BYTES) throw new RangeError('a secret is longer than its slab');
    this.#slab[this.#length] = byte;
    this.#length += 1;
  }

  /** A part, in memory of its own: whoever asked for it zeroes it. Offsets as in `subarray`. */
  copyOfRange(start: number, end: number): SecretBytes {
    return SecretBytes.copyOf(this.#slab.subarray(0, this.#length).subarray(start, end));
  }

  /** Number of bytes; 0 once zeroed. */
  get length(): number {
    return this.#length;
  }

  /** The bytes themselves, a view and not a copy: never turn them into a string. */
  reveal(): Uint8Array {
    return this.#slab.subarray(0, this.#length);
  }

  /**
   * True when `text` holds these digits, in a row or with anything between them: a gateway that
   * echoes a card must not bring it into the ledger. Only for a PAN; three digits stand in every
   * second id.
   */
  isIn(text: string): boolean {
    if (this.#length < ECHO_BYTES_MIN) return false;
    const bytes = Buffer.from(text, 'utf8');
    const found = bytes.filter(isDigit);
    const digits = Buffer.from(found.buffer, found.byteOffset, found.length);
    const own = this.#slab.subarray(0, this.#length);
    const isEcho = bytes.includes(own) || digits.includes(own);
    // Both may be copies of the card.
    bytes.fill(0);
    digits.fill(0);
    return isEcho;
  }

  /** Fills the bytes with zeros. May be called more than once. */
  zero(): void {
    this.#slab.fill(0);
    this.#length = 0;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
