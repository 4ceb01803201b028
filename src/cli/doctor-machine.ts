import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../system/config.ts';
import { readProcessFacts } from '../tokenizer/hardening.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';

/** `package.json`, "engines". */
const NODE_MIN = [20, 19] as const;

/** What the machine and the shell say, whatever the configuration. */
export function machineChecks(env: Environment, nowMs: number): Diagnosis[] {
  const facts = readProcessFacts(process.execArgv);
  return [
    nodeVersion(process.versions.node),
    inspector(env, process.execArgv),
    freedMemory(facts.libc, facts.otherAllocator),
    coreFiles(textOf('/proc/sys/kernel/core_pattern')),
    swap(facts.swapInUse),
    clockSanity(nowMs),
  ];
}

export function nodeVersion(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = NODE_MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) {
    return ok('node.version', `Node ${version}`);
  }
  return trouble(
    'fail',
    'node.version',
    `Node ${version} is too old`,
    'PCI DSS 6.3.3: known weaknesses are patched; and what is used here came with 20.19.',
    'Install Node 20.19 or later; 24 is recommended.',
  );
}

export function inspector(env: Environment, execArgv: readonly string[]): Diagnosis {
  const check = 'node.inspector';
  const why = 'PCI DSS 6.2.4: whoever reaches the inspector reads the memory of the process.';
  const flag = execArgv.find((given) => /^--(inspect|debug)/.test(given));
  const options = env['NODE_OPTIONS'] ?? '';
  if (flag !== undefined) {
    return trouble('fail', check, `this command runs with ${flag}`, why, 'Start it without.');
  }
  if (/--(inspect|debug)/.test(options)) {
    const todo = 'Unset NODE_OPTIONS. The processes with cards and money never get it.';
    return trouble('warn', check, 'NODE_OPTIONS opens the inspector', why, todo);
  }
  return ok(check, 'closed');
}

export function freedMemory(libc: 'glibc' | 'musl' | null, otherAllocator: boolean): Diagnosis {
  const check = 'memory.freed';
  if (libc === 'glibc' && !otherAllocator) {
    return ok(check, 'glibc overwrites it (MALLOC_PERTURB_, which serve sets)');
  }
  const says = otherAllocator
    ? 'another allocator stands before the C library’s'
    : `MALLOC_PERTURB_ does nothing with ${libc ?? 'this C library'}`;
  return trouble(
    'warn',
    check,
    says,
    'PCI DSS 3.3.1: a card number could outlive its request in memory that was freed.',
    'Run the tokenizer on glibc (Debian, Ubuntu, Red Hat; not Alpine) and its own allocator.',
  );
}

/** Both read the limit 0 and store nothing (systemd-coredump(8), apport's `%c`). */
const OBEDIENT = /systemd-coredump|apport/;

/**
 * `serve` starts every process under "ulimit -c 0". A pattern that begins with a pipe is called all
 * the same, whatever the limit (core(5), "Piping core dumps to a program").
 */
export function coreFiles(pattern: string | null): Diagnosis {
  const check = 'memory.core_files';
  const program = (pattern ?? '').trim();
  if (!program.startsWith('|') || OBEDIENT.test(program)) {
    return ok(check, 'off (serve starts its processes under "ulimit -c 0")');
  }
  return trouble(
    'warn',
    check,
    `the kernel hands core dumps to ${program.slice(1).split(' ')[0] ?? 'a program'}`,
    'PCI DSS 3.3.1: a core dump of the tokenizer holds what the tokenizer held.',
    'Make that program honour a limit of 0, or set kernel.core_pattern to "core".',
  );
}

export function swap(inUse: boolean | null): Diagnosis {
  const check = 'memory.swap';
  if (inUse === false) return ok(check, 'off');
  return trouble(
    'warn',
    check,
    inUse === null ? 'it cannot be told whether memory is swapped' : 'swap is on',
    'PCI DSS 3.3.1: memory that is written to disk stays there.',
    'Switch it off, or set memory.swap.max=0 for the cgroup of the tokenizer.',
  );
}

/** Marks of a clock that is kept by NTP: systemd-timesyncd(8) and chronyd. */
const SYNCHRONISED = ['/run/systemd/timesync/synchronized', '/run/chrony/chronyd.pid'];

function clockSanity(nowMs: number): Diagnosis {
  const made = statSync(fileURLToPath(new URL('../../package.json', import.meta.url))).mtimeMs;
  return clockCheck(nowMs, made, SYNCHRONISED.some(existsSync));
}

/** @param madeMs when this software was written to the disk: no good clock is before it. */
export function clockCheck(nowMs: number, madeMs: number, synchronised: boolean): Diagnosis {
  const check = 'clock';
  const why = 'PCI DSS 10.6: the ledger’s times have to be right; tokens and cards expire by them.';
  const shown = new Date(nowMs).toISOString();
  if (nowMs < madeMs) {
    const says = `${shown} is before this software was installed`;
    return trouble('fail', check, says, why, 'Set the clock, and let NTP keep it.');
  }
  if (synchronised) return ok(check, `${shown}, kept by NTP`);
  const says = `${shown}; it cannot be told whether NTP keeps it`;
  return trouble('warn', check, says, why, 'Make sure that the host’s clock is synchronised.');
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
