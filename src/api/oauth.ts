import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  AccessTokenRequest,
  SCOPES,
  type AccessTokenAnswer,
  type Scope,
} from '../contract/access.ts';
import { ROUTES } from '../contract/routes.ts';
import { Fault } from '../payment/fault.ts';
import type { Signer } from '../system/access-token.ts';
import type { Clock } from '../system/clock.ts';
import { peerOf } from './listener.ts';
import { sendText } from './problem.ts';
import { openLockout } from './rate-limit.ts';
import type { ApiClient } from './settings.ts';
import { openReader } from './validation.ts';

/** How long an access token is good for. */
const LIFETIME_S = 600;

/** From all addresses together a client may fail this many times as often as from one. */
const ADDRESSES = 10;

/** Client ids that are known to nobody are counted under one key, which no client can have. */
const NOBODY = '?';

/** The codes of RFC 6749 5.2 that can be met here. */
type OauthError = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope';

class OauthFault extends Fault {
  readonly error: OauthError;

  constructor(error: OauthError, detail: string) {
    super(error === 'invalid_client' ? 'invalid_client' : 'bad_request', detail);
    this.name = 'OauthFault';
    this.error = error;
  }
}

interface Credential {
  readonly id: string;
  /** More than one where RFC 6749 2.3.1 and custom read the same header in different ways. */
  readonly secrets: readonly string[];
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** RFC 6749 2.3.1 form-encodes both parts; Genesys' own blueprints do not. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function basicCredential(header: string): Credential {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1)
    throw new OauthFault('invalid_client', 'The Authorization header is no Basic one.');
  const secret = text.slice(colon + 1);
  return { id: decoded(text.slice(0, colon)), secrets: [secret, decoded(secret)] };
}

function credentialOf(request: FastifyRequest, body: AccessTokenRequest): Credential {
  const header = request.headers.authorization;
  if (header === undefined) {
    const { client_id: id, client_secret: secret } = body;
    if (id !== undefined && secret !== undefined) return { id, secrets: [secret] };
    throw new OauthFault('invalid_client', 'Name the client by HTTP Basic or in the body.');
  }
  if (body.client_secret !== undefined) {
    throw new OauthFault('invalid_request', 'Name the client once: in the header or in the body.');
  }
  return basicCredential(header);
}

interface KnownClient {
  readonly id: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly Scope[];
}

/** Decides who a client is. Only the hash of a secret stays in memory. */
function openClients(clients: readonly ApiClient[], failuresPerMinute: number, clock: Clock) {
  const known = new Map<string, KnownClient>(
    clients.map(({ id, secret, scopes }) => [id, { id, scopes, secretHash: sha256(secret) }]),
  );
  const nobody: KnownClient = { id: NOBODY, secretHash: sha256(''), scopes: [] };
  // Counted for each address too, so that a stranger cannot lock a client out from elsewhere.
  const here = openLockout(failuresPerMinute, clock);
  const everywhere = openLockout(failuresPerMinute * ADDRESSES, clock);

  return (credential: Credential, peer: string): KnownClient => {
    const client = known.get(credential.id) ?? nobody;
    const key = `${client.id} ${peer}`;
    const waitS = Math.max(here.waitS(key), everywhere.waitS(client.id));
    if (waitS > 0) throw new Fault('too_many_requests', 'Too many wrong secrets.', waitS);
    // Hashes are of one length, and each comparison takes the same time.
    const matches = credential.secrets.map((secret) =>
      timingSafeEqual(sha256(secret), client.secretHash),
    );
    if (client !== nobody && matches.includes(true)) return client;
    here.failed(key);
    everywhere.failed(client.id);
    throw new OauthFault('invalid_client', 'No client has this id and this secret.');
  };
}

function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

function grantedScopes(asked: string | undefined, client: KnownClient): readonly Scope[] {
  const words = (asked ?? '').split(' ').filter((word) => word !== '');
  if (words.length === 0) return client.scopes;
  const scopes = words.filter(isScope).filter((scope) => client.scopes.includes(scope));
  if (scopes.length === words.length) return [...new Set(scopes)];
  throw new OauthFault('invalid_scope', 'The client has not all of these scopes.');
}

/** RFC 6749 5.2, and a problem of RFC 9457 in the same object. */
function sendOauthFault(reply: FastifyReply, fault: OauthFault): void {
  if (fault.error === 'invalid_client') {
    reply.header('www-authenticate', 'Basic realm="tokenline", charset="UTF-8"');
  }
  const body = { error: fault.error, error_description: fault.message, ...fault.problem() };
  reply
    .code(fault.status)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)));
}

export interface OauthMeans {
  readonly clients: readonly ApiClient[];
  readonly failuresPerMinute: number;
  readonly signer: Signer;
  readonly clock: Clock;
}

/** `POST /oauth/token`: client credentials for a bearer token (RFC 6749 4.4). */
export function serveOauth(parent: FastifyInstance, means: OauthMeans): void {
  const clientOf = openClients(means.clients, means.failuresPerMinute, means.clock);
  const read = openReader(AccessTokenRequest, 'body');

  const answer = async (request: FastifyRequest): Promise<AccessTokenAnswer> => {
    const body = read(request.body);
    if (body.grant_type !== 'client_credentials') {
      throw new OauthFault('unsupported_grant_type', 'The grant type is client_credentials.');
    }
    const client = clientOf(credentialOf(request, body), peerOf(request));
    if (request.facts) request.facts.clientId = client.id;
    const scopes = grantedScopes(body.scope, client);
    return {
      access_token: await means.signer.sign(client.id, scopes, means.clock.now(), LIFETIME_S),
      token_type: 'Bearer',
      expires_in: LIFETIME_S,
      scope: scopes.join(' '),
    };
  };

  void parent.register(async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer' },
      async (_: FastifyRequest, body: Buffer) => {
        const fields = [...new URLSearchParams(body.toString('utf8'))];
        const once = new Map(fields);
        // RFC 6749 3.2: parameters must not be included more than once.
        if (once.size === fields.length) return Object.fromEntries(once);
        throw new OauthFault('invalid_request', 'A parameter stands twice.');
      },
    );
    app.setErrorHandler((error, request, reply) => {
      const shown =
        error instanceof Fault && error.code === 'bad_request' && !(error instanceof OauthFault)
          ? new OauthFault('invalid_request', error.message)
          : error;
      if (!(shown instanceof OauthFault)) throw error;
      if (request.facts) request.facts.code = shown.code;
      sendOauthFault(reply, shown);
    });
    app.post(ROUTES.access_token.path, async (request, reply) => {
      sendText(reply, JSON.stringify(await answer(request)));
      return reply;
    });
  });
}
