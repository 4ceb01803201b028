import type { IsoDate } from '../payment/plan.ts';
import type { Rhythm } from '../payment/rhythm.ts';
import { joined, sql, type Piece } from './sql.ts';

/** Where a subscription stands that Tokenline charges itself. Its interval is the subscription's. */
export interface Schedule {
  readonly subscriptionId: string;
  readonly rhythm: Omit<Rhythm, 'interval'>;
  /** Declined tries since the last success, or since the card was changed. */
  readonly declines: number;
  /** Tries in a row in which the issuer was not asked. */
  readonly failures: number;
  /** The card that must not be charged again. */
  readonly stoppedTokenId: string | null;
  readonly networkTransactionId: string | null;
}

export const CHARGE_STATES = ['open', 'paid', 'unpaid', 'skipped', 'dropped'] as const;
export type ChargeState = (typeof CHARGE_STATES)[number];

/** What one period costs, as it was agreed when it came due. */
export interface ChargeTerms {
  readonly amountMinor: number;
  readonly currency: string;
  readonly planId: string;
  readonly consentId: string;
}

/** One period that has come due. */
export interface Charge extends ChargeTerms {
  readonly dueDate: IsoDate;
  readonly tries: number;
  readonly state: ChargeState;
}

/** What becomes of the rows of periods. */
export type ChargeRows =
  /** The period of this operation, which has its row, or gets it now (the first charge). */
  | {
      readonly kind: 'end';
      readonly dueDate: IsoDate;
      readonly terms: ChargeTerms;
      readonly state: 'paid' | 'unpaid' | 'open';
    }
  /** Not charged and not going to be: paused or cancelled. */
  | { readonly kind: 'drop'; readonly dueDate: IsoDate; readonly terms: ChargeTerms }
  /** A period that is due keeps the terms that it had, whatever is agreed now. */
  | { readonly kind: 'keep_terms'; readonly dueDate: IsoDate; readonly terms: ChargeTerms }
  /** One that was given up is tried again, with another card. */
  | { readonly kind: 'reopen'; readonly dueDate: IsoDate };

/** When the schedule looks at it next. */
export type NextRun =
  | { readonly kind: 'at'; readonly jobId: string; readonly dueAtMs: number }
  | { readonly kind: 'never' }
  | { readonly kind: 'as_planned' };

/** What an operation leaves of a schedule. */
export interface ScheduleEnd {
  readonly schedule: Schedule;
  readonly rows: ChargeRows | null;
  readonly nextRun: NextRun;
}

function putSchedule({ subscriptionId, rhythm, ...s }: Schedule, now: string): Piece {
  return sql`scheduled as (
    insert into schedule (subscription_id, anchor_date, due_date, next_index, declines, failures,
      stopped_token, network_transaction_id, updated_at)
    select ${subscriptionId}, ${rhythm.anchor}, ${rhythm.dueDate}, ${rhythm.nextIndex}::int,
      ${s.declines}::int, ${s.failures}::int, ${s.stoppedTokenId}, ${s.networkTransactionId},
      ${now}::timestamptz from op
    on conflict (subscription_id) do update set anchor_date = excluded.anchor_date,
      due_date = excluded.due_date, next_index = excluded.next_index, declines = excluded.declines,
      failures = excluded.failures, stopped_token = excluded.stopped_token,
      network_transaction_id = excluded.network_transaction_id, updated_at = excluded.updated_at
  )`;
}

function insertCharge(
  subscriptionId: string,
  dueDates: readonly IsoDate[],
  terms: ChargeTerms,
  row: { readonly state: ChargeState; readonly tries: number; readonly operationId: string | null },
  now: string,
): Piece {
  return sql`insert into charge (subscription_id, due_date, amount_minor, currency, plan_id,
      consent_id, tries, state, operation_id, created_at, updated_at)
    select ${subscriptionId}, d.due_date, ${terms.amountMinor}::bigint, ${terms.currency},
      ${terms.planId}, ${terms.consentId}, ${row.tries}::int, ${row.state}, ${row.operationId},
      ${now}::timestamptz, ${now}::timestamptz
    from op, unnest(${dueDates}::text[]) as d (due_date)
    on conflict (subscription_id, due_date)`;
}

function putRows(
  subscriptionId: string,
  operationId: string,
  rows: ChargeRows,
  now: string,
): Piece {
  switch (rows.kind) {
    case 'end': {
      const row = { state: rows.state, tries: 1, operationId };
      return sql`period as (
        ${insertCharge(subscriptionId, [rows.dueDate], rows.terms, row, now)}
        do update set state = excluded.state, updated_at = excluded.updated_at
      )`;
    }
    case 'keep_terms': {
      const row = { state: 'open', tries: 0, operationId: null } as const;
      return sql`period as (
        ${insertCharge(subscriptionId, [rows.dueDate], rows.terms, row, now)} do nothing
      )`;
    }
    case 'drop': {
      const row = { state: 'dropped', tries: 0, operationId: null } as const;
      return sql`period as (
        ${insertCharge(subscriptionId, [rows.dueDate], rows.terms, row, now)}
        do update set state = excluded.state, updated_at = excluded.updated_at
        where charge.state = 'open'
      )`;
    }
    case 'reopen':
      return sql`period as (
        update charge set state = 'open', updated_at = ${now}::timestamptz from op
        where charge.subscription_id = ${subscriptionId} and charge.due_date = ${rows.dueDate}
          and charge.state = 'unpaid'
      )`;
  }
}

function putRun(subscriptionId: string, run: NextRun, now: string): Piece {
  if (run.kind === 'never') {
    return sql`run as (delete from job using op
      where job.kind = 'charge' and job.subject = ${subscriptionId})`;
  }
  if (run.kind === 'as_planned') return sql`run as (select 1)`;
  return sql`run as (
    insert into job (id, kind, subject, due_at, created_at)
    select ${run.jobId}, 'charge', ${subscriptionId},
      ${new Date(run.dueAtMs).toISOString()}::timestamptz, ${now}::timestamptz from op
    on conflict (kind, subject) do update set due_at = excluded.due_at, lease_until = null,
      -- Who has claimed it before has seen an older state: its wait must not move this date.
      attempts = job.attempts + 1
  )`;
}

/** The CTEs that bring a schedule to where the operation `op` leaves it. */
export function saveSchedule(end: ScheduleEnd, operationId: string, now: string): Piece {
  const { schedule, rows, nextRun } = end;
  const { subscriptionId } = schedule;
  return joined(
    [
      putSchedule(schedule, now),
      ...(rows === null ? [] : [putRows(subscriptionId, operationId, rows, now)]),
      putRun(subscriptionId, nextRun, now),
    ],
    ', ',
  );
}

/** Periods that are passed over: they get their rows, whether they had one or not. */
export function skipRows(
  subscriptionId: string,
  dueDates: readonly IsoDate[],
  terms: ChargeTerms,
  state: 'skipped' | 'unpaid',
  now: string,
): Piece {
  const row = { state, tries: 0, operationId: null };
  return sql`${insertCharge(subscriptionId, dueDates, terms, row, now)}
    do update set state = excluded.state, updated_at = excluded.updated_at
    where charge.state in ('open', 'dropped')`;
}

/** The row of a period that is being tried: a new one, or one more try. */
export function tryRow(
  subscriptionId: string,
  dueDate: IsoDate,
  terms: ChargeTerms,
  operationId: string,
  now: string,
): Piece {
  const row = { state: 'open', tries: 1, operationId } as const;
  return sql`${insertCharge(subscriptionId, [dueDate], terms, row, now)}
    do update set state = 'open', tries = charge.tries + 1, operation_id = excluded.operation_id,
      updated_at = excluded.updated_at`;
}
