import type { IsoDate } from '../payment/plan.ts';
import { firstRow, Row } from './row.ts';
import { moment } from './sql.ts';
import type { Sql } from './store.ts';

/** A piece of work that this process holds for a while. */
export interface Job {
  readonly id: string;
  /** What it is about: an operation, an event. */
  readonly subject: string;
  /** Counts the claims; it is the fence: who has an older number has lost the job. */
  readonly attempts: number;
  /** How far up its ladder of waits it is, from 0. */
  readonly step: number;
}

function jobsOf(rows: readonly Readonly<Record<string, unknown>>[]): Job[] {
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      id: row.text('id'),
      subject: row.text('subject'),
      attempts: row.number('attempts'),
      step: row.number('step'),
    };
  });
}

/**
 * Claims jobs until the lease is over.
 *
 * @param due selects their ids, with SKIP LOCKED; `$1` is now, `$3` the limit.
 */
async function claimDue(
  store: Sql,
  due: string,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<Job[]> {
  const rows = await store.query(
    `update job set lease_until = $2::timestamptz, claimed_at = $1::timestamptz,
       attempts = attempts + 1
     where id in (${due})
     returning id, subject, attempts, step`,
    [moment(nowMs), moment(nowMs + leaseMs), limit],
  );
  return jobsOf(rows);
}

/** Jobs of one kind that are due and that nobody holds. */
function dueOf(kind: 'settle' | 'charge' | 'enrol'): string {
  return `
    select id from job where kind = '${kind}' and due_at <= $1::timestamptz
      and (lease_until is null or lease_until <= $1::timestamptz)
    order by due_at limit $3::int for update skip locked`;
}

/** Claims operations whose settling is due. */
export function claimSettles(
  store: Sql,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<Job[]> {
  return claimDue(store, dueOf('settle'), nowMs, leaseMs, limit);
}

/** Claims subscriptions whose charge is due. */
export function claimCharges(
  store: Sql,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<Job[]> {
  return claimDue(store, dueOf('charge'), nowMs, leaseMs, limit);
}

/** Claims links whose card has come and whose enrolment may have been left to us. */
export function claimEnrolments(
  store: Sql,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<Job[]> {
  return claimDue(store, dueOf('enrol'), nowMs, leaseMs, limit);
}

/**
 * Claims events whose delivery is due: of each subscription only the oldest one that is still to be
 * delivered, so that billing hears things in their order.
 */
export function claimDeliveries(
  store: Sql,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<Job[]> {
  const due = `
    select j.id from job j join outbox o on o.id = j.subject
    where j.kind = 'deliver' and j.due_at <= $1::timestamptz
      and (j.lease_until is null or j.lease_until <= $1::timestamptz)
      and not exists (
        select 1 from outbox earlier where earlier.subscription_id = o.subscription_id
          and earlier.sequence < o.sequence
          and earlier.delivered_at is null and earlier.dead_at is null)
    order by j.due_at limit $3::int for update of j skip locked`;
  return claimDue(store, due, nowMs, leaseMs, limit);
}

/** Gives a job back until later, unless its lease has gone to somebody else. */
export async function postponeJob(
  store: Sql,
  job: Job,
  dueAtMs: number,
  step: number,
  lastError: string,
): Promise<void> {
  await store.query(
    `update job set due_at = $3::timestamptz, lease_until = null, step = $4::int,
       last_error = $5
     where id = $1 and attempts = $2::int`,
    [job.id, job.attempts, moment(dueAtMs), step, lastError],
  );
}

export async function dropJob(store: Sql, job: Job): Promise<void> {
  await store.query('delete from job where id = $1 and attempts = $2::int', [job.id, job.attempts]);
}

/**
 * Lets an operation be looked at now, when that is sooner than planned.
 *
 * @param restMs has to lie between two looks, however often this is asked.
 */
export async function hurrySettle(
  store: Sql,
  operationId: string,
  nowMs: number,
  restMs: number,
): Promise<void> {
  await store.query(
    `update job set due_at = least(due_at, greatest($2::timestamptz,
       coalesce(claimed_at, created_at) + $3::int * interval '1 millisecond'))
     where kind = 'settle' and subject = $1`,
    [operationId, moment(nowMs), restMs],
  );
}

/** What {@link postponeJob} notes of a look that got no answer at all. */
export const UNANSWERED = 'unanswered';

/** Lets operations whose last look got no answer be looked at now: the gateway answers again. */
export async function hurryUnanswered(store: Sql, nowMs: number): Promise<void> {
  await store.query(
    `update job set due_at = least(due_at, $1::timestamptz)
     where kind = 'settle' and last_error = $2`,
    [moment(nowMs), UNANSWERED],
  );
}

/** Deletes what is kept for a time only: the counts of attempts. */
export async function purge(store: Sql, beforeMs: number): Promise<void> {
  await store.query('delete from velocity where window_start < $1::timestamptz', [
    moment(beforeMs),
  ]);
}

export interface JobCounts {
  readonly deliveries: number;
  readonly settles: number;
  /** Charges whose time has come. */
  readonly chargesDue: number;
  /** Active subscriptions whose period came due on an earlier day and has not been charged. */
  readonly chargesOverdue: number;
}

/** @param today where the merchant is. */
export async function countJobs(store: Sql, nowMs: number, today: IsoDate): Promise<JobCounts> {
  const rows = await store.query(
    `select count(*) filter (where kind = 'deliver')::int as deliveries,
       count(*) filter (where kind in ('settle','enrol'))::int as settles,
       count(*) filter (where kind = 'charge' and due_at <= $1::timestamptz)::int as due,
       (select count(*)::int from schedule p join subscription s on s.id = p.subscription_id
        where s.status = 'active' and p.due_date < $2) as overdue
     from job`,
    [moment(nowMs), today],
  );
  const row = firstRow(rows);
  return {
    deliveries: row?.number('deliveries') ?? 0,
    settles: row?.number('settles') ?? 0,
    chargesDue: row?.number('due') ?? 0,
    chargesOverdue: row?.number('overdue') ?? 0,
  };
}
