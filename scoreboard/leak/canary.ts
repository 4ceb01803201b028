import { randomInt } from 'node:crypto';
import { luhnValid } from '../../src/card/luhn.ts';
import { isTestCard } from '../../src/card/test-cards.ts';

/** Leading digits of published test numbers (src/card/test-cards.ts), and how long such cards are. */
const RANGES = [
  ['424242', 16],
  ['400000', 16],
  ['401288', 16],
  ['555555', 16],
  ['510510', 16],
  ['222300', 16],
  ['601111', 16],
  ['378282', 15],
] as const;

/** In the sandbox these endings mean something (docs/reference/sandbox.md). */
const SPEAKING = /(?:0002|9995|0069|0127|0119|9987|9979|0036|0019|6975|3184|0341)$/;

/** The softphone's page shows test cards with these codes (src/cli/shown-cards.ts). */
const SHOWN: ReadonlySet<string> = new Set(['123', '1234']);

/** What the tokenizer writes over a code before anybody else reads the request (src/tokenizer/body.ts). */
const BLOTTED = /^0+$/;

/**
 * Who may have digits in its memory: nobody but for a moment (`card`), or whoever a stray card was
 * sent to, where no card belongs (`stray`).
 */
export type CanaryKind = 'card' | 'stray' | 'planted';

/** Digits that exist once in the world, and are looked for by what they are. */
export interface Canary {
  readonly digits: string;
  readonly cvv: string;
  readonly kind: CanaryKind;
  /** What was done with it. */
  readonly way: string;
  /** The process that a stray was sent to. */
  readonly to: 'bridge' | 'tokenizer' | null;
}

function randomDigits(count: number): string {
  return Array.from({ length: count }, () => String(randomInt(10))).join('');
}

function withCheckDigit(body: string): string {
  for (let check = 0; check < 10; check++) {
    if (luhnValid(Buffer.from(`${body}${check}`))) return `${body}${check}`;
  }
  throw new Error('no check digit fits');
}

/** Makes canaries; no two of them share the parts by which a truncated one is known. */
export class Canaries {
  readonly all: Canary[] = [];
  readonly #parts = new Set<string>();

  make(
    way: string,
    kind: CanaryKind,
    to: Canary['to'] = null,
    change: (pan: string) => string = (pan) => pan,
  ): Canary {
    const digits = change(this.#fresh());
    let cvv: string;
    // What is planted comes first, and its code is nobody else's.
    do cvv = randomDigits(digits.length === 15 ? 4 : 3);
    while (cvv === this.all[0]?.cvv || SHOWN.has(cvv) || BLOTTED.test(cvv));
    const canary = { digits, cvv, kind, way, to };
    this.all.push(canary);
    return canary;
  }

  #fresh(): string {
    for (;;) {
      const [prefix, length] = RANGES[this.#parts.size % RANGES.length] ?? RANGES[0];
      const digits = withCheckDigit(prefix + randomDigits(length - prefix.length - 1));
      const parts = [digits.slice(0, 12), digits.slice(-11)];
      if (SPEAKING.test(digits) || isTestCard(Buffer.from(digits))) continue;
      if (parts.some((part) => this.#parts.has(part))) continue;
      for (const part of parts) this.#parts.add(part);
      return digits;
    }
  }
}
