import { MAC_KEY_BYTES, MacKey } from '../card/mac.ts';
import type { Clock } from '../system/clock.ts';
import { newId, type Randomness } from '../system/randomness.ts';

/**
 * As long as the longest velocity window (a day): a stored MAC says nothing about a card any more
 * when the count that it was made for is over.
 */
const KEY_LIFE_MS = 24 * 3_600_000;

/** The key that cards are hashed with now. Old keys are zeroed, not kept. */
export class MacKeys {
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  #key: MacKey;
  #endsAtMs: number;

  constructor(clock: Clock, randomness: Randomness) {
    this.#clock = clock;
    this.#randomness = randomness;
    this.#key = this.#fresh();
    this.#endsAtMs = clock.monotonicMs() + KEY_LIFE_MS;
  }

  /** For use at once: it may be zeroed at the next call. */
  current(): MacKey {
    if (this.#clock.monotonicMs() >= this.#endsAtMs) {
      this.#key.zero();
      this.#key = this.#fresh();
      this.#endsAtMs = this.#clock.monotonicMs() + KEY_LIFE_MS;
    }
    return this.#key;
  }

  zero(): void {
    this.#key.zero();
  }

  #fresh(): MacKey {
    return new MacKey(newId('mk', this.#randomness), this.#randomness.bytes(MAC_KEY_BYTES));
  }
}
