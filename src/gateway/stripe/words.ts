import type { Exchange } from '../../system/http-client.ts';
import type { GatewayReply } from '../gateway.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import { readExchange, type Found, type Meaning } from '../reading.ts';
import { stripeMeanings } from './errors.ts';

/**
 * The version of the API that requests are written for and answers are read by. Sent with every
 * request: without it an account's own default decides (https://docs.stripe.com/api/versioning).
 */
export const STRIPE_VERSION = '2026-10-28.endive';

/** Headers of every request, for an account whose secret or restricted key is `apiKey`. */
export function stripeHeaders(apiKey: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${apiKey}`,
    'stripe-version': STRIPE_VERSION,
    accept: 'application/json',
  };
}

/** Our own words for what Stripe says only in a sentence; for the ledger and for `doctor`. */
export const RAW_CARD_REFUSED = 'raw_card_data_not_enabled';
export const MOTO_REFUSED = 'moto_not_enabled';

/** The whole sentence: "… is generally unsafe. We suggest you use test tokens …". */
const RAW_CARD_SENTENCE = /^Sending credit card numbers directly to the Stripe API/;
/** `parameter_unknown` for an account to which support has not given it, and its later sentences. */
const MOTO_PARAMETER = /payment_method_options\[card\]\[moto\]/;

export interface StripeError {
  readonly meaning: Meaning | null;
  readonly rawCode: string | null;
}

/** Stripe's error object (https://docs.stripe.com/api/errors), or the same within a SetupIntent. */
export function errorOf(error: Members): StripeError {
  const message = textOf(error, 'message') ?? '';
  if (RAW_CARD_SENTENCE.test(message)) {
    return { meaning: 'gateway_rejected', rawCode: RAW_CARD_REFUSED };
  }
  if (MOTO_PARAMETER.test(`${textOf(error, 'param') ?? ''} ${message}`)) {
    return { meaning: 'gateway_rejected', rawCode: MOTO_REFUSED };
  }
  const type = textOf(error, 'type');
  const code = textOf(error, 'code');
  const declineCode = textOf(error, 'decline_code');
  const rawCode = declineCode ?? code ?? type;
  const known = [declineCode, code].find((word) => word !== null && stripeMeanings.has(word));
  if (known !== undefined && known !== null) {
    return { meaning: stripeMeanings.get(known) ?? null, rawCode };
  }
  return { meaning: meaningOfType(type), rawCode };
}

/** A code that is not known is what its type says it is. */
function meaningOfType(type: string | null): Meaning | null {
  if (type === 'card_error') return 'card_declined';
  if (type === 'invalid_request_error') return 'gateway_rejected';
  // The key has been used with other parameters: that request counts, whatever came of it.
  return type === 'idempotency_error' ? 'in_doubt' : null;
}

/**
 * Reads an answer of Stripe's. `Stripe-Should-Retry` is Stripe's own word on whether the same request
 * with the same key may be sent again (https://docs.stripe.com/error-low-level).
 */
export function readStripe<T>(
  exchange: Exchange,
  find: (members: Members) => Found<T> | null,
): GatewayReply<T> {
  const reply = readExchange<T>(exchange, (body) => {
    const members = membersOf(body);
    if (members === null) return null;
    const error = membersOf(members['error']);
    if (error !== null) return refused(error);
    return find(members);
  });
  if (exchange.kind !== 'answered' || reply.statusCode === 401) return reply;
  const { status, headers } = exchange.response;
  const word = headers['stripe-should-retry'];
  if (word === 'false') return { ...reply, again: { kind: 'never' } };
  const may = word === 'true' && (status === 409 || status >= 500);
  return may && reply.again.kind === 'never'
    ? { ...reply, again: { kind: 'again', notBeforeMs: null } }
    : reply;
}

function refused<T>(error: Members): Found<T> {
  const { meaning, rawCode } = errorOf(error);
  const about = membersOf(error['setup_intent']) ?? membersOf(error['payment_intent']);
  const gatewayTransactionId = textOf(about, 'id') ?? textOf(error, 'charge');
  return { granted: null, pending: false, meaning, rawCode, gatewayTransactionId };
}

/** What a 2xx without an error brought. */
export function granted<T>(value: T | null, gatewayTransactionId: string | null): Found<T> {
  return { granted: value, pending: false, meaning: null, rawCode: null, gatewayTransactionId };
}
