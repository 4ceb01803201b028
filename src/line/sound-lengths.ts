import type { Sound } from '../architect/expression/value.ts';
import type { PromptTexts } from './call.ts';

/** How long a caller listens to something. */
export interface SoundLengths {
  durationMs(sound: Sound): number;
}

/**
 * Characters that a calm voice says in a second: 150 words a minute, which telephone prompts are
 * recorded at, of six characters with their space.
 */
const CHARACTERS_PER_SECOND = 15;
/** Between two sentences that are played one after the other. */
const PAUSE_MS = 250;

/** Lengths from the number of characters, where there is no audio to measure. */
export function estimatedLengths(promptTexts: PromptTexts): SoundLengths {
  const spoken = (text: string): number =>
    Math.round((text.trim().length / CHARACTERS_PER_SECOND) * 1_000) + PAUSE_MS;
  return {
    durationMs(sound) {
      switch (sound.kind) {
        case 'speech':
          return spoken(sound.text);
        case 'prompt':
          return spoken(promptTexts(sound.name, sound.language) ?? sound.name);
        case 'silence':
          return sound.durationMs;
      }
    },
  };
}
