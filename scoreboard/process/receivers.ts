import type { Store } from '../../src/store/store.ts';
import { migrate } from '../../src/store/migrate.ts';
import { World } from '../../test/bridge/world.ts';
import { openEmpty, ports } from '../../test/database.ts';
import { seededRandomness } from '../../test/randomness.ts';
import type { Board, BoardResult, BoardRun } from '../board.ts';
import { badCertificate, everyWay, gone, type Found } from './failing-billing.ts';
import { aDay, DOWNS, threeDays } from './long-outage.ts';

interface Case {
  readonly name: string;
  readonly play: (world: World) => Promise<Found>;
}

/** Subscriptions in one round of every way, and rounds. */
const SIZES = {
  short: { subscriptions: 10, rounds: 1, downs: 2 },
  full: { subscriptions: 25, rounds: 8, downs: 5 },
} as const;

function casesOf({ size, seed }: BoardRun): Case[] {
  const { subscriptions, rounds, downs } = SIZES[size];
  const rounded = Array.from({ length: rounds }, (_, n) => ({
    name: `every way ${n + 1}`,
    play: (world: World) => everyWay(world, subscriptions, seededRandomness(seed + n)),
  }));
  const away = DOWNS.slice(0, downs).flatMap((down) => [
    { name: `a day of ${down}`, play: (world: World) => aDay(world, down) },
    { name: `three days of ${down}`, play: (world: World) => threeDays(world, down) },
  ]);
  return [
    ...rounded,
    { name: 'a bad certificate', play: badCertificate },
    { name: '410', play: gone },
    ...away,
  ];
}

async function playAll(run: BoardRun, cases: readonly Case[], store: Store): Promise<Found[]> {
  const found: Found[] = [];
  for (const [n, { name, play }] of cases.entries()) {
    run.progress(n, cases.length, name);
    const world = await World.open(store, { seed: run.seed + n });
    const one = await play(world);
    // A violation is played again by the name of its case.
    const violations = one.violations.map((violation) => ({ ...violation, replay: name }));
    found.push({ ...one, violations });
  }
  run.progress(cases.length, cases.length);
  return found;
}

async function run(board: BoardRun): Promise<BoardResult> {
  const cases = casesOf(board).filter(({ name }) => board.replay === null || board.replay === name);
  const opened = await openEmpty('postgres');
  try {
    await migrate(opened.store, ports);
    const found = await playAll(board, cases, opened.store);
    const ways = new Map<string, number>();
    for (const [way, count] of found.flatMap((one) => [...one.ways])) {
      ways.set(way, (ways.get(way) ?? 0) + count);
    }
    return {
      runs: found.length,
      violations: found.flatMap((one) => one.violations),
      figures: {
        events: found.reduce((sum, one) => sum + one.events, 0),
        deliveries: found.reduce((sum, one) => sum + one.deliveries, 0),
        ...Object.fromEntries(ways),
      },
    };
  } finally {
    await opened.drop();
  }
}

/** R9: a billing system that fails in every way that a receiver has. */
export const RECEIVERS: Board = {
  id: 'R9',
  title: 'receivers of events',
  proves:
    'Billing hears of every change, in order and under one name, however it fails and however long.',
  run,
};
