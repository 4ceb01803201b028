import { LANGUAGES } from '../payment/language.ts';
import { INTERVAL_UNITS } from '../payment/plan.ts';
import { SUBSCRIPTION_STATUSES, type Subscription } from '../payment/subscription.ts';
import type { CardToken } from './finish.ts';
import { firstRow, type Row } from './row.ts';
import type { Sql } from './store.ts';

export function subscriptionOf(row: Row): Subscription {
  return {
    id: row.text('id'),
    customerId: row.text('customer_id'),
    planId: row.text('plan_id'),
    price: { amountMinor: row.number('amount_minor'), currency: row.text('currency') },
    interval: {
      count: row.number('interval_count'),
      unit: row.word('interval_unit', INTERVAL_UNITS),
    },
    status: row.word('status', SUBSCRIPTION_STATUSES),
    gateway: row.text('gateway'),
    gatewayReference: row.text('gateway_reference'),
    tokenId: row.text('token_id'),
    cardBrand: row.text('card_brand'),
    cardLast4: row.text('card_last4'),
    nextChargeDate: row.textOrNull('next_charge_date'),
    consentId: row.text('consent_id'),
    language: row.word('language', LANGUAGES),
    confirmationCode: row.text('confirmation_code'),
    version: row.number('version'),
  };
}

export async function findSubscription(store: Sql, id: string): Promise<Subscription | null> {
  const row = firstRow(await store.query('select * from subscription where id = $1', [id]));
  return row && subscriptionOf(row);
}

/** The operation that is changing the subscription, or `null`. */
export async function holderOf(store: Sql, id: string): Promise<string | null> {
  const rows = await store.query('select open_operation from subscription where id = $1', [id]);
  return firstRow(rows)?.textOrNull('open_operation') ?? null;
}

/**
 * Lets an open operation change a subscription that nobody is changing.
 *
 * @returns who holds it now: the operation, or whoever was quicker.
 */
export async function takeTurn(
  store: Sql,
  id: string,
  operationId: string,
): Promise<string | null> {
  await store.query(
    `update subscription set open_operation = $2 where id = $1 and open_operation is null
       and exists (select 1 from operation o where o.id = $2
         and o.state in ('started','pending','in_doubt'))`,
    [id, operationId],
  );
  return holderOf(store, id);
}

export async function findByGatewayReference(
  store: Sql,
  gateway: string,
  reference: string,
): Promise<Subscription | null> {
  const rows = await store.query(
    'select * from subscription where gateway = $1 and gateway_reference = $2',
    [gateway, reference],
  );
  const row = firstRow(rows);
  return row && subscriptionOf(row);
}

/** The customer's newest subscription that is not cancelled, else the newest one, else `null`. */
export async function findCurrent(store: Sql, customerId: string): Promise<Subscription | null> {
  const rows = await store.query(
    `select * from subscription where customer_id = $1
     order by (status = 'cancelled'), created_at desc limit 1`,
    [customerId],
  );
  const row = firstRow(rows);
  return row && subscriptionOf(row);
}

/** A subscription of the customer to the plan that is not cancelled, or `null`. */
export async function findLive(
  store: Sql,
  customerId: string,
  planId: string,
): Promise<Subscription | null> {
  const rows = await store.query(
    `select * from subscription where customer_id = $1 and plan_id = $2 and status <> 'cancelled'
     limit 1`,
    [customerId, planId],
  );
  const row = firstRow(rows);
  return row && subscriptionOf(row);
}

export async function findToken(store: Sql, id: string): Promise<CardToken | null> {
  const row = firstRow(await store.query('select * from card_token where id = $1', [id]));
  if (!row) return null;
  return {
    id: row.text('id'),
    customerId: row.text('customer_id'),
    interactionId: row.text('interaction_id'),
    gateway: row.text('gateway'),
    reference: row.text('reference'),
    networkTransactionId: row.textOrNull('network_transaction_id'),
    brand: row.text('brand'),
    last4: row.text('last4'),
  };
}

/**
 * Notes the next charge as the gateway has it, unless the subscription has changed meanwhile. A date
 * that rolls on is no change of state, so it makes no event.
 */
export async function noteNextCharge(
  store: Sql,
  id: string,
  version: number,
  nextChargeDate: string | null,
): Promise<void> {
  await store.query(
    'update subscription set next_charge_date = $3 where id = $1 and version = $2',
    [id, version, nextChargeDate],
  );
}
