import type { Board, BoardResult, BoardRun } from '../../board.ts';
import { Case, isQuiet, until, type Played } from './case.ts';
import { FAULTS, putInDoubt, strike, type Fault } from './faults.ts';
import { figuresOf, playCases } from './lanes.ts';
import type { Lane } from './lane.ts';
import { legOf, POINTS, VERBS, type Point, type Verb } from './points.ts';
import { sampled } from './sample.ts';

interface Single {
  readonly id: string;
  readonly point: Point;
  readonly fault: Fault;
  readonly verb: Verb;
}

const ALL: readonly Single[] = POINTS.flatMap((point) =>
  FAULTS.flatMap((fault) =>
    VERBS.map((verb) => ({ id: `${point.id}/${fault.id}/${verb}`, point, fault, verb })),
  ),
);

const SHORT = 8;

/** What is written in the background is given that long to reach its point. */
const BACKGROUND_MS = 3_000;
/** Whoever has to die does so in the end, also on a machine that does other things. */
const DEATH_MS = 20_000;

/** One caller, one death, one fault; then everybody else finds everything in order. */
async function play(lane: Lane, { point, fault, verb }: Single): Promise<Played> {
  const played = new Case(lane, verb);
  let failed: unknown = null;
  try {
    const call = await played.caller();
    await until('I4', 'the system did not come to rest', () => isQuiet(lane));
    await strike(lane, fault, legOf(point, verb), verb, call.interactionId);
    point.arm(lane, verb);
    await call.make(verb);
    await until('I4', 'nothing came to its end', async () => lane.fired() || isQuiet(lane));
    if (point.id === 'checkpoint') {
      await until('board', 'no checkpoint', () => lane.fired(), BACKGROUND_MS).catch(
        () => undefined,
      );
    }
    if (!lane.fired()) {
      // The fault has taken away what the point lies on, such as the first byte of an answer that
      // never came: the process dies under the next caller.
      played.byNext = true;
      if (point.leg === 'look_up') putInDoubt(lane, verb);
      const next = await played.caller();
      await next.make(verb);
      await until('board', 'nothing died', () => lane.fired(), DEATH_MS);
    }
  } catch (error) {
    failed = error;
  }
  return played.end(failed);
}

async function run(board: BoardRun): Promise<BoardResult> {
  const cases = sampled(ALL, board, SHORT);
  const results = await playCases(cases, play, board);
  const byFault: Record<string, number> = {};
  for (const { played } of results.done)
    byFault[played.fault.id] = (byFault[played.fault.id] ?? 0) + 1;
  return {
    runs: results.done.length,
    violations: results.violations,
    figures: { ...figuresOf(results), ...prefixed(byFault) },
  };
}

function prefixed(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, n]) => [`cases of ${name}`, n]));
}

/** R3. */
export const SINGLE_FAULT: Board = {
  id: 'R3',
  title: 'one crash and one fault',
  proves:
    'A process that dies at any of 24 points while any of 15 faults strikes breaks no promise to one who enrols, changes the card or cancels.',
  run,
};
