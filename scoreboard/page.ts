import type { Row } from './play.ts';
import { grouped } from './table.ts';

export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly postgres: string;
  /** `2026-11-25`. */
  readonly date: string;
}

function figuresOf(row: Row): string[] {
  const entries = Object.entries(row.figures);
  if (entries.length === 0) return [];
  const cell = (value: number | string): string =>
    typeof value === 'number' ? grouped(value) : value;
  return [
    '| measured | |',
    '| --- | --- |',
    ...entries.map(([name, value]) => `| ${name} | ${cell(value)} |`),
    '',
  ];
}

/** The page in `docs/`: the table, then what each board does and measured. */
export function pageOf(rows: readonly Row[], machine: Machine): string {
  const table = rows.map(
    ({ board, title, runs, violations, seconds, seed }) =>
      `| [${board}](#${board.toLowerCase()}) | ${title} | ${grouped(runs)} | ${grouped(violations.length)} | ${seconds.toFixed(1)} | ${seed} |`,
  );
  const boards = rows.flatMap((row) => [
    `## ${row.board}`,
    '',
    `**${row.title}.** ${row.proves}`,
    '',
    ...figuresOf(row),
  ]);
  return [
    '# Scoreboard',
    '',
    'Written by `npm run scoreboard -- --write`; run it yourself. What each promise means, and how the boards work, is in [Proof](../concepts/proof.md).',
    '',
    `Played on ${machine.date}: ${machine.cores} cores, Node ${machine.node}, ${machine.postgres}.`,
    '',
    '| board | | runs | violations | seconds | seed |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...table,
    '',
    ...boards,
  ].join('\n');
}
