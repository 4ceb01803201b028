import { ChainCheck, type ChainReport } from '../../src/payment/ledger-check.ts';
import { appendEntry, sealEntries, type LedgerRow } from '../../src/store/ledger.ts';
import type { Store } from '../../src/store/store.ts';
import { seededRandomness } from '../../test/randomness.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openEmpty, ports } from '../../test/database.ts';
import type { Board, BoardResult, BoardRun } from '../board.ts';
import { CHAIN_KINDS, CHECKPOINT_KINDS, isTold, type Known } from './chain-kinds.ts';
import { tamperEvidence } from './evidence.ts';
import { allRows, sealedLedger, undone, verified, type SealedLedger } from './ledger.ts';
import { ROW_KINDS, type RowKind } from './row-kinds.ts';
import { Tally } from './tally.ts';

interface TamperSize {
  readonly rows: number;
  readonly checkpointEvery: number;
  /** Places at which what concerns the rest of the chain is done. */
  readonly places: number;
  /** Rows of a chain that is only verified. */
  readonly timedRows: number;
}

const SIZES: Readonly<Record<BoardRun['size'], TamperSize>> = {
  short: { rows: 500, checkpointEvery: 100, places: 3, timedRows: 5_000 },
  full: { rows: 10_000, checkpointEvery: 500, places: 5, timedRows: 100_000 },
};

/** Rows that something was done to in one walk: every so many, from one on. */
function targetsOf({ every, notLast }: RowKind, first: number, rows: number): number[] {
  const targets: number[] = [];
  const last = notLast === true ? rows - 1 : rows;
  for (let seq = first; seq <= last; seq += every) targets.push(seq);
  return targets;
}

function judgeRows(
  kind: RowKind,
  targets: readonly number[],
  places: number[],
  report: ChainReport,
  tally: Tally,
) {
  const reach = kind.every === 1 ? 0 : 1;
  const exact = report.findings.filter(
    ({ kind: what, seq }) => what !== 'checkpoint_differs' || seq >= report.head.seq,
  );
  const found = new Set(exact.map(({ seq }) => seq));
  const isCut = exact.some(({ kind: what }) => what === 'tail_missing');
  const wanted = new Set<number>();
  targets.forEach((target, n) => {
    const place = places[n] ?? 0;
    const around = Array.from({ length: 2 * reach + 1 }, (_, i) => place - reach + i);
    // What was exchanged lies two places away.
    for (let seq = place - 2 * reach; seq <= place + 2 * reach; seq += 1) wanted.add(seq);
    // The last row has nothing behind it: that it is gone shows by what the checkpoint has seen.
    const isNamed = around.some((seq) => found.has(seq)) || (isCut && place > report.head.seq);
    tally.one(kind.name, target, report.findings.length > 0, isNamed);
  });
  for (const { seq, kind: what } of exact) {
    const isAboutRow = what !== 'tail_missing' && what !== 'checkpoint_differs';
    if (isAboutRow && !wanted.has(seq)) tally.accused(kind.name, seq);
  }
}

async function tamperRows(
  ledger: SealedLedger,
  kind: RowKind,
  rows: readonly LedgerRow[],
  tally: Tally,
) {
  for (let first = 1; first <= kind.every; first += 1) {
    const targets = targetsOf(kind, first, rows.length);
    await undone(ledger.world.store, async (owner) => {
      const places = await kind.apply(owner, targets, rows);
      judgeRows(kind, targets, places, await verified(ledger, owner), tally);
    });
  }
}

async function tamperChain(ledger: SealedLedger, known: Known, places: number, tally: Tally) {
  const spread = (count: number, of: number): number[] =>
    Array.from({ length: Math.min(count, of) }, (_, n) => Math.floor(((n + 0.5) * of) / count) + 1);
  const entries = spread(places, known.rows.length);
  const checkpoints = spread(places, known.shipped.length).map(
    (at) => known.shipped[at - 1]?.seq ?? 0,
  );
  const cells = [
    ...CHAIN_KINDS.map((kind) => ({ kind, at: entries })),
    ...CHECKPOINT_KINDS.map((kind) => ({ kind, at: [...new Set(checkpoints)] })),
  ];
  for (const { kind, at } of cells) {
    for (const place of at) {
      await undone(ledger.world.store, async (owner) => {
        await kind.apply(owner, place, known);
        const report = await verified(ledger, owner);
        const isDetected = report.findings.length > 0;
        tally.one(kind.name, place, isDetected, isDetected && isTold(kind, place, report, known));
      });
    }
  }
}

/** Entries that were changed while they waited for their place: the sealer names each. */
async function tamperUnsealed(ledger: SealedLedger, rows: readonly LedgerRow[], tally: Tally) {
  const waiting = rows.slice(0, 20).map(({ entry }) => ({ ...entry, id: `${entry.id}new` }));
  for (const field of ['actor', 'origin', 'resource']) {
    await undone(ledger.world.store, async (owner) => {
      for (const entry of waiting) await appendEntry(owner, entry);
      const ids = waiting.filter((_, n) => n % 2 === 0).map(({ id }) => id);
      await owner.query(`update ledger set ${field} = ${field} || 'x' where id = any($1)`, [ids]);
      const { world } = ledger;
      const store: Store = {
        engine: world.store.engine,
        durable: true,
        query: (text, values) => owner.query(text, values),
        tx: (work) => work(owner),
        close: () => Promise.resolve(),
      };
      const { broken } = await sealEntries(store, 1_000);
      const report = await verified(ledger, owner);
      const named = new Set(report.findings.map(({ entryId }) => entryId));
      for (const id of ids) {
        const isDetected = broken.includes(id);
        tally.one(
          `edited before it was sealed: ${field}`,
          0,
          isDetected,
          isDetected && named.has(id),
        );
      }
      for (const id of broken)
        if (!ids.includes(id)) tally.accused('edited before it was sealed', 0);
    });
  }
}

/** How long the command's own walk takes without a database, over rows again and again. */
function timeToWalk({ world }: SealedLedger, rows: readonly LedgerRow[], count: number): number {
  const check = new ChainCheck(world.keys);
  const startMs = performance.now();
  for (let n = 0; n < count; n += 1) {
    const row = rows[n % rows.length];
    if (row !== undefined) check.add({ ...row, seq: n + 1, chainHash: row.chainHash ?? '' });
  }
  check.end();
  return Math.round(performance.now() - startMs);
}

async function tamper({ size, seed, progress, replay }: BoardRun): Promise<BoardResult> {
  const { rows: count, checkpointEvery, places, timedRows } = SIZES[size];
  const opened = await openEmpty('postgres');
  const tally = new Tally();
  try {
    await migrate(opened.store, ports);
    const random = seededRandomness(seed);
    const ledger = await sealedLedger(opened.store, count, checkpointEvery, random);
    const startMs = performance.now();
    const untouched = await undone(opened.store, (owner) => verified(ledger, owner));
    const walkMs = Math.round(performance.now() - startMs);
    const isGood =
      untouched.findings.length === 0 &&
      untouched.rows === count &&
      untouched.coveredSeq === count &&
      untouched.checkpoints === ledger.shipped.length;
    tally.untouched('ledger', isGood);
    const rows = await undone(opened.store, allRows);
    const kinds = ROW_KINDS.filter(({ name }) => replay === null || name === replay);
    for (const [n, kind] of kinds.entries()) {
      progress(n, kinds.length, kind.name);
      await tamperRows(ledger, kind, rows, tally);
    }
    progress(kinds.length, kinds.length, 'ends, checkpoints, evidence');
    await tamperChain(ledger, { rows, shipped: ledger.shipped }, places, tally);
    await tamperUnsealed(ledger, rows, tally);
    await tamperEvidence(ledger, rows, places, tally);
    const again = await undone(opened.store, (owner) => verified(ledger, owner));
    tally.untouched('ledger, after everything was taken back', again.findings.length === 0);
    return {
      runs: tally.tampered,
      violations: tally.violations,
      figures: {
        rows: count,
        kinds: tally.kinds.size,
        tampered: tally.tampered,
        detected: tally.detected,
        named: tally.named,
        'untouched copies': tally.controls,
        [`${count} rows of the database verified, ms`]: walkMs,
        [`${timedRows} rows in memory verified, ms`]: timeToWalk(ledger, rows, timedRows),
        'not found by design':
          'before an entry has its place (a second or so): rewritten with its hash, removed, or one more',
      },
    };
  } finally {
    await opened.drop();
  }
}

/** R10: what the owner of the database may do to the ledger. */
export const TAMPER: Board = {
  id: 'R10',
  title: 'tampering',
  proves:
    'Whoever changes, removes, adds or moves an entry that is sealed is found, and the entry named.',
  run: tamper,
};
