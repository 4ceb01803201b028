import { LANGUAGES, type Language } from '../payment/language.ts';
import type { Breaker } from '../resilience/breaker.ts';
import { breakerOf } from './breaker.ts';
import { declinesOf, declinesOfAll, type Declines } from './declines.ts';
import { firstRow } from './row.ts';
import { moment, rendered, sql } from './sql.ts';
import type { Sql } from './store.ts';

/** What is known of one call. */
export interface Call {
  readonly interactionId: string;
  readonly clientId: string;
  readonly ani: string | null;
  readonly dnis: string | null;
  readonly language: Language | null;
  readonly customerId: string | null;
}

/** A call as the store has it. */
export interface StoredCall extends Call {
  readonly language: Language;
  /** Card attempts so far. */
  readonly cardTries: number;
  /** When a request last came from it. */
  readonly seenAtMs: number;
}

export interface SeenCall {
  readonly call: Call & { readonly language: Language };
  readonly cardTries: number;
  /** Card attempts of this ANI in the running hour and day. */
  readonly aniHour: number;
  readonly aniDay: number;
  readonly automatedPayments: 'on' | 'off';
  readonly breaker: Breaker;
  /** What became of the newest cards of all callers; nothing where it was not asked for. */
  readonly declines: Declines;
}

const HOUR_MS = 3_600_000;

/**
 * A telephone number as it is stored: in groups of four, because E.164 has up to 15 digits, and a run
 * of twelve in a table is an alarm. {@link unspaced} is the way back.
 */
function spaced(number: string | null): string | null {
  return number === null ? null : number.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
}

function unspaced(number: string | null): string | null {
  return number === null ? null : number.replaceAll(' ', '');
}

/**
 * Remembers what a request says of its call (what it leaves out stays as it was) and reads all that
 * decides whether a payment can be taken, in one statement.
 *
 * @param declineWindow how many cards of all callers to look back at; `null` for none.
 */
export async function seeCall(
  store: Sql,
  call: Call,
  gateway: string,
  nowMs: number,
  declineWindow: number | null = null,
): Promise<SeenCall> {
  const now = moment(nowMs);
  const hour = moment(nowMs - (nowMs % HOUR_MS));
  const day = moment(nowMs - (nowMs % (24 * HOUR_MS)));
  const declines =
    declineWindow === null ? sql`null::json` : declinesOfAll({ window: declineWindow, nowMs });
  const { text, values } = rendered(sql`with call as (
      insert into interaction (id, client_id, ani, dnis, language, customer_id, created_at, seen_at)
      values (${call.interactionId}, ${call.clientId}, ${spaced(call.ani)}, ${spaced(call.dnis)},
        coalesce(${call.language}::text, ${LANGUAGES[0]}::text), ${call.customerId},
        ${now}::timestamptz, ${now}::timestamptz)
      on conflict (id) do update set ani = coalesce(excluded.ani, interaction.ani),
        dnis = coalesce(excluded.dnis, interaction.dnis),
        language = coalesce(${call.language}::text, interaction.language),
        customer_id = coalesce(excluded.customer_id, interaction.customer_id),
        seen_at = excluded.seen_at
      returning *
    )
    select call.id, call.client_id, call.ani, call.dnis, call.language, call.customer_id,
      call.card_tries, s.state as switch_state, b.state as breaker_state,
      b.changed_at as breaker_changed_at, b.probe_holder, b.probe_until,
      (select n from velocity where subject = 'ani_hour:' || call.ani
        and window_start = ${hour}::timestamptz) as ani_hour,
      (select n from velocity where subject = 'ani_day:' || call.ani
        and window_start = ${day}::timestamptz) as ani_day,
      ${declines} as declines
    from call left join switch s on s.name = 'automated_payments'
    left join breaker b on b.gateway = ${gateway}`);
  const row = firstRow(await store.query(text, values));
  if (!row) throw new Error('a call was neither inserted nor found');
  return {
    call: {
      interactionId: row.text('id'),
      clientId: row.text('client_id'),
      ani: unspaced(row.textOrNull('ani')),
      dnis: unspaced(row.textOrNull('dnis')),
      language: row.word('language', LANGUAGES),
      customerId: row.textOrNull('customer_id'),
    },
    cardTries: row.number('card_tries'),
    aniHour: row.numberOrNull('ani_hour') ?? 0,
    aniDay: row.numberOrNull('ani_day') ?? 0,
    automatedPayments: row.textOrNull('switch_state') === 'off' ? 'off' : 'on',
    breaker: breakerOf(row),
    declines: declinesOf(row.json('declines')),
  };
}

/** What is stored of a call, or `null` where the call is not known. */
export async function callOf(store: Sql, interactionId: string): Promise<StoredCall | null> {
  const rows = await store.query('select * from interaction where id = $1', [interactionId]);
  const row = firstRow(rows);
  if (!row) return null;
  return {
    interactionId,
    clientId: row.text('client_id'),
    ani: unspaced(row.textOrNull('ani')),
    dnis: unspaced(row.textOrNull('dnis')),
    language: row.word('language', LANGUAGES),
    customerId: row.textOrNull('customer_id'),
    cardTries: row.number('card_tries'),
    seenAtMs: row.number('seen_at'),
  };
}

/** Notes that the call goes on: somebody in it has just asked for something. */
export async function touchCall(store: Sql, interactionId: string, nowMs: number): Promise<void> {
  await store.query('update interaction set seen_at = $2::timestamptz where id = $1', [
    interactionId,
    moment(nowMs),
  ]);
}
