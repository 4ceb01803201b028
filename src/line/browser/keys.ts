import type { KeyCode } from '../telephone.ts';

/** Keys that are pressed ahead; the longest thing to key is a PAN with its end mark. */
const KEYS_MAX = 128;

const ZERO = 48;
const NINE = 57;
const STAR = 42;
const POUND = 35;

export function isKey(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === STAR || code === POUND;
}

/**
 * Keys that wait to be taken, in order. They may be a card's digits, so they are bytes outside V8's
 * heap, and a place is overwritten when its key is taken.
 */
export class WaitingKeys {
  readonly #slab = Buffer.alloc(KEYS_MAX);
  #first = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** One key too many is lost, as on a telephone that nobody answers. */
  put(code: KeyCode): void {
    if (this.#count === KEYS_MAX) return;
    this.#slab[(this.#first + this.#count) % KEYS_MAX] = code;
    this.#count += 1;
  }

  take(): KeyCode | null {
    if (this.#count === 0) return null;
    const code = this.#slab[this.#first] ?? 0;
    this.#slab[this.#first] = 0;
    this.#first = (this.#first + 1) % KEYS_MAX;
    this.#count -= 1;
    return code;
  }

  clear(): void {
    this.#slab.fill(0);
    this.#first = 0;
    this.#count = 0;
  }
}
