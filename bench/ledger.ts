import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChainCheck, type LedgerLine } from '../src/payment/ledger-check.ts';
import { chainHash, entryHash, GENESIS, type LedgerEntry } from '../src/payment/ledger.ts';
import { appendEntries, sealEntries } from '../src/store/ledger.ts';
import { openStore } from '../src/store/open.ts';
import { rendered, sql } from '../src/store/sql.ts';
import type { Store } from '../src/store/store.ts';
import { systemClock } from '../src/system/clock.ts';
import { openLog } from '../src/system/log.ts';
import { newId, systemRandomness } from '../src/system/randomness.ts';
import { seconds, stop, type Ground } from './ground.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';
import { startGateway, startWhole } from './system.ts';

/** Figures are for so many rows. */
const PER = 100_000;
/** As the sealer takes them: `SEAL_BATCH` of `src/bridge/seal.ts`. */
const BATCH = 1_000;
/** Entries of one statement, to fill the ledger quickly. */
const APPENDED = 500;

function entry(): LedgerEntry {
  const id = (prefix: string): string => newId(prefix, systemRandomness);
  return {
    id: id('led'),
    at: new Date(systemClock.now()).toISOString(),
    actor: 'bench',
    action: 'tokenise.approved',
    result: 'success',
    origin: 'tokenizer 127.0.0.1',
    resource: id('cus'),
    operationId: id('op'),
    interactionId: id('int'),
    subscriptionId: null,
    gatewayTransactionId: id('tx'),
    detail: { attempt: '1', gateway: 'sandbox', card_last4: '4242' },
  };
}

function chainOf(rows: number): readonly LedgerLine[] {
  let chain = GENESIS;
  return Array.from({ length: rows }, (_, at) => {
    const one = entry();
    const hash = entryHash(one);
    chain = chainHash(chain, hash);
    return { entry: one, entryHash: hash, seq: at + 1, chainHash: chain };
  });
}

/** Seconds for {@link PER} rows to be checked that are in memory already. */
function checkInMemory(lines: readonly LedgerLine[]): number {
  const startedMs = performance.now();
  const check = new ChainCheck([]);
  for (const line of lines) check.add(line);
  const report = check.end();
  const tookS = (performance.now() - startedMs) / 1000;
  const whole = report.findings.length === 0 && report.rows === lines.length;
  if (!whole) throw new Error('the chain is not whole');
  return tookS * (PER / lines.length);
}

async function append(store: Store, rows: number): Promise<void> {
  for (let done = 0; done < rows; done += APPENDED) {
    const entries = Array.from({ length: Math.min(APPENDED, rows - done) }, entry);
    const { text, values } = rendered(
      sql`with always as (select 1), ${appendEntries(entries, 'always')} select 1`,
    );
    await store.query(text, values);
  }
}

/** Rows a second. */
async function seal(store: Store, rows: number): Promise<number> {
  const startedMs = performance.now();
  let sealed = 0;
  while (sealed < rows) {
    const round = await sealEntries(store, BATCH);
    if (round.sealed === 0 || round.broken.length > 0) throw new Error('the ledger is not whole');
    sealed += round.sealed;
  }
  return sealed / ((performance.now() - startedMs) / 1000);
}

/** Seconds that `tokenline audit verify` takes, its start included. */
async function verifyByCommand(ground: Ground, databaseUrl: string, rows: number): Promise<number> {
  const gateway = await startGateway(ground);
  const whole = await startWhole(ground, { databaseUrl, gatewayPort: gateway.port });
  try {
    // The bridge signs a checkpoint over what it finds.
    const signed = (): boolean =>
      Number(ground.psql(databaseUrl, 'select count(*) from ledger_checkpoint')) > 0;
    while (!signed()) await seconds(0.1);
    const key = join(whole.data, 'keys', 'ledger.pub.pem');
    const words = ['audit', 'verify', '--url', whole.bridgeUrl, '--public-key', key];
    const log = join(ground.directory, `${ground.name('verify')}.txt`);
    const startedMs = performance.now();
    const child = ground.startLogged(['dist/cli/main.js', ...words], log);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    const tookS = (performance.now() - startedMs) / 1000;
    if (code !== 0) throw new Error(`the ledger was not verified:\n${readFileSync(log, 'utf8')}`);
    return tookS * (PER / rows);
  } finally {
    await stop(whole.process);
    await stop(gateway.process);
  }
}

async function measure(run: Run): Promise<Result> {
  const { ground, quick } = run;
  const figures = new Figures();
  const lines = chainOf(quick ? 20_000 : PER);
  for (let round = 1; round <= (quick ? 1 : 3); round += 1) {
    figures.add('check 100,000 rows that are at hand', 's', checkInMemory(lines));
  }
  run.progress(`${lines.length} rows checked in memory`);
  const remarks = [
    `Rows that are at hand: their content is hashed, the chain is hashed, both are compared, on one core (\`src/payment/ledger-check.ts\`, by \`tsx\`).`,
  ];
  if (!ground.hasPostgres) {
    remarks.push('Not measured: sealing, and verifying by the command, which need PostgreSQL.');
    return { figures: figures.all, remarks };
  }
  const rows = quick ? 5_000 : PER;
  const databaseUrl = await ground.database();
  const log = openLog('bench', () => undefined, systemClock);
  const settings = { databaseUrl, dataDirectory: ground.folder('data') };
  const store = await openStore(settings, systemClock, systemRandomness, log);
  try {
    const parts = quick ? 1 : 4;
    for (let part = 1; part <= parts; part += 1) {
      await append(store, rows / parts);
      figures.add('seal', 'rows/s', await seal(store, rows / parts));
      run.progress(`${(rows / parts) * part} rows appended and sealed`);
    }
  } finally {
    await store.close();
  }
  const took = await verifyByCommand(ground, databaseUrl, rows);
  figures.add('verify 100,000 rows by the command', 's', took);
  remarks.push(
    `Sealing: batches of ${BATCH.toLocaleString('en-US')} on PostgreSQL, one transaction each, nothing else going on. By the command: \`tokenline audit verify\` over ${rows.toLocaleString('en-US')} rows of a running bridge, the start of the command included${rows === PER ? '' : ', reckoned up to 100,000'}.`,
  );
  return { figures: figures.all, remarks };
}

export const ledger: Measurement = {
  id: 'ledger',
  title: 'Ledger',
  asks: 'How fast is the ledger sealed, and how long does it take to verify it?',
  run: measure,
};
