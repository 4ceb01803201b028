import type { LedgerEntry } from '../payment/ledger.ts';
import type { Subscription } from '../payment/subscription.ts';
import { saveEvents, type OutboxEvent } from './finish.ts';
import { appendEntries } from './ledger.ts';
import { insertHeld, type LocalEnd, type NewOperation } from './operations.ts';
import { firstRow } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import { UniqueViolation, type Sql } from './store.ts';

export interface FollowOptions {
  readonly operation: NewOperation;
  readonly end: LocalEnd;
  /** As it was read. */
  readonly subscription: Subscription;
  readonly changed: Subscription;
  readonly entry: LedgerEntry;
  readonly event: OutboxEvent;
}

/**
 * Takes over a status that the gateway has given a subscription by itself, with its entry and its
 * event, in one statement.
 *
 * @returns false where the subscription has changed since it was read, or is being changed: then
 *   nothing was done, and what changes it brings the truth.
 */
export async function followGateway(store: Sql, options: FollowOptions): Promise<boolean> {
  const { operation, subscription, changed } = options;
  const now = moment(operation.startedAtMs);
  const { text, values } = rendered(sql`with held as (
      update subscription set status = ${changed.status}, version = ${changed.version}::int,
        next_charge_date = ${changed.nextChargeDate}, updated_at = ${now}::timestamptz
      where id = ${subscription.id} and version = ${subscription.version}::int
        and open_operation is null and charging_operation is null and status <> 'cancelled'
      returning id
    ), ${insertHeld(operation, options.end)}, ${appendEntries([options.entry], 'op')}
    ${saveEvents([options.event], now)}
    select id from op`);
  try {
    return firstRow(await store.query(text, values)) !== null;
  } catch (error) {
    // The same event twice, at the same time: one of them was first.
    if (error instanceof UniqueViolation) return false;
    throw error;
  }
}
