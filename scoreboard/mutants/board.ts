import { spawn } from 'node:child_process';
import { seededRandomness } from '../../test/randomness.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import type { Row } from '../play.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { edited, treeOf } from './tree.ts';

const SHORT = 2;
/**
 * Of what is played: whether 400 made-up worlds hold one in which a defect shows is a matter of luck,
 * and each mutant is known to be noticed with this seed.
 */
const SEED = 20_261_125;
/** One case of these takes a second or two. */
const FAST: ReadonlySet<string> = new Set(['R10', 'S1', 'S2']);
/** Many times what the longest of the short boards takes. */
const CHILD_MS_MAX = 600_000;

/** Not promises: that a board could not run, or that a run of it broke down, shows no watchfulness. */
const NO_PROMISES: ReadonlySet<string> = new Set(['board', 'bug']);

type Case = Pick<Mutant, 'board' | 'replay'>;

/** What the process came to; `null` where it ended without a word. */
function playedAlone(path: string, { board, replay }: Case): Promise<Row | null> {
  const words = ['--import', 'tsx', 'scoreboard/mutants/play-alone.ts', board, String(SEED)];
  if (replay !== undefined) words.push(replay);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, {
      cwd: path,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: CHILD_MS_MAX,
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.once('error', reject);
    child.once('close', () => {
      try {
        resolve(JSON.parse(out) as Row);
      } catch {
        resolve(null);
      }
    });
  });
}

async function playedIn(mutant: Mutant | null, one: Case): Promise<Row | null> {
  const tree = treeOf(mutant);
  try {
    return await playedAlone(tree.path, one);
  } finally {
    tree.remove();
  }
}

/** The promises that a row shows as broken; none where the board played nothing. */
export function promisesIn(row: Row | null): string[] {
  if (row === null || row.runs === 0) return [];
  const all = new Set(row.violations.map(({ promise }) => promise));
  return [...all].filter((promise) => !NO_PROMISES.has(promise));
}

/** A board that complains about the house as it is would complain about every mutant. */
async function assertQuiet(one: Case): Promise<void> {
  const row = await playedIn(null, one);
  if (row?.passed === true) return;
  const what = row?.violations[0]?.what ?? 'it ended without a word';
  throw new Error(`${one.board} finds something without a mutant: ${what}`);
}

/** All of them, or a few of the fast ones by the seed: each has its turn in time. */
function chosen({ size, seed, replay }: BoardRun): readonly Mutant[] {
  if (replay !== null) return MUTANTS.filter(({ name }) => name === replay);
  if (size === 'full') return MUTANTS;
  const randomness = seededRandomness(seed);
  const left = MUTANTS.filter((one) => FAST.has(one.board) && one.replay !== undefined);
  return Array.from({ length: SHORT }, () =>
    left.splice(Math.floor(randomness.fraction() * left.length), 1),
  ).flat();
}

function violationOf({ name }: Mutant, what: string): Violation {
  return { promise: 'mutant', what, replay: name };
}

/** Mutants that are no edit of the source as it is now, whether or not they are to be played. */
function outdated(): Violation[] {
  return MUTANTS.flatMap((mutant) => {
    try {
      edited(mutant);
      return [];
    } catch (error) {
      return [violationOf(mutant, error instanceof Error ? error.message : String(error))];
    }
  });
}

async function run(board: BoardRun): Promise<BoardResult> {
  const violations = outdated();
  const old = new Set(violations.map(({ replay }) => replay));
  const mutants = chosen(board).filter(({ name }) => !old.has(name));
  const figures: Record<string, number | string> = {};
  const controls = new Map(mutants.map((one) => [`${one.board} ${one.replay ?? ''}`, one]));
  for (const [name, one] of controls) {
    board.progress(0, mutants.length, `${name} without a mutant`);
    await assertQuiet(one);
  }
  let caught = 0;
  for (const [at, mutant] of mutants.entries()) {
    board.progress(at, mutants.length, mutant.name);
    const startMs = performance.now();
    const broken = promisesIn(await playedIn(mutant, mutant));
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    figures[mutant.name] = `${mutant.board} ${broken.join(' ') || 'nothing'}, ${seconds} s`;
    if (broken.includes(mutant.promise)) {
      caught += 1;
      continue;
    }
    const seen = broken.length === 0 ? 'nothing' : broken.join(' and ');
    const what = `${mutant.board} shows ${seen} for the defect ${mutant.name}, and not ${mutant.promise}`;
    violations.push(violationOf(mutant, what));
  }
  board.progress(mutants.length, mutants.length);
  return { runs: mutants.length, violations, figures: { caught, ...figures } };
}

/**
 * R11. Whether the boards can fail: each mutant is one edit of the real source in a copy of the whole
 * house, and the board that watches over that promise is played there. So production code has no
 * switch, no hook and no variable that exists for a test.
 */
export const MUTATION: Board = {
  id: 'R11',
  title: 'seeded defects',
  proves: `Each of ${MUTANTS.length} defects that somebody could write into Tokenline is noticed by the board that watches over that promise.`,
  run,
};
