import {
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { sleep, type Clock, type Timer } from '../system/clock.ts';
import type { Randomness } from '../system/randomness.ts';
import { newId } from '../system/randomness.ts';
import { StartRefused } from '../system/start-refused.ts';

/** Who holds a directory. What the machine cannot tell is `null`. */
interface Holder {
  readonly pid: number;
  /** Clock ticks after boot at which the process began: a pid is used again, this is not. */
  readonly startTicks: string | null;
  readonly bootId: string | null;
  /** Pids mean something in the same namespace only: another container counts its own. */
  readonly pidNamespace: string | null;
}

/** How often the holder shows that it is alive, for those who cannot see its process. */
const BEAT_MS = 3000;
const SILENCE_MS = 10_000;

/**
 * Keeps a second process out of a directory of PGlite, which would destroy what the first one writes
 * without an error in either (https://github.com/electric-sql/pglite/issues/1106). A lock whose process
 * is gone is taken over.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #clock: Clock;
  #beat: Timer | null = null;

  private constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** @throws {StartRefused} when a living process holds the lock. */
  static async take(path: string, clock: Clock, randomness: Randomness): Promise<DirectoryLock> {
    const mine = JSON.stringify(thisProcess());
    const aside = `${path}.${newId('stale', randomness)}`;
    for (let tries = 0; tries < 3; tries += 1) {
      if (create(path, mine)) {
        const lock = new DirectoryLock(path, clock);
        lock.#scheduleBeat();
        return lock;
      }
      const theirs = read(path);
      if (theirs === null) continue;
      await refuseIfAlive(path, theirs, clock);
      putAside(path, aside, theirs);
    }
    throw new StartRefused(`other processes are taking ${path} at this moment: start again`);
  }

  #scheduleBeat(): void {
    this.#beat = this.#clock.after(BEAT_MS, () => {
      touch(this.#path, this.#clock.now());
      this.#scheduleBeat();
    });
  }

  release(): void {
    if (this.#beat === null) return;
    this.#beat.cancel();
    this.#beat = null;
    rmSync(this.#path, { force: true });
  }
}

function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** `null` when it has just been released. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function touch(path: string, nowMs: number): void {
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // The directory is gone, and with it what the lock was for.
  }
}

/**
 * Moves a stale lock out of the way. Of two processes that do so at the same time one may move the
 * new lock of the other: it puts it back.
 */
function putAside(path: string, aside: string, stale: string): void {
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

async function refuseIfAlive(path: string, content: string, clock: Clock): Promise<void> {
  const holder = holderOf(content);
  // Half a file: its writer died while it was writing, or is writing now and is met again.
  if (holder === null) {
    await sleep(clock, 100);
    return;
  }
  const here = thisProcess();
  if (holder.bootId !== here.bootId) return;
  const visible = holder.pidNamespace === here.pidNamespace;
  if (visible ? isRunning(holder) : await isBeating(path, clock)) {
    throw new StartRefused(
      `process ${holder.pid}${visible ? '' : ' of another container'} is using the embedded database ` +
        `(${path}). Stop it, or give this one a directory of its own with TOKENLINE_DATA, or put ` +
        'both on PostgreSQL with TOKENLINE_DATABASE_URL.',
    );
  }
}

/** Whether the lock is touched within three beats. */
async function isBeating(path: string, clock: Clock): Promise<boolean> {
  const before = modifiedMs(path);
  await sleep(clock, SILENCE_MS);
  return modifiedMs(path) !== before;
}

function modifiedMs(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function holderOf(content: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(content);
    return isHolder(holder) ? holder : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    Number.isSafeInteger(value.pid) &&
    value.pid > 0 &&
    'startTicks' in value &&
    'bootId' in value &&
    'pidNamespace' in value
  );
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    startTicks: statOf(process.pid)?.startTicks ?? null,
    bootId: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** The state and start of a process, from proc(5); `null` where there is none, or no `/proc`. */
function statOf(pid: number): { state: string; startTicks: string } | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The name before it is in parentheses and may hold spaces; field 3 is the state, 22 the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

function isRunning(holder: Holder): boolean {
  // A system without /proc: the pid alone has to do.
  if (holder.startTicks === null) return answersSignal(holder.pid);
  const stat = statOf(holder.pid);
  return stat !== null && stat.startTicks === holder.startTicks && !/[ZX]/.test(stat.state);
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
