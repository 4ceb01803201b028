import type { Ground } from './ground.ts';

/** Something that was measured, once or several times. */
export interface Figure {
  /** What it is, in a few words: the row's title. Unique in its measurement. */
  readonly name: string;
  /** Such as `ms`, `1/s`, `MB`; empty for a ratio. */
  readonly unit: string;
  /** One for each round; the median counts, the least and the greatest are shown. */
  readonly values: readonly number[];
}

export interface Result {
  readonly figures: readonly Figure[];
  /** What was done and how, and what could not be measured and why; sentences. */
  readonly remarks: readonly string[];
}

export interface Run {
  /** Shorter, with fewer rounds: to see that it works, and roughly where things are. */
  readonly quick: boolean;
  readonly ground: Ground;
  /** Shown at once. */
  readonly progress: (line: string) => void;
}

/** One subject of the benchmark, which can be measured alone. */
export interface Measurement {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  /** The question that it answers. */
  readonly asks: string;
  run(run: Run): Promise<Result>;
}

/** The middle one, and the two ends. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/** Three digits that count, and no more of the fraction than they need. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Collects figures round by round, in the order in which they first come. */
export class Figures {
  readonly #values = new Map<string, { unit: string; values: number[] }>();

  add(name: string, unit: string, value: number): void {
    const known = this.#values.get(name);
    if (known) known.values.push(value);
    else this.#values.set(name, { unit, values: [value] });
  }

  get all(): readonly Figure[] {
    return [...this.#values].map(([name, { unit, values }]) => ({ name, unit, values }));
  }
}
