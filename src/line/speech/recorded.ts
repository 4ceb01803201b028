import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedKey, type Clip } from './clip.ts';
import type { RecordedLength } from './lengths.ts';
import { CLIP_RATE_HZ, durationMsOf, resample } from './signal.ts';
import { readWav, wavBytes, WavRefused } from './wav.ts';

/** A recorded prompt with its name in the world of clips. */
export interface RecordedClip extends Clip {
  readonly key: string;
}

/** What Genesys puts before the names of our user prompts; files go without it. */
const PREFIX = 'tokenline_';

/**
 * Prompts that a person has spoken: `<folder>/<language>/<key>.wav`, such as
 * `genesys/prompts/audio/en-us/greeting.wav`. They go before every voice. They are played as they
 * were recorded, at the rate of the clips.
 */
export class RecordedPrompts {
  readonly #clips = new Map<string, RecordedClip>();
  /** One sentence for each file that is not played, with its name. */
  readonly problems: readonly string[];

  constructor(folder: string) {
    const problems: string[] = [];
    for (const language of foldersIn(folder)) {
      for (const file of readdirSync(join(folder, language))) {
        if (!file.endsWith('.wav')) continue;
        const path = join(folder, language, file);
        try {
          const audio = resample(readWav(readFileSync(path)), CLIP_RATE_HZ);
          const wav = wavBytes(audio);
          const durationMs = Math.round(durationMsOf(audio));
          const name = `${language} ${PREFIX}${file.slice(0, -'.wav'.length)}`;
          this.#clips.set(name, { wav, durationMs, key: recordedKey(wav) });
        } catch (error) {
          if (!(error instanceof WavRefused)) throw error;
          problems.push(`${path}: ${error.message}; the prompt is spoken by a voice instead`);
        }
      }
    }
    this.problems = problems;
  }

  clip(name: string, language: string): RecordedClip | null {
    return this.#clips.get(`${language} ${name}`) ?? null;
  }

  readonly length: RecordedLength = (name, language) =>
    this.clip(name, language)?.durationMs ?? null;
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
