import type { LedgerEntry } from '../payment/ledger.ts';
import type { IsoDate } from '../payment/plan.ts';
import type { Subscription } from '../payment/subscription.ts';
import { saveEvents, type OutboxEvent } from './finish.ts';
import { appendEntries } from './ledger.ts';
import { insertHeld, type LocalEnd, type NewOperation } from './operations.ts';
import { firstRow } from './row.ts';
import { saveSchedule, skipRows, tryRow, type ChargeTerms, type ScheduleEnd } from './schedule.ts';
import { moment, rendered, sql, type Piece } from './sql.ts';
import { UniqueViolation, type Sql } from './store.ts';

export interface BeginChargeOptions {
  readonly operation: NewOperation;
  /** As it was read; one that has changed since is not charged. */
  readonly subscription: Subscription;
  readonly dueDate: IsoDate;
  readonly terms: ChargeTerms;
  /** The schedule at this period. */
  readonly schedule: ScheduleEnd;
  readonly intent: LedgerEntry;
  readonly settleAtMs: number;
  readonly jobId: string;
}

/**
 * Holds the subscription for a charge, where nothing stands against it: it is as it was read, it is
 * active or past due, nobody charges or changes it, payments are switched on, and the consent that
 * the charge rests on was given for exactly this amount.
 */
function holdForCharge(options: BeginChargeOptions): Piece {
  const { operation, subscription, terms } = options;
  return sql`held as (
    update subscription set charging_operation = ${operation.id}
    where id = ${subscription.id} and version = ${subscription.version}::int
      and charging_operation is null and open_operation is null
      and status in ('active', 'past_due')
      and exists (select 1 from switch where name = 'automated_payments' and state = 'on')
      and exists (select 1 from consent c join disclosure d on d.id = c.disclosure_id
        where c.id = ${terms.consentId} and d.amount_minor = ${terms.amountMinor}::bigint
          and d.currency = ${terms.currency} and d.plan_id = ${terms.planId})
    returning id
  )`;
}

/**
 * Begins one try of one period: commits its intent before the first byte is sent, with the entry in
 * the ledger, the period's row and the job that settles it, in one statement.
 *
 * @returns the operation's id, or `null` where something stood against it and nothing was changed.
 */
export async function beginCharge(store: Sql, options: BeginChargeOptions): Promise<string | null> {
  const { operation, subscription, dueDate, terms } = options;
  const now = moment(operation.startedAtMs);
  const { text, values } = rendered(sql`with ${holdForCharge(options)},
    ${insertHeld(operation, null)}, ${appendEntries([options.intent], 'op')},
    settle as (
      insert into job (id, kind, subject, due_at, created_at)
      select ${options.jobId}, 'settle', op.id, ${moment(options.settleAtMs)}::timestamptz,
        ${now}::timestamptz from op
    ), tried as (${tryRow(subscription.id, dueDate, terms, operation.id, now)}),
    ${saveSchedule(options.schedule, operation.id, now)}
    select id from op`);
  return unlessBegun(store, text, values);
}

/** Two that begin the same try: the second one finds its key or its row taken, and has done nothing. */
async function unlessBegun(
  store: Sql,
  text: string,
  values: Parameters<Sql['query']>[1],
): Promise<string | null> {
  try {
    return firstRow(await store.query(text, values))?.text('id') ?? null;
  } catch (error) {
    if (error instanceof UniqueViolation) return null;
    throw error;
  }
}

export interface SkipOptions {
  readonly operation: NewOperation;
  readonly end: LocalEnd;
  readonly subscription: Subscription;
  /** The subscription afterwards, one version on. */
  readonly changed: Subscription;
  readonly dueDates: readonly IsoDate[];
  readonly terms: ChargeTerms;
  /** `unpaid` where the last of them is still the present period and another card may pay it. */
  readonly lastStays: boolean;
  readonly schedule: ScheduleEnd;
  readonly entry: LedgerEntry;
  readonly event: OutboxEvent;
  /** The change that holds the subscription and passes them over first, or `null`. */
  readonly holder: string | null;
}

/** Passes periods over, and tells billing: one statement, or nothing. @returns false for nothing. */
export async function skipCharges(store: Sql, options: SkipOptions): Promise<boolean> {
  const { operation, subscription, changed, dueDates, terms } = options;
  const now = moment(operation.startedAtMs);
  const { id } = subscription;
  const last = dueDates.slice(-1);
  const passed = options.lastStays ? dueDates.slice(0, -1) : dueDates;
  const stays = options.lastStays ? last : [];
  const { text, values } = rendered(sql`with held as (
      update subscription set version = ${changed.version}::int,
        next_charge_date = ${changed.nextChargeDate}, updated_at = ${now}::timestamptz
      where id = ${id} and version = ${subscription.version}::int
        and charging_operation is null
        and open_operation is not distinct from ${options.holder}
        and status in ('active', 'past_due')
      returning id
    ), ${insertHeld(operation, options.end)}, ${appendEntries([options.entry], 'op')},
    passed as (${skipRows(id, passed, terms, 'skipped', now)}),
    stays as (${skipRows(id, stays, terms, 'unpaid', now)}),
    ${saveSchedule(options.schedule, operation.id, now)}
    ${saveEvents([options.event], now)}
    select id from op`);
  return (await unlessBegun(store, text, values)) !== null;
}
