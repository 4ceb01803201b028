import { seconds, stop } from './ground.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';
import { canReadProcesses, memoryMbOf } from './process-use.ts';
import { load, startGateway, startWhole, type Whole } from './system.ts';

const CALLERS = 16;
const ROLES = ['parent', 'bridge', 'tokenizer', 'sandbox', 'line'] as const;
/** Figures are for so many, however many were stored. */
const PER = 10_000;
const REST_S = 3;

function add(run: Run, figures: Figures, whole: Whole, serverPid: number, when: string): void {
  const own = memoryMbOf(whole.process.pid ?? 0);
  for (const role of ROLES) figures.add(`${role}, ${when}`, 'MB', own.get(role) ?? 0);
  const server = memoryMbOf(serverPid).get('postgres') ?? 0;
  figures.add(`PostgreSQL, ${when}`, 'MB', server);
  run.progress(`${when}: bridge ${(own.get('bridge') ?? 0).toFixed(0)} MB`);
}

/** Stores operations until there are so many more of them. */
async function store(run: Run, whole: Whole, url: string, count: number): Promise<number> {
  const stored = (): number => Number(run.ground.psql(url, 'select count(*) from operation'));
  const before = stored();
  while (stored() - before < count) {
    await load(run.ground, whole, { mode: 'closed', count: CALLERS, seconds: 5 });
    run.progress(`${stored() - before} of ${count} operations stored`);
  }
  return stored() - before;
}

async function measure(run: Run): Promise<Result> {
  const { ground } = run;
  const remarks = [
    'Memory is PSS in megabytes (10⁶ bytes): a page that several processes share is divided among them. At rest is three seconds after the start; under load is in the middle of it, with 16 callers.',
    'One tokenised card is one operation: with two entries in the ledger, their seals, a token, a call and its counts. Database bytes are of tables and indexes after a vacuum, without the log. The bridge keeps nothing of an operation once it has ended; what its memory does over many of them is the garbage collector.',
  ];
  const here = canReadProcesses && ground.hasPostgres;
  if (!here) {
    remarks.push('Not measured: needs Linux (for /proc) and PostgreSQL.');
    return { figures: [], remarks };
  }
  const url = await ground.database();
  const { pid } = await ground.cluster();
  const gateway = await startGateway(ground);
  const whole = await startWhole(ground, { databaseUrl: url, gatewayPort: gateway.port });
  const figures = new Figures();
  try {
    await seconds(REST_S);
    add(run, figures, whole, pid, 'at rest');
    const loading = load(ground, whole, { mode: 'closed', count: CALLERS, seconds: REST_S * 3 });
    await seconds(REST_S * 2);
    add(run, figures, whole, pid, 'under load');
    await loading;
    const bytes = (): number => {
      ground.psql(url, 'vacuum');
      return Number(ground.psql(url, 'select pg_database_size(current_database())'));
    };
    const bridgeMb = (): number => memoryMbOf(whole.process.pid ?? 0).get('bridge') ?? 0;
    const before = { bytes: bytes(), mb: bridgeMb() };
    const count = await store(run, whole, url, run.quick ? 2000 : PER);
    await seconds(REST_S);
    const share = PER / count;
    figures.add('database, 10,000 operations more', 'MB', ((bytes() - before.bytes) / 1e6) * share);
    figures.add('bridge, 10,000 operations more', 'MB', (bridgeMb() - before.mb) * share);
  } finally {
    await stop(whole.process);
    await stop(gateway.process);
  }
  return { figures: figures.all, remarks };
}

export const memory: Measurement = {
  id: 'memory',
  title: 'Memory and storage',
  asks: 'How much memory does each process take, and how much does the database grow?',
  run: measure,
};
