import type { Board, BoardResult, BoardRun } from '../../board.ts';
import { Case, until, type Played } from './case.ts';
import { putInDoubt } from './faults.ts';
import { figuresOf, playCases } from './lanes.ts';
import type { Lane } from './lane.ts';
import { POINTS, type Point } from './points.ts';
import { sampled } from './sample.ts';

interface Pair {
  readonly id: string;
  readonly first: Point;
  readonly second: Point;
}

const ALL: readonly Pair[] = POINTS.flatMap((first) =>
  POINTS.map((second) => ({ id: `${first.id}/${second.id}`, first, second })),
);

const SHORT = 6;
const VERB = 'enrol';
const BACKGROUND_MS = 5_000;
/** As of R3: whoever has to die does so in the end. */
const DEATH_MS = 20_000;

function arm(lane: Lane, point: Point): void {
  // Only what is in doubt is looked up.
  if (point.leg === 'look_up') putInDoubt(lane, VERB);
  point.arm(lane, VERB);
}

/**
 * A caller enrols and the process dies; while it recovers another caller enrols, and it dies again,
 * under whichever of the two comes to the second point first.
 */
async function play(lane: Lane, { first, second }: Pair): Promise<Played> {
  const played = new Case(lane, VERB);
  let failed: unknown = null;
  try {
    const one = await played.caller();
    arm(lane, first);
    const made = one.make(VERB);
    made.catch(() => undefined);
    await until('board', 'nothing died first', () => lane.fired());
    lane.disarm();
    arm(lane, second);
    const other = await played.caller();
    await Promise.all([made, other.make(VERB)]);
    const late = until('board', 'nothing died again', () => lane.fired(), BACKGROUND_MS);
    await late.catch(() => undefined);
    if (!lane.fired()) {
      played.byNext = true;
      const next = await played.caller();
      await next.make(VERB);
      await until('board', 'nothing died again', () => lane.fired(), DEATH_MS);
    }
  } catch (error) {
    failed = error;
  }
  return played.end(failed);
}

async function run(board: BoardRun): Promise<BoardResult> {
  const results = await playCases(sampled(ALL, board, SHORT), play, board);
  return {
    runs: results.done.length,
    violations: results.violations,
    figures: figuresOf(results),
  };
}

/** R4. */
export const DOUBLE_CRASH: Board = {
  id: 'R4',
  title: 'a crash in the recovery from a crash',
  proves:
    'A process that dies at any of 24 points, and again at any of them while it recovers, breaks no promise.',
  run,
};
