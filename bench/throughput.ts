import { stop } from './ground.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';
import { canReadProcesses, cpuMsOf, used } from './process-use.ts';
import {
  load,
  startFloor,
  startGateway,
  startWhole,
  type Load,
  type LoadOptions,
  type Target,
} from './system.ts';

const CALLERS = 16;
/** Requests a second for the latency: far below what it can do, as in a call centre. */
const RATE = 100;
/** A machine that cannot do that with ease is asked for this share of what it can. */
const SHARE = 0.5;

interface Sizes {
  readonly rounds: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  readonly latencyRounds: number;
  readonly latencySeconds: number;
}

const FULL: Sizes = { rounds: 5, warmSeconds: 3, seconds: 3, latencyRounds: 3, latencySeconds: 6 };
const QUICK: Sizes = { rounds: 2, warmSeconds: 2, seconds: 2, latencyRounds: 1, latencySeconds: 4 };

interface Engine {
  readonly name: string;
  /** `database_prepared_statements`, of both. */
  readonly keepStatements: boolean;
  readonly databaseUrls: readonly [whole: string | null, floor: string | null];
  /** The server's process; `null` where the database is inside the process that asks it. */
  readonly serverPid: number | null;
  /** Brings the planner's statistics up to date, as autovacuum does within a minute. */
  readonly analyze: () => void;
}

/** Load, and the CPU that each role has used for one request. */
async function costed(
  run: Run,
  engine: Engine,
  target: Target,
  options: LoadOptions,
): Promise<{ load: Load; cpuMs: ReadonlyMap<string, number> }> {
  const roots = [target.process.pid ?? 0, ...(engine.serverPid === null ? [] : [engine.serverPid])];
  const look = (): Map<string, number> =>
    new Map(canReadProcesses ? roots.flatMap((root) => [...cpuMsOf(root)]) : []);
  const before = look();
  const result = await load(run.ground, target, options);
  const cpuMs = [...used(before, look())].map(
    ([role, ms]) => [role, ms / result.answered] as const,
  );
  return { load: result, cpuMs: new Map(cpuMs) };
}

/** Below this a role does nothing for a request. */
const CPU_MS_MIN = 0.02;

class Comparison {
  readonly figures = new Figures();
  readonly #run: Run;
  readonly #engine: Engine;
  readonly #targets: readonly [whole: Target, floor: Target];
  /** The least that was done in any round. */
  #slowest = Number.POSITIVE_INFINITY;

  constructor(run: Run, engine: Engine, targets: readonly [Target, Target]) {
    this.#run = run;
    this.#engine = engine;
    this.#targets = targets;
  }

  async warm(seconds: number): Promise<void> {
    for (const target of this.#targets) {
      await load(this.#run.ground, target, { mode: 'closed', count: CALLERS, seconds });
    }
    this.#engine.analyze();
  }

  async throughput(seconds: number, label: string): Promise<void> {
    const { name } = this.#engine;
    const [whole, floor] = this.#targets;
    const options = { mode: 'closed', count: CALLERS, seconds } as const;
    const full = await load(this.#run.ground, whole, options);
    const base = await load(this.#run.ground, floor, options);
    const ratio = full.perSecond / base.perSecond;
    this.#slowest = Math.min(this.#slowest, full.perSecond, base.perSecond);
    this.figures.add(`${name}: whole`, '1/s', full.perSecond);
    this.figures.add(`${name}: floor`, '1/s', base.perSecond);
    this.figures.add(`${name}: whole, of the floor's`, '', ratio);
    const rates = `${full.perSecond.toFixed(0)}/s against ${base.perSecond.toFixed(0)}/s`;
    this.#run.progress(`${name} ${label}: ${rates}, ratio ${ratio.toFixed(2)}`);
  }

  async latency(seconds: number, label: string): Promise<void> {
    const { name } = this.#engine;
    const said: string[] = [];
    const count = Math.max(1, Math.floor(Math.min(RATE, this.#slowest * SHARE)));
    this.figures.add(`${name}: the steady rate`, '1/s', count);
    for (const target of this.#targets) {
      const options = { mode: 'open', count, seconds } as const;
      const { load: result, cpuMs } = await costed(this.#run, this.#engine, target, options);
      const what = `${name}: ${target.name} at a steady rate`;
      this.figures.add(`${what}, p50`, 'ms', result.p50Ms);
      this.figures.add(`${what}, p99`, 'ms', result.p99Ms);
      for (const [role, ms] of cpuMs) {
        if (ms >= CPU_MS_MIN) this.figures.add(`${what}, CPU of ${role}`, 'ms/request', ms);
      }
      said.push(`${target.name} p50 ${result.p50Ms.toFixed(1)} p99 ${result.p99Ms.toFixed(1)} ms`);
    }
    this.#run.progress(`${name} ${label}: ${said.join(', ')}`);
  }
}

async function compare(run: Run, engine: Engine): Promise<Figures> {
  const sizes = run.quick ? QUICK : FULL;
  const gateway = await startGateway(run.ground);
  const [wholeUrl, floorUrl] = engine.databaseUrls;
  const { keepStatements } = engine;
  const common = { gatewayPort: gateway.port, keepStatements };
  const whole = await startWhole(run.ground, { ...common, databaseUrl: wholeUrl });
  const floor = await startFloor(run.ground, { ...common, databaseUrl: floorUrl });
  try {
    const comparison = new Comparison(run, engine, [whole, floor]);
    await comparison.warm(sizes.warmSeconds);
    for (let round = 1; round <= sizes.rounds; round += 1) {
      await comparison.throughput(sizes.seconds, `round ${round}/${sizes.rounds}`);
    }
    for (let round = 1; round <= sizes.latencyRounds; round += 1) {
      await comparison.latency(sizes.latencySeconds, `latency ${round}/${sizes.latencyRounds}`);
    }
    return comparison.figures;
  } finally {
    for (const child of [whole.process, floor.process, gateway.process]) await stop(child);
  }
}

async function onServer({ ground }: Run, name: string, keepStatements: boolean): Promise<Engine> {
  const urls = [await ground.database(), await ground.database()] as const;
  const analyze = (): void => urls.forEach((url) => void ground.psql(url, 'analyze'));
  const { pid } = await ground.cluster();
  return { name, keepStatements, databaseUrls: urls, serverPid: pid, analyze };
}

async function measure(run: Run): Promise<Result> {
  const { ground } = run;
  const remarks = [
    `The whole tokenise request, from the tokenizer's socket to the answer, against its own floor: the same two commits and the same call to a gateway that answers at once, by bare \`node:http\` in one process, without any of the rules. The two take turns. Throughput with ${CALLERS} callers, each asking again when it has been answered; latency at a steady rate of ${RATE} requests a second, or half of what the machine can do where that is less, counted from when each was sent.`,
    'The floor uses the same two statements, so that what is saved in them shows in both. "Prepared" is with `database_prepared_statements: true`, in both.',
  ];
  const figures = [];
  if (ground.hasPostgres) {
    for (const keepStatements of [false, true]) {
      const name = keepStatements ? 'PostgreSQL, prepared' : 'PostgreSQL';
      figures.push(...(await compare(run, await onServer(run, name, keepStatements))).all);
    }
  } else {
    remarks.push('Not measured: PostgreSQL, whose programs are not here ("npm test" installs it).');
  }
  const nothing = { serverPid: null, keepStatements: false, analyze: () => undefined };
  const embedded: Engine = { name: 'PGlite', databaseUrls: [null, null], ...nothing };
  figures.push(...(await compare(run, embedded)).all);
  if (!canReadProcesses) remarks.push('Not measured: CPU of each process, which needs Linux.');
  return { figures, remarks };
}

export const throughput: Measurement = {
  id: 'throughput',
  title: 'Throughput and latency',
  asks: 'How many cards a second does one replica take, how long does each take, and how much of that is the rules?',
  run: measure,
};
