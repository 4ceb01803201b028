import type { Sound } from '../../architect/expression/value.ts';
import type { Piece, Playback } from './playback.ts';
import { CLIP_RATE_HZ } from './signal.ts';
import { SpeechFailed } from './tts.ts';
import { readWav, wavBytes } from './wav.ts';

/**
 * Plays a WAV file to its end, or until it is cut.
 *
 * @throws Error where there is no sound any more.
 */
export type PlayWav = (wav: Buffer, cut: AbortSignal) => Promise<void>;

/**
 * Says what a flow plays, each after the one before. Where a voice or the output fails it says so
 * once, and the call goes on: its words are on the screen.
 */
export class Aloud {
  readonly #playback: Playback;
  readonly #play: PlayWav;
  readonly #report: (sentence: string) => void;
  readonly #reported = new Set<string>();
  #last: Promise<void> = Promise.resolve();

  constructor(playback: Playback, play: PlayWav, report: (sentence: string) => void) {
    this.#playback = playback;
    this.#play = play;
    this.#report = report;
  }

  /** @returns once it has been said, or cut. Never rejects. */
  say(sounds: readonly Sound[], cut: AbortSignal): Promise<void> {
    const wav = this.#joined(this.#playback.pieces(sounds));
    this.#last = Promise.all([wav, this.#last]).then(async ([bytes]) => {
      if (bytes === null || cut.aborted) return;
      try {
        await this.#play(bytes, cut);
      } catch (error) {
        this.#tell(error instanceof Error ? error.message : 'there is no sound');
      }
    });
    return this.#last;
  }

  /** Once everything has been said. */
  whenSilent(): Promise<void> {
    return this.#last;
  }

  #tell(sentence: string): void {
    if (this.#reported.has(sentence)) return;
    this.#reported.add(sentence);
    this.#report(sentence);
  }

  /** One file, so that sentences follow each other without the start of a program between them. */
  async #joined(pieces: readonly Piece[]): Promise<Buffer | null> {
    const parts: Int16Array[] = [];
    for (const piece of pieces) parts.push(await this.#samplesOf(piece));
    const samples = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      samples.set(part, at);
      at += part.length;
    }
    return samples.length === 0 ? null : wavBytes({ samples, rateHz: CLIP_RATE_HZ });
  }

  async #samplesOf(piece: Piece): Promise<Int16Array> {
    if (piece.kind === 'silence') {
      return new Int16Array(Math.round((piece.durationMs * CLIP_RATE_HZ) / 1_000));
    }
    try {
      const clip = await this.#playback.clip(piece.key);
      return clip === null ? new Int16Array() : readWav(clip.wav).samples;
    } catch (error) {
      if (!(error instanceof SpeechFailed)) throw error;
      this.#tell(error.message);
      return new Int16Array();
    }
  }
}
