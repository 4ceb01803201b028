import { firstRow, Row } from './row.ts';
import { moment } from './sql.ts';
import type { Sql } from './store.ts';

/** How many calls stand at a step. */
export interface StepCount {
  readonly step: string;
  readonly count: number;
}

/**
 * Calls that began since `sinceMs` by the furthest step that they came to. Each is looked up by its id:
 * what it costs grows with the calls of that time, not with the table.
 */
export async function countCallSteps(store: Sql, sinceMs: number): Promise<readonly StepCount[]> {
  const rows = await store.query(
    `select step, count(*)::int as n from (
       select case
         when exists (select 1 from operation o
           where o.interaction_id = i.id and o.kind = 'handoff') then 'agent'
         when exists (select 1 from operation o where o.interaction_id = i.id
           and o.kind = 'subscribe' and o.state = 'approved') then 'enrolled'
         when exists (select 1 from operation o
           where o.interaction_id = i.id and o.kind = 'subscribe') then 'enrolment'
         when exists (select 1 from operation o
           where o.interaction_id = i.id and o.kind in ('tokenise','link')) then 'card'
         when exists (select 1 from consent c where c.interaction_id = i.id) then 'consent'
         when exists (select 1 from disclosure d where d.interaction_id = i.id) then 'terms'
         else 'greeting' end as step
       from interaction i where i.created_at >= $1::timestamptz) s
     group by step`,
    [moment(sinceMs)],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return { step: row.text('step'), count: row.number('n') };
  });
}

export interface SeenGatewayCall {
  readonly atMs: number;
  readonly kind: string;
  readonly latencyMs: number;
  readonly healthy: boolean;
  readonly state: string;
}

/** The newest requests to a gateway, the oldest of them first. */
export async function readGatewayCalls(
  store: Sql,
  gateway: string,
  sinceMs: number,
  limit: number,
): Promise<readonly SeenGatewayCall[]> {
  const rows = await store.query(
    `select called_at, kind, latency_ms, healthy, state from operation
     where gateway = $1 and called_at is not null and called_at >= $2::timestamptz
     order by called_at desc limit $3::int`,
    [gateway, moment(sinceMs), limit],
  );
  return rows
    .map((raw) => {
      const row = new Row(raw);
      return {
        atMs: row.number('called_at'),
        kind: row.text('kind'),
        latencyMs: row.numberOrNull('latency_ms') ?? 0,
        healthy: row.flag('healthy'),
        state: row.text('state'),
      };
    })
    .toReversed();
}

export interface OpenRow {
  readonly operationId: string;
  readonly interactionId: string;
  readonly kind: string;
  readonly state: string;
  readonly startedAtMs: number;
}

/** The oldest operations whose end is not known. */
export async function readOpen(store: Sql, limit: number): Promise<readonly OpenRow[]> {
  const rows = await store.query(
    `select id, interaction_id, kind, state, started_at from operation
     where state in ('pending','in_doubt') and not (kind = 'link' and state = 'pending')
     order by started_at limit $1::int`,
    [limit],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      operationId: row.text('id'),
      interactionId: row.text('interaction_id'),
      kind: row.text('kind'),
      state: row.text('state'),
      startedAtMs: row.number('started_at'),
    };
  });
}

/** When the oldest event that still waits for its delivery was made; `null` where none waits. */
export async function oldestWaitingMs(store: Sql): Promise<number | null> {
  const rows = await store.query(
    `select min(created_at) as oldest from outbox where delivered_at is null and dead_at is null`,
  );
  return firstRow(rows)?.numberOrNull('oldest') ?? null;
}
