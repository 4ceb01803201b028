import type { LedgerEntry } from '../payment/ledger.ts';
import { appendEntries } from './ledger.ts';
import { firstRow } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

/** An agent at the page of one call. */
export interface Seat {
  readonly interactionId: string;
  /** As the ledger names them, without `agent:`. */
  readonly agentId: string;
}

/** Notes that an agent has opened a call's page; the entry is appended the first time only. */
export async function takeSeat(
  store: Sql,
  { interactionId, agentId }: Seat,
  nowMs: number,
  entry: LedgerEntry,
): Promise<void> {
  const { text, values } = rendered(sql`with op as (
      insert into agent_seat (interaction_id, agent_id, opened_at)
      values (${interactionId}, ${agentId}, ${moment(nowMs)}::timestamptz)
      on conflict (interaction_id, agent_id) do nothing
      returning agent_id as id
    ), ${appendEntries([entry], 'op')} select id from op`);
  await store.query(text, values);
}

/**
 * Notes, before it is asked for, that an agent begins a card entry.
 *
 * @param notSinceMs an entry that was begun later stands in the way.
 * @returns false where one does: then nothing is noted.
 */
export async function beginEntry(
  store: Sql,
  { interactionId, agentId }: Seat,
  nowMs: number,
  notSinceMs: number,
  entry: LedgerEntry,
): Promise<boolean> {
  const { text, values } = rendered(sql`with op as (
      update agent_seat set entry_begun_at = ${moment(nowMs)}::timestamptz
      where interaction_id = ${interactionId} and agent_id = ${agentId} and not exists (
        select 1 from agent_seat other where other.interaction_id = ${interactionId}
          and other.entry_begun_at > ${moment(notSinceMs)}::timestamptz)
      returning agent_id as id
    ), ${appendEntries([entry], 'op')} select id from op`);
  return (await store.query(text, values)).length > 0;
}

/** Takes a card entry back that has not come about. */
export async function dropEntry(
  store: Sql,
  { interactionId, agentId }: Seat,
  entry: LedgerEntry,
): Promise<void> {
  const { text, values } = rendered(sql`with op as (
      update agent_seat set entry_begun_at = null
      where interaction_id = ${interactionId} and agent_id = ${agentId}
      returning agent_id as id
    ), ${appendEntries([entry], 'op')} select id from op`);
  await store.query(text, values);
}

/** When the newest card entry of a call was begun; `null` where none was. */
export async function entryBegunAtMs(store: Sql, interactionId: string): Promise<number | null> {
  const rows = await store.query(
    'select max(entry_begun_at) as begun from agent_seat where interaction_id = $1',
    [interactionId],
  );
  return firstRow(rows)?.numberOrNull('begun') ?? null;
}

/** Forgets who sat at calls that are long over; the ledger keeps it. */
export async function purgeSeats(store: Sql, openedBeforeMs: number): Promise<void> {
  await store.query('delete from agent_seat where opened_at < $1::timestamptz', [
    moment(openedBeforeMs),
  ]);
}
