import type { Board, Progress, Size, Violation } from './board.ts';

/** One row of the table. */
export interface Row {
  readonly board: string;
  readonly title: string;
  readonly proves: string;
  readonly runs: number;
  readonly violations: readonly Violation[];
  readonly seconds: number;
  readonly seed: number;
  readonly size: Size;
  readonly figures: Readonly<Record<string, number | string>>;
  readonly passed: boolean;
}

export interface PlayOptions {
  readonly size: Size;
  readonly seed: number;
  readonly replay?: string | null;
  readonly progress?: Progress;
}

/** Plays one board. A board that threw, or that ran nothing, is a row that has not passed. */
export async function playBoard(board: Board, options: PlayOptions): Promise<Row> {
  const { size, seed, replay = null, progress = () => {} } = options;
  const startMs = performance.now();
  const { id, title, proves } = board;
  const row = (result: Pick<Row, 'runs' | 'violations' | 'figures'>): Row => ({
    board: id,
    title,
    proves,
    ...result,
    seed,
    size,
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    passed: result.runs > 0 && result.violations.length === 0,
  });
  try {
    const result = await board.run({ size, seed, progress, replay });
    if (result.runs > 0) return row(result);
    const what = 'the board ran nothing, so it shows nothing';
    return row({ ...result, violations: [{ promise: 'board', what, replay: '' }] });
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return row({ runs: 0, violations: [{ promise: 'board', what, replay: '' }], figures: {} });
  }
}
