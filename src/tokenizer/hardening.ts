import { readFileSync } from 'node:fs';

/** What this process was started with, as the kernel and Node tell it; `null` where they do not. */
export interface ProcessFacts {
  readonly execArgv: readonly string[];
  /** `NAME=value` of `/proc/self/environ`: what the loader and malloc have seen. */
  readonly environment: readonly string[] | null;
  /** Soft limit of `/proc/self/limits`: `0`, a number of bytes, or `unlimited`. */
  readonly coreLimit: string | null;
  readonly swapInUse: boolean | null;
  readonly libc: 'glibc' | 'musl' | null;
  /** An allocator that was put in front of the C library's own. */
  readonly otherAllocator: boolean;
}

/** Something that keeps copies of card digits alive, and what to do about it. */
export interface Weakness {
  readonly check: 'malloc_perturb' | 'core_limit' | 'swap';
  readonly advice: string;
}

export interface Judgement {
  /** Reasons not to start; empty when it may. */
  readonly refusals: readonly string[];
  readonly weaknesses: readonly Weakness[];
}

export const CHECKS = ['malloc_perturb', 'core_limit', 'swap'] as const;

/** EX_CONFIG of sysexits.h: a person has to change something. */
export const EXIT_CONFIG = 78;

/** EX_SOFTWARE of sysexits.h: a bug. */
export const EXIT_BUG = 70;

/**
 * Flags that open the heap to a debugger, write it to a file, or write TLS keys or records
 * (https://nodejs.org/docs/latest-v20.x/api/cli.html).
 */
const FLAGS = [
  '--inspect',
  '--debug',
  '--heapsnapshot-',
  '--heap-prof',
  '--report-',
  '--experimental-report',
  '--abort-on-uncaught-exception',
  '--tls-keylog',
  '--trace-tls',
  '--node-snapshot',
];

/** Variables that do the same, or let an impostor pass for the gateway. */
const VARIABLES: Readonly<Record<string, string>> = {
  NODE_OPTIONS: 'it can carry any flag of Node',
  NODE_DEBUG: 'it prints what streams and sockets carry',
  NODE_V8_COVERAGE: 'it opens the inspector',
  NODE_TLS_REJECT_UNAUTHORIZED: 'it lets anybody pass for the gateway',
  SSLKEYLOGFILE: 'it is there to write down TLS keys',
};

const WEAKNESSES: Readonly<Record<Weakness['check'], string>> = {
  malloc_perturb:
    'freed memory is not overwritten: start it with MALLOC_PERTURB_=165 in its environment, on glibc (Debian, not Alpine) and without another allocator',
  core_limit: 'a crash may write a core file: start it under "ulimit -c 0" or LimitCORE=0',
  swap: 'memory may be written to swap: switch it off, or set memory.swap.max=0 for its cgroup',
};

/** Judges how a process was started. Decides nothing by itself. */
export function judgeProcess(facts: ProcessFacts): Judgement {
  const refusals: string[] = [];
  for (const given of facts.execArgv) {
    if (!FLAGS.some((flag) => given.replaceAll('_', '-').startsWith(flag))) continue;
    refusals.push(
      `${nameOf(given)}: a card process cannot be started with this flag; leave it out`,
    );
  }
  const values = new Map(facts.environment?.map(pairOf));
  for (const [variable, reason] of Object.entries(VARIABLES)) {
    if ((values.get(variable) ?? '') === '') continue;
    refusals.push(`${variable} is set, and ${reason}; start the card process without it`);
  }
  const perturbed =
    /^[1-9]\d*$/.test(values.get('MALLOC_PERTURB_') ?? '') &&
    facts.libc === 'glibc' &&
    !facts.otherAllocator;
  const weak = {
    malloc_perturb: !perturbed,
    core_limit: facts.coreLimit !== '0',
    swap: facts.swapInUse !== false,
  };
  return {
    refusals,
    weaknesses: CHECKS.filter((check) => weak[check]).map((check) => ({
      check,
      advice: WEAKNESSES[check],
    })),
  };
}

const nameOf = (flag: string): string => flag.split('=')[0] ?? flag;

function pairOf(line: string): [string, string] {
  const at = line.indexOf('=');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

/** @param read gives the text of a file of `/proc`, or `null`. */
export function readProcessFacts(
  execArgv: readonly string[],
  read: (path: string) => string | null = textOf,
): ProcessFacts {
  const environment = read('/proc/self/environ');
  const limits = read('/proc/self/limits');
  const swaps = read('/proc/swaps');
  const maps = read('/proc/self/maps');
  return {
    execArgv,
    environment: environment?.split('\0').filter((line) => line !== '') ?? null,
    coreLimit: /^Max core file size +(\S+)/m.exec(limits ?? '')?.[1] ?? null,
    swapInUse: swaps === null ? null : swaps.trim().split('\n').length > 1,
    libc: libcOf(maps),
    otherAllocator: /\/lib(?:jemalloc|tcmalloc|mimalloc)[^/]*\.so/.test(maps ?? ''),
  };
}

function libcOf(maps: string | null): ProcessFacts['libc'] {
  if (maps === null) return null;
  if (/\/(?:ld-musl|libc\.musl)-/.test(maps)) return 'musl';
  return /\/libc[.-][^/]*so/.test(maps) ? 'glibc' : null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/**
 * Closes what can be closed from inside. SIGUSR1 opens the inspector's port unless somebody listens
 * to it; an exception that nobody caught is printed by Node with its message, which may be input.
 */
export function shutHatches(onUncaught: (error: unknown) => void): void {
  process.on('SIGUSR1', () => {});
  process.on('uncaughtException', onUncaught);
}
