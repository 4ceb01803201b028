import { isErrorCode, type ErrorCode, type Outcome } from '../payment/outcome.ts';
import { holdsCardNumber } from '../system/digit-run.ts';
import type { Exchange } from '../system/http-client.ts';
import type { Again } from '../resilience/retry.ts';
import type { GatewayReply, RetryAdvice } from './gateway.ts';

/** What an adapter finds in a readable body: its own words, not yet judged by status. */
export interface Found<T> {
  /** What a 2xx brought, or `null` when the id that had to be there is not. */
  readonly granted: T | null;
  /** The gateway says that it will tell us later. */
  readonly pending: boolean;
  /** What the gateway's own word for an error means, where the body has one that we know. */
  readonly meaning: Meaning | null;
  readonly rawCode: string | null;
  readonly gatewayTransactionId: string | null;
  /** What the answer says about trying a declined card again, where it says anything. */
  readonly advice?: RetryAdvice;
}

/**
 * A reply that no answer of the gateway's brought: it was not asked, or what is known comes from
 * elsewhere. The breaker learns nothing from it.
 */
export function unasked<T = never>(
  outcome: Outcome<T>,
  rawCode: string | null = null,
): GatewayReply<T> {
  return {
    outcome,
    again: { kind: 'never' },
    latencyMs: 0,
    healthy: true,
    statusCode: null,
    rawCode,
    gatewayTransactionId: null,
  };
}

/** True for a reply of {@link unasked}: an exchange takes time, and answers or is not healthy. */
export function isUnasked({ latencyMs, healthy, statusCode }: GatewayReply<unknown>): boolean {
  return latencyMs === 0 && healthy && statusCode === null;
}

/** Error codes that only Tokenline itself gives. */
const OURS = [
  'card_not_stored',
  'gateway_timeout',
  'link_expired',
  'switched_off',
  'breaker_open',
  'too_many_attempts',
] as const;

/**
 * What a gateway's code can mean. `in_doubt` is one that says that a request with this key is being
 * dealt with right now; `gateway_rejected`, that we are wrong and not the card.
 */
export type Meaning = Exclude<ErrorCode, (typeof OURS)[number]>;

export function isMeaning(text: string): text is Meaning {
  return isErrorCode(text) && !OURS.some((ours) => ours === text);
}

const NO_DECLINES = [
  'in_doubt',
  'gateway_unavailable',
  'gateway_rejected',
  'not_found',
  'not_allowed',
] as const;

/** True where the issuer, or the gateway in its place, has said no to the card. */
export function isDecline(
  meaning: Meaning,
): meaning is Exclude<Meaning, (typeof NO_DECLINES)[number]> {
  return !NO_DECLINES.some((other) => other === meaning);
}

const NEVER: Again = { kind: 'never' };

/** `Retry-After` in seconds (RFC 9110 §10.2.3); a date is not worth a caller's time: `null`. */
function retryAfterMs(headers: Readonly<Record<string, string>>): number | null {
  const text = headers['retry-after'] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : null;
}

/** What the ledger's columns and the internal line take. */
const CODE_CHARS_MAX = 64;
const REFERENCE_CHARS_MAX = 255;

/**
 * A gateway's code or reference as it may be kept: printable, not longer than its column, and never
 * with a card number in it, for a gateway may echo what it was sent.
 */
function keepable(text: string | null, charsMax: number): string | null {
  if (text === null) return null;
  if (holdsCardNumber(text)) return '[card number]';
  return text.slice(0, charsMax).replaceAll(/[^\x20-\x7e]/g, '?');
}

/**
 * A status without a word that we know in its body. The default arm is `in_doubt`.
 *
 * @param rawCode the gateway's own word: a 402 with one is a decline that we have no name for; a 402
 *   without one may come from anything on the way.
 */
function byStatus<T>(
  status: number,
  rawCode: string | null,
): { outcome: Outcome<T>; again: Again['kind'] } {
  switch (status) {
    case 401:
      return {
        outcome: { kind: 'failed', errorCode: 'gateway_rejected' },
        again: 'renew_credential',
      };
    case 400:
    case 403:
    case 404:
    case 405:
    case 413:
    case 415:
    case 422:
      return { outcome: { kind: 'failed', errorCode: 'gateway_rejected' }, again: 'never' };
    case 402:
      return rawCode === null
        ? { outcome: { kind: 'in_doubt' }, again: 'never' }
        : { outcome: { kind: 'declined', errorCode: 'card_declined' }, again: 'never' };
    case 429:
      return { outcome: { kind: 'failed', errorCode: 'gateway_unavailable' }, again: 'again' };
    case 502:
    case 503:
    case 504:
      return { outcome: { kind: 'in_doubt' }, again: 'again' };
    default:
      return { outcome: { kind: 'in_doubt' }, again: 'never' };
  }
}

/**
 * The rules that hold for every gateway, status first: a non-2xx is never success whatever its
 * body, a 2xx without the expected id is in doubt, "sent" decides between failure and doubt.
 *
 * @param find reads the body; `null` when it is not what the gateway's description promises.
 */
export function readExchange<T>(
  exchange: Exchange,
  find: (body: unknown, status: number) => Found<T> | null,
): GatewayReply<T> {
  const { latencyMs } = exchange;
  const silent = { latencyMs, statusCode: null, rawCode: null, gatewayTransactionId: null };
  if (exchange.kind === 'not_sent') {
    const aborted = exchange.reason === 'aborted';
    return {
      ...silent,
      healthy: false,
      outcome: { kind: 'failed', errorCode: aborted ? 'gateway_timeout' : 'gateway_unavailable' },
      again: aborted ? NEVER : { kind: 'again', notBeforeMs: null },
    };
  }
  if (exchange.kind === 'no_answer') {
    return { ...silent, healthy: false, outcome: { kind: 'in_doubt' }, again: NEVER };
  }
  const { status, headers, body } = exchange.response;
  const found = find(parseJson(body), status);
  const rawCode = keepable(found?.rawCode ?? null, CODE_CHARS_MAX);
  const { outcome, again } = judged(status, found, rawCode);
  return {
    latencyMs,
    statusCode: status,
    rawCode,
    gatewayTransactionId: keepable(found?.gatewayTransactionId ?? null, REFERENCE_CHARS_MAX),
    // A 2xx that leaves us in doubt is an answer nobody can read.
    healthy: status < 500 && found !== null && !(status < 300 && outcome.kind === 'in_doubt'),
    outcome,
    ...(found?.advice !== undefined && { advice: found.advice }),
    again:
      again === 'again' ? { kind: again, notBeforeMs: retryAfterMs(headers) } : { kind: again },
  };
}

function judged<T>(
  status: number,
  found: Found<T> | null,
  rawCode: string | null,
): { outcome: Outcome<T>; again: Again['kind'] } {
  if (status >= 200 && status < 300) return { outcome: granted(found), again: 'never' };
  if (found?.meaning && status >= 400 && status < 500 && status !== 401 && status !== 429) {
    return byMeaning(found.meaning);
  }
  return byStatus(status, rawCode);
}

/** A 4xx whose word we know. */
function byMeaning<T>(meaning: Meaning): { outcome: Outcome<T>; again: Again['kind'] } {
  if (isDecline(meaning)) {
    return { outcome: { kind: 'declined', errorCode: meaning }, again: 'never' };
  }
  switch (meaning) {
    case 'in_doubt':
      // The same request again, with its key, gets the answer of the one that is under way.
      return { outcome: { kind: 'in_doubt' }, again: 'again' };
    case 'gateway_unavailable':
      return { outcome: { kind: 'failed', errorCode: meaning }, again: 'again' };
    case 'gateway_rejected':
    case 'not_found':
    case 'not_allowed':
      return { outcome: { kind: 'failed', errorCode: meaning }, again: 'never' };
  }
}

/** A 2xx. What says yes and no at once has said neither. */
function granted<T>(found: Found<T> | null): Outcome<T> {
  if (found === null || (found.granted !== null && found.meaning !== null)) {
    return { kind: 'in_doubt' };
  }
  if (found.meaning !== null) {
    // That nothing happened is said with a status of its own; a decline may come with a 200.
    return isDecline(found.meaning)
      ? { kind: 'declined', errorCode: found.meaning }
      : { kind: 'in_doubt' };
  }
  if (found.pending) return { kind: 'pending' };
  if (found.granted !== null) return { kind: 'approved', value: found.granted };
  return { kind: 'in_doubt' };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/**
 * True where the gateway itself has said no to a request that has failed, and would say it again. One
 * that could not be sent, or was put off, has only come at the wrong time.
 */
export function isRefused({ again, statusCode }: GatewayReply<unknown>): boolean {
  return again.kind === 'never' && statusCode !== null;
}

/** The reply of an adapter to what its capabilities say it cannot do: nothing was sent. */
export function notOffered(): GatewayReply<never> {
  return {
    outcome: { kind: 'failed', errorCode: 'not_allowed' },
    again: NEVER,
    latencyMs: 0,
    healthy: true,
    statusCode: null,
    rawCode: null,
    gatewayTransactionId: null,
  };
}

/**
 * Joins an attempt with the one before it. A later "could not be sent" or "come back later" does not
 * undo an earlier request that may have taken effect.
 */
export function joinReplies<T>(earlier: GatewayReply<T>, later: GatewayReply<T>): GatewayReply<T> {
  const doubt = earlier.outcome.kind === 'in_doubt' && later.outcome.kind === 'failed';
  const latencyMs = Math.max(earlier.latencyMs, later.latencyMs);
  return doubt ? { ...later, latencyMs, outcome: earlier.outcome } : { ...later, latencyMs };
}
