import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import type { GatewayReply } from '../gateway.ts';
import { ok } from '../answered.ts';
import type { Members } from '../json.ts';
import { unasked } from '../reading.ts';
import { readStripe, stripeHeaders } from './words.ts';

/** What has to be there before a request of the operation can be built, or why it cannot be. */
export type Prepared<T> =
  | { readonly kind: 'ready'; readonly value: T }
  | { readonly kind: 'refused'; readonly reply: GatewayReply<never> };

/** Requests to one account of Stripe's. */
export interface StripeLine {
  exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange>;
  /** What a request that changes nothing of the operation's brings, or why the operation failed. */
  prepare<T>(
    request: HttpRequest,
    signal: AbortSignal,
    read: (members: Members) => T | null,
  ): Promise<Prepared<T>>;
}

export function openStripeLine(apiKey: string, http: HttpClient): StripeLine {
  const own = stripeHeaders(apiKey);
  const exchange = (request: HttpRequest, signal: AbortSignal): Promise<Exchange> =>
    http.exchange({ ...request, headers: { ...own, ...request.headers } }, signal);
  return {
    exchange,
    async prepare(request, signal, read) {
      const answered = await exchange(request, signal);
      const value = ok(answered, read);
      return value === null
        ? { kind: 'refused', reply: unprepared(answered) }
        : { kind: 'ready', value };
    },
  };
}

/** Nothing of the operation has been sent, so it has failed, however this request ended. */
function unprepared(exchange: Exchange): GatewayReply<never> {
  const reply = readStripe<never>(exchange, () => null);
  if (reply.outcome.kind === 'failed') return { ...reply, outcome: reply.outcome };
  const aborted = exchange.kind === 'no_answer' && exchange.reason === 'aborted';
  if (aborted) {
    return { ...reply, outcome: { kind: 'failed', errorCode: 'gateway_timeout' } };
  }
  const passing = reply.statusCode === null || reply.statusCode >= 500;
  return {
    ...reply,
    outcome: { kind: 'failed', errorCode: passing ? 'gateway_unavailable' : 'gateway_rejected' },
    again: passing ? { kind: 'again', notBeforeMs: null } : { kind: 'never' },
  };
}

/** The operation cannot be: what Stripe has is not what was agreed to. */
export function contradiction(rawCode: string): Prepared<never> {
  return {
    kind: 'refused',
    reply: unasked({ kind: 'failed', errorCode: 'gateway_rejected' }, rawCode),
  };
}
