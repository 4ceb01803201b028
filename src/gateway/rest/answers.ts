import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '../../payment/subscription.ts';
import type { IsoDate } from '../../payment/plan.ts';
import type { Exchange } from '../../system/http-client.ts';
import type { ChargeGrant, GatewayReply, SubscriptionGrant, TokenGrant } from '../gateway.ts';
import { GUIDE_DECLINES, GUIDE_STOPS } from '../guide-words.ts';
import { isMeaning, readExchange, type Found, type Meaning } from '../reading.ts';
import { shownCard } from '../shown-card.ts';
import type { RestMapping } from './mapping.ts';
import { valueAt, wordAt } from './place.ts';

type Answers = RestMapping['answers'];

/** How the answers of one gateway are read. */
export interface RestReader {
  token(exchange: Exchange): GatewayReply<TokenGrant>;
  subscription(exchange: Exchange, asked: Asked): GatewayReply<SubscriptionGrant>;
  charge(exchange: Exchange): GatewayReply<ChargeGrant>;
}

/** What is known before the answer comes. */
export interface Asked {
  /** The status that the request leads to; `null` where only the answer can say it. */
  readonly status: SubscriptionStatus | null;
  /** Given where a 204 says all: the subscription that it was about. */
  readonly reference: string | null;
}

/** The guide's words, and on top of them the mapping's own. */
export function meaningsIn(mapping: Pick<RestMapping, 'errors'>): ReadonlyMap<string, Meaning> {
  const own = mapping.errors.flatMap(({ word, means }) =>
    isMeaning(means) ? [[word, means] as const] : [],
  );
  return new Map([...Object.entries(GUIDE_DECLINES), ...own]);
}

/** The words after which a stored card is not charged again. */
function stopsIn({ errors }: RestMapping): ReadonlySet<string> {
  const own = errors.flatMap(({ word, stop }) => (stop === true ? [word] : []));
  return new Set([...GUIDE_STOPS, ...own]);
}

export function openReader(mapping: RestMapping): RestReader {
  const { answers } = mapping;
  const meanings = meaningsIn(mapping);
  const stops = stopsIn(mapping);

  /** A word that nobody knows is no decline, and it is no grant either. */
  function find<T>(body: unknown, grant: () => T | null): Found<T> | null {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
    const error = wordAt(body, answers.error);
    const verdict = verdictIn(answers, body);
    const known = error === null ? null : meanings.get(error);
    const meaning = known ?? (verdict.kind === 'declined' ? 'card_declined' : null);
    return {
      granted: verdict.kind === 'approved' && error === null ? grant() : null,
      pending: verdict.kind === 'pending',
      meaning,
      rawCode: error ?? (verdict.kind === 'declined' ? verdict.word : null),
      gatewayTransactionId: wordAt(body, answers.transaction_id),
      ...(error !== null && stops.has(error) && { advice: 'stop' as const }),
    };
  }

  function read<T>(
    exchange: Exchange,
    findIn: (body: unknown) => Found<T> | null,
  ): GatewayReply<T> {
    return withoutKeys(mapping, readExchange(exchange, findIn));
  }

  return {
    token: (exchange) =>
      read(exchange, (body) =>
        find(body, () => {
          const tokenReference = wordAt(body, answers.token);
          if (tokenReference === null) return null;
          const networkTransactionId = wordAt(body, answers.network_transaction_id);
          return { tokenReference, networkTransactionId, ...cardIn(answers, body) };
        }),
      ),
    subscription: (exchange, asked) =>
      read(exchange, (body) => {
        const { reference, status } = asked;
        if (reference !== null && status !== null && isNoContent(exchange)) {
          return granted({ subscriptionReference: reference, status, nextChargeDate: null });
        }
        return find(body, () => subscriptionIn(answers, body, asked));
      }),
    charge: (exchange) =>
      read(exchange, (body) =>
        find(body, () => {
          const chargeReference = wordAt(body, answers.charge);
          if (chargeReference === null) return null;
          const networkTransactionId = wordAt(body, answers.network_transaction_id);
          return { chargeReference, networkTransactionId };
        }),
      ),
  };
}

function cardIn(answers: Answers, body: unknown): ReturnType<typeof shownCard> {
  return shownCard(
    wordAt(body, answers.card_brand),
    wordAt(body, answers.card_last4),
    wordAt(body, answers.card_fingerprint),
  );
}

/** The gateway itself says that there is nothing to read (RFC 9110 §15.3.5). */
function isNoContent(exchange: Exchange): boolean {
  return exchange.kind === 'answered' && exchange.response.status === 204;
}

function granted<T>(value: T): Found<T> {
  return {
    granted: value,
    pending: false,
    meaning: null,
    rawCode: null,
    gatewayTransactionId: null,
  };
}

type Verdict =
  | { readonly kind: 'approved' | 'pending' | 'unknown' }
  | { readonly kind: 'declined'; readonly word: string };

function verdictIn({ verdict }: Answers, body: unknown): Verdict {
  if (verdict === null) return { kind: 'approved' };
  const word = wordAt(body, verdict.at);
  if (word !== null && verdict.declined.includes(word)) return { kind: 'declined', word };
  if (word !== null && verdict.pending.includes(word)) return { kind: 'pending' };
  const yes = verdict.approved.length === 0 || (word !== null && verdict.approved.includes(word));
  return { kind: yes ? 'approved' : 'unknown' };
}

const DATE = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/;

function dateAt(body: unknown, place: string | null): IsoDate | null {
  const value = place === null ? null : valueAt(body, place);
  return typeof value === 'string' ? (DATE.exec(value)?.[0] ?? null) : null;
}

function subscriptionIn(answers: Answers, body: unknown, asked: Asked): SubscriptionGrant | null {
  const subscriptionReference = wordAt(body, answers.subscription);
  const word = wordAt(body, answers.status);
  const said = SUBSCRIPTION_STATUSES.find(
    (status) => word !== null && answers.statuses[status].includes(word),
  );
  const status = answers.status === null ? asked.status : (said ?? null);
  if (subscriptionReference === null || status === null) return null;
  return {
    subscriptionReference,
    status,
    nextChargeDate: dateAt(body, answers.next_charge_date),
  };
}

/** A gateway that keeps no keys would carry out a second time what may have been carried out. */
function withoutKeys<T>(mapping: RestMapping, reply: GatewayReply<T>): GatewayReply<T> {
  const repeatable = mapping.idempotency.retention_ms > 0 || reply.outcome.kind !== 'in_doubt';
  return repeatable ? reply : { ...reply, again: { kind: 'never' } };
}
