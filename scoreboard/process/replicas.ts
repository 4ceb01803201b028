import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { admin, databaseUrl } from '../../test/database.ts';
import { seededRandomness } from '../../test/randomness.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { median, retriesOf } from './figures.ts';
import { Fleet } from './fleet.ts';
import { roll, type Rolled } from './rolling.ts';
import { BREAKER, seenEverywhere } from './seen-everywhere.ts';
import { storm, type StormCounts } from './storm.ts';
import { violationsOf } from './truth.ts';
import { unevenBilling } from './uneven-billing.ts';

interface FleetSize {
  readonly replicas: number;
  readonly keys: number;
  readonly requests: number;
  readonly inFlight: number;
  readonly ways: readonly ('SIGTERM' | 'SIGKILL')[];
  /** How many replicas of each role are taken down. */
  readonly rolled: number;
}

const SIZES: Readonly<Record<BoardRun['size'], readonly FleetSize[]>> = {
  short: [{ replicas: 2, keys: 10, requests: 50, inFlight: 4, ways: ['SIGTERM'], rolled: 1 }],
  full: [
    { replicas: 2, keys: 100, requests: 50, inFlight: 8, ways: ['SIGTERM', 'SIGKILL'], rolled: 2 },
    { replicas: 3, keys: 100, requests: 50, inFlight: 8, ways: ['SIGTERM', 'SIGKILL'], rolled: 3 },
  ],
};

interface Played {
  readonly violations: readonly Violation[];
  readonly storm: StormCounts;
  readonly rolled: readonly Rolled[];
  readonly looks: number;
  readonly counts: Fleet['counts'];
  readonly deliveries: number;
}

async function play(
  size: FleetSize,
  seed: number,
  progress: (keys: number, note: string) => void,
): Promise<Played> {
  const random = seededRandomness(seed);
  const database = newId('replicas', systemRandomness);
  await admin(`create database ${database}`);
  const url = databaseUrl(database);
  const { replicas, keys, requests, inFlight, ways } = size;
  const fleet = await Fleet.start({
    bridges: replicas,
    tokenizers: replicas,
    databaseUrl: url,
    randomness: seededRandomness(seed + 1),
    limits: { breaker: BREAKER },
  });
  const ended: string[] = [];
  try {
    unevenBilling(fleet.billing, seededRandomness(seed + 2));
    const counts = { keys: 0, requests: 0, answered: 0, inProgress: 0, other: 0 };
    const each = (done: number): void => progress(done, `${replicas} replicas`);
    const violations = await storm(fleet, { keys, requests, progress: each }, random, counts);
    const rolled: Rolled[] = [];
    for (const how of ways) {
      progress(keys, `${replicas} replicas, ${how} one after another`);
      const units = (['bridge', 'tokenizer'] as const).flatMap((role) =>
        fleet.of(role).slice(0, size.rolled),
      );
      rolled.push(await roll(fleet, units, how, inFlight, random));
    }
    const seen = await seenEverywhere(fleet);
    const told = rolled.flatMap((one) => one.told);
    const replay = `${replicas} replicas`;
    violations.push(
      ...rolled.flatMap((one) => one.violations),
      ...seen.violations,
      ...(await violationsOf({ fleet, databaseUrl: url, told, replay })),
    );
    ended.push(...(await fleet.stop()));
    violations.push(...ended.map((what) => ({ promise: 'shutdown', what, replay })));
    const deliveries = fleet.billing.heard.length;
    const { looks } = seen;
    return { violations, storm: counts, rolled, looks, counts: fleet.counts, deliveries };
  } finally {
    await fleet.abandon();
    await admin(`drop database ${database} with (force)`);
  }
}

async function run({ size, seed, progress, replay }: BoardRun): Promise<BoardResult> {
  const sizes = SIZES[size].filter(
    ({ replicas }) =>
      replay === null || !replay.endsWith('replicas') || replay.startsWith(String(replicas)),
  );
  const total = sizes.reduce((sum, { keys }) => sum + keys, 0);
  const played: Played[] = [];
  let before = 0;
  for (const one of sizes) {
    played.push(await play(one, seed, (keys, note) => progress(before + keys, total, note)));
    before += one.keys;
  }
  const sum = (pick: (one: Played) => number): number =>
    played.reduce((all, one) => all + pick(one), 0);
  const rolled = played.flatMap((one) => one.rolled);
  const outages = rolled.flatMap((one) => one.outages);
  const told = rolled.flatMap((one) => one.told);
  return {
    runs: sum((one) => one.storm.keys),
    violations: played.flatMap((one) => one.violations),
    figures: {
      replicas: sizes.map(({ replicas }) => replicas).join(' and '),
      keys: sum((one) => one.storm.keys),
      'identical requests': sum((one) => one.storm.requests),
      'the stored answer': sum((one) => one.storm.answered),
      'told that it is in progress': sum((one) => one.storm.inProgress),
      'asked too often, or no answer': sum((one) => one.storm.other),
      'replicas restarted': rolled.reduce((all, one) => all + one.restarts, 0),
      'calls meanwhile': told.length,
      'calls with a doubt on the way': told.filter(({ unsure }) => unsure > 0).length,
      'median outage of a replica, ms': median(outages),
      'switch and breaker, looks': sum((one) => one.looks),
      deliveries: sum((one) => one.deliveries),
      ...Object.fromEntries(
        played.flatMap((one, n) =>
          Object.entries(retriesOf(one.counts)).map(([name, value]) => [
            `${name}, ${sizes[n]?.replicas} replicas`,
            value,
          ]),
        ),
      ),
    },
  };
}

/** R7: several bridges and tokenizers on one database. */
export const REPLICAS: Board = {
  id: 'R7',
  title: 'replicas',
  proves:
    'However many replicas there are and whichever of them goes, one key has one effect and one answer.',
  run,
};
