import { LANGUAGES, type Language } from '../payment/language.ts';
import { SUBSCRIPTION_STATUSES, type Subscription } from '../payment/subscription.ts';
import { firstRow, Row } from './row.ts';
import { CHARGE_STATES, type ChargeState } from './schedule.ts';
import { joined, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';
import { subscriptionOf } from './subscriptions.ts';

/** A subscription with when it was made. */
export interface ListedSubscription {
  readonly subscription: Subscription;
  readonly createdAtMs: number;
}

/** Which subscriptions are wanted; `null` asks for nothing. */
export interface SubscriptionFilter {
  readonly status: string | null;
  readonly planId: string | null;
  readonly customerId: string | null;
  /** A subscription: those that were made before it. */
  readonly beforeId: string | null;
}

/** The newest subscriptions of those that are wanted. */
export async function listSubscriptions(
  store: Sql,
  filter: SubscriptionFilter,
  limit: number,
): Promise<readonly ListedSubscription[]> {
  const all: Piece[] = [sql`true`];
  if (filter.status !== null) all.push(sql`s.status = ${filter.status}`);
  if (filter.planId !== null) all.push(sql`s.plan_id = ${filter.planId}`);
  if (filter.customerId !== null) all.push(sql`s.customer_id = ${filter.customerId}`);
  if (filter.beforeId !== null) {
    all.push(sql`(s.created_at, s.id) <
      (select b.created_at, b.id from subscription b where b.id = ${filter.beforeId})`);
  }
  const { text, values } = rendered(sql`select s.* from subscription s
    where ${joined(all, ' and ')} order by s.created_at desc, s.id desc limit ${limit}::int`);
  return (await store.query(text, values)).map((raw) => {
    const row = new Row(raw);
    return { subscription: subscriptionOf(row), createdAtMs: row.number('created_at') };
  });
}

/** One subscription with when it was made, and which operation is changing it. */
export async function findListed(
  store: Sql,
  id: string,
): Promise<(ListedSubscription & { readonly openOperation: string | null }) | null> {
  const row = firstRow(await store.query('select * from subscription where id = $1', [id]));
  if (!row) return null;
  return {
    subscription: subscriptionOf(row),
    createdAtMs: row.number('created_at'),
    openOperation: row.textOrNull('open_operation'),
  };
}

/** How many subscriptions of one plan have one status. */
export interface PlanCount {
  readonly planId: string;
  readonly status: (typeof SUBSCRIPTION_STATUSES)[number];
  readonly count: number;
}

export async function countSubscriptions(store: Sql): Promise<readonly PlanCount[]> {
  const rows = await store.query(
    'select plan_id, status, count(*)::int as n from subscription group by plan_id, status',
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      planId: row.text('plan_id'),
      status: row.word('status', SUBSCRIPTION_STATUSES),
      count: row.number('n'),
    };
  });
}

/** One period of a subscription that Tokenline charges itself. */
export interface Period {
  readonly dueDate: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly tries: number;
  readonly state: ChargeState;
  readonly operationId: string | null;
}

/** The newest periods that have come due. */
export async function readPeriods(
  store: Sql,
  subscriptionId: string,
  limit: number,
): Promise<readonly Period[]> {
  const rows = await store.query(
    `select due_date, amount_minor, currency, tries, state, operation_id from charge
     where subscription_id = $1 order by due_date desc limit $2::int`,
    [subscriptionId, limit],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      dueDate: row.text('due_date'),
      amountMinor: row.number('amount_minor'),
      currency: row.text('currency'),
      tries: row.number('tries'),
      state: row.word('state', CHARGE_STATES),
      operationId: row.textOrNull('operation_id'),
    };
  });
}

/** A consent with the words that were agreed to. */
export interface Agreement {
  readonly consentId: string;
  readonly atMs: number;
  readonly keyPressed: string;
  readonly language: Language;
  readonly version: string;
  readonly text: string;
  readonly textHash: string;
  readonly interactionId: string;
}

export async function findAgreement(store: Sql, consentId: string): Promise<Agreement | null> {
  const rows = await store.query(
    `select c.id, c.created_at, c.key_pressed, c.interaction_id, d.language, d.version, d.text,
       d.text_hash
     from consent c join disclosure d on d.id = c.disclosure_id where c.id = $1`,
    [consentId],
  );
  const row = firstRow(rows);
  if (!row) return null;
  return {
    consentId: row.text('id'),
    atMs: row.number('created_at'),
    keyPressed: row.text('key_pressed'),
    language: row.word('language', LANGUAGES),
    version: row.text('version'),
    text: row.text('text'),
    textHash: row.text('text_hash'),
    interactionId: row.text('interaction_id'),
  };
}
