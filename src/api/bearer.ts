import type { FastifyRequest } from 'fastify';
import type { Scope } from '../contract/access.ts';
import { Fault } from '../payment/fault.ts';
import type { Verifier } from '../system/access-token.ts';
import type { Clock } from '../system/clock.ts';
import type { Buckets } from './rate-limit.ts';

/** RFC 6750 2.1; a token that is longer than any of ours is none. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{1,2048}=*)$/i;

export interface BearerMeans {
  readonly verifier: Verifier;
  readonly clock: Clock;
  readonly buckets: Buckets;
}

/** Lets a request pass whose access token has the scope; runs before its body is read. */
export async function requireScope(
  means: BearerMeans,
  request: FastifyRequest,
  scope: Scope,
): Promise<void> {
  const header = request.headers.authorization;
  if (header === undefined) {
    throw new Fault('missing_token', 'Send Authorization: Bearer and a token.');
  }
  const [, token] = BEARER.exec(header) ?? [];
  const verdict = await means.verifier.verify(token ?? '', means.clock.now());
  if (verdict.kind !== 'ok') {
    const why = verdict.kind === 'expired' ? 'The token has expired' : 'This is no token of ours';
    throw new Fault('invalid_token', `${why}; get a new one from POST /oauth/token.`);
  }
  if (request.facts) request.facts.clientId = verdict.clientId;
  const waitS = means.buckets.take(verdict.clientId);
  if (waitS > 0) throw new Fault('too_many_requests', 'This client asks too often.', waitS);
  if (!verdict.scopes.includes(scope)) {
    throw new Fault('missing_scope', `This route needs the scope ${scope}.`);
  }
}
