import { execFile } from 'node:child_process';
import { SpeechFailed, type SpokenAudio } from './tts.ts';
import { readWav, WavRefused } from './wav.ts';

const SPEAK_MS_MAX = 20_000;
const WAV_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Runs a program that writes a WAV file to its standard output. It gets nothing of this process's
 * environment.
 *
 * @throws {SpeechFailed}
 */
export function wavFromProgram(file: string, words: readonly string[]): Promise<SpokenAudio> {
  return new Promise((resolve, reject) => {
    const options = {
      encoding: 'buffer',
      timeout: SPEAK_MS_MAX,
      maxBuffer: WAV_BYTES_MAX,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    } as const;
    execFile(file, words, options, (error, stdout) => {
      if (error !== null) {
        const how = error.signal ?? `exit code ${String(error.code)}`;
        return reject(new SpeechFailed(`the voice did not speak (${how})`));
      }
      try {
        resolve(readWav(stdout));
      } catch (wrong) {
        const reason = wrong instanceof WavRefused ? wrong.message : 'no sound';
        reject(new SpeechFailed(`the voice gave no sound: ${reason}`));
      }
    });
  });
}
