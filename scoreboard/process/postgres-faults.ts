import { setTimeout as wait } from 'node:timers/promises';
import type { Randomness } from '../../src/system/randomness.ts';
import { seededRandomness } from '../../test/randomness.ts';
import { until } from '../../test/whole/system.ts';
import type { Board, BoardResult, BoardRun, Violation } from '../board.ts';
import { median, retriesOf } from './figures.ts';
import { Fleet } from './fleet.ts';
import { keepCalling } from './load.ts';
import { breakCalls, DISK_FULL, SYNC_FAILS, whyNotBreakable } from './postgres-errors.ts';
import { makeConflicts, takeConnections, terminateConnections } from './postgres-storms.ts';
import { PostgresWorld } from './postgres-world.ts';
import { violationsOf } from './truth.ts';
import { unevenBilling } from './uneven-billing.ts';

/** What is done to the database, for a time, while calls are under way. */
interface Fault {
  readonly name: string;
  /** True where no statement can succeed meanwhile, so that a bridge must not say that it is ready. */
  readonly away: boolean;
  /** @returns what it did, in a number. */
  play(world: PostgresWorld, forMs: number): Promise<number>;
}

const RESTART: Fault = {
  name: 'immediate restart',
  away: true,
  play: async (world, forMs) => {
    await world.crash();
    await wait(forMs);
    return 1;
  },
};
const BACKEND: Fault = {
  name: 'kill -9 of a backend',
  away: false,
  play: async (world) => {
    const [row] = await world.query(
      `select pid from pg_stat_activity where application_name = 'tokenline' limit 1`,
    );
    if (typeof row?.['pid'] === 'number') process.kill(row['pid'], 'SIGKILL');
    return row === undefined ? 0 : 1;
  },
};
const TERMINATED: Fault = { name: 'connections ended', away: false, play: terminateConnections };
const CONFLICTS: Fault = { name: 'conflicts', away: false, play: makeConflicts };
const CONNECTIONS: Fault = { name: 'too many connections', away: false, play: takeConnections };
const SYNC: Fault = {
  name: 'fsync fails (EIO)',
  away: false,
  play: (world, forMs) => breakCalls(world, SYNC_FAILS, forMs),
};
const FULL: Fault = {
  name: 'disk full (ENOSPC)',
  away: false,
  play: (world, forMs) => breakCalls(world, DISK_FULL, forMs),
};
const STRACED: readonly Fault[] = [SYNC, FULL];

interface Size {
  readonly replicas: number;
  readonly inFlight: number;
  readonly faults: readonly (readonly [Fault, number])[];
}

const SIZES: Readonly<Record<BoardRun['size'], Size>> = {
  short: {
    replicas: 1,
    inFlight: 6,
    faults: [
      [RESTART, 2],
      [TERMINATED, 1],
      [CONFLICTS, 1],
      [SYNC, 1],
    ],
  },
  full: {
    replicas: 2,
    inFlight: 12,
    faults: [
      [RESTART, 30],
      [BACKEND, 3],
      [TERMINATED, 3],
      [CONFLICTS, 3],
      [CONNECTIONS, 3],
      [SYNC, 3],
      [FULL, 3],
    ],
  },
};

/** Between two faults, so that calls get through and are under way at the next. */
const QUIET_MS = [200, 2_500] as const;
const FAULT_MS = [300, 1_000] as const;

interface Played {
  readonly violations: Violation[];
  readonly counts: Map<string, { times: number; did: number }>;
  /** From the end of the fault until every bridge was ready again. */
  readonly recoveriesMs: number[];
}

function between([least, most]: readonly [number, number], random: Randomness): number {
  return least + random.fraction() * (most - least);
}

/** A shuffled list: every fault as often as it is wanted. */
function planOf(size: Size, runnable: (fault: Fault) => boolean, random: Randomness): Fault[] {
  return size.faults
    .flatMap(([fault, times]) => Array.from({ length: times }, () => fault))
    .filter(runnable)
    .map((fault) => ({ fault, place: random.fraction() }))
    .sort((one, other) => one.place - other.place)
    .map(({ fault }) => fault);
}

/** Nobody says that they are ready while the database is away. */
async function readyMeanwhile(fleet: Fleet, world: PostgresWorld): Promise<string[]> {
  const wrong: string[] = [];
  while (world.alive()) await wait(5);
  await Promise.all(
    fleet.of('bridge').map(async (bridge) => {
      const status = await bridge.readiness();
      if (status !== 503) wrong.push(`${bridge.name} answers ${status} on /readyz`);
    }),
  );
  return wrong;
}

/** Until every bridge is ready. A server whose sync has failed may go down a moment later. */
async function heal(fleet: Fleet, world: PostgresWorld): Promise<void> {
  const state = { ready: false };
  const ready = Promise.all(fleet.of('bridge').map((bridge) => bridge.ready())).then(() => {
    state.ready = true;
  });
  while (!state.ready) {
    if (!world.alive()) await world.cluster.restart();
    await Promise.race([ready, wait(100)]);
  }
}

async function strike(
  fleet: Fleet,
  world: PostgresWorld,
  fault: Fault,
  forMs: number,
  played: Played,
): Promise<void> {
  const looked = fault.away ? readyMeanwhile(fleet, world) : Promise.resolve([]);
  const [did, wrong] = await Promise.all([fault.play(world, forMs), looked]);
  for (const what of wrong) {
    played.violations.push({ promise: 'readiness', what, replay: fault.name });
  }
  const count = played.counts.get(fault.name) ?? { times: 0, did: 0 };
  played.counts.set(fault.name, { times: count.times + 1, did: count.did + did });
  if (did === 0) {
    played.violations.push({
      promise: 'board',
      what: `${fault.name} did nothing`,
      replay: fault.name,
    });
  }
  const healedMs = performance.now();
  await heal(fleet, world);
  played.recoveriesMs.push(Math.round(performance.now() - healedMs));
}

async function run(board: BoardRun): Promise<BoardResult> {
  const size = SIZES[board.size];
  const random = seededRandomness(board.seed);
  const why = whyNotBreakable();
  const runnable = (fault: Fault): boolean =>
    (why === null || !STRACED.includes(fault)) &&
    (board.replay === null || board.replay === 'all' || board.replay === fault.name);
  const plan = planOf(size, runnable, random);
  const world = await PostgresWorld.open();
  let fleet: Fleet | null = null;
  try {
    fleet = await Fleet.start({
      bridges: size.replicas,
      tokenizers: size.replicas,
      databaseUrl: world.url,
      randomness: seededRandomness(board.seed + 1),
    });
    unevenBilling(fleet.billing, seededRandomness(board.seed + 2));
    const played: Played = { violations: [], counts: new Map(), recoveriesMs: [] };
    const calls = keepCalling(fleet, size.inFlight, seededRandomness(board.seed + 3));
    await until('the first call', () => (calls.told.length > 0 ? true : null));
    for (const [n, fault] of plan.entries()) {
      board.progress(n, plan.length, fault.name);
      await strike(fleet, world, fault, between(FAULT_MS, random), played);
      await wait(between(QUIET_MS, random));
    }
    const told = await calls.stop();
    const { violations, counts, recoveriesMs } = played;
    violations.push(
      ...(await violationsOf({ fleet, databaseUrl: world.url, told, replay: 'all' })),
    );
    for (const { name, falls } of fleet.units) {
      if (falls.length === 0) continue;
      violations.push({ promise: 'bug', what: `${name}: ${falls.join(' ')}`, replay: 'all' });
    }
    board.progress(plan.length, plan.length);
    return {
      runs: plan.length,
      violations,
      figures: {
        ...Object.fromEntries(
          [...counts].map(([name, { times, did }]) => [name, `${times} (${did})`]),
        ),
        ...(why === null
          ? {}
          : Object.fromEntries(STRACED.map(({ name }) => [name, `not run: ${why}`]))),
        calls: told.length,
        'acknowledged enrolments': told.filter((one) => one.enrolment === 'approved').length,
        'calls with a doubt on the way': told.filter(({ unsure }) => unsure > 0).length,
        ...retriesOf(fleet.counts),
        'median recovery, ms': median(recoveriesMs),
        'longest recovery, ms': Math.max(0, ...recoveriesMs),
      },
    };
  } finally {
    await fleet?.stop();
    await world.close();
  }
}

/** R6: a database that crashes, whose disk fails, and that has no time for anybody. */
export const POSTGRES_FAULTS: Board = {
  id: 'R6',
  title: 'PostgreSQL fails',
  proves:
    'Where the database fails, nothing is sent without its intent, nobody is told a lie, and all heals after it.',
  run,
};
