import type { Row } from './play.ts';
import { grouped } from './table.ts';

export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly postgres: string;
}

/** A row with the day on which it was played, such as `2026-11-25`. */
export interface DatedRow extends Row {
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
export function pageOf(rows: readonly DatedRow[], machine: Machine): string {
  const table = rows.map(
    ({ board, title, size, runs, violations, seconds, seed, date }) =>
      `| [${board}](#${board.toLowerCase()}) | ${title} | ${size} | ${grouped(runs)} | ${grouped(violations.length)} | ${seconds.toFixed(1)} | ${seed} | ${date} |`,
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
    'Written by `npm run scoreboard -- --write`; run it yourself. What each promise means, and how the boards work, is in [Proof](../concepts/proof.md). A row is of the last time that its board was played with `--write`; the short form, which is a part of `npm test`, stands where the full one has not been.',
    '',
    `${machine.cores} cores, Node ${machine.node}, ${machine.postgres}.`,
    '',
    '| board | | size | runs | violations | seconds | seed | played |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...table,
    '',
    ...boards,
  ].join('\n');
}
