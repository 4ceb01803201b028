import { languageOf, type Language } from '../payment/language.ts';
import type { LedgerEntry } from '../payment/ledger.ts';
import type { Breaker } from '../resilience/breaker.ts';
import { breakerOf } from './breaker.ts';
import { declinesOf, declinesOfAll, declinesOfBin, type Declines } from './declines.ts';
import { appendEntries } from './ledger.ts';
import {
  insertOperation,
  operationColumns,
  operationOf,
  type NewOperation,
  type Operation,
} from './operations.ts';
import { firstRow, type Row } from './row.ts';
import { joined, moment, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** What the statement that claims a key has seen. */
export interface Begun {
  /** True when the operation is new: its intent is committed. */
  readonly isNew: boolean;
  /** The language of the new operation: the request's, else the call's. */
  readonly language: Language;
  /**
   * The operation that has the key. `null` when this one is new, and also when the other was
   * committed while this statement ran: then it has to be read again.
   */
  readonly earlier: Operation | null;
  readonly automatedPayments: 'on' | 'off';
  readonly breaker: Breaker;
  /** For a card: attempts in this call, this one included. */
  readonly cardTries: number;
  /** For a card: attempts by subject, this one included; see {@link VelocitySubjects}. */
  readonly velocity: Readonly<Partial<Record<VelocitySubject, number>>>;
  /** For a card: what became of the newest cards of its range and of all, this one left out. */
  readonly declines: { readonly ofBin: Declines; readonly ofAll: Declines };
  /** For a card: the price of the call's last consent. */
  readonly consented: { readonly amountMinor: number; readonly currency: string } | null;
  /** False when another operation holds the consent or the subscription. */
  readonly claimed: boolean;
}

export const VELOCITY_SUBJECTS = ['ani_hour', 'ani_day', 'customer_day', 'card_day'] as const;
export type VelocitySubject = (typeof VELOCITY_SUBJECTS)[number];

/** Under what a card attempt is counted, and how far the limits on declines look back. */
export interface CardCounted {
  readonly panMac: string;
  readonly binWindow: number;
  readonly allWindow: number;
}

export interface BeginOptions {
  readonly operation: NewOperation;
  readonly intent: LedgerEntry;
  /** When `settle` looks at it, should this process die. */
  readonly settleAtMs: number;
  readonly jobId: string;
  /** Card attempts are counted; the keyed hash of the PAN is the subject `card_day`. */
  readonly card: CardCounted | null;
}

const HOUR_MS = 3_600_000;

function windowStart(atMs: number, hours: number): string {
  return moment(atMs - (atMs % (hours * HOUR_MS)));
}

/** Counts the attempt in the call and for each subject; the upserts lock in the order of the names. */
function countCard(options: BeginOptions, panMac: string): Piece {
  const { operation } = options;
  const now = moment(operation.startedAtMs);
  const hour = windowStart(operation.startedAtMs, 1);
  const day = windowStart(operation.startedAtMs, 24);
  return sql`, call as (
    insert into interaction (id, client_id, language, customer_id, card_tries, created_at, seen_at)
    select ${operation.interactionId}, ${operation.clientId}, op.language,
      ${operation.customerId}, 1, ${now}::timestamptz, ${now}::timestamptz from op
    on conflict (id) do update set card_tries = interaction.card_tries + 1,
      seen_at = excluded.seen_at
    returning card_tries, ani
  ), counted as (
    insert into velocity (subject, window_start, n)
    select s.subject, s.window_start, 1 from (
      select 'customer_day:' || ${operation.customerId}::text as subject, ${day}::timestamptz as window_start from op
      union all select 'card_day:' || ${panMac}::text, ${day}::timestamptz from op where ${panMac}::text <> ''
      union all select 'ani_day:' || call.ani, ${day}::timestamptz from call where call.ani is not null
      union all select 'ani_hour:' || call.ani, ${hour}::timestamptz from call where call.ani is not null
    ) s order by s.subject
    on conflict (subject, window_start) do update set n = velocity.n + 1
    returning subject, n
  )`;
}

/** One consent is for one enrolment: it is free again only when that one came to nothing. */
function claimConsent(operation: NewOperation): Piece {
  return sql`, claim_consent as (
    update consent set used_by = op.id from op
    where consent.id = ${operation.consentId} and (consent.used_by is null or exists (
      select 1 from operation u where u.id = consent.used_by and u.state in ('declined','failed')))
    returning consent.id
  )`;
}

/** One operation at a time changes a subscription. */
function claimSubscription(operation: NewOperation): Piece {
  return sql`, claim_subscription as (
    update subscription set open_operation = op.id from op
    where subscription.id = ${operation.subscriptionId} and subscription.open_operation is null
    returning subscription.id
  )`;
}

function extras(options: BeginOptions): {
  ctes: Piece;
  tries: Piece;
  velocity: Piece;
  ofBin: Piece;
  ofAll: Piece;
  claimed: Piece;
} {
  const { subscriptionId, consentId, binMac, startedAtMs: nowMs } = options.operation;
  const none = {
    tries: sql`null::int`,
    velocity: sql`null::json`,
    ofBin: sql`null::json`,
    ofAll: sql`null::json`,
    claimed: sql`true`,
  };
  if (options.card) {
    const { panMac, binWindow, allWindow } = options.card;
    return {
      ...none,
      ofBin: binMac === null ? none.ofBin : declinesOfBin({ window: binWindow, nowMs }, binMac),
      ofAll: declinesOfAll({ window: allWindow, nowMs }),
      ctes: countCard(options, panMac),
      tries: sql`(select card_tries from call)`,
      velocity: sql`(select json_object_agg(subject, n) from counted)`,
    };
  }
  const claims: Piece[] = [];
  const held: Piece[] = [sql`true`];
  if (subscriptionId !== null) {
    claims.push(claimSubscription(options.operation));
    held.push(sql`exists (select 1 from claim_subscription)`);
  }
  if (consentId !== null) {
    claims.push(claimConsent(options.operation));
    held.push(sql`exists (select 1 from claim_consent)`);
  }
  return { ...none, ctes: joined(claims, ' '), claimed: joined(held, ' and ') };
}

/**
 * Claims the key and commits the intent, in one statement: the operation, its entry in the ledger,
 * the job that settles it should this process die, the counts and the claims. Nothing has been sent
 * when it returns, and everything that decides whether to send has been read.
 *
 * @throws UniqueViolation `operation_enrolment` when the customer is being enrolled into this plan.
 */
export async function beginOperation(store: Sql, options: BeginOptions): Promise<Begun> {
  const { operation } = options;
  const extra = extras(options);
  const { text, values } = rendered(sql`with ${insertOperation(operation, null)},
    ${appendEntries([options.intent], 'op')},
    settle as (
      insert into job (id, kind, subject, due_at, created_at)
      select ${options.jobId}, 'settle', op.id, ${moment(options.settleAtMs)}::timestamptz,
        ${moment(operation.startedAtMs)}::timestamptz from op
    )${extra.ctes}
    select (select id from op) as inserted,
      (select language from op) as begun_language, ${operationColumns('e')}, s.state as switch_state,
      b.state as breaker_state, b.changed_at as breaker_changed_at, b.probe_holder, b.probe_until,
      ${extra.tries} as card_tries, ${extra.velocity} as velocity,
      ${extra.ofBin} as declines_of_bin, ${extra.ofAll} as declines_of_all, ${extra.claimed} as claimed,
      k.amount_minor as consented_minor, k.currency as consented_currency
    from (select 1) as one
    left join operation e on e.client_id = ${operation.clientId} and e.key = ${operation.key}
    left join breaker b on b.gateway = ${operation.gateway}
    left join switch s on s.name = 'automated_payments'
    left join lateral (
      select d.amount_minor, d.currency from consent c join disclosure d on d.id = c.disclosure_id
      where c.interaction_id = ${operation.interactionId}
      order by c.created_at desc limit 1) k on ${options.card !== null}::boolean`);
  const row = firstRow(await store.query(text, values));
  if (!row) throw new Error('the begin statement gave no row');
  return begunOf(row);
}

function velocityOf(json: unknown): Begun['velocity'] {
  const counts: Partial<Record<VelocitySubject, number>> = {};
  for (const [subject, n] of Object.entries(json ?? {})) {
    const name = VELOCITY_SUBJECTS.find((candidate) => subject.startsWith(`${candidate}:`));
    if (name) counts[name] = Number(n);
  }
  return counts;
}

function begunOf(row: Row): Begun {
  const isNew = row.textOrNull('inserted') !== null;
  const amountMinor = row.numberOrNull('consented_minor');
  return {
    isNew,
    language: languageOf(row.textOrNull('begun_language')),
    earlier: isNew || row.textOrNull('id') === null ? null : operationOf(row),
    automatedPayments: row.textOrNull('switch_state') === 'off' ? 'off' : 'on',
    breaker: breakerOf(row),
    cardTries: row.numberOrNull('card_tries') ?? 0,
    velocity: velocityOf(row.json('velocity')),
    declines: {
      ofBin: declinesOf(row.json('declines_of_bin')),
      ofAll: declinesOf(row.json('declines_of_all')),
    },
    consented:
      amountMinor === null ? null : { amountMinor, currency: row.text('consented_currency') },
    claimed: row.flag('claimed'),
  };
}
