import type { Sound } from '../../architect/expression/value.ts';
import type { PromptTexts } from '../call.ts';
import { asSpoken, languageOf, SENTENCE_GAP_MS, sentencesOf } from './sentences.ts';

/** How long a sound takes to be heard. */
export interface SoundLengths {
  /** Milliseconds, 0 or more. A prompt without words takes none. */
  durationMs(sound: Sound): number;
}

/** The exact length of one sentence, where its clip has been made; else `null`. */
export type KnownLength = (sentence: string, language: string) => number | null;

/** Of a recorded prompt, where there is one. */
export type RecordedLength = (name: string, language: string) => number | null;

interface Pace {
  readonly startMs: number;
  readonly perSyllableMs: number;
  readonly perDigitMs: number;
  readonly perPauseMs: number;
  readonly perLetterMs: number;
}

/**
 * Fitted by least squares to the sentences of each language's prompts, as the default voices
 * speak them. Half of the sentences are within 6 % (English) and 3 % (Spanish), and their sum within
 * 1 %; `test/line/speech/voices.test.ts` holds it against the voices.
 */
const ENGLISH: Pace = {
  startMs: 152,
  perSyllableMs: 43,
  perDigitMs: 300,
  perPauseMs: 237,
  perLetterMs: 50.9,
};
const SPANISH: Pace = {
  startMs: 119,
  perSyllableMs: 3,
  perDigitMs: 306,
  perPauseMs: 268,
  perLetterMs: 65.8,
};

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** What one sentence takes to be said, from its letters. */
export function estimatedMs(sentence: string, language: string): number {
  const pace = language.startsWith('es') ? SPANISH : ENGLISH;
  const said = asSpoken(sentence, language);
  const ms =
    pace.startMs +
    pace.perSyllableMs * count(said, /[aeiouyáéíóúü]+/gi) +
    pace.perDigitMs * count(said, /\d/g) +
    pace.perPauseMs * count(said, /[,;:]/g) +
    pace.perLetterMs * count(said, /\p{L}/gu);
  return Math.round(ms);
}

const UNKNOWN = (): null => null;

/**
 * Lengths of what is played: exact for clips that have been made and for recorded files, estimated
 * for the rest.
 */
export function soundLengths(
  words: PromptTexts,
  known: KnownLength = UNKNOWN,
  recorded: RecordedLength = UNKNOWN,
): SoundLengths {
  const ofText = (text: string, language: string): number => {
    const sentences = sentencesOf(text);
    const said = sentences.reduce((total, sentence) => {
      const spokenIn = languageOf(sentence, language);
      return total + (known(sentence, spokenIn) ?? estimatedMs(sentence, spokenIn));
    }, 0);
    return said + Math.max(0, sentences.length - 1) * SENTENCE_GAP_MS;
  };
  return {
    durationMs(sound) {
      if (sound.kind === 'silence') return sound.durationMs;
      if (sound.kind === 'speech') return ofText(sound.text, sound.language);
      return (
        recorded(sound.name, sound.language) ??
        ofText(words(sound.name, sound.language) ?? '', sound.language)
      );
    },
  };
}
