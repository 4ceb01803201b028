import { moment, rendered, sql } from './sql.ts';
import { firstRow } from './row.ts';
import type { Sql } from './store.ts';
import type { VelocitySubject } from './begin.ts';

const DAY_MS = 24 * 3_600_000;

const dayOf = (atMs: number): string => moment(atMs - (atMs % DAY_MS));

/** Stands in `card_mac_key` where what is kept is no hash of ours but the gateway's own mark. */
const GATEWAYS_MARK = 'gateway';

/**
 * Counts an attempt with a card by the gateway's mark of it, once for each operation, however often its
 * end is asked for.
 *
 * @returns the attempts with this card in the day of the operation, this one included.
 */
export async function countShownCard(
  store: Sql,
  operation: { readonly id: string; readonly startedAtMs: number },
  fingerprint: string,
): Promise<number> {
  const subject = `card_day:${fingerprint}`;
  const day = dayOf(operation.startedAtMs);
  const { text, values } = rendered(sql`with marked as (
      update operation set card_mac = ${fingerprint}, card_mac_key = ${GATEWAYS_MARK}
      where id = ${operation.id} and card_mac is null returning id
    ), counted as (
      insert into velocity (subject, window_start, n)
      select ${subject}::text, ${day}::timestamptz, 1 from marked
      on conflict (subject, window_start) do update set n = velocity.n + 1
      returning n
    )
    select coalesce((select n from counted), (select n from velocity
      where subject = ${subject} and window_start = ${day}::timestamptz), 0)::int as n`);
  return firstRow(await store.query(text, values))?.number('n') ?? 0;
}

/** What the begin of a card counted, read again. */
export interface CardCounts {
  readonly cardTries: number;
  readonly velocity: Readonly<Partial<Record<VelocitySubject, number>>>;
}

/** Attempts in the call, and of its number and customer in the day of the operation. */
export async function cardCountsOf(
  store: Sql,
  operation: {
    readonly interactionId: string;
    readonly customerId: string | null;
    readonly startedAtMs: number;
  },
): Promise<CardCounts> {
  const day = dayOf(operation.startedAtMs);
  const { text, values } = rendered(sql`select call.card_tries,
      (select n from velocity where subject = 'ani_day:' || call.ani
        and window_start = ${day}::timestamptz) as ani_day,
      (select n from velocity where subject = 'customer_day:' || ${operation.customerId}::text
        and window_start = ${day}::timestamptz) as customer_day
    from interaction call where call.id = ${operation.interactionId}`);
  const row = firstRow(await store.query(text, values));
  return {
    cardTries: row?.number('card_tries') ?? 1,
    velocity: {
      ani_day: row?.numberOrNull('ani_day') ?? 0,
      customer_day: row?.numberOrNull('customer_day') ?? 0,
    },
  };
}
