import type { Flow } from '../architect/model.ts';
import type { CallEnd, CallSetup, Happening } from './call.ts';
import { HungUp } from './step.ts';

/** What lasts through all flows of one call: participant data, language, and the telling of it. */
export class Conversation {
  readonly setup: CallSetup;
  readonly participantData: Map<string, string>;
  /** Set by the first flow; a later flow keeps it where it speaks it. */
  language: string | null = null;
  actionCount = 0;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly answeredAt: number;
  readonly #answeredMs: number;

  constructor(setup: CallSetup) {
    this.setup = setup;
    this.participantData = new Map(Object.entries(setup.participantData ?? {}));
    this.answeredAt = setup.clock.now();
    this.#answeredMs = setup.clock.monotonicMs();
  }

  tell(happening: Happening): void {
    this.setup.observe({ ...happening, atMs: this.#sinceAnswerMs() });
  }

  /** Keeps the language of the call where a flow speaks it, and takes the flow's own otherwise. */
  speak({ languages, defaultLanguage }: Flow): void {
    if (this.language !== null && languages.includes(this.language)) return;
    this.language = defaultLanguage;
  }

  /** @throws HungUp once the caller is gone: no action begins after that. */
  checkLine(): void {
    if (this.setup.telephone.ended) throw new HungUp();
  }

  /** Waits for something else than the caller, who may hang up meanwhile: then it is not waited for. */
  async whileOnTheLine<T>(work: Promise<T>): Promise<T> {
    const gone = this.setup.telephone.whenEnded.then(() => {
      throw new HungUp();
    });
    return Promise.race([work, gone]);
  }

  end(how: CallEnd['how']): CallEnd {
    const end: CallEnd = {
      how,
      participantData: Object.fromEntries(this.participantData),
      durationMs: this.#sinceAnswerMs(),
      actionCount: this.actionCount,
    };
    this.tell({ kind: 'ended', end });
    return end;
  }

  #sinceAnswerMs(): number {
    return this.setup.clock.monotonicMs() - this.#answeredMs;
  }
}
