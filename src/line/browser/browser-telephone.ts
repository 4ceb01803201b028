import type { Sound } from '../../architect/expression/value.ts';
import type { Clock } from '../../system/clock.ts';
import type { Playback } from '../speech/playback.ts';
import type { CallerEvent, KeyCode, Telephone, TransferTarget } from '../telephone.ts';
import { isKey, WaitingKeys } from './keys.ts';
import type { ToPage } from './messages.ts';

/** How much longer than its sound a page may take to say that it was heard. */
const SLACK_MS = 8_000;

export interface BrowserTelephoneMeans {
  readonly clock: Clock;
  readonly playback: Playback;
  readonly send: (message: ToPage) => void;
  /** Whether anybody takes a transferred call. */
  readonly agents: boolean;
}

/**
 * A telephone in a browser: sounds go there as clips, keys and words come back. The page says when
 * it has heard something; where it does not, the length of the sound decides.
 */
export class BrowserTelephone implements Telephone {
  readonly whenEnded: Promise<void>;
  readonly #means: BrowserTelephoneMeans;
  readonly #keys = new WaitingKeys();
  #speech: string | null = null;
  #listening = false;
  #ended = false;
  #end: () => void = () => undefined;
  #plays = 0;
  #heardId = 0;
  /** Told once of the next thing that happens. */
  #waiting: (() => void) | null = null;

  constructor(means: BrowserTelephoneMeans) {
    this.#means = means;
    this.whenEnded = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** From the page: a key. @returns false for what is no key. */
  keyed(code: KeyCode): boolean {
    if (!isKey(code)) return false;
    if (this.#ended) return true;
    this.#keys.put(code);
    this.#waiting?.();
    return true;
  }

  /** From the page: words, which count while the flow listens. */
  said(text: string): void {
    if (this.#ended || !this.#listening) return;
    this.#speech = text;
    this.#waiting?.();
  }

  /** From the page: it has played everything of a `play`. */
  heard(id: number): void {
    if (id > this.#plays) return;
    this.#heardId = Math.max(this.#heardId, id);
    this.#waiting?.();
  }

  /** The caller is gone. */
  left(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#keys.clear();
    this.#speech = null;
    this.#end();
    this.#waiting?.();
  }

  async play(
    sounds: readonly Sound[],
    { bargeIn, listening }: { readonly bargeIn: boolean; readonly listening: boolean },
  ): Promise<'heard' | 'interrupted' | 'hung_up'> {
    this.#listening = listening;
    if (this.#ended) return 'hung_up';
    if (bargeIn && this.#something()) return 'interrupted';
    const pieces = this.#means.playback.pieces(sounds);
    if (pieces.length === 0) return 'heard';
    const id = ++this.#plays;
    this.#means.send({ type: 'play', id, pieces, bargeIn });
    const late = this.#limit(pieces);
    while (!late.over && this.#heardId < id) {
      if (this.#ended) return 'hung_up';
      if (bargeIn && this.#something()) {
        late.cancel();
        this.#means.send({ type: 'stop', id });
        return 'interrupted';
      }
      await this.#happening();
    }
    late.cancel();
    if (this.#ended) return 'hung_up';
    return bargeIn && this.#something() ? 'interrupted' : 'heard';
  }

  async next(waitMs: number, listening: boolean): Promise<CallerEvent | null> {
    this.#listening = listening;
    if (!listening) this.#speech = null;
    const limit = { over: waitMs <= 0 };
    const timer = this.#means.clock.after(waitMs, () => {
      limit.over = true;
      this.#waiting?.();
    });
    while (!limit.over && !this.#ended && !this.#something()) await this.#happening();
    timer.cancel();
    this.#listening = false;
    if (this.#ended) return { kind: 'hung_up' };
    const code = this.#keys.take();
    if (code !== null) return { kind: 'key', code };
    const text = this.#speech;
    this.#speech = null;
    return text === null ? null : { kind: 'speech', text };
  }

  flush(): void {
    this.#keys.clear();
    this.#speech = null;
  }

  secure(_on: boolean): void {
    // Nobody else is on this line. The page shows dots when the event of the call tells it to.
  }

  transfer(_target: TransferTarget): Promise<boolean> {
    return Promise.resolve(this.#means.agents);
  }

  hangUp(): Promise<void> {
    this.left();
    return Promise.resolve();
  }

  #something(): boolean {
    return this.#keys.count > 0 || (this.#listening && this.#speech !== null);
  }

  #happening(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = () => {
        this.#waiting = null;
        resolve();
      };
    });
  }

  /** Over once the pieces must have been heard. */
  #limit(pieces: Parameters<Playback['durationMs']>[0]): { over: boolean; cancel(): void } {
    const { clock, playback } = this.#means;
    let cancelled = false;
    const limit = {
      over: false,
      cancel: (): void => {
        cancelled = true;
      },
    };
    const begin = (durationMs: number): void => {
      if (cancelled) return;
      const timer = clock.after(durationMs + SLACK_MS, () => {
        limit.over = true;
        this.#waiting?.();
      });
      limit.cancel = () => timer.cancel();
    };
    void playback.durationMs(pieces).then(begin);
    return limit;
  }
}
