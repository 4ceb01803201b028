import { shown, spreadOf, type Figure, type Measurement, type Result } from './measurement.ts';

/** A measurement with what came of it. */
export interface Outcome extends Result {
  readonly id: string;
  readonly title: string;
  readonly asks: string;
  readonly seconds: number;
}

export interface Machine {
  readonly cores: number;
  /** Of the processor, as it names itself. */
  readonly processor: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string | null;
  /** `2026-11-25`. */
  readonly date: string;
  /** Processes that wanted a core in the minute before the start: near 0 is a quiet machine. */
  readonly loadBefore: number;
}

export function outcomeOf(measurement: Measurement, result: Result, seconds: number): Outcome {
  const { id, title, asks } = measurement;
  return { id, title, asks, seconds: Math.round(seconds), ...result };
}

/** The figure of a measurement; `null` where it was not measured. */
export function figureOf(outcomes: readonly Outcome[], id: string, name: string): Figure | null {
  const outcome = outcomes.find((one) => one.id === id);
  return outcome?.figures.find((figure) => figure.name === name) ?? null;
}

/** `0.82 (0.79 to 0.85)`; a single value alone. */
export function cell({ unit, values }: Figure): string {
  const { median, min, max } = spreadOf(values);
  const text = `${shown(median)} ${unit}`.trimEnd();
  return values.length === 1 ? text : `${text} (${shown(min)} to ${shown(max)})`;
}

/** The table for a terminal. */
export function textOf({ title, figures, remarks, seconds }: Outcome): string {
  const width = Math.max(0, ...figures.map(({ name }) => name.length));
  const rows = figures.map((figure) => `  ${figure.name.padEnd(width)}  ${cell(figure)}`);
  const notMeasured = remarks.filter((remark) => remark.startsWith('Not measured'));
  return [`${title} (${seconds} s)`, ...rows, ...notMeasured.map((one) => `  ${one}`)].join('\n');
}

/** For a program: each figure with its spread. */
export function jsonOf(machine: Machine, outcomes: readonly Outcome[]): string {
  const rounded = (value: number): number => Number(value.toPrecision(4));
  const measurements = outcomes.map(({ figures, ...outcome }) => ({
    ...outcome,
    figures: figures.map(({ name, unit, values }) => {
      const { median, min, max } = spreadOf(values);
      const [mid, least, most] = [rounded(median), rounded(min), rounded(max)];
      return { name, unit, median: mid, min: least, max: most, rounds: values.length };
    }),
  }));
  return `${JSON.stringify({ ...machine, measurements }, null, 2)}\n`;
}
