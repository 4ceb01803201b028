import type { Language } from '../payment/language.ts';
import { LANGUAGES } from '../payment/language.ts';
import type { LedgerEntry } from '../payment/ledger.ts';
import { isFinal, OPERATION_KINDS, OPERATION_STATES } from '../payment/operation.ts';
import type { OperationKind, OperationState } from '../payment/operation.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { isErrorCode } from '../payment/outcome.ts';
import { appendEntries } from './ledger.ts';
import { firstRow, Row } from './row.ts';
import { joined, moment, optionalMoment, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** What an operation is, before anything has happened. */
export interface NewOperation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly clientId: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly cardMac: string | null;
  readonly cardMacKey: string | null;
  /** Keyed hash of the card's range, for a card. */
  readonly binMac: string | null;
  readonly interactionId: string;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly consentId: string | null;
  readonly tokenId: string | null;
  readonly planId: string | null;
  readonly attempt: number;
  /** `null` takes the call's language; the claimed operation has it. */
  readonly language: Language | null;
  readonly gateway: string;
  /** What `settle` needs to ask or to repeat it; no digits. */
  readonly order: Readonly<Record<string, string | number | null>>;
  readonly startedAtMs: number;
}

/** An operation as it is stored. */
export interface Operation extends NewOperation {
  readonly language: Language;
  readonly state: OperationState;
  readonly errorCode: ErrorCode | null;
  readonly statusCode: number | null;
  readonly gatewayTransactionId: string | null;
  /** When it was last sent again by `settle`. */
  readonly sentAgainAtMs: number | null;
  /**
   * When the gateway had ceased to be at work on it, as far as looks tell; `Infinity` where the last
   * one found it at work, `null` where none has.
   */
  readonly underWayUntilMs: number | null;
  /** For a link: cards that the gateway's page has declined so far, and when we began to close it. */
  readonly pageDeclines: number;
  readonly pageClosedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly answer: string | null;
}

/** Stands for an end that has not come: not every store that we speak to has `infinity`. */
const NOT_OVER_MS = Date.UTC(9999, 11, 31);

function endless(ms: number | null): number | null {
  return ms === NOT_OVER_MS ? Infinity : ms;
}

const COLUMN_NAMES = [
  'id',
  'kind',
  'client_id',
  'key',
  'body_hash',
  'card_mac',
  'card_mac_key',
  'bin_mac',
  'interaction_id',
  'customer_id',
  'subscription_id',
  'consent_id',
  'token_id',
  'plan_id',
  'attempt',
  'language',
  'gateway',
  'order_json',
  'started_at',
  'state',
  'error_code',
  'status_code',
  'gateway_transaction_id',
  'sent_again_at',
  'under_way_until',
  'page_declines',
  'page_closed_at',
  'finished_at',
  'answer',
];

/** The columns of an operation behind an alias; as text, because the names are ours. */
export function operationColumns(alias: string): Piece {
  return { parts: [COLUMN_NAMES.map((name) => `${alias}.${name}`).join(', ')], values: [] };
}

export function operationOf(row: Row): Operation {
  const errorCode = row.textOrNull('error_code');
  const order = Object.entries(row.json('order_json') ?? {}).map(([key, value]) => {
    return [key, typeof value === 'number' || value === null ? value : String(value)] as const;
  });
  return {
    id: row.text('id'),
    kind: row.word('kind', OPERATION_KINDS),
    clientId: row.text('client_id'),
    key: row.text('key'),
    bodyHash: row.text('body_hash'),
    cardMac: row.textOrNull('card_mac'),
    cardMacKey: row.textOrNull('card_mac_key'),
    binMac: row.textOrNull('bin_mac'),
    interactionId: row.text('interaction_id'),
    customerId: row.textOrNull('customer_id'),
    subscriptionId: row.textOrNull('subscription_id'),
    consentId: row.textOrNull('consent_id'),
    tokenId: row.textOrNull('token_id'),
    planId: row.textOrNull('plan_id'),
    attempt: row.number('attempt'),
    language: row.word('language', LANGUAGES),
    gateway: row.text('gateway'),
    order: Object.fromEntries(order),
    startedAtMs: row.number('started_at'),
    state: row.word('state', OPERATION_STATES),
    errorCode: errorCode !== null && isErrorCode(errorCode) ? errorCode : null,
    statusCode: row.numberOrNull('status_code'),
    gatewayTransactionId: row.textOrNull('gateway_transaction_id'),
    sentAgainAtMs: row.numberOrNull('sent_again_at'),
    underWayUntilMs: endless(row.numberOrNull('under_way_until')),
    pageDeclines: row.numberOrNull('page_declines') ?? 0,
    pageClosedAtMs: row.numberOrNull('page_closed_at'),
    finishedAtMs: row.numberOrNull('finished_at'),
    answer: row.textOrNull('answer'),
  };
}

const INSERT = `insert into operation (id, kind, client_id, key, body_hash, card_mac, card_mac_key,
      bin_mac, interaction_id, customer_id, subscription_id, consent_id, token_id, plan_id, attempt, language,
      gateway, order_json, started_at, state, error_code, answer, finished_at)`;

/** How an operation that needs nobody else ends, as it begins. */
export interface LocalEnd {
  readonly state: OperationState;
  readonly answer: string;
  readonly errorCode: ErrorCode | null;
}

function valuesOf(o: NewOperation, end: LocalEnd | null): Piece {
  return sql`${o.id}, ${o.kind}, ${o.clientId}, ${o.key}, ${o.bodyHash}, ${o.cardMac},
      ${o.cardMacKey}, ${o.binMac}, ${o.interactionId}, ${o.customerId}, ${o.subscriptionId}, ${o.consentId},
      ${o.tokenId}, ${o.planId}, ${o.attempt}::int, coalesce(${o.language}::text,
        (select i.language from interaction i where i.id = ${o.interactionId}), ${LANGUAGES[0]}::text),
      ${o.gateway},
      ${JSON.stringify(o.order)}::jsonb, ${moment(o.startedAtMs)}::timestamptz,
      ${end?.state ?? 'started'}, ${end?.errorCode ?? null}, ${end?.answer ?? null},
      ${end ? moment(o.startedAtMs) : null}::timestamptz`;
}

/**
 * The CTE `op` that has a row where the CTE `held` before it has one. A key that exists already is a
 * unique violation, which undoes what was held.
 */
export function insertHeld(operation: NewOperation, end: LocalEnd | null): Piece {
  return sql`op as (
    ${{ parts: [INSERT], values: [] }}
    select ${valuesOf(operation, end)} from held
    returning id, language
  )`;
}

/**
 * The CTE `op` that claims the key. It has a row when the operation is new, none when the key exists.
 * A local operation is inserted with its answer; the others as `started`.
 */
export function insertOperation(operation: NewOperation, end: LocalEnd | null): Piece {
  return sql`op as (
    ${{ parts: [INSERT], values: [] }}
    values (${valuesOf(operation, end)})
    on conflict (client_id, key) do nothing
    returning id, language
  )`;
}

export async function findOperation(store: Sql, id: string): Promise<Operation | null> {
  const { text, values } = rendered(
    sql`select ${operationColumns('o')} from operation o where o.id = ${id}`,
  );
  const row = firstRow(await store.query(text, values));
  return row && operationOf(row);
}

export async function findOperationByKey(
  store: Sql,
  clientId: string,
  key: string,
): Promise<Operation | null> {
  const { text, values } = rendered(sql`select ${operationColumns('o')} from operation o
    where o.client_id = ${clientId} and o.key = ${key}`);
  const row = firstRow(await store.query(text, values));
  return row && operationOf(row);
}

/** The enrolment of this customer into this plan that has not come to its end. */
export async function findOpenEnrolment(
  store: Sql,
  customerId: string,
  planId: string,
): Promise<Operation | null> {
  const { text, values } = rendered(sql`select ${operationColumns('o')} from operation o
    where o.kind = 'subscribe' and o.state in ('started','pending','in_doubt')
      and o.customer_id = ${customerId} and o.plan_id = ${planId} limit 1`);
  const row = firstRow(await store.query(text, values));
  return row && operationOf(row);
}

/**
 * Notes, before it is done, that an operation is sent once more; or takes that back.
 *
 * @returns false where it has ended, or where another process has sent it since `beforeMs` was read:
 *   then nothing is noted, and it must not be sent.
 */
export async function noteSentAgain(
  store: Sql,
  id: string,
  beforeMs: number | null,
  sentAtMs: number | null,
): Promise<boolean> {
  const open = OPERATION_STATES.filter((state) => !isFinal(state));
  const { text, values } = rendered(sql`update operation
    set sent_again_at = ${optionalMoment(sentAtMs)}::timestamptz
    where id = ${id} and state = any(${open}::text[])
      and sent_again_at is not distinct from ${optionalMoment(beforeMs)}::timestamptz
    returning id`);
  return (await store.query(text, values)).length > 0;
}

/** @param untilMs see {@link Operation.underWayUntilMs}. */
export async function noteUnderWay(store: Sql, id: string, untilMs: number): Promise<void> {
  const until = moment(Math.min(untilMs, NOT_OVER_MS));
  const { text, values } = rendered(sql`update operation
    set under_way_until = ${until}::timestamptz where id = ${id}`);
  await store.query(text, values);
}

/** The operations of one call, oldest first: what an agent has to know. */
export async function operationsOfCall(
  store: Sql,
  interactionId: string,
): Promise<readonly Operation[]> {
  const { text, values } = rendered(sql`select ${operationColumns('o')} from operation o
    where o.interaction_id = ${interactionId} order by o.started_at, o.id limit 100`);
  return (await store.query(text, values)).map((raw) => operationOf(new Row(raw)));
}

/**
 * Inserts an operation that needs nobody else, with its answer, its entry and its own row, in one
 * statement.
 *
 * @returns the operation that has the key: this one, or an earlier one.
 */
export async function insertLocal(
  store: Sql,
  operation: NewOperation,
  end: LocalEnd,
  entry: LedgerEntry,
  alongside: readonly Piece[],
): Promise<Operation> {
  const ctes = [insertOperation(operation, end), appendEntries([entry], 'op'), ...alongside];
  const { text, values } = rendered(sql`with ${joined(ctes, ', ')} select id from op`);
  const inserted = firstRow(await store.query(text, values));
  if (inserted) {
    const { state, answer, errorCode } = end;
    const times = {
      sentAgainAtMs: null,
      underWayUntilMs: null,
      finishedAtMs: operation.startedAtMs,
    };
    const page = { pageDeclines: 0, pageClosedAtMs: null };
    return {
      ...operation,
      language: operation.language ?? LANGUAGES[0],
      state,
      answer,
      errorCode,
      ...times,
      ...page,
      statusCode: null,
      gatewayTransactionId: null,
    };
  }
  const earlier = await findOperationByKey(store, operation.clientId, operation.key);
  if (!earlier) throw new Error('an operation was neither inserted nor found');
  return earlier;
}

/** Operations whose end is not known. A page that is open is none: the customer is at it. */
export async function countOpen(store: Sql): Promise<number> {
  const rows = await store.query(
    `select count(*)::int as n from operation where state in ('pending','in_doubt')
       and not (kind = 'link' and state = 'pending')`,
  );
  return firstRow(rows)?.number('n') ?? 0;
}
