import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { PostgresWorld } from './postgres-world.ts';

/** System calls of the server that fail, and how. */
export interface BrokenCalls {
  readonly calls: string;
  readonly error: 'EIO' | 'ENOSPC';
}

/** PostgreSQL syncs its log with fdatasync, and everything else with fsync. */
export const SYNC_FAILS: BrokenCalls = { calls: 'fsync,fdatasync', error: 'EIO' };
/** Everything that it writes to a file, log and data; its sockets and pipes are written otherwise. */
export const DISK_FULL: BrokenCalls = { calls: 'pwrite64,pwritev,fallocate', error: 'ENOSPC' };

const STRUCK_MS_MAX = 15_000;

/** Why system calls cannot be made to fail on this machine; `null` where they can. */
export function whyNotBreakable(): string | null {
  try {
    // Attaches nothing: only asks whether it may trace a child of its own.
    execFileSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=none', 'true'], {
      stdio: 'ignore',
    });
    return null;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'strace is not installed' : 'strace may not trace here';
  }
}

/** The server and all its processes. */
function pidsOf(postmaster: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const [, parent] = /^\d+ \(.*\) \S (\d+) /s.exec(statOf(name)) ?? [];
      return Number(parent) === postmaster;
    });
  return [postmaster, ...children.map(Number)];
}

function statOf(name: string): string {
  try {
    return readFileSync(`/proc/${name}/stat`, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Lets system calls of the running server fail for a time, from the first that does: processes that it starts meanwhile are
 * struck as well.
 *
 * @returns how many calls failed.
 */
export async function breakCalls(
  world: PostgresWorld,
  { calls, error }: BrokenCalls,
  forMs: number,
): Promise<number> {
  const traced = pidsOf(world.cluster.pid).flatMap((pid) => ['-p', String(pid)]);
  const words = ['-f', '-qq', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const tracer = spawn('strace', [...words, ...traced], { stdio: ['ignore', 'ignore', 'pipe'] });
  const struck = { calls: 0 };
  tracer.stderr.on('data', (chunk: Buffer) => {
    struck.calls += chunk.toString('utf8').split('(INJECTED)').length - 1;
  });
  const ended = new Promise((resolve) => tracer.once('close', resolve));
  // Attaching takes a while, and so does the next call on a quiet server.
  const lateMs = performance.now() + STRUCK_MS_MAX;
  while (struck.calls === 0 && tracer.exitCode === null && performance.now() < lateMs)
    await wait(20);
  await Promise.race([wait(forMs), ended]);
  tracer.kill('SIGTERM');
  await ended;
  return struck.calls;
}
