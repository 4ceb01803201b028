import type { FastifyReply } from 'fastify';
import { Fault, type FaultCode } from '../payment/fault.ts';

/** Every answer has them. Nothing here is a page, so nothing may be loaded, framed or kept. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Seconds after which somebody whom the store refused may ask again. */
const STORE_RETRY_S = 2;

function memberOf(error: unknown, name: 'name' | 'code' | 'statusCode'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : null;
}

/** The name of an error's class: all of an unknown error that may be logged. */
export function classOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

/** Fastify's own refusals by their code; their messages may quote the request. */
function frameworkFault(code: string, status: number): Fault | null {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Fault('body_too_large', 'Send less, or send it in several requests.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new Fault('unsupported_media_type', 'Send Content-Type: application/json.');
    case 'FST_ERR_NOT_FOUND':
    case 'FST_ERR_BAD_URL':
      return new Fault('unknown_route', 'The routes are in /openapi.json.');
    default:
      return status >= 400 && status < 500
        ? new Fault('bad_request', 'The request is not well-formed HTTP, or ended too early.')
        : null;
  }
}

/**
 * The fault that an error is for the HTTP caller; `null` for a bug. `store/` is out of reach of this
 * folder, so its error is known by its name.
 */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof Fault) return error;
  if (memberOf(error, 'name') === 'StoreUnavailable') {
    return new Fault('store_unavailable', 'Nothing was done; ask again shortly.', STORE_RETRY_S);
  }
  const code = memberOf(error, 'code');
  const status = memberOf(error, 'statusCode');
  return typeof code === 'string' && typeof status === 'number'
    ? frameworkFault(code, status)
    : null;
}

/** What a 401 or 403 has to say about bearer tokens (RFC 6750 3). */
const CHALLENGES: Readonly<Partial<Record<FaultCode, string>>> = {
  missing_token: 'Bearer realm="tokenline"',
  invalid_token: 'Bearer realm="tokenline", error="invalid_token"',
  missing_scope: 'Bearer realm="tokenline", error="insufficient_scope"',
};

/** @param instance names this occurrence of `internal_error`, as the log does. */
export function sendFault(reply: FastifyReply, fault: Fault, instance: string | null): void {
  const challenge = CHALLENGES[fault.code];
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (fault.retryAfterS !== null) reply.header('retry-after', String(fault.retryAfterS));
  const body = instance === null ? fault.problem() : { ...fault.problem(), instance };
  reply
    .code(fault.status)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(body)));
}

/** Sends JSON text as it is, byte for byte. */
export function sendText(reply: FastifyReply, text: string): void {
  reply.code(200).header('content-type', 'application/json').send(Buffer.from(text));
}

/** The whole answer to bytes that are no HTTP request; the connection is closed after it. */
export function rawProblem(): string {
  const fault = new Fault('bad_request', 'The request is not well-formed HTTP, or took too long.');
  const body = JSON.stringify(fault.problem());
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 400 Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
