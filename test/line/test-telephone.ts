import type { Sound } from '../../src/architect/expression/value.ts';
import type { CallerEvent, Telephone, TransferTarget } from '../../src/line/telephone.ts';
import type { Clock } from '../../src/system/clock.ts';

/** A listener that is told of the next thing that happens, once. */
type Waiting = () => void;

/** How long any sound but silence lasts. */
export const SOUND_MS = 1000;

/**
 * The telephone that the others are measured by: a caller's side that a test moves (`press`, `say`,
 * `walkAway`), and the flow's side, over a clock.
 */
export class TestTelephone implements Telephone {
  readonly heard: Sound[] = [];
  readonly targets: TransferTarget[] = [];
  /** Targets that do not take the call, by kind. */
  readonly busy = new Set<TransferTarget['kind']>();
  isSecure = false;
  ended = false;
  endedBy: 'caller' | 'flow' | null = null;
  readonly whenEnded: Promise<void>;
  readonly #clock: Clock;
  #end: () => void = () => {};
  #keys: CallerEvent[] = [];
  #waiting: Waiting | null = null;
  /** True while speech counts. */
  #listening = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.whenEnded = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  press(keys: string): void {
    for (const key of keys) {
      this.#happened({ kind: 'key', code: key.charCodeAt(0) });
    }
  }

  /** Words are heard while something listens for them, and are lost otherwise. */
  say(text: string): void {
    if (this.#listening) this.#happened({ kind: 'speech', text });
  }

  walkAway(): void {
    this.#over('caller');
  }

  async play(
    sounds: readonly Sound[],
    { bargeIn, listening }: { readonly bargeIn: boolean; readonly listening: boolean },
  ): Promise<'heard' | 'interrupted' | 'hung_up'> {
    this.#listening = listening;
    for (const sound of sounds) {
      if (this.ended) return 'hung_up';
      if (bargeIn && this.#keys.length > 0) return 'interrupted';
      this.heard.push(sound);
      await this.#pass(sound.kind === 'silence' ? sound.durationMs : SOUND_MS, bargeIn);
      if (this.ended) return 'hung_up';
      if (bargeIn && this.#keys.length > 0) return 'interrupted';
    }
    this.#listening = false;
    return 'heard';
  }

  async next(waitMs: number, listening: boolean): Promise<CallerEvent | null> {
    this.#listening = listening;
    if (!this.ended && this.#keys.length === 0) await this.#pass(waitMs, true);
    this.#listening = false;
    if (this.ended) return { kind: 'hung_up' };
    for (let event = this.#keys.shift(); event !== undefined; event = this.#keys.shift()) {
      if (event.kind === 'key' || listening) return event;
    }
    return null;
  }

  flush(): void {
    this.#keys = [];
  }

  secure(on: boolean): void {
    this.isSecure = on;
  }

  async transfer(target: TransferTarget): Promise<boolean> {
    this.targets.push(target);
    return Promise.resolve(!this.busy.has(target.kind));
  }

  async hangUp(): Promise<void> {
    this.#over('flow');
    return Promise.resolve();
  }

  #happened(event: CallerEvent): void {
    if (this.ended) return;
    this.#keys.push(event);
    this.#waiting?.();
  }

  #over(by: 'caller' | 'flow'): void {
    if (this.ended) return;
    this.ended = true;
    this.endedBy = by;
    this.#keys = [];
    this.#end();
    this.#waiting?.();
  }

  /** Until the time is over or the call is, or, where `wakes`, until the caller does something. */
  #pass(durationMs: number, wakes: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#waiting = null;
        resolve();
      };
      const timer = this.#clock.after(durationMs, done);
      this.#waiting = () => {
        if (wakes || this.ended) done();
      };
    });
  }
}
