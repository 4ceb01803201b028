import type { Row } from './play.ts';

const COLUMNS = ['board', '', 'runs', 'violations', 'seconds', 'seed'] as const;
const VIOLATIONS_SHOWN = 5;

export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function cells(row: Row): string[] {
  const { board, title, runs, violations, seconds, seed } = row;
  const numbers = [grouped(runs), grouped(violations.length), seconds.toFixed(1), String(seed)];
  return [`${row.passed ? '✔' : '✖'} ${board}`, title, ...numbers];
}

/** The table for a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [[...COLUMNS], ...rows.map(cells)];
  const widths = COLUMNS.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [text[0] ?? '', '─'.repeat((text[0] ?? '').length), ...text.slice(1)].join('\n');
}

/** What was broken, with the command that plays it again. */
export function violationsOf(row: Row): string {
  const shown = row.violations.slice(0, VIOLATIONS_SHOWN);
  const texts = shown.map(({ promise, what, replay }) => {
    const again =
      replay === ''
        ? ''
        : `\n    again: npm run scoreboard -- --board ${row.board} --seed ${row.seed} --replay '${replay}'`;
    return `  ${row.board} ${promise}: ${what}${again}`;
  });
  const more = row.violations.length - shown.length;
  return [...texts, ...(more > 0 ? [`  ${row.board}: and ${grouped(more)} more`] : [])].join('\n');
}
