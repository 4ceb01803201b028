import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { holdsPan } from '../card/find.ts';
import { Fault } from '../payment/fault.ts';
import type { Access } from './access.ts';
import type { HttpAnswer } from './answer.ts';
import { BODY_BYTES_MAX, type BodySlab } from './body.ts';
import { connectorAnswer, connectorRefused, readConnector } from './pay-connector.ts';
import type { TokeniseAsk, TokeniseReply } from './tokenise.ts';

/** A request that has been read, and how what became of it is told. */
export interface ReadCard extends Pick<TokeniseAsk, 'request' | 'key'> {
  answer(reply: TokeniseReply): HttpAnswer;
}

/** One way of handing a card in: who may, how a body is read, and how it is answered. */
export interface CardDoor {
  /** @throws Fault for headers that this door does not take. */
  check(request: IncomingMessage): void;
  /** Says who it is. @throws Fault for somebody who may not. */
  clientOf(request: IncomingMessage): Promise<string>;
  /** @throws Fault, or a refusal that {@link CardDoor.refused} knows. */
  read(slab: BodySlab, request: IncomingMessage): ReadCard;
  /** A problem as this door's callers read it. */
  refused(problem: HttpAnswer, error: unknown): HttpAnswer;
}

/** RFC 9110 §5.5, visible ASCII; as long as the internal line takes. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** `POST /v1/tokens`: the guide's payload, an access token, problems of RFC 9457. */
export function tokensDoor(access: Pick<Access, 'clientOf'>): CardDoor {
  return {
    check: (request) => checkHeaders(request, ['application/json']),
    clientOf: (request) => access.clientOf(request.headers.authorization, 'cards'),
    read(slab, request) {
      const key = idempotencyKeyOf(request);
      return { request: slab.read(), key, answer: tokenAnswer };
    },
    refused: (problem) => problem,
  };
}

function tokenAnswer(reply: TokeniseReply): HttpAnswer {
  return {
    status: reply.status,
    contentType: reply.contentType,
    body: reply.body,
    headers: reply.retryAfter === null ? {} : { 'retry-after': reply.retryAfter },
    code: null,
    bugId: null,
  };
}

/** What a connector identifies itself with. */
export interface ConnectorCredential {
  readonly username: string;
  readonly password: string;
}

/**
 * `POST /v1/pay-connector`: the contract of Twilio's Generic Pay Connector. It comes with HTTP Basic
 * (RFC 7617), or with an access token where the platform can send one.
 */
export function connectorDoor(
  access: Pick<Access, 'clientOf'>,
  credential: ConnectorCredential,
): CardDoor {
  return {
    // An earlier Twilio connector sends an empty type.
    check: (request) => checkHeaders(request, ['application/json', '']),
    clientOf: (request) => {
      const { authorization = '' } = request.headers;
      return /^basic /i.test(authorization)
        ? basicClient(authorization, credential)
        : access.clientOf(authorization, 'cards');
    },
    read(slab) {
      const connector = slab.take(readConnector);
      return {
        request: connector.request,
        key: connector.transactionId,
        answer: (reply) => told(connectorAnswer(parsed(reply), connector)),
      };
    },
    refused: (problem, error) => {
      const { status, body } = connectorRefused(error);
      const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="tokenline"' } : {};
      const headers = { ...problem.headers, ...challenge };
      return { ...problem, status, body, contentType: 'application/json', headers };
    },
  };
}

function told({ status, body }: { status: number; body: string }): HttpAnswer {
  return { status, contentType: 'application/json', body, headers: {}, code: null, bugId: null };
}

/** The caller's answer; a problem of the bridge has no outcome and is told as one. */
function parsed(reply: TokeniseReply): unknown {
  const text = Buffer.from(reply.body).toString('utf8');
  if (reply.contentType === 'application/problem+json') {
    const problem: unknown = JSON.parse(text);
    const code: unknown =
      typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : '';
    return {
      outcome: 'failed',
      prompt_text: 'The request could not be dealt with.',
      error_code: typeof code === 'string' ? code : 'bridge_unavailable',
      token_id: '',
      operation_id: '',
      card_brand: '',
      card_last4: '',
    };
  }
  return JSON.parse(text);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Compared as digests: of one length, and in constant time. */
function basicClient(authorization: string, credential: ConnectorCredential): Promise<string> {
  const given = Buffer.from(authorization.slice('basic '.length).trim(), 'base64').toString('utf8');
  const wanted = `${credential.username}:${credential.password}`;
  if (timingSafeEqual(digestOf(given), digestOf(wanted))) {
    return Promise.resolve(credential.username);
  }
  throw new Fault('invalid_client', 'Username or password of the pay connector is wrong.');
}

export const tooLarge = (): Fault =>
  new Fault('body_too_large', `The body may have ${BODY_BYTES_MAX} bytes.`);

function checkHeaders(request: IncomingMessage, types: readonly string[]): void {
  const { headers } = request;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (!types.includes(type) || encoding !== 'identity') {
    throw new Fault('unsupported_media_type', 'Send application/json, not compressed.');
  }
  if (Number(headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  if (request.url?.includes('?') ?? false) {
    throw new Fault('bad_request', 'This route takes no query; addresses are logged on their way.');
  }
}

/** An empty header is none: a Genesys data action cannot leave one out. */
function idempotencyKeyOf(request: IncomingMessage): string | null {
  const value = request.headers['idempotency-key'] ?? '';
  if (value === '') return null;
  if (typeof value !== 'string' || !IDEMPOTENCY_KEY.test(value)) {
    throw new Fault('bad_request', 'Idempotency-Key has to be 1 to 255 visible ASCII characters.');
  }
  if (!holdsPan(Buffer.from(value, 'latin1'))) return value;
  throw new Fault(
    'card_number_in_wrong_place',
    'Idempotency-Key holds what may be a card number; derive it from the interaction instead.',
  );
}
