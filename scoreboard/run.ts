import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { format } from 'prettier';
import { findPostgres, startCluster } from '../test/cluster.ts';
import type { Board, Size } from './board.ts';
import { BOARDS } from './boards.ts';
import { pageOf, type DatedRow } from './page.ts';
import { playBoard, type Row } from './play.ts';
import { progressOf } from './progress.ts';
import { tableOf, violationsOf } from './table.ts';

const PAGE = 'docs/reference/scoreboard.md';
const FIGURES = 'docs/reference/scoreboard.json';
const SEEDS = 1_000_000;

interface Options {
  readonly board?: readonly string[];
  readonly size: Size;
  readonly seed?: number;
  readonly replay?: string;
  readonly json?: string;
  readonly write?: boolean;
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new InvalidArgumentError('A seed is a whole number from 0.');
}

const command = new Command('npm run scoreboard --')
  .description(
    'Puts every promise of Tokenline to the test, and prints one table. Exits 1 where one is broken.',
  )
  .option('--board <ids...>', 'only these, such as R1 R3')
  .addOption(new Option('--size <size>', 'how much').choices(['short', 'full']).default('full'))
  .option('--seed <number>', 'the same seed gives the same cases', seedOf)
  .option('--replay <case>', 'one case alone, as a violation names it; needs --board and --seed')
  .option('--json <file>', 'writes every row')
  .option('--write', `writes the rows into ${PAGE} and ${FIGURES}`)
  .addHelpText(
    'after',
    `\nBoards:\n${BOARDS.map(({ id, title, proves }) => `  ${id.padEnd(4)} ${title}: ${proves}`).join('\n')}`,
  );

function chosen(ids: readonly string[] | undefined): readonly Board[] {
  if (ids === undefined) return BOARDS;
  const wanted = new Set(ids.flatMap((id) => id.split(',')).map((id) => id.toUpperCase()));
  const found = BOARDS.filter(({ id }) => wanted.delete(id));
  if (wanted.size === 0) return found;
  const names = BOARDS.map(({ id }) => id).join(', ');
  return command.error(`There is no board ${[...wanted].join(', ')}. There are: ${names}.`);
}

async function play(boards: readonly Board[], options: Options): Promise<Row[]> {
  const { size, replay = null, seed = randomInt(SEEDS) } = options;
  const rows: Row[] = [];
  for (const board of boards) {
    const progress = progressOf(`${board.id} ${board.title}`, process.stderr);
    const row = await playBoard(board, { size, seed, replay, progress });
    rows.push(row);
    console.error(
      `${row.passed ? '✔' : '✖'} ${board.id} ${board.title} (${row.seconds.toFixed(1)} s)`,
    );
    if (!row.passed) console.error(violationsOf(row));
  }
  return rows;
}

/** What was written before, of boards that there still are. */
function earlier(): DatedRow[] {
  if (!existsSync(FIGURES)) return [];
  const { rows } = JSON.parse(readFileSync(FIGURES, 'utf8')) as { rows: DatedRow[] };
  return rows;
}

/** The rows take the place of those of the same boards; the others stay as they were. */
async function write(rows: readonly Row[], postgres: string): Promise<void> {
  const machine = { cores: cpus().length, node: process.version, postgres };
  const date = new Date().toISOString().slice(0, 10);
  const known = new Map<string, DatedRow>(earlier().map((row) => [row.board, row]));
  for (const row of rows) known.set(row.board, { ...row, date });
  const all = BOARDS.flatMap(({ id }) => known.get(id) ?? []);
  writeFileSync(PAGE, await format(pageOf(all, machine), { parser: 'markdown', printWidth: 100 }));
  writeFileSync(FIGURES, `${JSON.stringify({ ...machine, rows: all }, null, 2)}\n`);
}

const options = command.parse().opts<Options>();
const boards = chosen(options.board);
if (options.replay !== undefined && (boards.length !== 1 || options.seed === undefined)) {
  command.error('--replay plays one case again: say its --board and --seed with it.');
}
if (options.write === true && options.replay !== undefined) {
  command.error('--write is for whole boards: leave --replay out.');
}
const bin =
  findPostgres() ??
  command.error('The boards need PostgreSQL (initdb, postgres, psql): "npm test" installs it.');
const cluster = await startCluster(bin);
process.env['TOKENLINE_TEST_DATABASE_URL'] = cluster.url;
try {
  const rows = await play(boards, options);
  console.log(`\n${tableOf(rows)}`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  if (options.write === true) {
    const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    await write(rows, version.replace('postgres (PostgreSQL)', 'PostgreSQL').trim());
  }
  process.exitCode = rows.length > 0 && rows.every(({ passed }) => passed) ? 0 : 1;
} finally {
  await cluster.stop();
}
