import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../system/clock.ts';
import { wavsFromProgram } from './program.ts';
import { SpeechFailed, type SpokenAudio, type TtsPort, type Voice } from './tts.ts';

/**
 * Words a minute as espeak-ng counts them. Of our own prompts it makes 168 with the pauses between
 * sentences: for radio, 160 to 180 are recommended, and Spanish newsreaders are above (Rodero, "A
 * comparative analysis of speech rate and perception in radio bulletins", Text & Talk 32(3), 2012,
 * https://doi.org/10.1515/text-2012-0019). A digit takes as long as in the English voice: 0.3 s.
 */
const WORDS_A_MINUTE = '180';

const VOICES: readonly Voice[] = [{ name: 'es-419', language: 'es-us' }];

/**
 * Runs the build of espeak-ng that npm has as the program that it is: voice, speed and sentences on
 * its command line, a WAV file for each on its standard output. It is compiled once.
 */
const RUN_PACKAGE = `
const { readFileSync } = await import('node:fs');
const [module, voice, speed, ...texts] = process.argv.slice(1);
const { default: espeak } = await import(module);
const compiled = WebAssembly.compile(readFileSync(new URL('espeak-ng.wasm', module)));
for (const text of texts) {
  const done = await espeak({
    arguments: ['-w', 'speech.wav', '-v', voice, '-s', speed, '--', text],
    print() {},
    printErr() {},
    instantiateWasm(imports, use) {
      void compiled.then((program) => WebAssembly.instantiate(program, imports)).then(use);
      return {};
    },
  });
  process.stdout.write(done.FS.readFile('speech.wav'));
}
`;

interface Program {
  readonly engine: string;
  readonly file: string;
  readonly words: (texts: readonly string[], voice: string) => string[];
  /** How many sentences it takes at a time. */
  readonly atOnce: number;
}

function installed(): Program | null {
  try {
    const text = execFileSync('espeak-ng', ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return {
      engine: `espeak-ng ${/\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'unknown'}`,
      file: 'espeak-ng',
      words: (texts, voice) => ['-v', voice, '-s', WORDS_A_MINUTE, '--stdout', '--', ...texts],
      atOnce: 1,
    };
  } catch {
    return null;
  }
}

function packaged(): Program | null {
  try {
    const module = pathToFileURL(createRequire(import.meta.url).resolve('espeak-ng')).href;
    const run = ['--no-warnings', '--input-type=module', '--eval', RUN_PACKAGE, '--', module];
    return {
      engine: 'espeak-ng npm',
      file: process.execPath,
      words: (texts, voice) => [...run, voice, WORDS_A_MINUTE, ...texts],
      atOnce: Infinity,
    };
  } catch {
    return null;
  }
}

/**
 * espeak-ng, for languages that flite has no voice for. It is under GPL-3, so it is run as a program
 * and never linked: nothing of it is in Tokenline, and its sound is not covered by its licence
 * (https://www.gnu.org/licenses/gpl-faq.html#WhatCaseIsOutputGPL). The package is a tool of
 * development, as a compiler is; a program `espeak-ng` on PATH is as good.
 */
export class Espeak implements TtsPort {
  readonly engine: string;
  readonly voices = VOICES;
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
    this.engine = `${program.engine} ${WORDS_A_MINUTE}`;
  }

  /** @returns `null` where there is neither the package nor the program. */
  static find(): Espeak | null {
    const program = packaged() ?? installed();
    return program === null ? null : new Espeak(program);
  }

  async synthesise(text: string, voice: Voice): Promise<SpokenAudio> {
    const [audio] = await this.synthesiseAll([text], voice);
    if (audio === undefined) throw new SpeechFailed('espeak-ng gave no sound');
    return audio;
  }

  async synthesiseAll(texts: readonly string[], voice: Voice): Promise<readonly SpokenAudio[]> {
    const { file, words, atOnce } = this.#program;
    const all: SpokenAudio[] = [];
    for (let at = 0; at < texts.length; at += atOnce) {
      const some = texts.slice(at, at + atOnce);
      const program = words(some, voice.name);
      all.push(...(await wavsFromProgram(file, program, some.length, systemClock)));
    }
    return all;
  }
}
