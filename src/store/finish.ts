import type { LedgerEntry } from '../payment/ledger.ts';
import { OPERATION_STATES, mayBecome } from '../payment/operation.ts';
import type { ErrorCode, OutcomeKind } from '../payment/outcome.ts';
import { isFinal } from '../payment/operation.ts';
import type { Subscription } from '../payment/subscription.ts';
import type { Breaker, Sample } from '../resilience/breaker.ts';
import { breakerOf, samplesOf, samplesSince } from './breaker.ts';
import { appendEntries } from './ledger.ts';
import { firstRow } from './row.ts';
import { confirmed, heldProposal, type Confirmation } from './proposals.ts';
import { saveSchedule, type ScheduleEnd } from './schedule.ts';
import { joined, moment, optionalMoment, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** A stored card: the gateway's reference and what may be shown of it. */
export interface CardToken {
  readonly id: string;
  readonly customerId: string;
  readonly interactionId: string;
  readonly gateway: string;
  readonly reference: string;
  readonly networkTransactionId: string | null;
  readonly brand: string;
  readonly last4: string;
}

/** An event for billing, with the job that delivers it. */
export interface OutboxEvent {
  readonly id: string;
  readonly jobId: string;
  /** `null` where it tells of a link. */
  readonly subscriptionId: string | null;
  readonly operationId: string;
  readonly interactionId: string;
  readonly sequence: number;
  readonly type: string;
  /** The JSON text that is signed and sent. */
  readonly body: string;
}

/** A job that enrols with the card of a link. */
export interface EnrolLater {
  readonly jobId: string;
  readonly dueAtMs: number;
}

export interface FinishOptions {
  readonly operationId: string;
  readonly gateway: string;
  readonly state: OutcomeKind;
  readonly errorCode: ErrorCode | null;
  readonly rawCode: string | null;
  readonly statusCode: number | null;
  readonly gatewayTransactionId: string | null;
  /** `null` where no gateway was asked: such a call says nothing about its health. */
  readonly latencyMs: number | null;
  readonly healthy: boolean | null;
  readonly answer: string;
  readonly finishedAtMs: number;
  /**
   * When it was sent again last, as far as is known to whoever says that it has come to nothing: one
   * that was sent since is left as it is. Absent where it is not said to have come to nothing.
   */
  readonly sentAgainAtMs?: number | null;
  readonly outcome: LedgerEntry;
  /** The proposal that this carries out; `null` where nobody has proposed it. */
  readonly confirmation: Confirmation | null;
  /** True where the operation holds a subscription, which is free again when this ends. */
  readonly holdsSubscription: boolean;
  /** When `settle` looks next, for `pending` and `in_doubt`. */
  readonly settleAtMs: number;
  readonly token: CardToken | null;
  readonly created: Subscription | null;
  /** A subscription after its change; its `version` is as many more as there are events. */
  readonly changed: Subscription | null;
  /** In their order, one for each step of the subscription's version. */
  readonly events: readonly OutboxEvent[];
  /** For a subscription that Tokenline charges itself. */
  readonly schedule: ScheduleEnd | null;
  /** When a card that a page took is used for what was agreed to, should the caller be gone by then. */
  readonly enrol?: EnrolLater | null;
  /** How many calls the breaker looks back at. */
  readonly sampleCount: number;
}

export interface Finished {
  /**
   * False when the operation had come to its end before, or was sent again, or the proposal is open no
   * more; nothing was changed then.
   */
  readonly changed: boolean;
  readonly breaker: Breaker;
  /** Newest first, without this call. */
  readonly samples: readonly Sample[];
}

function saveToken(token: CardToken, now: string): Piece {
  return sql`, token as (
    insert into card_token (id, customer_id, interaction_id, gateway, reference,
      network_transaction_id, brand, last4, created_at)
    select ${token.id}, ${token.customerId}, ${token.interactionId}, ${token.gateway},
      ${token.reference}, ${token.networkTransactionId}, ${token.brand}, ${token.last4},
      ${now}::timestamptz from op
  )`;
}

function saveCreated(s: Subscription, now: string): Piece {
  return sql`, created as (
    insert into subscription (id, customer_id, plan_id, amount_minor, currency, interval_count,
      interval_unit, status, gateway, gateway_reference, token_id, card_brand, card_last4,
      next_charge_date, consent_id, language, confirmation_code, version, created_at, updated_at)
    select ${s.id}, ${s.customerId}, ${s.planId}, ${s.price.amountMinor}::bigint,
      ${s.price.currency}, ${s.interval.count}::int, ${s.interval.unit}, ${s.status}, ${s.gateway},
      ${s.gatewayReference}, ${s.tokenId}, ${s.cardBrand}, ${s.cardLast4}, ${s.nextChargeDate},
      ${s.consentId}, ${s.language}, ${s.confirmationCode}, ${s.version}::int, ${now}::timestamptz,
      ${now}::timestamptz from op
  )`;
}

function saveChanged(s: Subscription, operationId: string, steps: number, now: string): Piece {
  return sql`, altered as (
    update subscription set plan_id = ${s.planId}, amount_minor = ${s.price.amountMinor}::bigint,
      currency = ${s.price.currency}, interval_count = ${s.interval.count}::int,
      interval_unit = ${s.interval.unit}, status = ${s.status}, token_id = ${s.tokenId},
      card_brand = ${s.cardBrand}, card_last4 = ${s.cardLast4},
      next_charge_date = ${s.nextChargeDate}, version = ${s.version}::int,
      consent_id = ${s.consentId}, ${released(operationId)}, updated_at = ${now}::timestamptz
    from op where subscription.id = ${s.id} and subscription.version = ${s.version - steps}::int
    returning subscription.id
  )`;
}

/** What this operation holds is let go; what another one holds stays. */
function released(operationId: string): Piece {
  return sql`open_operation = nullif(open_operation, ${operationId}),
      charging_operation = nullif(charging_operation, ${operationId})`;
}

/** Nothing came of it: the subscription is free for another operation. */
function releaseSubscription(operationId: string): Piece {
  return sql`, released as (
    update subscription set ${released(operationId)} from op
    where subscription.id = op.subscription_id
  )`;
}

/** The CTEs that keep events and the jobs that deliver them, in the statement of `op`. */
export function saveEvents(events: readonly OutboxEvent[], now: string): Piece {
  const rows = events.map(
    (event) => sql`(${event.id}::text, ${event.jobId}::text, ${event.subscriptionId}::text,
      ${event.operationId}::text, ${event.interactionId}::text, ${event.sequence}::int,
      ${event.type}::text, ${event.body}::text)`,
  );
  return sql`, told (id, job_id, subscription_id, operation_id, interaction_id, sequence, type, body)
  as (values ${joined(rows, ', ')}), event as (
    insert into outbox (id, subscription_id, operation_id, interaction_id, sequence, type, body,
      created_at)
    select t.id, t.subscription_id, t.operation_id, t.interaction_id, t.sequence, t.type, t.body,
      ${now}::timestamptz from told t, op
  ), delivery as (
    insert into job (id, kind, subject, due_at, created_at)
    select t.job_id, 'deliver', t.id, ${now}::timestamptz, ${now}::timestamptz from told t, op
  )`;
}

function saveEnrol({ jobId, dueAtMs }: EnrolLater, now: string): Piece {
  return sql`, enrol as (
    insert into job (id, kind, subject, due_at, created_at)
    select ${jobId}, 'enrol', op.id, ${moment(dueAtMs)}::timestamptz, ${now}::timestamptz from op
  )`;
}

function notSentSince(ms: number | null): Piece {
  return sql`and sent_again_at is not distinct from ${optionalMoment(ms)}::timestamptz`;
}

/**
 * Commits what became of an operation, in one statement: its state and answer, the entry in the
 * ledger, the token or the subscription, the event for billing, and the end of its settle job (or
 * the next look). An operation that has ended is left as it is.
 */
export async function finishOperation(store: Sql, options: FinishOptions): Promise<Finished> {
  const now = moment(options.finishedAtMs);
  const { events, confirmation } = options;
  // What the gateway has called pending is not ended by hand: it has it, and will tell.
  const from = OPERATION_STATES.filter(
    (state) => mayBecome(state, options.state) && !(confirmation && state === 'pending'),
  );
  // An answer in doubt may be found in doubt again: only the next look moves.
  const states = isFinal(options.state) ? from : [...from, options.state];
  // Not `in`, which is a join: it would read the jobs of everything else that is open.
  const theirs = sql`kind = 'settle' and subject = (select id from op)`;
  const settle = isFinal(options.state)
    ? sql`delete from job where ${theirs}`
    : sql`update job set due_at = ${moment(options.settleAtMs)}::timestamptz, lease_until = null
        where ${theirs}`;
  const latencyMs = options.latencyMs === null ? null : Math.round(options.latencyMs);
  const ends = isFinal(options.state) && options.holdsSubscription && options.changed === null;
  const entries = confirmation ? [confirmation.entry, options.outcome] : [options.outcome];
  const { text, values } =
    rendered(sql`with ${confirmation ? heldProposal(confirmation, now) : sql``}op as (
      update operation set state = ${options.state}, error_code = ${options.errorCode},
        raw_code = ${options.rawCode}, status_code = ${options.statusCode}::int,
        gateway_transaction_id = coalesce(${options.gatewayTransactionId}, gateway_transaction_id),
        latency_ms = coalesce(${latencyMs}::int, latency_ms),
        called_at = case when ${latencyMs}::int is null then called_at else ${now}::timestamptz end,
        healthy = coalesce(${options.healthy}::boolean, healthy),
        token_id = coalesce(${options.token?.id ?? null}, token_id),
        subscription_id = coalesce(${options.created?.id ?? null}, subscription_id),
        answer = ${options.answer}, finished_at = ${now}::timestamptz
      ${confirmation ? sql`from held` : sql``}
      where id = ${options.operationId} and state = any(${states}::text[])
        ${options.sentAgainAtMs === undefined ? sql`` : notSentSince(options.sentAgainAtMs)}
      returning id, subscription_id
    ), ${appendEntries(entries, 'op')}, settled as (${settle})
    ${confirmation ? confirmed(confirmation, now) : sql``}
    ${options.token ? saveToken(options.token, now) : sql``}
    ${options.created ? saveCreated(options.created, now) : sql``}
    ${options.changed ? saveChanged(options.changed, options.operationId, events.length, now) : sql``}
    ${ends ? releaseSubscription(options.operationId) : sql``}
    ${events.length > 0 ? saveEvents(events, now) : sql``}
    ${options.enrol ? saveEnrol(options.enrol, now) : sql``}
    ${options.schedule ? sql`, ${saveSchedule(options.schedule, options.operationId, now)}` : sql``}
    select (select id from op) as changed, ${samplesSince(options.gateway, options.sampleCount)} as samples,
      b.state as breaker_state, b.changed_at as breaker_changed_at, b.probe_holder, b.probe_until
    from (select 1) as one left join breaker b on b.gateway = ${options.gateway}`);
  const row = firstRow(await store.query(text, values));
  if (!row) throw new Error('the finish statement gave no row');
  return {
    changed: row.textOrNull('changed') !== null,
    breaker: breakerOf(row),
    samples: samplesOf(row.json('samples')),
  };
}
