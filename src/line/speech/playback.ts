import type { Sound } from '../../architect/expression/value.ts';
import type { PromptTexts } from '../call.ts';
import { silentClip, type Clip } from './clip.ts';
import type { Clips, NamedClip } from './clips.ts';
import { estimatedMs } from './lengths.ts';
import type { RecordedPrompts } from './recorded.ts';
import { SENTENCE_GAP_MS, sentencesOf } from './sentences.ts';

/** A piece of what is played: a clip by its key, or nothing for a while. */
export type Piece =
  | { readonly kind: 'clip'; readonly key: string; readonly words: string }
  | { readonly kind: 'silence'; readonly durationMs: number; readonly words: string };

/** Of clips that can be asked for by key; a call announces them before it plays them. */
const ANNOUNCED_MAX = 1024;

/** What is played, as clips that can be fetched by their key. It takes sounds and nothing else. */
export class Playback {
  readonly #words: PromptTexts;
  readonly #clips: Clips;
  readonly #recorded: RecordedPrompts;
  readonly #announced = new Map<string, NamedClip | Clip>();

  constructor(words: PromptTexts, clips: Clips, recorded: RecordedPrompts) {
    this.#words = words;
    this.#clips = clips;
    this.#recorded = recorded;
  }

  /** The words of a sound; a prompt without words has none. */
  wordsOf(sound: Sound): string {
    if (sound.kind === 'silence') return '';
    if (sound.kind === 'speech') return sound.text;
    return this.#words(sound.name, sound.language) ?? '';
  }

  pieces(sounds: readonly Sound[]): Piece[] {
    return sounds.flatMap((sound) => this.#piecesOf(sound));
  }

  /**
   * Never fails: where a voice does not speak, there is silence for as long as the words would take.
   *
   * @returns `null` for a key that no call has announced.
   */
  async clip(key: string): Promise<Clip | null> {
    const announced = this.#announced.get(key);
    if (announced === undefined) return null;
    if ('wav' in announced) return announced;
    try {
      return await this.#clips.clip(announced);
    } catch {
      return silentClip(estimatedMs(announced.sentence, announced.language));
    }
  }

  /** How long the pieces take; waits for clips that are being made. */
  async durationMs(pieces: readonly Piece[]): Promise<number> {
    let total = 0;
    for (const piece of pieces) {
      if (piece.kind === 'silence') total += piece.durationMs;
      else total += (await this.clip(piece.key))?.durationMs ?? 0;
    }
    return total;
  }

  #piecesOf(sound: Sound): Piece[] {
    if (sound.kind === 'silence') {
      return [{ kind: 'silence', durationMs: sound.durationMs, words: '' }];
    }
    const { language } = sound;
    const words = this.wordsOf(sound);
    const recorded = sound.kind === 'prompt' ? this.#recorded.clip(sound.name, language) : null;
    if (recorded !== null) {
      this.#announce(recorded.key, recorded);
      return [{ kind: 'clip', key: recorded.key, words }];
    }
    return sentencesOf(words).flatMap((sentence): Piece[] => {
      const gap: Piece = { kind: 'silence', durationMs: SENTENCE_GAP_MS, words: '' };
      const named = this.#clips.named(sentence, language);
      if (named === null) {
        const durationMs = estimatedMs(sentence, language);
        return [{ kind: 'silence', durationMs, words: sentence }, gap];
      }
      this.#announce(named.key, named);
      // Begins to be made now, while what stands before it is heard.
      this.#clips.clip(named).catch(() => undefined);
      return [{ kind: 'clip', key: named.key, words: sentence }, gap];
    });
  }

  #announce(key: string, clip: NamedClip | Clip): void {
    this.#announced.delete(key);
    this.#announced.set(key, clip);
    const [oldest] = this.#announced.keys();
    if (this.#announced.size > ANNOUNCED_MAX && oldest !== undefined) {
      this.#announced.delete(oldest);
    }
  }
}
