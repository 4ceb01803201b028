import type { Clock } from '../system/clock.ts';

/**
 * One budget for everything that a request does, retries and waits included. By default 27 s inside
 * the data action's 30 s (guide, "Timeout Management"; design §6.2).
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #endsAtMs: number;

  /** @param budgetMs from now, >= 0. */
  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#endsAtMs = clock.monotonicMs() + budgetMs;
  }

  /** Milliseconds left; 0 when it is over. */
  leftMs(): number {
    return Math.max(0, this.#endsAtMs - this.#clock.monotonicMs());
  }

  over(): boolean {
    return this.leftMs() === 0;
  }

  /** Runs `work` with a signal that is aborted when the budget ends. */
  async within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer = this.#clock.after(this.leftMs(), () => controller.abort());
    try {
      return await work(controller.signal);
    } finally {
      timer.cancel();
    }
  }
}
