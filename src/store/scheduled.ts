import type { Subscription } from '../payment/subscription.ts';
import { firstRow, type Row } from './row.ts';
import { CHARGE_STATES, type Charge, type Schedule } from './schedule.ts';
import type { Sql } from './store.ts';
import { subscriptionOf } from './subscriptions.ts';

/** A subscription with all that its next charge depends on. */
export interface Scheduled {
  readonly subscription: Subscription;
  readonly schedule: Schedule;
  /** The row of the present period, where it has one already. */
  readonly charge: Charge | null;
  /** The operation that is charging it. */
  readonly chargingOperation: string | null;
  /** The operation that is changing it, or waits to. */
  readonly openOperation: string | null;
}

function chargeOf(row: Row): Charge | null {
  const state = row.textOrNull('charge_state');
  if (state === null) return null;
  return {
    dueDate: row.text('due_date'),
    amountMinor: row.number('charge_minor'),
    currency: row.text('charge_currency'),
    planId: row.text('charge_plan'),
    consentId: row.text('charge_consent'),
    tries: row.number('tries'),
    state: row.word('charge_state', CHARGE_STATES),
  };
}

/** @returns `null` for a subscription that the gateway charges, or none at all. */
export async function findScheduled(store: Sql, subscriptionId: string): Promise<Scheduled | null> {
  const rows = await store.query(
    `select s.*, p.anchor_date, p.due_date, p.next_index, p.declines, p.failures, p.stopped_token,
       p.network_transaction_id, c.amount_minor as charge_minor, c.currency as charge_currency,
       c.plan_id as charge_plan, c.consent_id as charge_consent, c.tries, c.state as charge_state
     from subscription s join schedule p on p.subscription_id = s.id
     left join charge c on c.subscription_id = s.id and c.due_date = p.due_date
     where s.id = $1`,
    [subscriptionId],
  );
  const row = firstRow(rows);
  if (!row) return null;
  return {
    subscription: subscriptionOf(row),
    schedule: {
      subscriptionId,
      rhythm: {
        anchor: row.text('anchor_date'),
        dueDate: row.text('due_date'),
        nextIndex: row.number('next_index'),
      },
      declines: row.number('declines'),
      failures: row.number('failures'),
      stoppedTokenId: row.textOrNull('stopped_token'),
      networkTransactionId: row.textOrNull('network_transaction_id'),
    },
    charge: chargeOf(row),
    chargingOperation: row.textOrNull('charging_operation'),
    openOperation: row.textOrNull('open_operation'),
  };
}
