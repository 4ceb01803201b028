import type { Breaker, Sample } from '../resilience/breaker.ts';
import { firstRow, type Row } from './row.ts';
import { moment, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** Reads the breaker from columns `breaker_state, breaker_changed_at, probe_holder, probe_until`. */
export function breakerOf(row: Row): Breaker {
  const changedAtMs = row.numberOrNull('breaker_changed_at') ?? 0;
  if (row.textOrNull('breaker_state') !== 'open') return { state: 'closed', changedAtMs };
  const holder = row.textOrNull('probe_holder');
  const untilMs = row.numberOrNull('probe_until');
  const probe = holder === null || untilMs === null ? null : { holder, untilMs };
  return { state: 'open', changedAtMs, probe };
}

/**
 * The newest calls to a gateway since its breaker changed, as JSON `[[latency_ms, healthy], …]`,
 * newest first. They are read from the operations themselves, so that no call has to wait for a row
 * that all of them write.
 */
export function samplesSince(gateway: string, count: number): Piece {
  return sql`(select coalesce(json_agg(json_build_array(r.latency_ms, r.healthy)
      order by r.called_at desc), '[]'::json) from (
    select o.latency_ms, o.healthy, o.called_at from operation o
    left join breaker b on b.gateway = ${gateway}
    where o.gateway = ${gateway} and o.called_at is not null
      and o.called_at > coalesce(b.changed_at, 'epoch')
    order by o.called_at desc limit ${count}::int) r)`;
}

export function samplesOf(json: unknown): Sample[] {
  if (!Array.isArray(json)) return [];
  return json.map((pair: unknown) => {
    const [latencyMs, ok] = Array.isArray(pair) ? pair.map(Number) : [];
    return { latencyMs: latencyMs ?? 0, ok: ok === 1 };
  });
}

/** Makes sure that the gateway has its row. */
export async function ensureBreaker(store: Sql, gateway: string, nowMs: number): Promise<void> {
  await store.query(
    `insert into breaker (gateway, state, changed_at) values ($1, 'closed', $2::timestamptz)
     on conflict (gateway) do nothing`,
    [gateway, moment(nowMs)],
  );
}

export async function readBreaker(store: Sql, gateway: string): Promise<Breaker> {
  const rows = await store.query(
    `select state as breaker_state, changed_at as breaker_changed_at, probe_holder, probe_until
     from breaker where gateway = $1`,
    [gateway],
  );
  const row = firstRow(rows);
  return row ? breakerOf(row) : { state: 'closed', changedAtMs: 0 };
}

/** Claims the single probe of an open breaker. @returns false when somebody else has it. */
export async function claimProbe(
  store: Sql,
  gateway: string,
  holder: string,
  nowMs: number,
  untilMs: number,
): Promise<boolean> {
  const rows = await store.query(
    `update breaker set probe_holder = $2, probe_until = $4::timestamptz
     where gateway = $1 and state = 'open'
       and (probe_until is null or probe_until <= $3::timestamptz or probe_holder = $2)
     returning gateway`,
    [gateway, holder, moment(nowMs), moment(untilMs)],
  );
  return rows.length === 1;
}

/**
 * Changes the breaker, unless another replica has changed it since it was read.
 *
 * @returns true when this call changed it.
 */
export async function changeBreaker(
  store: Sql,
  gateway: string,
  from: Breaker,
  to: Breaker,
): Promise<boolean> {
  const { text, values } = rendered(sql`
    update breaker set state = ${to.state}, changed_at = ${moment(to.changedAtMs)}::timestamptz,
      probe_holder = null, probe_until = null
    where gateway = ${gateway} and state = ${from.state}
      and changed_at = ${moment(from.changedAtMs)}::timestamptz
    returning gateway`);
  return (await store.query(text, values)).length === 1;
}
