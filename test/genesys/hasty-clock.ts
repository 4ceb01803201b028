import { systemClock, type Clock } from '../../src/system/clock.ts';
import { openWebFetch } from '../../src/system/web-fetch.ts';

/** Waits take no time and are written down; only what is awaited moves this clock. */
export class HastyClock implements Clock {
  readonly waitsMs: number[] = [];
  #ms = 0;

  now(): number {
    return Date.UTC(2026, 10, 25) + this.#ms;
  }

  monotonicMs(): number {
    return this.#ms;
  }

  after(delayMs: number, run: () => void): { cancel: () => void } {
    this.waitsMs.push(delayMs);
    const handle = setImmediate(() => {
      this.#ms += delayMs;
      run();
    });
    return { cancel: () => clearImmediate(handle) };
  }
}

/** Requests that take the time that they take. */
export const patientWeb = () => openWebFetch({ timeoutMs: 60_000 }, systemClock);
