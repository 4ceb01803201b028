import type { LedgerEntry } from '../payment/ledger.ts';
import type { Job } from './jobs.ts';
import { appendEntries } from './ledger.ts';
import { firstRow } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

export interface StoredEvent {
  readonly id: string;
  readonly subscriptionId: string;
  readonly operationId: string;
  readonly interactionId: string;
  readonly type: string;
  readonly body: string;
  readonly createdAtMs: number;
}

export async function findEvent(store: Sql, id: string): Promise<StoredEvent | null> {
  const row = firstRow(await store.query('select * from outbox where id = $1', [id]));
  if (!row) return null;
  return {
    id: row.text('id'),
    subscriptionId: row.text('subscription_id'),
    operationId: row.text('operation_id'),
    interactionId: row.text('interaction_id'),
    type: row.text('type'),
    body: row.text('body'),
    createdAtMs: row.number('created_at'),
  };
}

/**
 * Ends a delivery: delivered or given up. The job goes in the same statement, fenced by its claim, so
 * that a process whose lease has run out changes nothing.
 */
export async function endDelivery(
  store: Sql,
  job: Job,
  end: { readonly state: 'delivered' | 'dead'; readonly atMs: number },
  entry: LedgerEntry,
): Promise<void> {
  const at = moment(end.atMs);
  const { text, values } = rendered(sql`with op as (
      delete from job where id = ${job.id} and attempts = ${job.attempts}::int returning subject
    ), ${appendEntries([entry], 'op')}
    update outbox set
      delivered_at = case when ${end.state} = 'delivered' then ${at}::timestamptz end,
      dead_at = case when ${end.state} = 'dead' then ${at}::timestamptz end
    from op where outbox.id = op.subject`);
  await store.query(text, values);
}

/** Puts a dead letter back: it is delivered again under its own id. @returns false if it is not dead. */
export async function replayEvent(
  store: Sql,
  eventId: string,
  jobId: string,
  nowMs: number,
  entry: LedgerEntry,
): Promise<boolean> {
  const now = moment(nowMs);
  const { text, values } = rendered(sql`with op as (
      update outbox set dead_at = null where id = ${eventId} and dead_at is not null returning id
    ), ${appendEntries([entry], 'op')}, again as (
      insert into job (id, kind, subject, due_at, created_at)
      select ${jobId}, 'deliver', op.id, ${now}::timestamptz, ${now}::timestamptz from op
    ) select id from op`);
  return (await store.query(text, values)).length === 1;
}

export async function countEvents(store: Sql): Promise<{ waiting: number; dead: number }> {
  const rows = await store.query(
    `select count(*) filter (where dead_at is null)::int as waiting,
            count(*) filter (where dead_at is not null)::int as dead
     from outbox where delivered_at is null`,
  );
  const row = firstRow(rows);
  return { waiting: row?.number('waiting') ?? 0, dead: row?.number('dead') ?? 0 };
}
