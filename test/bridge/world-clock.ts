import type { Clock, Timer } from '../../src/system/clock.ts';
import { ManualClock } from '../clock.ts';

/** A manual clock that knows when its next timer is due, so that a world can walk from one to the next. */
export class WorldClock implements Clock {
  readonly manual = new ManualClock();
  readonly #due = new Map<Timer, number>();

  now(): number {
    return this.manual.now();
  }

  monotonicMs(): number {
    return this.manual.monotonicMs();
  }

  after(delayMs: number, run: () => void): Timer {
    const inner = this.manual.after(delayMs, () => {
      this.#due.delete(timer);
      run();
    });
    const timer: Timer = {
      cancel: () => {
        this.#due.delete(timer);
        inner.cancel();
      },
    };
    this.#due.set(timer, this.manual.monotonicMs() + delayMs);
    return timer;
  }

  /** Milliseconds until the next timer is due; `null` where none is set. */
  nextInMs(): number | null {
    if (this.#due.size === 0) return null;
    return Math.max(0, Math.min(...this.#due.values()) - this.manual.monotonicMs());
  }

  advance(byMs: number): Promise<void> {
    return this.manual.advance(byMs);
  }
}
