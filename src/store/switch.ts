import type { LedgerEntry } from '../payment/ledger.ts';
import { appendEntries } from './ledger.ts';
import { firstRow, Row } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

/** The operator's switch for automated payments. */
export interface Switch {
  readonly state: 'on' | 'off';
  readonly reason: string;
  readonly changedAtMs: number;
  /** OAuth client, or `staff:` and a person. */
  readonly changedBy: string;
}

export async function readSwitch(store: Sql): Promise<Switch> {
  const rows = await store.query(`select * from switch where name = 'automated_payments'`);
  const row = firstRow(rows);
  if (!row) throw new Error('the switch has no row');
  return {
    state: row.word('state', ['on', 'off'] as const),
    reason: row.text('reason'),
    changedAtMs: row.number('changed_at'),
    changedBy: row.text('changed_by'),
  };
}

/** Throws the switch, with its entry, in one statement. */
export async function writeSwitch(store: Sql, next: Switch, entry: LedgerEntry): Promise<void> {
  const { text, values } = rendered(sql`with op as (
      update switch set state = ${next.state}, reason = ${next.reason}, changed_by = ${next.changedBy},
        changed_at = ${moment(next.changedAtMs)}::timestamptz
      where name = 'automated_payments' returning name
    ), ${appendEntries([entry], 'op')} select name from op`);
  await store.query(text, values);
}

/** What was done with the switch, the newest first, as the ledger has it. */
export async function readSwitchHistory(store: Sql, limit: number): Promise<readonly Switch[]> {
  const rows = await store.query(
    `select at, actor, action, detail from ledger
     where action in ('switch.on', 'switch.off') order by at desc limit $1::int`,
    [limit],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    const { reason } = Object.fromEntries(Object.entries(row.json('detail') ?? {}));
    return {
      state: row.text('action') === 'switch.on' ? 'on' : 'off',
      reason: String(reason ?? ''),
      changedAtMs: Date.parse(row.text('at')),
      changedBy: row.text('actor'),
    };
  });
}
