import type { Clock } from '../../system/clock.ts';
import { newId, type Randomness } from '../../system/randomness.ts';
import type { DataActions, FlowSet } from '../call.ts';
import { playCall } from '../play-call.ts';
import type { Playback } from '../speech/playback.ts';
import { BrowserTelephone } from './browser-telephone.ts';
import { shownEvent, type FromPage, type ToPage } from './messages.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';

/** What all calls of a softphone share. */
export interface PhoneWorld {
  readonly flows: FlowSet;
  readonly startFlow: string;
  /** The number that is called, E.164. */
  readonly dnis: string;
  readonly dataActions: DataActions;
  readonly playback: Playback;
  /** Tells the make-believe gateway how to behave in a call. */
  readonly prepare: (scenario: Scenario, conversationId: string) => Promise<void>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Something that went wrong, without anything that a caller said or keyed. */
  readonly report: (sentence: string) => void;
}

/** One call of one page, from `start` to `over`. */
export class PhoneCall {
  readonly #world: PhoneWorld;
  readonly #send: (message: ToPage) => void;
  #telephone: BrowserTelephone | null = null;

  constructor(world: PhoneWorld, send: (message: ToPage) => void) {
    this.#world = world;
    this.#send = send;
  }

  /** @returns false for what no telephone sends at that time. */
  key(code: number): boolean {
    return this.#telephone?.keyed(code) ?? false;
  }

  /** @returns false for what no page sends at that time. */
  take(message: FromPage): boolean {
    if (message.type === 'start') {
      if (this.#telephone !== null) return false;
      this.#start(message);
      return true;
    }
    const telephone = this.#telephone;
    if (telephone === null) return false;
    if (message.type === 'say') telephone.said(message.text);
    if (message.type === 'heard') telephone.heard(message.id);
    if (message.type === 'hang_up') telephone.left();
    return true;
  }

  /** The socket is gone, and the caller with it. */
  close(): void {
    this.#telephone?.left();
  }

  #start({ ani, scenario, agents }: Extract<FromPage, { readonly type: 'start' }>): void {
    const { clock, playback } = this.#world;
    const telephone = new BrowserTelephone({ clock, playback, send: this.#send, agents });
    this.#telephone = telephone;
    this.#play(telephone, ani, scenario).then(
      (how) => this.#send({ type: 'over', how }),
      (error: unknown) => {
        // A class name and nothing else: a message may repeat what it was about.
        const name = error instanceof Error ? error.constructor.name : typeof error;
        this.#world.report(`a call ended by a bug (${name})`);
        telephone.left();
        this.#send({ type: 'over', how: 'failed' });
      },
    );
  }

  async #play(telephone: BrowserTelephone, ani: string, key: string) {
    const { flows, startFlow, dnis, dataActions, clock, randomness, prepare } = this.#world;
    const conversationId = newId('call', randomness);
    const scenario = SCENARIOS.find((one) => one.key === key);
    if (scenario !== undefined && scenario.script.length > 0) {
      await prepare(scenario, conversationId);
    }
    const end = await playCall({
      flows,
      startFlow,
      telephone,
      dataActions,
      conversationId,
      ani,
      dnis,
      clock,
      observe: (event) => {
        const shown = shownEvent(event);
        if (shown !== null) this.#send({ type: 'event', event: shown });
      },
    });
    return end.how.kind;
  }
}
