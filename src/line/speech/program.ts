import { execFile } from 'node:child_process';
import type { Clock } from '../../system/clock.ts';
import { SpeechFailed, type SpokenAudio } from './tts.ts';
import { readWav, WavRefused } from './wav.ts';

/** For a batch. */
const SPEAK_MS_MAX = 60_000;
/** Until something more comes out: a sentence takes less than a second, the start of one program two. */
const QUIET_MS_MAX = 20_000;
const WAV_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Runs a program that writes `count` WAV files to its standard output, one behind the other. It gets
 * nothing of this process's environment, and is ended where it stands still.
 *
 * @throws {SpeechFailed}
 */
export function wavsFromProgram(
  file: string,
  words: readonly string[],
  count: number,
  clock: Clock,
): Promise<SpokenAudio[]> {
  return new Promise((resolve, reject) => {
    const options = {
      encoding: 'buffer',
      maxBuffer: WAV_BYTES_MAX,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    } as const;
    let hung = false;
    const child = execFile(file, words, options, (error, stdout) => {
      quiet.cancel();
      whole.cancel();
      if (hung) {
        return reject(new SpeechFailed('the voice stood still', wholeIn(stdout), true));
      }
      if (error !== null) {
        const how = error.signal ?? `exit code ${String(error.code)}`;
        return reject(new SpeechFailed(`the voice did not speak (${how})`, wholeIn(stdout)));
      }
      try {
        const wavs = wavsIn(stdout, count).map(readWav);
        if (wavs.length !== count) throw new WavRefused('some sentences are missing');
        resolve(wavs);
      } catch (wrong) {
        const reason = wrong instanceof WavRefused ? wrong.message : 'no sound';
        reject(new SpeechFailed(`the voice gave no sound: ${reason}`));
      }
    });
    const end = (): void => {
      hung = true;
      // What stands still may not listen to anything milder.
      child.kill('SIGKILL');
    };
    const whole = clock.after(SPEAK_MS_MAX, end);
    let quiet = clock.after(QUIET_MS_MAX, end);
    child.stdout?.on('data', () => {
      quiet.cancel();
      quiet = clock.after(QUIET_MS_MAX, end);
    });
  });
}

/** What a program had written when it ended too early; a file that is cut off does not count. */
function wholeIn(bytes: Buffer): SpokenAudio[] {
  try {
    return wavsIn(bytes, Infinity)
      .filter((wav) => wav.length >= 8 && wav.length === 8 + wav.readUInt32LE(4))
      .map(readWav);
  } catch {
    return [];
  }
}

/** RIFF says how long it is; a program that streams cannot know, and then it is the only one. */
function wavsIn(bytes: Buffer, count: number): Buffer[] {
  if (count === 1) return [bytes];
  const wavs: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    wavs.push(bytes.subarray(at, end));
    at = end;
  }
  return wavs;
}
