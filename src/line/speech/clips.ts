import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clipKey, type Clip } from './clip.ts';
import type { KnownLength } from './lengths.ts';
import { asSpoken, languageOf } from './sentences.ts';
import { clipOf, durationMsOf } from './signal.ts';
import { SpeechFailed, type SpokenAudio, type TtsPort, type Voice } from './tts.ts';
import { wavBytes } from './wav.ts';

/** The lengths of all clips of a folder, so that nobody has to read them to know. */
const LENGTHS_FILE = 'lengths.json';

/** Clips of sentences with values in them: an amount, a date. About 100 kB each. */
const LIVE_CLIPS_MAX = 256;

/** Programs that speak at the same time: a call needs one sentence while it hears another. */
const SPEAKING_MAX = 2;

/**
 * Sentences in a row that a voice may fail at. After that it is left alone: an engine that cannot
 * run here would make every sentence of every call wait for its failure.
 */
const FAILURES_MAX = 3;

interface Speaker {
  readonly port: TtsPort;
  readonly voice: Voice;
  failures: number;
}

/** A sentence with the name of its clip, which may still have to be made. */
export interface NamedClip {
  readonly key: string;
  readonly sentence: string;
  readonly language: string;
}

function lengthsIn(folder: string): Map<string, number> {
  const lengths = new Map<string, number>();
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, LENGTHS_FILE), 'utf8'));
    for (const [key, ms] of Object.entries(read ?? {})) {
      if (typeof ms === 'number') lengths.set(key, ms);
    }
  } catch {
    // No clips have been made ahead of time; each is made when it is wanted.
  }
  return lengths;
}

/**
 * The sentences of prompts as sound: made ahead of time where they are known (`scripts/make-clips.ts`),
 * spoken when they are wanted otherwise, and kept by content.
 */
export class Clips {
  readonly #speakers: ReadonlyMap<string, Speaker>;
  readonly #folder: string | null;
  readonly #lengths: Map<string, number>;
  /** In the order of their last use. */
  readonly #live = new Map<string, Promise<Clip>>();
  readonly #report: (sentence: string) => void;
  #speaking = 0;
  readonly #queue: (() => void)[] = [];

  /**
   * @param folder of clips that were made ahead of time, or `null`.
   * @param report is told once of each voice that is given up, and of no sentence.
   */
  constructor(
    ports: readonly TtsPort[],
    folder: string | null,
    report: (sentence: string) => void = () => undefined,
  ) {
    this.#speakers = new Map(
      ports.flatMap((port) =>
        port.voices.map((voice) => [voice.language, { port, voice, failures: 0 }]),
      ),
    );
    this.#folder = folder;
    this.#report = report;
    this.#lengths = folder === null ? new Map<string, number>() : lengthsIn(folder);
  }

  /** @returns `null` where nobody speaks that language: the words are shown and not heard. */
  named(sentence: string, callLanguage: string): NamedClip | null {
    const language = languageOf(sentence, callLanguage);
    const speaker = this.#speakers.get(language);
    if (speaker === undefined) return null;
    const text = asSpoken(sentence, language);
    const key = clipKey({ engine: speaker.port.engine, voice: speaker.voice.name, language, text });
    return { key, sentence, language };
  }

  /** Length of a clip that was made ahead of time. */
  readonly knownLength: KnownLength = (sentence, language) =>
    this.#lengths.get(this.named(sentence, language)?.key ?? '') ?? null;

  /** @throws {SpeechFailed} where the engine does not speak. */
  clip(named: NamedClip): Promise<Clip> {
    const kept = this.#live.get(named.key);
    if (kept !== undefined) {
      this.#live.delete(named.key);
      this.#live.set(named.key, kept);
      return kept;
    }
    const made = this.#made(named.key);
    const clip = made === null ? this.#spoken(named) : Promise.resolve(made);
    this.#keep(named.key, clip);
    return clip;
  }

  /**
   * Makes clips of one language ahead of time. A sentence that does not come out is left for later.
   *
   * @returns how many were made.
   */
  async make(clips: readonly NamedClip[]): Promise<number> {
    const folder = this.#folder;
    const missing = clips.filter(({ key }) => !this.#lengths.has(key));
    const speaker = this.#speakers.get(missing[0]?.language ?? '');
    if (folder === null || speaker === undefined) return 0;
    const texts = missing.map(({ sentence, language }) => asSpoken(sentence, language));
    const spoken = await speaker.port.synthesiseAll(texts, speaker.voice).catch(spokenBefore);
    mkdirSync(folder, { recursive: true });
    for (const [index, audio] of spoken.entries()) {
      const key = missing[index]?.key ?? '';
      const clip = asClip(audio);
      writeWhole(join(folder, `${key}.wav`), clip.wav);
      this.#lengths.set(key, clip.durationMs);
    }
    return spoken.length;
  }

  /** Writes down the lengths of what was made, and nothing of what is not wanted any more. */
  saveLengths(wanted: readonly NamedClip[]): void {
    if (this.#folder === null) return;
    const kept = wanted.flatMap(({ key }) => {
      const ms = this.#lengths.get(key);
      return ms === undefined ? [] : [[key, ms] as const];
    });
    const text = JSON.stringify(Object.fromEntries(kept), null, 1);
    writeWhole(join(this.#folder, LENGTHS_FILE), Buffer.from(text));
  }

  /** Names of the files that are in the folder and not wanted. */
  strays(wanted: readonly NamedClip[]): string[] {
    if (this.#folder === null) return [];
    const names = new Set(wanted.map(({ key }) => `${key}.wav`));
    return readdirSync(this.#folder).filter((name) => name.endsWith('.wav') && !names.has(name));
  }

  #made(key: string): Clip | null {
    const durationMs = this.#lengths.get(key);
    if (this.#folder === null || durationMs === undefined) return null;
    try {
      return { wav: readFileSync(join(this.#folder, `${key}.wav`)), durationMs };
    } catch {
      return null;
    }
  }

  async #spoken({ sentence, language }: NamedClip): Promise<Clip> {
    const speaker = this.#speakers.get(language);
    if (speaker === undefined) throw new TypeError(`no voice for ${language}`);
    await this.#turn();
    try {
      if (speaker.failures >= FAILURES_MAX) throw new SpeechFailed('the voice was given up');
      const text = asSpoken(sentence, language);
      const clip = asClip(await speaker.port.synthesise(text, speaker.voice));
      speaker.failures = 0;
      return clip;
    } catch (error) {
      this.#failed(speaker, error);
      throw error;
    } finally {
      this.#speaking -= 1;
      this.#queue.shift()?.();
    }
  }

  #failed(speaker: Speaker, error: unknown): void {
    speaker.failures += 1;
    if (speaker.failures !== FAILURES_MAX) return;
    const why = error instanceof SpeechFailed ? error.message : 'it could not be started';
    this.#report(
      `no voice for ${speaker.voice.language} any more: ${why}; what has not been spoken before ` +
        'is shown and not heard until the next start',
    );
  }

  async #turn(): Promise<void> {
    while (this.#speaking >= SPEAKING_MAX) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#speaking += 1;
  }

  #keep(key: string, clip: Promise<Clip>): void {
    this.#live.set(key, clip);
    // What failed is tried again the next time.
    clip.catch(() => this.#live.delete(key));
    const [oldest] = this.#live.keys();
    if (this.#live.size > LIVE_CLIPS_MAX && oldest !== undefined) this.#live.delete(oldest);
  }
}

function spokenBefore(error: unknown): readonly SpokenAudio[] {
  if (error instanceof SpeechFailed) return error.spoken;
  throw error;
}

function asClip(spoken: SpokenAudio): Clip {
  const audio = clipOf(spoken);
  return { wav: wavBytes(audio), durationMs: Math.round(durationMsOf(audio)) };
}

function writeWhole(file: string, bytes: Buffer): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, file);
}
