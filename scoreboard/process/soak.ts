import { setTimeout as wait } from 'node:timers/promises';
import { admin, databaseUrl } from '../../test/database.ts';
import { seededRandomness } from '../../test/randomness.ts';
import { newId, systemRandomness, type Randomness } from '../../src/system/randomness.ts';
import type { Board, BoardResult, BoardRun, Progress } from '../board.ts';
import { Fleet } from './fleet.ts';
import { keepCalling } from './load.ts';
import { median, retriesOf } from './figures.ts';
import { unevenBilling } from './uneven-billing.ts';
import { violationsOf } from './truth.ts';
import type { Unit, Victim } from './unit.ts';
import { watchReadiness } from './readiness.ts';

interface SoakSize {
  readonly kills: number;
  readonly inFlight: number;
  readonly replicas: number;
}

const SIZES: Readonly<Record<BoardRun['size'], SoakSize>> = {
  short: { kills: 6, inFlight: 8, replicas: 1 },
  full: { kills: 200, inFlight: 20, replicas: 2 },
};

/** How long a process lives from its readiness on, at most; some are killed while they start. */
const LIFE_MS_MAX = 1_200;
const KILLED_AT_START = 0.25;
const START_MS_MAX = 700;
/** What is killed, as often as it stands here. */
const VICTIMS: readonly Victim[] = ['child', 'child', 'child', 'parent', 'parent', 'both'];

/** The moments are the seed's. */
interface Kill {
  readonly victim: Victim;
  readonly atStart: boolean;
  readonly pauseMs: number;
}

function planOf(kills: number, random: Randomness): Kill[] {
  return Array.from({ length: kills }, () => {
    const atStart = random.fraction() < KILLED_AT_START;
    return {
      victim: VICTIMS[Math.floor(random.fraction() * VICTIMS.length)] ?? 'both',
      atStart,
      pauseMs: random.fraction() * (atStart ? START_MS_MAX : LIFE_MS_MAX),
    };
  });
}

/** Each process has its own fate, so that several may be away at once. */
async function killed(
  unit: Unit,
  plan: readonly Kill[],
  done: (how: Victim) => void,
): Promise<void> {
  for (const { victim, atStart, pauseMs } of plan) {
    if (!atStart) await unit.ready();
    await wait(pauseMs);
    // Who is between two lives has nothing to kill yet.
    while (!unit.kill9(victim)) await wait(20);
    done(victim);
  }
}

async function killAll(
  fleet: Fleet,
  size: SoakSize,
  random: Randomness,
  progress: Progress,
): Promise<number> {
  const units = [...fleet.of('bridge'), ...fleet.of('tokenizer')];
  let kills = 0;
  const fates = units.map((unit) =>
    killed(unit, planOf(size.kills / units.length, random), (victim) => {
      kills += 1;
      progress(kills, size.kills, `${unit.name} (${victim})`);
    }),
  );
  await Promise.all(fates);
  return kills;
}

async function soak(run: BoardRun): Promise<BoardResult> {
  const size = SIZES[run.size];
  const random = seededRandomness(run.seed);
  const database = newId('soak', systemRandomness);
  await admin(`create database ${database}`);
  const url = databaseUrl(database);
  const { replicas } = size;
  const fleet = await Fleet.start({
    bridges: replicas,
    tokenizers: replicas,
    databaseUrl: url,
    randomness: seededRandomness(run.seed + 1),
  });
  try {
    unevenBilling(fleet.billing, seededRandomness(run.seed + 3));
    const watch = watchReadiness([...fleet.of('bridge'), ...fleet.of('tokenizer')]);
    const calls = keepCalling(fleet, size.inFlight, seededRandomness(run.seed + 2));
    const kills = await killAll(fleet, size, random, run.progress);
    await fleet.ready();
    const told = await calls.stop();
    const outages = await watch.stop();
    const violations = await violationsOf({ fleet, databaseUrl: url, told, replay: 'all' });
    const approved = told.filter(({ enrolment }) => enrolment === 'approved').length;
    if (approved === 0) {
      violations.push({
        promise: 'I4',
        what: 'nobody was enrolled in all the time',
        replay: 'all',
      });
    }
    return {
      runs: kills,
      violations,
      figures: {
        kills,
        calls: told.length,
        'acknowledged enrolments': approved,
        'calls with a doubt on the way': told.filter(({ unsure }) => unsure > 0).length,
        ...retriesOf(fleet.counts),
        deliveries: fleet.billing.heard.length,
        events: fleet.billing.known().length,
        outages: outages.length,
        'median recovery, ms': median(outages),
        'longest outage, ms': Math.max(0, ...outages),
      },
    };
  } finally {
    await fleet.stop();
    await admin(`drop database ${database} with (force)`);
  }
}

/** R5: what `kill -9` at any moment does to calls that are under way. */
export const SOAK: Board = {
  id: 'R5',
  title: 'kill -9 under load',
  proves:
    'Whoever was told that they are enrolled is, once, and billing knows, however often processes are killed.',
  run: soak,
};
