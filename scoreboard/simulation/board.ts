import { cpus } from 'node:os';
import { seededRandomness } from '../../test/randomness.ts';
import type { Board, BoardResult, BoardRun, Size, Violation } from '../board.ts';
import { playApart } from './children.ts';
import { ALL_KINDS, isKind, type FaultKind } from './faults.ts';
import { playRun, type Mode, type Outcome } from './run.ts';
import { addTo, emptyTally, type Tally } from './tally.ts';

/** What a child process is given to play; it answers with a {@link Tally}. */
export interface Share {
  readonly mode: Mode;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** Seeds of two boards, and of two seeds of a board, do not meet. */
const SEEDS = 2 ** 31;
const REPORT_EVERY = 50;
/** Below this a second process takes longer to start than it saves. */
const RUNS_FOR_CHILDREN = 4_000;
const WORKERS_MAX = 2;
/** More is not worth reading. */
const VIOLATIONS_MAX = 20;

/** The seed of one run: the n-th of a board's seed, in every process the same. */
export function seedOf(seed: number, mode: Mode, n: number): number {
  const start = seededRandomness(seed ^ (mode === 'safety' ? 0 : 0x5eed)).fraction();
  return (Math.floor(start * SEEDS) + n * 7_919) % SEEDS;
}

/** Plays a share of the runs in this process. */
export async function playShare(share: Share, told: (played: number) => void): Promise<Tally> {
  const tally = emptyTally();
  for (let n = share.from; n < share.to; n += 1) {
    const seed = seedOf(share.seed, share.mode, n);
    addTo(tally, String(seed), await played({ seed, mode: share.mode }));
    if (n % REPORT_EVERY > 0) continue;
    told(n - share.from);
    // Runs leave the event loop alone: what is told goes out in a turn of it.
    await new Promise(setImmediate);
  }
  return tally;
}

/** A run that cannot be played has broken something as well. */
async function played(options: Parameters<typeof playRun>[0]): Promise<Outcome> {
  try {
    return await playRun(options);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      violations: [{ promise: 'bug', what: what.split('\n').slice(0, 3).join(' ') }],
      operations: 0,
      states: {},
      kinds: {},
      struck: new Map(),
      virtualMs: 0,
      story: null,
    };
  }
}

async function playAll(run: BoardRun, mode: Mode, runs: number): Promise<Tally> {
  const whole = { mode, seed: run.seed, from: 0, to: runs };
  const told = (played: number): void => run.progress(played, runs);
  if (runs < RUNS_FOR_CHILDREN) return playShare(whole, told);
  return playApart(whole, Math.min(WORKERS_MAX, cpus().length), told);
}

/** Leaves out one kind of fault after the other, as long as the same promise is broken. */
async function smallest(mode: Mode, violation: Violation): Promise<Violation> {
  const seed = Number(violation.replay);
  let only: readonly FaultKind[] = ALL_KINDS;
  for (const kind of ALL_KINDS) {
    const fewer = only.filter((one) => one !== kind);
    const outcome = await played({ seed, mode, only: new Set(fewer) });
    if (outcome.violations.some(({ promise }) => promise === violation.promise)) only = fewer;
  }
  return { ...violation, replay: `${seed}:${only.join('+')}` };
}

/** A case by its name: the run's seed, and the kinds of fault that are left. */
async function replayed(mode: Mode, name: string): Promise<BoardResult> {
  const [seed = '', kinds] = name.split(':');
  const only = kinds === undefined ? null : new Set(kinds.split('+').filter(isKind));
  const outcome = await playRun({ seed: Number(seed), mode, only, told: true });
  process.stderr.write(`${(outcome.story ?? []).join('\n')}\n`);
  const violations = outcome.violations.map((one) => ({ ...one, replay: name }));
  return { runs: 1, violations, figures: { operations: outcome.operations } };
}

interface Simulation {
  readonly id: string;
  readonly title: string;
  readonly proves: string;
  readonly mode: Mode;
  readonly runs: Readonly<Record<Size, number>>;
}

function boardOf({ mode, runs, ...board }: Simulation): Board {
  return {
    ...board,
    async run(run) {
      if (run.replay !== null) return replayed(mode, run.replay);
      const startMs = performance.now();
      const count = runs[run.size];
      const tally = await playAll(run, mode, count);
      const violations = tally.violations.slice(0, VIOLATIONS_MAX);
      const [first, ...others] = violations;
      const shrunk = first === undefined ? [] : [await smallest(mode, first), ...others];
      const blind = blindSpots(tally);
      return {
        runs: tally.runs,
        violations: [...shrunk, ...blind],
        figures: figuresOf(tally, (performance.now() - startMs) / 1_000),
      };
    },
  };
}

/** A kind of fault that never struck has put nothing to the test. */
function blindSpots(tally: Tally): Violation[] {
  const struck = new Set(Object.keys(tally.struck).map((name) => name.split(' ')[0]));
  return ALL_KINDS.filter((kind) => !struck.has(kind)).map((kind) => ({
    promise: 'board',
    what: `${kind} never struck, so that the board shows nothing about it`,
    replay: '',
  }));
}

function figuresOf(tally: Tally, seconds: number): BoardResult['figures'] {
  const byKind = new Map<string, number>();
  for (const [name, count] of Object.entries(tally.struck)) {
    const kind = name.split(' ')[0] ?? '';
    byKind.set(kind, (byKind.get(kind) ?? 0) + count);
  }
  const faults = [...byKind].sort(([a], [b]) => a.localeCompare(b));
  return {
    'runs a second': Math.round(tally.runs / seconds),
    'simulated hours': Math.round(tally.virtualMs / 3_600_000),
    operations: tally.operations,
    ...prefixed('ended ', tally.states),
    ...prefixed('verb ', tally.kinds),
    'faults that struck': faults.reduce((sum, [, count]) => sum + count, 0),
    'kinds of fault and what they struck': Object.keys(tally.struck).length,
    ...prefixed('fault ', Object.fromEntries(faults)),
  };
}

function prefixed(
  prefix: string,
  counts: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, n]) => [`${prefix}${name}`, n]));
}

export const SAFETY = boardOf({
  id: 'R1',
  title: 'simulation, safety',
  proves:
    'Whatever is lost, late, twice or out of order, and whoever dies when, no promise to a caller is broken, not even for a moment.',
  mode: 'safety',
  runs: { short: 400, full: 100_000 },
});

export const LIVENESS = boardOf({
  id: 'R2',
  title: 'simulation, liveness',
  proves:
    'Two minutes after the last fault every operation has come to its end, and billing hears of all of it.',
  mode: 'liveness',
  runs: { short: 150, full: 20_000 },
});
