import type { ServerResponse } from 'node:http';
import { Fault } from '../payment/fault.ts';
import { newId, type Randomness } from '../system/randomness.ts';

/** An answer as it goes out. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
  /** The fault's code, or `null`. */
  readonly code: string | null;
  /** With `internal_error`: what the log has it under. */
  readonly bugId: string | null;
}

export function jsonAnswer(body: object): HttpAnswer {
  return textAnswer('application/json', JSON.stringify(body));
}

export function textAnswer(contentType: string, body: string): HttpAnswer {
  return { status: 200, contentType, body, headers: {}, code: null, bugId: null };
}

/** A problem of RFC 9457. Of a bug nothing is said but an id: its message may repeat input. */
export function problemAnswer(error: unknown, randomness: Randomness): HttpAnswer {
  const isFault = error instanceof Fault;
  const bugId = isFault ? null : newId('bug', randomness);
  const fault = isFault
    ? error
    : new Fault('internal_error', 'Tell the operator the id in "instance"; the log has it.');
  const headers: Record<string, string> = {};
  if (fault.status === 401) headers['www-authenticate'] = 'Bearer realm="tokenline"';
  if (fault.retryAfterS !== null) headers['retry-after'] = String(fault.retryAfterS);
  return {
    status: fault.status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ ...fault.problem(), ...(bugId === null ? {} : { instance: bugId }) }),
    headers,
    code: fault.code,
    bugId,
  };
}

/** Does nothing where the client has gone. */
export function writeAnswer(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(answer.body);
}
