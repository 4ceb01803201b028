import { firstRow, Row } from './row.ts';
import type { Sql } from './store.ts';

/** What has a certain id. */
export interface IdUses {
  readonly gatewayTransaction: boolean;
  readonly interaction: boolean;
  readonly subscription: boolean;
  readonly operation: boolean;
  readonly customer: boolean;
  /** The operation that the event of this id tells of; `null` where it is no event's. */
  readonly eventOperationId: string | null;
}

/** Looks an id up wherever it could stand, by an index each. */
export async function usesOfId(store: Sql, id: string): Promise<IdUses> {
  const rows = await store.query(
    `select exists (select 1 from ledger where gateway_transaction_id = $1)
        or exists (select 1 from operation where gateway_transaction_id = $1) as gateway_transaction,
       exists (select 1 from interaction where id = $1)
        or exists (select 1 from ledger where interaction_id = $1) as interaction,
       exists (select 1 from subscription where id = $1)
        or exists (select 1 from ledger where subscription_id = $1) as subscription,
       exists (select 1 from operation where id = $1)
        or exists (select 1 from ledger where operation_id = $1) as operation,
       exists (select 1 from subscription where customer_id = $1)
        or exists (select 1 from interaction where customer_id = $1) as customer,
       (select operation_id from outbox where id = $1) as event_operation`,
    [id],
  );
  const row = new Row(rows[0] ?? {});
  return {
    gatewayTransaction: row.flag('gateway_transaction'),
    interaction: row.flag('interaction'),
    subscription: row.flag('subscription'),
    operation: row.flag('operation'),
    customer: row.flag('customer'),
    eventOperationId: row.textOrNull('event_operation'),
  };
}

/** The newest subscriptions and calls of a customer, `limit` of each. */
export async function idsOfCustomer(
  store: Sql,
  customerId: string,
  limit: number,
): Promise<{ readonly subscriptionIds: string[]; readonly interactionIds: string[] }> {
  const [subscriptions, interactions] = await Promise.all([
    store.query(
      `select id from subscription where customer_id = $1 order by created_at desc limit $2::int`,
      [customerId, limit],
    ),
    store.query(
      `select id from interaction where customer_id = $1 order by created_at desc limit $2::int`,
      [customerId, limit],
    ),
  ]);
  return {
    subscriptionIds: subscriptions.map((raw) => new Row(raw).text('id')),
    interactionIds: interactions.map((raw) => new Row(raw).text('id')),
  };
}

/** First and last place of the entries of a time, as their `at` stands now; `null` where there are none. */
export async function placesBetween(
  store: Sql,
  from: string | null,
  to: string | null,
): Promise<{ readonly first: number; readonly last: number } | null> {
  const rows = await store.query(
    `select min(s.seq) as first, max(s.seq) as last
     from ledger l join ledger_seal s on s.entry_id = l.id
     where ($1::text is null or l.at >= $1) and ($2::text is null or l.at < $2)`,
    [from, to],
  );
  const row = firstRow(rows);
  const first = row?.numberOrNull('first') ?? null;
  const last = row?.numberOrNull('last') ?? null;
  return first === null || last === null ? null : { first, last };
}

/** The place that the chain has come to; 0 before its first. */
export async function headSeq(store: Sql): Promise<number> {
  const rows = await store.query('select coalesce(max(seq), 0) as seq from ledger_seal');
  return firstRow(rows)?.number('seq') ?? 0;
}
