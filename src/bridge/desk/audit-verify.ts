import { checkpointOf, keysIn, lineOf, type AuditPage } from '../../contract/audit-page.ts';
import type {
  VerifyFinding,
  VerifyLine,
  VerifyOrder,
  VerifyVerdict,
} from '../../contract/audit-view.ts';
import type { Checkpoint } from '../../payment/ledger.ts';
import { ChainCheck, type ChainReport } from '../../payment/ledger-check.ts';
import { headSeq, placesBetween } from '../../store/find.ts';
import {
  appendEntry,
  checkpointBefore,
  lastCheckpointSeq,
  readCheckpoints,
} from '../../store/ledger.ts';
import { isoTime } from '../asked-time.ts';
import { ledgerPage } from '../audit.ts';
import type { Actor } from '../bridge.ts';
import { ledgerEntry } from '../entry.ts';
import type { AuditMeans } from './audit-find.ts';

/** A part of the chain. */
export interface Span {
  /** The walk begins with the entry after this one. */
  readonly afterSeq: number;
  /** It ends with this one, or where the chain ends. */
  readonly untilSeq: number;
}

export const WHOLE: Span = { afterSeq: 0, untilSeq: Infinity };

/** Entries that are looked at before callers get their turn again. */
const ENTRIES_AT_ONCE = 500;

/** As many findings as somebody reads. */
const FINDINGS_MAX = 100;

/**
 * Walks a ledger page by page.
 *
 * @param pageAfter sealed entries after a place, in the order of the chain.
 * @param begin the check, made when the first page is there.
 * @param progress hears how many entries have been checked, after every page; false ends the walk.
 */
export async function walkLedger(
  pageAfter: (seq: number) => Promise<AuditPage>,
  begin: (first: AuditPage) => ChainCheck,
  progress: (rows: number) => boolean,
  { afterSeq, untilSeq }: Span = WHOLE,
): Promise<ChainReport> {
  let page = await pageAfter(afterSeq);
  const check = begin(page);
  let rows = 0;
  for (;;) {
    // One beyond the span would be missed at its end.
    const within = page.checkpoints.filter(({ seq }) => seq <= untilSeq);
    for (const checkpoint of within) check.expect(checkpointOf(checkpoint));
    const entries = page.entries.filter(({ seq }) => (seq ?? 0) <= untilSeq);
    for (const entry of entries) check.add(lineOf(entry));
    rows += entries.length;
    const goesOn = progress(rows);
    const last = page.entries.at(-1)?.seq ?? null;
    if (last === null || last >= untilSeq || !goesOn) return check.end();
    page = await pageAfter(last);
  }
}

interface Part extends Span {
  /** The checkpoint that the walk begins at; `null` at the beginning of the ledger. */
  readonly after: Checkpoint | null;
}

/**
 * What to walk for a time: from the checkpoint before its first entry to the one that covers its last,
 * so that it is proved as well as the whole would be. `null` where nothing in it is sealed.
 */
async function partOf({ bridge }: AuditMeans, order: VerifyOrder): Promise<Part | null> {
  const { store } = bridge;
  const [from, to] = [isoTime(order.from, 'from'), isoTime(order.to, 'to')];
  // A checkpoint beyond the last entry shows that the end was cut off.
  const end = Math.max(await headSeq(store), await lastCheckpointSeq(store));
  if (from === null && to === null) return { afterSeq: 0, untilSeq: end, after: null };
  const places = await placesBetween(store, from, to);
  if (places === null) return null;
  const after = await checkpointBefore(store, places.first);
  const [cover] = await readCheckpoints(store, [places.last]);
  return { afterSeq: after?.seq ?? 0, untilSeq: cover?.seq ?? end, after };
}

function sentencesOf(report: ChainReport, part: Part): string[] {
  const { rows, checkpoints, coveredSeq, head, findings } = report;
  if (findings.length > 0) {
    const things = findings.length === 1 ? 'One thing does' : `${findings.length} things do`;
    return [`${things} not add up in ${rows} entries.`];
  }
  const young = head.seq - Math.max(coveredSeq, part.afterSeq);
  return [
    `${rows} entries, each unchanged and following from the one before.`,
    `Signed checkpoints that hold: ${checkpoints}.`,
    ...(young > 0 ? [`Entries that wait for the next checkpoint: ${young}.`] : []),
  ];
}

function verdictOf(report: ChainReport, part: Part): VerifyVerdict {
  const findings: VerifyFinding[] = report.findings
    .slice(0, FINDINGS_MAX)
    .map(({ kind, seq, sentence }) => ({ kind, seq, sentence }));
  return {
    kind: 'verdict',
    holds: report.findings.length === 0,
    sentences: sentencesOf(report, part),
    findings,
    finding_count: report.findings.length,
    entries: report.rows,
    first_seq: report.rows === 0 ? 0 : part.afterSeq + 1,
    last_seq: report.head.seq,
  };
}

const NOTHING_SEALED: VerifyVerdict = {
  kind: 'verdict',
  holds: true,
  sentences: ['No entry of this time has its place in the chain, so nothing was verified.'],
  findings: [],
  finding_count: 0,
  entries: 0,
  first_seq: 0,
  last_seq: 0,
};

/**
 * Verifies the ledger, or the part of it that a time is in. One entry tells who did, and what came of
 * it; a walk that somebody stopped has the result `unknown`.
 *
 * @param tell takes a line of the answer; false where nobody listens any more.
 */
export async function verifyAudit(
  means: AuditMeans,
  actor: Actor,
  order: VerifyOrder,
  tell: (line: VerifyLine) => boolean,
): Promise<void> {
  const { bridge, keys } = means;
  const part = await partOf(means, order);
  let listening = true;
  let verdict = NOTHING_SEALED;
  if (part !== null) {
    const of = part.untilSeq - part.afterSeq;
    const report = await walkLedger(
      (seq) => ledgerPage(bridge, keys, { afterSeq: seq, limit: ENTRIES_AT_ONCE }),
      () => new ChainCheck(keysIn({ public_keys: [...keys] }), part.after),
      (checked) => (listening = tell({ kind: 'progress', checked, of })),
      part,
    );
    verdict = verdictOf(report, part);
  }
  const { entries, first_seq: first, last_seq: last, finding_count: findings } = verdict;
  const entry = ledgerEntry(bridge, actor, {
    action: 'audit.verify',
    result: !listening ? 'unknown' : verdict.holds ? 'success' : 'failure',
    resource: 'ledger',
    detail: {
      ...order,
      entries: String(entries),
      first_seq: String(first),
      last_seq: String(last),
      // Whoever stops half-way has seen no verdict.
      ...(listening && { findings: String(findings) }),
    },
  });
  await appendEntry(bridge.store, entry);
  if (listening) tell(verdict);
}
