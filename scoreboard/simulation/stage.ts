import * as fc from 'fast-check';
import { seededRandomness } from '../../test/randomness.ts';
import type { Clock, Timer } from '../../src/system/clock.ts';
import { sleep } from '../../src/system/clock.ts';
import type { Randomness } from '../../src/system/randomness.ts';
import { VirtualClock } from '../../src/system/virtual-clock.ts';
import type { Violation } from '../board.ts';
import { Faults, type Rates } from './faults.ts';

/** A Monday at noon in New York, the sandbox merchant's time zone. */
const START_MS = Date.UTC(2026, 10, 23, 17);

const DONE = Promise.resolve();

/** What a run is played on: time, order, chance, and what is noted of it. */
export class Stage {
  readonly clock = new VirtualClock(START_MS);
  readonly random: Randomness;
  readonly faults: Faults;
  readonly violations: { readonly promise: Violation['promise']; readonly what: string }[] = [];
  /** Who did what and when, where somebody wants to read it. */
  readonly story: string[] | null;
  /** While a run is set up everything happens in its turn. */
  shuffled = false;
  readonly #scheduler: fc.Scheduler;

  /** @param rates where the run's own are to be replaced. */
  constructor(seed: number, rates: (random: Randomness) => Rates, told: boolean) {
    this.random = seededRandomness(seed);
    const [scheduler] = fc.sample(fc.scheduler(), { seed, numRuns: 1 });
    if (scheduler === undefined) throw new Error('there is no scheduler');
    this.#scheduler = scheduler;
    this.faults = new Faults(seededRandomness(~seed), rates(this.random));
    this.story = told ? [] : null;
  }

  /** From here on others may go first: the scheduler decides who does. */
  turn(label: string): Promise<void> {
    return this.shuffled ? this.#scheduler.schedule(DONE, label) : DONE;
  }

  /** Plays until the promise has settled: what can happen now in any order, then time jumps. */
  async until<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    return this.clock.passUntil(promise, () => this.#quiet(), limitMs);
  }

  async #quiet(): Promise<void> {
    for (;;) {
      // Whoever was let go has gone as far as it could when no promise is left to go on: Node runs a
      // tick after the last of them. Nothing here waits for input or output, so that a turn of the
      // event loop, which asks the system for both, would only cost time.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.#scheduler.count() === 0) return;
      while (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
    }
  }

  pass(ms: number): Promise<void> {
    return this.until(sleep(this.clock, ms), ms + 1);
  }

  chance(share: number): boolean {
    return this.random.fraction() < share;
  }

  /** A whole number from `from` to `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.random.fraction() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.random.fraction() * list.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  tell(who: string, what: string): void {
    if (this.story === null) return;
    const seconds = (this.clock.monotonicMs() / 1_000).toFixed(3).padStart(9);
    this.story.push(`${seconds} s  ${who.padEnd(12)} ${what}`);
  }

  breaks(promise: string, what: string): void {
    this.tell('JUDGE', `${promise}: ${what}`);
    this.violations.push({ promise, what });
  }

  holds(holds: boolean, promise: string, what: () => string): void {
    if (!holds) this.breaks(promise, what());
  }
}

/** What a process that has died answers. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}

/** The part of a process that all kinds share: it lives until it dies, and then does nothing more. */
export class Mortal {
  readonly name: string;
  readonly stage: Stage;
  readonly clock: Clock;
  alive = true;
  readonly #dying: (() => void)[] = [];

  constructor(name: string, stage: Stage) {
    this.name = name;
    this.stage = stage;
    this.clock = {
      now: () => stage.clock.now(),
      monotonicMs: () => stage.clock.monotonicMs(),
      after: (delayMs, run): Timer =>
        stage.clock.after(delayMs, () => {
          if (this.alive) run();
        }),
    };
  }

  die(where: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.stage.tell(this.name, `dies ${where}`);
    for (const run of this.#dying) run();
  }

  /** Whoever waits for this process learns that its connection is gone. */
  whenItDies(run: () => void): void {
    this.#dying.push(run);
  }

  /** Waits for a turn; who has died meanwhile does not come back. */
  async turn(label: string): Promise<void> {
    await this.stage.turn(label);
    if (!this.alive) await never();
  }
}
