import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, type System } from './system.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that should have ended is a failure, and not a process that is left behind. */
const TIMEOUT_MS = 60_000;

/** Runs a program to its end; nothing of the environment comes along but what finds programs. */
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => done({ code, out, err }));
  });
}

/** `tokenline …` as it was built. */
export function tokenline(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return run(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), ...args], env);
}

/** `tokenline audit …` about a running system, with what lies in its data directory. */
export function audit(system: System, ...args: readonly string[]): Promise<Ended> {
  const url = `http://127.0.0.1:${system.ports.bridge}`;
  return tokenline(['audit', ...args, '--url', url], { TOKENLINE_DATA: system.data });
}
