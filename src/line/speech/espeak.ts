import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { wavFromProgram } from './program.ts';
import type { SpokenAudio, TtsPort, Voice } from './tts.ts';

/** Words a minute; espeak-ng's own 175 is too quick for digits and dates. */
const WORDS_A_MINUTE = '155';

const VOICES: readonly Voice[] = [{ name: 'es-419', language: 'es-us' }];

/**
 * Runs the build of espeak-ng that npm has as the program that it is: words on its command line, a
 * WAV file on its standard output.
 */
const RUN_PACKAGE = `
const [module, ...words] = process.argv.slice(1);
const { default: espeak } = await import(module);
const done = await espeak({ arguments: ['-w', 'speech.wav', ...words], print() {}, printErr() {} });
process.stdout.write(done.FS.readFile('speech.wav'));
`;

interface Program {
  readonly engine: string;
  readonly file: string;
  readonly first: readonly string[];
  readonly last: readonly string[];
}

function installed(): Program | null {
  try {
    const text = execFileSync('espeak-ng', ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    const version = /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? 'unknown';
    return {
      engine: `espeak-ng ${version}`,
      file: 'espeak-ng',
      first: [],
      last: ['-w', '/dev/stdout'],
    };
  } catch {
    return null;
  }
}

function packaged(): Program | null {
  try {
    const module = createRequire(import.meta.url).resolve('espeak-ng');
    return {
      engine: 'espeak-ng npm',
      file: process.execPath,
      first: [
        '--no-warnings',
        '--input-type=module',
        '--eval',
        RUN_PACKAGE,
        '--',
        pathToFileURL(module).href,
      ],
      last: [],
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

  synthesise(text: string, voice: Voice): Promise<SpokenAudio> {
    const { file, first, last } = this.#program;
    const words = [...first, '-v', voice.name, '-s', WORDS_A_MINUTE, ...last, '--', text];
    return wavFromProgram(file, words);
  }
}
