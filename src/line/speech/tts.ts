/** Speech as an engine gives it: one channel, 16 bits. */
export interface SpokenAudio {
  readonly samples: Int16Array;
  /** Samples a second: 8000 to 48000. */
  readonly rateHz: number;
}

/** A voice of an engine. */
export interface Voice {
  /** As the engine knows it: `slt`, `es-419`. */
  readonly name: string;
  /** Such as `en-us`. */
  readonly language: string;
}

/**
 * An engine that turns text into speech. It only ever gets sentences of prompts and answers: what a
 * caller keys in secure mode is bytes and has no way into a {@link Sound}.
 */
export interface TtsPort {
  /** With its version: a clip is kept under it, so that another engine makes other clips. */
  readonly engine: string;
  readonly voices: readonly Voice[];
  /** @throws {SpeechFailed} where the engine cannot. */
  synthesise(text: string, voice: Voice): Promise<SpokenAudio>;
  /**
   * The same for many, in their order: an engine that has to be started is started once.
   *
   * @throws {SpeechFailed} where it cannot speak one of them.
   */
  synthesiseAll(texts: readonly string[], voice: Voice): Promise<readonly SpokenAudio[]>;
}

/** An engine did not speak. The call goes on: the words are still shown. */
export class SpeechFailed extends Error {
  override readonly name = 'SpeechFailed';
  /** What came out before it did not: the first of the sentences, in their order. */
  readonly spoken: readonly SpokenAudio[];

  /** It stood still: asked again for the same sentence, it would keep its caller waiting again. */
  readonly hung: boolean;

  constructor(message: string, spoken: readonly SpokenAudio[] = [], hung = false) {
    super(message);
    this.spoken = spoken;
    this.hung = hung;
  }
}
