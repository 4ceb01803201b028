import { join } from 'node:path';
import { trustedKeys } from '../../../src/cli/audit-verify.ts';
import { shippedCheckpoints } from '../../../src/cli/checkpoint-file.ts';
import { CHECKPOINT_FILE } from '../../../src/cli/data-dir.ts';
import { ChainCheck } from '../../../src/payment/ledger-check.ts';
import { readLedger } from '../../../src/store/ledger.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { databaseUrl, ports } from '../../../test/database.ts';
import { EVERY_ENTRY } from '../../../test/every-entry.ts';
import type { Breach } from './judge.ts';
import type { Lane } from './lane.ts';

const PAGE = 2_000;

/** The place up to which a copy outside of the database vouches for the ledger; 0 before the first. */
export function shippedSeq(lane: Lane): number {
  const shipped = shippedCheckpoints(null, lane.data);
  return Math.max(0, ...(shipped?.checkpoints ?? []).map(({ seq }) => seq));
}

/** The last place that the database says has a checkpoint. */
export async function signedSeq(lane: Lane): Promise<number> {
  const text = 'select coalesce(max(seq), 0)::int as seq from ledger_checkpoint';
  const { rows } = await lane.db.query<{ seq: number }>(text);
  return rows[0]?.seq ?? 0;
}

/** I7: walks the whole ledger of a system that has stopped, against what was shipped out of it. */
export async function chainBreaches(lane: Lane): Promise<readonly Breach[]> {
  const broken = (what: string): Breach => ({ promise: 'I7', what });
  const trust = trustedKeys([], lane.data);
  const shipped = shippedCheckpoints(null, lane.data);
  if (trust === null || shipped === null) {
    return [broken(`there is no key or no ${join(lane.data, CHECKPOINT_FILE)}`)];
  }
  const check = new ChainCheck(trust.keys);
  for (const checkpoint of shipped.checkpoints) check.expect(checkpoint);
  const store = await openPostgres(databaseUrl(lane.database), ports);
  try {
    for (let afterSeq = 0, more = true; more;) {
      const rows = await readLedger(store, { ...EVERY_ENTRY, afterSeq, limit: PAGE });
      for (const row of rows) check.add({ ...row, chainHash: row.chainHash ?? '' });
      afterSeq = rows.at(-1)?.seq ?? afterSeq;
      more = rows.length === PAGE;
    }
  } finally {
    await store.close();
  }
  const { findings, rows, coveredSeq, head } = check.end();
  const breaches = findings.map(({ sentence }) => broken(sentence));
  if (rows === 0) breaches.push(broken('the ledger is empty'));
  if (coveredSeq !== head.seq) {
    breaches.push(broken(`what was shipped vouches for ${coveredSeq} of ${head.seq} entries`));
  }
  return breaches;
}
