import type { Clock } from '../../system/clock.ts';
import { newId, type Randomness } from '../../system/randomness.ts';
import type { CallEnd, CallSetup, DataActions, FlowSet } from '../call.ts';
import { playCall } from '../play-call.ts';
import type { Playback } from '../speech/playback.ts';
import type { AgentCentre } from './agent-centre.ts';
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
  /** The secure flow for callers who are with an agent. */
  readonly agentFlow: string;
  /** Where whoever sits at the page can be the agent as well. */
  readonly centre: AgentCentre;
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

  #start({ ani, scenario, agents, desktop }: Extract<FromPage, { readonly type: 'start' }>): void {
    const { clock, playback } = this.#world;
    const telephone = new BrowserTelephone({ clock, playback, send: this.#send, agents });
    this.#telephone = telephone;
    this.#play(telephone, ani, scenario, desktop).then(
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

  async #play(telephone: BrowserTelephone, ani: string, key: string, desktop: boolean) {
    const { flows, startFlow, dnis, dataActions, clock, randomness, prepare } = this.#world;
    const conversationId = newId('call', randomness);
    const scenario = SCENARIOS.find((one) => one.key === key);
    if (scenario !== undefined && scenario.script.length > 0) {
      await prepare(scenario, conversationId);
    }
    const setup: CallSetup = {
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
    };
    const end = await playCall(setup);
    const withAgent = end.how.kind === 'transferred' && desktop;
    return withAgent ? this.#withAgent(setup, telephone, end) : end.how.kind;
  }

  /** The caller is with an agent, who may send them to the secure flow and gets them back. */
  async #withAgent(
    setup: CallSetup,
    telephone: BrowserTelephone,
    { how, participantData }: CallEnd,
  ): Promise<CallEnd['how']['kind']> {
    const { centre, agentFlow } = this.#world;
    const { conversationId: id } = setup;
    const address = await centre.arrive(id, participantData);
    if (address === null) return how.kind;
    this.#send({ type: 'with_agent', address });
    const gone = telephone.whenEnded.then(() => ({ kind: 'over' }) as const);
    try {
      for (;;) {
        const news = await Promise.race([centre.next(id), gone]);
        if (news.kind === 'over') return 'hung_up';
        const { attributes } = news;
        const end = await playCall({ ...setup, startFlow: agentFlow, participantData: attributes });
        if (end.how.kind !== 'returned_to_agent') return end.how.kind;
        await centre.back(id, end.participantData);
        this.#send({ type: 'with_agent', address });
      }
    } finally {
      await centre.leave(id);
      telephone.left();
    }
  }
}
