import type { Clock, Timer } from '../src/system/clock.ts';

interface DueTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

/**
 * Time that stands still until a test moves it. Timers run in the order in which they are due, those
 * that are due together in the order in which they were set.
 */
export class ManualClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  readonly #timers = new Set<DueTimer>();

  /** @param startAtMs the wall clock at the start, milliseconds since 1970-01-01T00:00:00Z. */
  constructor(startAtMs: number = Date.UTC(2026, 10, 23, 12)) {
    this.#wallOffsetMs = startAtMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + delayMs, run };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Timers that are set and have neither run nor been called off. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as an administrator or NTP does; may be negative. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /**
   * Moves both clocks on by `byMs` (>= 0) and runs what is due on the way, also timers that are set
   * meanwhile. Promise jobs run before the first timer, after each one, and at the end.
   */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    await promiseJobs();
    for (let next = this.#next(endMs); next !== null; next = this.#next(endMs)) {
      this.#timers.delete(next);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.run();
      await promiseJobs();
    }
    this.#monotonicMs = endMs;
  }

  /** The timer that is due first, at `endMs` at the latest. A set keeps the order of setting. */
  #next(endMs: number): DueTimer | null {
    let first: DueTimer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (first === null || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }
}

/** One turn of the event loop: all promise jobs have run when it ends, chains included. */
function promiseJobs(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
