import type { Sound } from '../architect/expression/value.ts';
import { sleep, type Clock } from '../system/clock.ts';
import type { SoundLengths } from './speech/lengths.ts';
import type { CallerEvent, KeyCode, Telephone, TransferTarget } from './telephone.ts';

export interface HandsetSetup {
  readonly clock: Clock;
  /** How long a sound lasts before the flow goes on. */
  readonly lengths: SoundLengths;
  /**
   * Says it aloud until it has been said or is cut; then that is how long a sound lasts, whatever
   * `lengths` makes of it.
   */
  readonly aloud?: (sounds: readonly Sound[], cut: AbortSignal) => Promise<void>;
  /** Told of every sound as it begins. */
  readonly hear: (sounds: readonly Sound[]) => void;
  readonly secured: (on: boolean) => void;
  /** @returns whether the target takes the call. */
  readonly transferred: (target: TransferTarget) => boolean;
}

/** A telephone in somebody's hand: keys, words and hang-ups come from outside, whenever they come. */
export class Handset implements Telephone {
  readonly #setup: HandsetSetup;
  readonly #events: CallerEvent[] = [];
  #ended = false;
  #end: () => void = () => undefined;
  /** Whoever waits for the caller now. */
  #wake: (() => void) | null = null;
  /** Whether words are heard at the moment. */
  #listening = false;
  readonly whenEnded: Promise<void>;

  constructor(setup: HandsetSetup) {
    this.#setup = setup;
    this.whenEnded = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  press(code: KeyCode): void {
    if (this.#ended) return;
    this.#events.push({ kind: 'key', code });
    this.#wake?.();
  }

  /** @returns whether somebody listens to words now; where nobody does, they are not heard. */
  say(text: string): boolean {
    if (!this.#listening) return false;
    this.#events.push({ kind: 'speech', text });
    this.#wake?.();
    return true;
  }

  /** The caller hangs up. */
  walkAway(): void {
    this.#over();
  }

  async play(
    sounds: readonly Sound[],
    { bargeIn, listening }: { readonly bargeIn: boolean; readonly listening: boolean },
  ): Promise<'heard' | 'interrupted' | 'hung_up'> {
    if (this.#ended) return 'hung_up';
    if (bargeIn && this.#events.length > 0) return 'interrupted';
    this.#setup.hear(sounds);
    const { lengths } = this.#setup;
    const lengthMs = sounds.reduce((sum, sound) => sum + lengths.durationMs(sound), 0);
    const said = new AbortController();
    const saying = sounds.length === 0 ? undefined : this.#setup.aloud?.(sounds, said.signal);
    if (saying === undefined && lengthMs <= 0) return 'heard';
    const lasts = (cut: AbortSignal): Promise<void> =>
      saying === undefined ? sleep(this.#setup.clock, lengthMs, cut) : untilCut(saying, cut);
    const interrupted = await this.#wait(lasts, listening, bargeIn);
    said.abort();
    if (this.#isOver()) return 'hung_up';
    return interrupted ? 'interrupted' : 'heard';
  }

  async next(waitMs: number, listening: boolean): Promise<CallerEvent | null> {
    if (this.#ended) return { kind: 'hung_up' };
    const ahead = this.#take(listening);
    if (ahead !== null || waitMs <= 0) return ahead;
    const lasts = (cut: AbortSignal) => sleep(this.#setup.clock, waitMs, cut);
    await this.#wait(lasts, listening, true);
    return this.#isOver() ? { kind: 'hung_up' } : this.#take(listening);
  }

  flush(): void {
    this.#events.length = 0;
  }

  secure(on: boolean): void {
    this.#setup.secured(on);
  }

  async transfer(target: TransferTarget): Promise<boolean> {
    if (!this.#setup.transferred(target)) return false;
    this.#over();
    return true;
  }

  async hangUp(): Promise<void> {
    this.#over();
  }

  /** Words that were said when somebody listened are nothing to a wait for keys. */
  #take(listening: boolean): CallerEvent | null {
    const at = this.#events.findIndex(({ kind }) => kind === 'key' || listening);
    return at < 0 ? null : (this.#events.splice(at, 1)[0] ?? null);
  }

  /** @returns whether the caller did something in that time; without `wakes` it is waited out. */
  async #wait(
    lasts: (cut: AbortSignal) => Promise<void>,
    listening: boolean,
    wakes: boolean,
  ): Promise<boolean> {
    const cut = new AbortController();
    let woken = false;
    this.#listening = listening;
    this.#wake = () => {
      if (!wakes && !this.#ended) return;
      woken = true;
      cut.abort();
    };
    await lasts(cut.signal);
    this.#wake = null;
    this.#listening = false;
    return woken;
  }

  /** Asked anew after a wait, in which it may have changed. */
  #isOver(): boolean {
    return this.#ended;
  }

  #over(): void {
    this.#ended = true;
    this.flush();
    this.#wake?.();
    this.#end();
  }
}

/** Until it has settled, or the signal is aborted. */
function untilCut(work: Promise<void>, cut: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    cut.addEventListener('abort', () => resolve(), { once: true });
    void work.then(resolve, resolve);
  });
}
