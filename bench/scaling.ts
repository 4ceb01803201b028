import { cpus } from 'node:os';
import { join } from 'node:path';
import { stop } from './ground.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';
import { canReadProcesses, cpuMsOf } from './process-use.ts';
import { load, startGateway, startWhole, type Whole } from './system.ts';

const REPLICAS = 3;
/** Shared among the replicas, so that every round has the same number of requests on their way. */
const CALLERS = 24;

/** How much of the machine's CPU was in use while `work` ran, 0 to 1. */
async function machineUse(work: () => Promise<number>): Promise<{ rate: number; use: number }> {
  const look = (): { busy: number; all: number } => {
    const times = cpus().map(({ times: one }) => one);
    const all = times.flatMap((one) => Object.values(one)).reduce((sum, ms) => sum + ms, 0);
    return { all, busy: all - times.reduce((sum, one) => sum + one.idle, 0) };
  };
  const before = look();
  const rate = await work();
  const after = look();
  return { rate, use: (after.busy - before.busy) / (after.all - before.all) };
}

async function throughputOf(run: Run, replicas: readonly Whole[], long: number): Promise<number> {
  const count = CALLERS / replicas.length;
  const options = { mode: 'closed', count, seconds: long } as const;
  const loads = await Promise.all(replicas.map((one) => load(run.ground, one, options)));
  return loads.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

async function rounds(run: Run, replicas: readonly Whole[], serverPid: number): Promise<Figures> {
  const figures = new Figures();
  const total = run.quick ? 1 : 3;
  const long = run.quick ? 2 : 4;
  for (let round = 1; round <= total; round += 1) {
    const rates: number[] = [];
    for (let count = 1; count <= REPLICAS; count += 1) {
      const chosen = replicas.slice(0, count);
      const roots = [serverPid, ...chosen.map(({ process }) => process.pid ?? 0)];
      const cpuMs = (): number =>
        roots.flatMap((root) => [...cpuMsOf(root).values()]).reduce((sum, ms) => sum + ms, 0);
      const before = canReadProcesses ? cpuMs() : 0;
      const { rate, use } = await machineUse(() => throughputOf(run, chosen, long));
      const word = count === 1 ? '1 replica' : `${count} replicas`;
      rates.push(rate);
      figures.add(word, '1/s', rate);
      if (count > 1) figures.add(`${word}, of one`, '', rate / (rates[0] ?? Number.NaN));
      figures.add(`${word}, CPU of the machine in use`, '%', use * 100);
      if (canReadProcesses) {
        figures.add(`${word}, CPU`, 'ms/request', (cpuMs() - before) / (rate * long));
      }
    }
    run.progress(`round ${round}/${total}: ${rates.map((rate) => rate.toFixed(0)).join(', ')}/s`);
  }
  return figures;
}

async function measure(run: Run): Promise<Result> {
  const { ground } = run;
  const remarks = [
    `One to three replicas of bridge and tokenizer on one PostgreSQL, with ${CALLERS} callers shared among them, on ${cpus().length} cores that also carry PostgreSQL, the gateway and the callers. Where the machine's CPU is in use to nearly 100 % with one replica, more of them cannot do more on it: the figure then says what a replica costs, not what it brings on a machine of its own.`,
    'Not measured: replicas on separate machines, and a PostgreSQL across a network.',
  ];
  if (!ground.hasPostgres) {
    return { figures: [], remarks: [...remarks, 'Not measured at all: PostgreSQL is not here.'] };
  }
  const databaseUrl = await ground.database();
  const ledgerKeyFile = join(ground.folder('keys'), 'ledger.pem');
  const gateway = await startGateway(ground);
  const replicas: Whole[] = [];
  try {
    for (let count = 0; count < REPLICAS; count += 1) {
      replicas.push(
        await startWhole(ground, { databaseUrl, gatewayPort: gateway.port, ledgerKeyFile }),
      );
    }
    for (const replica of replicas) await throughputOf(run, [replica], run.quick ? 1 : 2);
    ground.psql(databaseUrl, 'analyze');
    const figures = await rounds(run, replicas, (await ground.cluster()).pid);
    return { figures: figures.all, remarks };
  } finally {
    for (const { process } of replicas) await stop(process);
    await stop(gateway.process);
  }
}

export const scaling: Measurement = {
  id: 'scaling',
  title: 'Replicas',
  asks: 'What do two and three replicas on one PostgreSQL do, against one?',
  run: measure,
};
