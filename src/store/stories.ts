import { firstRow, Row } from './row.ts';
import { operationColumns, operationOf, type Operation } from './operations.ts';
import { joined, moment, rendered, sql, type Piece } from './sql.ts';
import type { Sql, SqlRow } from './store.ts';

/** An operation with all that its row tells of the gateway. */
export interface ToldOperation extends Operation {
  readonly rawCode: string | null;
  /** When the answer to the call itself came; a later look moves it no more. */
  readonly calledAtMs: number | null;
  readonly latencyMs: number | null;
  readonly healthy: boolean;
}

function toldOf(raw: SqlRow): ToldOperation {
  const row = new Row(raw);
  return {
    ...operationOf(row),
    rawCode: row.textOrNull('raw_code'),
    calledAtMs: row.numberOrNull('called_at'),
    latencyMs: row.numberOrNull('latency_ms'),
    healthy: row.flag('healthy'),
  };
}

const TOLD = sql`${operationColumns('o')}, o.raw_code, o.called_at, o.latency_ms, o.healthy`;

/** Which operations are wanted; `null` asks for nothing. */
export interface OperationFilter {
  /** An operation, a call, a subscription, or a transaction of the gateway. */
  readonly id: string | null;
  readonly subscriptionId: string | null;
  readonly kind: string | null;
  readonly state: string | null;
  readonly errorCode: string | null;
  readonly answered: 'well' | 'badly' | 'not_asked' | null;
  /** Answers that took longer. */
  readonly slowerThanMs: number | null;
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
  /** An operation: those that began before it. */
  readonly beforeId: string | null;
}

export const EVERY_OPERATION: OperationFilter = {
  id: null,
  subscriptionId: null,
  kind: null,
  state: null,
  errorCode: null,
  answered: null,
  slowerThanMs: null,
  fromMs: null,
  toMs: null,
  beforeId: null,
};

const ANSWERED: Readonly<Record<'well' | 'badly' | 'not_asked', Piece>> = {
  well: sql`o.called_at is not null and o.healthy`,
  badly: sql`o.called_at is not null and not o.healthy`,
  not_asked: sql`o.called_at is null`,
};

function conditions(f: OperationFilter): Piece {
  const all: Piece[] = [sql`true`];
  if (f.id !== null) {
    all.push(sql`(o.id = ${f.id} or o.interaction_id = ${f.id} or o.subscription_id = ${f.id}
      or o.gateway_transaction_id = ${f.id})`);
  }
  if (f.subscriptionId !== null) all.push(sql`o.subscription_id = ${f.subscriptionId}`);
  if (f.kind !== null) all.push(sql`o.kind = ${f.kind}`);
  if (f.state !== null) all.push(sql`o.state = ${f.state}`);
  if (f.errorCode !== null) all.push(sql`o.error_code = ${f.errorCode}`);
  if (f.answered !== null) all.push(ANSWERED[f.answered]);
  if (f.slowerThanMs !== null) all.push(sql`o.latency_ms > ${f.slowerThanMs}::int`);
  if (f.fromMs !== null) all.push(sql`o.started_at >= ${moment(f.fromMs)}::timestamptz`);
  if (f.toMs !== null) all.push(sql`o.started_at < ${moment(f.toMs)}::timestamptz`);
  if (f.beforeId !== null) {
    all.push(sql`(o.started_at, o.id) <
      (select b.started_at, b.id from operation b where b.id = ${f.beforeId})`);
  }
  return joined(all, ' and ');
}

/** The newest operations of those that are wanted. */
export async function listOperations(
  store: Sql,
  filter: OperationFilter,
  limit: number,
): Promise<readonly ToldOperation[]> {
  const { text, values } = rendered(sql`select ${TOLD} from operation o
    where ${conditions(filter)} order by o.started_at desc, o.id desc limit ${limit}::int`);
  return (await store.query(text, values)).map(toldOf);
}

/** The operations of a call, oldest first, or one alone. */
export async function readOperations(
  store: Sql,
  which: { readonly interactionId: string } | { readonly operationId: string },
  limit: number,
): Promise<readonly ToldOperation[]> {
  const wanted =
    'interactionId' in which
      ? sql`o.interaction_id = ${which.interactionId}`
      : sql`o.id = ${which.operationId}`;
  const { text, values } = rendered(sql`select ${TOLD} from operation o
    where ${wanted} order by o.started_at, o.id limit ${limit}::int`);
  return (await store.query(text, values)).map(toldOf);
}

/** When a call was heard of first; `null` where it is not known. */
export async function callBeganAtMs(store: Sql, interactionId: string): Promise<number | null> {
  const rows = await store.query('select created_at from interaction where id = $1', [
    interactionId,
  ]);
  return firstRow(rows)?.number('created_at') ?? null;
}

/** The keys by which consents of a call were given, by their ids. */
export async function readConsentKeys(
  store: Sql,
  interactionId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await store.query('select id, key_pressed from consent where interaction_id = $1', [
    interactionId,
  ]);
  return new Map(
    rows.map((raw) => {
      const row = new Row(raw);
      return [row.text('id'), row.text('key_pressed')];
    }),
  );
}

/** An event with what has become of it. */
export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly operationId: string;
  /** `null` for an event about a link. */
  readonly subscriptionId: string | null;
  readonly sequence: number;
  readonly createdAtMs: number;
  readonly deliveredAtMs: number | null;
  readonly deadAtMs: number | null;
  /** Of the job that delivers it, while it waits. */
  readonly dueAtMs: number | null;
  readonly tries: number | null;
  readonly lastAnswer: string | null;
}

/** The newest events of a subscription, or of operations; the oldest of them first. */
export async function readEvents(
  store: Sql,
  which: { readonly subscriptionId: string } | { readonly operationIds: readonly string[] },
  limit: number,
): Promise<readonly ToldEvent[]> {
  const wanted =
    'subscriptionId' in which
      ? sql`o.subscription_id = ${which.subscriptionId}`
      : sql`o.operation_id = any(${which.operationIds}::text[])`;
  const { text, values } = rendered(sql`
    select o.id, o.type, o.operation_id, o.subscription_id, o.sequence, o.created_at,
      o.delivered_at, o.dead_at, j.due_at, j.attempts as tries, j.last_error as last_answer
    from outbox o left join job j on j.kind = 'deliver' and j.subject = o.id
    where ${wanted} order by o.created_at desc, o.sequence desc limit ${limit}::int`);
  const rows = await store.query(text, values);
  return rows
    .map((raw) => {
      const row = new Row(raw);
      return {
        id: row.text('id'),
        type: row.text('type'),
        operationId: row.text('operation_id'),
        subscriptionId: row.textOrNull('subscription_id'),
        sequence: row.number('sequence'),
        createdAtMs: row.number('created_at'),
        deliveredAtMs: row.numberOrNull('delivered_at'),
        deadAtMs: row.numberOrNull('dead_at'),
        dueAtMs: row.numberOrNull('due_at'),
        tries: row.numberOrNull('tries'),
        lastAnswer: row.textOrNull('last_answer'),
      };
    })
    .toReversed();
}

/** Where `settle` is with an operation that is open. */
export interface SettleWork {
  readonly operationId: string;
  readonly looks: number;
  readonly lastAtMs: number | null;
  readonly nextAtMs: number;
  readonly lastError: string | null;
}

export async function readSettleWork(
  store: Sql,
  operationIds: readonly string[],
): Promise<readonly SettleWork[]> {
  const rows = await store.query(
    `select subject, attempts, claimed_at, greatest(due_at, lease_until) as next_at, last_error
     from job where kind = 'settle' and subject = any($1::text[])`,
    [operationIds],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      operationId: row.text('subject'),
      looks: row.number('attempts'),
      lastAtMs: row.numberOrNull('claimed_at'),
      nextAtMs: row.number('next_at'),
      lastError: row.textOrNull('last_error'),
    };
  });
}

/** An entry of the ledger about operations: what was done by hand, and how deliveries ended. */
export interface ToldAct {
  readonly operationId: string;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly detail: Readonly<Record<string, string>>;
}

export async function readActs(
  store: Sql,
  operationIds: readonly string[],
): Promise<readonly ToldAct[]> {
  const rows = await store.query(
    `select operation_id, at, actor, action, resource, detail from ledger
     where operation_id = any($1::text[]) and action in ('proposal.made', 'proposal.confirmed',
       'proposal.refused', 'proposal.withdrawn', 'event.delivered', 'event.dead')
     order by at`,
    [operationIds],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    const detail = Object.entries(row.json('detail') ?? {});
    return {
      operationId: row.text('operation_id'),
      atMs: Date.parse(row.text('at')),
      actor: row.text('actor'),
      action: row.text('action'),
      resource: row.text('resource'),
      detail: Object.fromEntries(detail.map(([name, value]) => [name, String(value)])),
    };
  });
}
