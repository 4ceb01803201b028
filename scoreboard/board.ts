/**
 * How much a board does: `short` is a part of `npm test` and takes seconds, `full` is what
 * `npm run scoreboard` runs.
 */
export type Size = 'short' | 'full';

/** Told after each piece of work; `note` is shown as it is. */
export type Progress = (done: number, total: number, note?: string) => void;

export interface BoardRun {
  readonly size: Size;
  /** The same seed gives the same cases, in every process. */
  readonly seed: number;
  readonly progress: Progress;
  /** One case of this board alone, as a {@link Violation} named it; `null` for all. */
  readonly replay: string | null;
}

/** A promise that was broken. No card digits in any of the texts. */
export interface Violation {
  /** Which promise: `I1` … `I12` (docs/concepts/proof.md), or a word for what is not one of them. */
  readonly promise: string;
  /** What was seen, and what should have been. */
  readonly what: string;
  /** Names the case for `npm run scoreboard -- --board ID --replay CASE`. */
  readonly replay: string;
}

export interface BoardResult {
  /** Cases that were played to their end. A board that ran none has failed. */
  readonly runs: number;
  readonly violations: readonly Violation[];
  /** What was measured beside, by name, in the order in which it is to be read. */
  readonly figures: Readonly<Record<string, number | string>>;
}

/** One board: a promise, and the worlds in which it is put to the test. */
export interface Board {
  /** `R1` … `R12`, `S1` … `S6`. */
  readonly id: string;
  /** A few words: the row's title. */
  readonly title: string;
  /** One sentence that is true while the board shows no violation. */
  readonly proves: string;
  run(run: BoardRun): Promise<BoardResult>;
}
