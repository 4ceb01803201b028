import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { Accomplice } from './accomplice.ts';
import { Canaries } from './canary.ts';
import { judge } from './judge.ts';
import { Looking } from './looking.ts';
import { Place } from './place.ts';
import { Search } from './search.ts';
import { lookEverywhere } from './sinks.ts';
import { unstruck } from './struck.ts';
import type { World } from './visitor.ts';
import { settled, WAYS, type Way } from './ways.ts';

/** How often each way is played. */
const ROUNDS: Readonly<Record<BoardRun['size'], number>> = { short: 1, full: 3 };
/** The tokenizer may hold nothing after this time (docs/concepts/card-memory.md). */
const QUIET_MS = 5_000;
/** On a busy machine a deadline may be over before a fault is met. */
const TRIES = 3;

/** @returns what the last try did not show; `null` where the fault struck in one of them. */
async function played(way: Way, world: World): Promise<string | null> {
  let what: string | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    what = unstruck(way.sign, await way.play(world));
    if (what === null) break;
  }
  return what;
}

async function run({ size, progress, replay }: BoardRun): Promise<BoardResult> {
  const ways = WAYS.filter(({ name }) => replay === null || name === replay);
  const total = ways.length * ROUNDS[size];
  const canaries = new Canaries();
  const planted = canaries.make('planted', 'planted');
  const directory = mkdtempSync(join(tmpdir(), 'tl-leak-'));
  const [place, accomplice] = await Promise.all([Place.open(), Accomplice.start(planted)]);
  const violations: Violation[] = [];
  try {
    let done = 0;
    for (let round = 0; round < ROUNDS[size]; round++) {
      for (const way of ways) {
        const what = await played(way, { place, canaries });
        if (what !== null) {
          violations.push({ promise: 'board', what: `${way.name}: ${what}`, replay: way.name });
        }
        progress(++done, total, way.name);
      }
    }
    await accomplice.plantInDatabase(place);
    await accomplice.plantOnLines(place);
    await settled({ place, canaries }, QUIET_MS);
    const looking = new Looking(new Search(canaries.all), canaries.all);
    const scene = { size, place, accomplice, looking, directory };
    const looked = await lookEverywhere(scene, (name) => progress(done, total, `looks: ${name}`));
    const judged = judge(looked, looking.finds(), accomplice.forms);
    violations.push(...judged.violations);
    for (const what of await place.stop())
      violations.push({ promise: 'shutdown', what, replay: '' });
    const megabytes = looking.bytes() / 1e6;
    return {
      runs: total,
      violations,
      figures: {
        cards: canaries.all.length - 1,
        'fault classes': ways.length,
        sinks: looked.filter(({ missed }) => missed === null).length,
        'not looked at':
          looked
            .flatMap(({ sink, missed }) => (missed === null ? [] : [`${sink}: ${missed}`]))
            .join('; ') || 0,
        encodings: new Set(accomplice.forms.map(({ encoding }) => encoding)).size,
        'MB searched': Math.round(megabytes),
        'MB a second': Math.round(megabytes / (looking.searchMs / 1_000)),
        'controls found': judged.controls,
        'stray cards in the memory of who was sent them': judged.strays,
        'HTTP answers': place.answers.count(),
      },
    };
  } finally {
    accomplice.stop();
    await place.abandon();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** R8: card digits, looked for wherever they could have been left. */
export const LEAK: Board = {
  id: 'R8',
  title: 'card digits',
  proves:
    'Whatever happens to a card, its digits are in no file, database, log, answer, line or memory afterwards.',
  run,
};
