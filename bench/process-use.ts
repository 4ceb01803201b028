import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';

/** `/proc` counts time in ticks of 1/100 s, whatever the kernel's own are (proc(5), USER_HZ). */
const TICK_MS = 10;

/** True where the figures of processes can be read. */
export const canReadProcesses = platform() === 'linux';

interface Seen {
  readonly parent: number;
  /** What it is: `bridge`, `postgres`, … */
  readonly role: string;
  readonly cpuMs: number;
}

const ROLE = /([a-z]+)-process\.js/;

function roleOf(commandLine: string): string {
  const words = commandLine.split('\0');
  const child = ROLE.exec(words.slice(0, 3).join(' '))?.[1];
  if (child !== undefined) return child;
  if (/postgres/.test(words[0] ?? '')) return 'postgres';
  if (words.includes('serve')) return 'parent';
  return words.some((word) => word.endsWith('floor.ts')) ? 'floor' : 'other';
}

function seen(pid: number): Seen | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const role = roleOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    // utime, stime, and both of children that have ended: fields 14 to 17 of proc(5).
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return { parent: fields[1] ?? 0, role, cpuMs: ticks * TICK_MS };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

/** A process and all that descend from it. */
function family(root: number): ReadonlyMap<number, Seen> {
  const all = new Map<number, Seen>();
  for (const name of readdirSync('/proc')) {
    const one = /^\d+$/.test(name) ? seen(Number(name)) : null;
    if (one !== null) all.set(Number(name), one);
  }
  const inside = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = all.get(at)?.parent)
      if (at === root) return true;
    return false;
  };
  return new Map([...all].filter(([pid]) => inside(pid)));
}

export type ByRole = ReadonlyMap<string, number>;

function summed(parts: Iterable<readonly [string, number]>): ByRole {
  const sums = new Map<string, number>();
  for (const [role, value] of parts) sums.set(role, (sums.get(role) ?? 0) + value);
  return sums;
}

/** Milliseconds of CPU that a family of processes has used until now, by role. */
export function cpuMsOf(root: number): ByRole {
  return summed([...family(root).values()].map(({ role, cpuMs }) => [role, cpuMs] as const));
}

/** What was used between two looks. */
export function used(before: ByRole, after: ByRole): ByRole {
  return new Map([...after].map(([role, ms]) => [role, Math.max(0, ms - (before.get(role) ?? 0))]));
}

/** Megabytes (10⁶ bytes) of memory; a page that several share is divided among them (PSS). */
function pssMb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return (Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

/** Memory of a family of processes, by role. */
export function memoryMbOf(root: number): ByRole {
  return summed([...family(root)].map(([pid, { role }]) => [role, pssMb(pid)] as const));
}
