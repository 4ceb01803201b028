import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlayWav } from '../../line/speech/aloud.ts';
import { CLIP_RATE_HZ } from '../../line/speech/signal.ts';
import { wavBytes } from '../../line/speech/wav.ts';
import { systemClock } from '../../system/clock.ts';
import type { Environment } from '../../system/config.ts';
import { CommandFailed } from '../exit.ts';

interface SoundProgram {
  readonly name: string;
  /** What stands before the name of the file. */
  readonly words: readonly string[];
}

/** PipeWire, PulseAudio, ALSA, macOS, ffmpeg and SoX. */
const PROGRAMS: readonly SoundProgram[] = [
  { name: 'pw-play', words: [] },
  { name: 'paplay', words: [] },
  { name: 'aplay', words: ['-q'] },
  { name: 'afplay', words: [] },
  { name: 'ffplay', words: ['-nodisp', '-autoexit', '-loglevel', 'error'] },
  { name: 'play', words: ['-q'] },
];

/** By which programs for sound find their server, their device and what they may do there. */
const SOUND_VARIABLES = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
  'PULSE_SERVER',
  'PULSE_COOKIE',
  'PIPEWIRE_REMOTE',
  'ALSA_CONFIG_PATH',
  'SDL_AUDIODRIVER',
  'AUDIODRIVER',
  'AUDIODEV',
];

/** The part of an environment that sound needs, and nothing of ours. */
export function soundEnvironment(env: Environment): Record<string, string> {
  return Object.fromEntries(
    SOUND_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** A tenth of a second of nothing, to find out who can play it. */
const TRIAL = wavBytes({ samples: new Int16Array(CLIP_RATE_HZ / 10), rateHz: CLIP_RATE_HZ });
const TRIAL_MS_MAX = 5_000;
const COMPLAINT_MAX = 120;

/** @returns `null` once it has played or was cut, else why it did not. */
function run(
  { name, words }: SoundProgram,
  file: string,
  cut: AbortSignal,
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(name, [...words, file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const stop = (): void => void child.kill();
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
    cut.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => {
      const missing = 'code' in error && error.code === 'ENOENT';
      resolve(missing ? 'not here' : error.message);
    });
    child.once('close', (code, signal) => {
      cut.removeEventListener('abort', stop);
      if (code === 0 || cut.aborted) return resolve(null);
      const [first = ''] = complaint.trim().split('\n');
      resolve(first === '' ? `exit code ${signal ?? code}` : first.slice(0, COMPLAINT_MAX));
    });
  });
}

export interface SoundOutput {
  readonly play: PlayWav;
  close(): void;
}

/**
 * The first program of this machine that really plays. What is said is in a file of its own that
 * only this user can read, and never on a command line, which every user of a machine can.
 *
 * @throws {CommandFailed} with everything that was tried.
 */
export async function openSoundOutput(): Promise<SoundOutput> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenline-sound-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  const tried: string[] = [];
  try {
    const trial = join(folder, 'trial.wav');
    writeFileSync(trial, TRIAL, { mode: 0o600 });
    for (const program of PROGRAMS) {
      const why = await tryOut(program, trial);
      if (why === null) return { play: player(program, folder), close };
      tried.push(`${program.name} (${why})`);
    }
  } catch (error) {
    close();
    throw error;
  }
  close();
  throw new CommandFailed(
    `--speak: nothing here plays sound; tried ${tried.join(', ')}. Install one, such as with "apt-get install ffmpeg", or leave out --speak.`,
  );
}

async function tryOut(program: SoundProgram, trial: string): Promise<string | null> {
  const cut = new AbortController();
  const timer = systemClock.after(TRIAL_MS_MAX, () => cut.abort());
  const why = await run(program, trial, cut.signal);
  timer.cancel();
  return cut.signal.aborted ? `no end after ${TRIAL_MS_MAX / 1_000} s` : why;
}

function player(program: SoundProgram, folder: string): PlayWav {
  let count = 0;
  return async (wav, cut) => {
    count += 1;
    const file = join(folder, `${count}.wav`);
    writeFileSync(file, wav, { mode: 0o600 });
    const why = await run(program, file, cut);
    rmSync(file, { force: true });
    if (why !== null) throw new Error(`${program.name} does not play any more: ${why}`);
  };
}
