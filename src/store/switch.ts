import type { LedgerEntry } from '../payment/ledger.ts';
import { appendEntries } from './ledger.ts';
import { firstRow } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

/** The operator's switch for automated payments. */
export interface Switch {
  readonly state: 'on' | 'off';
  readonly reason: string;
  readonly changedAtMs: number;
}

export async function readSwitch(store: Sql): Promise<Switch> {
  const rows = await store.query(`select * from switch where name = 'automated_payments'`);
  const row = firstRow(rows);
  if (!row) throw new Error('the switch has no row');
  return {
    state: row.word('state', ['on', 'off'] as const),
    reason: row.text('reason'),
    changedAtMs: row.number('changed_at'),
  };
}

/** Throws the switch, with its entry, in one statement. */
export async function writeSwitch(
  store: Sql,
  next: Switch,
  changedBy: string,
  entry: LedgerEntry,
): Promise<void> {
  const { text, values } = rendered(sql`with op as (
      update switch set state = ${next.state}, reason = ${next.reason}, changed_by = ${changedBy},
        changed_at = ${moment(next.changedAtMs)}::timestamptz
      where name = 'automated_payments' returning name
    ), ${appendEntries([entry], 'op')} select name from op`);
  await store.query(text, values);
}
