import type { LedgerEntry } from '../payment/ledger.ts';
import type { Job } from './jobs.ts';
import { appendEntries } from './ledger.ts';
import { firstRow, Row } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql, SqlRow } from './store.ts';

export interface StoredEvent {
  readonly id: string;
  /** `null` for an event about a link. */
  readonly subscriptionId: string | null;
  readonly operationId: string;
  readonly interactionId: string;
  readonly type: string;
  readonly body: string;
  readonly createdAtMs: number;
}

function factsOf(row: Row): Omit<StoredEvent, 'body'> {
  return {
    id: row.text('id'),
    subscriptionId: row.textOrNull('subscription_id'),
    operationId: row.text('operation_id'),
    interactionId: row.text('interaction_id'),
    type: row.text('type'),
    createdAtMs: row.number('created_at'),
  };
}

/** When the receiver took an event; `null` where it has not, or where there is no such event. */
export async function deliveredAtMs(store: Sql, id: string): Promise<number | null> {
  const rows = await store.query('select delivered_at from outbox where id = $1', [id]);
  return firstRow(rows)?.numberOrNull('delivered_at') ?? null;
}

export async function findEvent(store: Sql, id: string): Promise<StoredEvent | null> {
  const row = firstRow(await store.query('select * from outbox where id = $1', [id]));
  return row && { ...factsOf(row), body: row.text('body') };
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

/** An event that has not been taken, as somebody who looks after deliveries sees it. */
export interface UntakenEvent extends Omit<StoredEvent, 'body'> {
  readonly tries: number;
  /** What came of the last delivery; `null` before the first. */
  readonly lastAnswer: string | null;
  /** When it is tried again, or when it was given up. */
  readonly atMs: number;
}

function untakenOf(raw: SqlRow): UntakenEvent {
  const row = new Row(raw);
  return {
    ...factsOf(row),
    tries: row.numberOrNull('tries') ?? 0,
    lastAnswer: row.textOrNull('last_answer'),
    atMs: row.number('at'),
  };
}

/** What waits to be delivered, the oldest first. */
export async function readWaiting(store: Sql, limit: number): Promise<readonly UntakenEvent[]> {
  const rows = await store.query(
    `select o.id, o.subscription_id, o.operation_id, o.interaction_id, o.type, o.created_at,
       j.attempts as tries, j.last_error as last_answer, coalesce(j.due_at, o.created_at) as at
     from outbox o left join job j on j.kind = 'deliver' and j.subject = o.id
     where o.delivered_at is null and o.dead_at is null
     order by o.created_at limit $1::int`,
    [limit],
  );
  return rows.map(untakenOf);
}

/** Dead letters, the newest first, with what their entry in the ledger says of the last delivery. */
export async function readDead(store: Sql, limit: number): Promise<readonly UntakenEvent[]> {
  const rows = await store.query(
    `select o.id, o.subscription_id, o.operation_id, o.interaction_id, o.type, o.created_at,
       (l.detail->>'attempts')::int as tries, l.detail->>'answer' as last_answer, o.dead_at as at
     from outbox o left join lateral (
       select e.detail from ledger e
       where e.operation_id = o.operation_id and e.action = 'event.dead' and e.resource = o.id
       order by e.at desc limit 1) l on true
     where o.dead_at is not null order by o.dead_at desc limit $1::int`,
    [limit],
  );
  return rows.map(untakenOf);
}
