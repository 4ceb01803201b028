import type { TSchema, Static } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  BeginReply,
  FinishReply,
  INTERNAL_CREDENTIAL_HEADER,
  KeysReply,
  type BeginRequest,
  type FinishRequest,
} from '../contract/internal.ts';
import type { HttpClient, HttpRequest } from '../system/http-client.ts';

/** What the bridge said. */
export type LineReply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** A problem (RFC 9457) that the caller is to hear as it is. */
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly body: Buffer;
      readonly retryAfter: string | null;
    }
  /** Nothing that can be used. */
  | { readonly kind: 'silent'; readonly reason: 'not_sent' | 'no_answer' | 'refused' };

/** The line to the bridge. No digits cross it. */
export interface BridgeLine {
  begin(request: BeginRequest, signal: AbortSignal): Promise<LineReply<BeginReply>>;
  finish(
    operationId: string,
    request: FinishRequest,
    signal: AbortSignal,
  ): Promise<LineReply<FinishReply>>;
  keys(signal: AbortSignal): Promise<LineReply<KeysReply>>;
}

/** The bridge says these about our credential and our routes: it is not the caller's fault. */
const OUR_FAULTS = new Set([401, 403, 404, 405]);

/**
 * @param http a client whose origin is the bridge's internal socket or URL.
 * @param credential the secret that both processes share.
 */
export function openBridgeLine(http: HttpClient, credential: string): BridgeLine {
  const begun = Compile(BeginReply);
  const finished = Compile(FinishReply);
  const keys = Compile(KeysReply);
  const headers = {
    [INTERNAL_CREDENTIAL_HEADER]: credential,
    'content-type': 'application/json',
    accept: 'application/json',
  };

  async function ask<S extends TSchema>(
    schema: { Check(value: unknown): value is Static<S> },
    request: Pick<HttpRequest, 'method' | 'path'>,
    body: object | null,
    signal: AbortSignal,
  ): Promise<LineReply<Static<S>>> {
    const bytes = body === null ? null : Buffer.from(JSON.stringify(body), 'utf8');
    const exchange = await http.exchange({ ...request, headers, body: bytes }, signal);
    if (exchange.kind !== 'answered') return { kind: 'silent', reason: exchange.kind };
    const { status, headers: answered, body: text } = exchange.response;
    if (status === 200) {
      const value = parsed(text);
      if (schema.Check(value)) return { kind: 'ok', value };
      return { kind: 'silent', reason: 'refused' };
    }
    const isProblem = answered['content-type']?.startsWith('application/problem+json') ?? false;
    if (!isProblem || OUR_FAULTS.has(status)) return { kind: 'silent', reason: 'refused' };
    return { kind: 'problem', status, body: text, retryAfter: answered['retry-after'] ?? null };
  }

  return {
    begin: (request, signal) =>
      ask<typeof BeginReply>(
        begun,
        { method: 'POST', path: '/internal/operations' },
        request,
        signal,
      ),
    finish: (operationId, request, signal) =>
      ask<typeof FinishReply>(
        finished,
        {
          method: 'POST',
          path: `/internal/operations/${encodeURIComponent(operationId)}/finish`,
        },
        request,
        signal,
      ),
    keys: (signal) =>
      ask<typeof KeysReply>(keys, { method: 'GET', path: '/internal/keys' }, null, signal),
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
