import type { Clock, Timer } from './clock.ts';

interface DueTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Waits until nothing is going on that could set a timer or ask for the time. */
export type WhenQuiet = () => Promise<void>;

/** Told how far time is about to jump; it jumps when the promise has settled. */
export type Pace = (jumpMs: number) => Promise<void>;

/**
 * Time that jumps: it stands still while anything goes on, and then moves on to the next timer at
 * once. What would take a caller two minutes takes as long as its computing does.
 *
 * Timers run in the order in which they are due, those that are due together in the order in which
 * they were set.
 */
export class VirtualClock implements Clock {
  readonly #startAtMs: number;
  #monotonicMs = 0;
  readonly #timers = new Set<DueTimer>();

  /** @param startAtMs the wall clock at the start, milliseconds since 1970-01-01T00:00:00Z. */
  constructor(startAtMs: number) {
    this.#startAtMs = startAtMs;
  }

  /** Whole, as the system's clock tells it, also where somebody waits for half a millisecond. */
  now(): number {
    return Math.floor(this.#startAtMs + this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /**
   * Lets time pass until the promise has settled. Moves to the next timer only when `quiet` says that
   * nothing else will happen before it.
   *
   * @param limitMs of virtual time, from now.
   * @param pace for whoever watches or listens; without it time jumps at once.
   * @throws Error where that time is over, or where no timer is left and nothing goes on: then the
   *   promise would never settle.
   */
  async passUntil<T>(
    promise: Promise<T>,
    quiet: WhenQuiet,
    limitMs: number,
    pace?: Pace,
  ): Promise<T> {
    const endMs = this.#monotonicMs + limitMs;
    const state = { settled: false };
    const note = (): void => {
      state.settled = true;
    };
    promise.then(note, note);
    while (!state.settled) {
      await quiet();
      // What became quiet may have been the end of it.
      if (state.settled) break;
      const next = this.#next();
      if (next === null) throw new Error('nothing goes on and no timer is set: it waits for ever');
      if (next.dueMs > endMs) throw new Error(`it has not ended after ${limitMs / 1_000} s`);
      await pace?.(Math.max(0, next.dueMs - this.#monotonicMs));
      this.#timers.delete(next);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.run();
    }
    return promise;
  }

  #next(): DueTimer | null {
    let first: DueTimer | null = null;
    for (const timer of this.#timers) {
      if (first === null || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  }
}
