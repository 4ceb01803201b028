import type { Violation } from '../board.ts';
import type { Outcome } from './run.ts';

/** What many runs came to; plain data, because it crosses processes. */
export interface Tally {
  runs: number;
  operations: number;
  virtualMs: number;
  readonly states: Record<string, number>;
  readonly kinds: Record<string, number>;
  readonly struck: Record<string, number>;
  readonly violations: Violation[];
}

/** Enough to see what is wrong. */
const KEPT_MAX = 100;

export function emptyTally(): Tally {
  return {
    runs: 0,
    operations: 0,
    virtualMs: 0,
    states: {},
    kinds: {},
    struck: {},
    violations: [],
  };
}

function count(into: Record<string, number>, entries: Iterable<readonly [string, number]>): void {
  for (const [name, n] of entries) into[name] = (into[name] ?? 0) + n;
}

export function addTo(tally: Tally, replay: string, outcome: Outcome): void {
  tally.runs += 1;
  tally.operations += outcome.operations;
  tally.virtualMs += outcome.virtualMs;
  count(tally.states, Object.entries(outcome.states));
  count(tally.kinds, Object.entries(outcome.kinds));
  count(tally.struck, outcome.struck);
  for (const violation of outcome.violations) {
    if (tally.violations.length < KEPT_MAX) tally.violations.push({ ...violation, replay });
  }
}

export function mergeInto(tally: Tally, other: Tally): void {
  tally.runs += other.runs;
  tally.operations += other.operations;
  tally.virtualMs += other.virtualMs;
  count(tally.states, Object.entries(other.states));
  count(tally.kinds, Object.entries(other.kinds));
  count(tally.struck, Object.entries(other.struck));
  tally.violations.push(...other.violations);
}
