import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
/** By its address: a command may be started in any directory. */
const LOADER = import.meta.resolve('tsx');
export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Command {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written so far, both streams. */
  readonly written: () => string;
}

/** Starts `tokenline` as its user does; nothing of the test's own `TOKENLINE_*` comes along. */
export function tokenline(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = ROOT,
): Command {
  return run(process.execPath, ['--import', LOADER, MAIN, ...args], env, cwd);
}

export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string = ROOT,
): Command {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const ended = new Promise<Ended>((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => done({ code, out, err }));
  });
  return { process: child, ended, written: () => out + err };
}
