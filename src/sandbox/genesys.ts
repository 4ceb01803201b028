import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sleep, type Clock } from '../system/clock.ts';
import { secretText, type Randomness } from '../system/randomness.ts';
import { AGENTS, callerOf, type Conversation, type Conversations } from './conversations.ts';
import { desktopPage, loginPage, STYLE } from './genesys-pages.ts';
import { rawBody } from './routes.ts';
import { jsonOf } from './requests.ts';
import type { GenesysSettings } from './settings.ts';

/** Where the make-believe Genesys Cloud is, below the sandbox's own address. */
export const GENESYS_PATH = '/genesys';

/** Life of a token, seconds: a shift and a bit; and of a code, as RFC 6749 §4.1.2 has it at most. */
const TOKEN_S = 43_200;
const CODE_MS_MAX = 600_000;
/** How long the line waits for news in one request. */
const NEWS_MS_MAX = 20_000;
const SECRET_BYTES = 32;

interface Grant {
  readonly userId: string;
  readonly challenge: string;
  readonly untilMs: number;
}

export interface GenesysMeans {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly conversations: Conversations;
}

interface Parts extends GenesysMeans {
  readonly settings: GenesysSettings;
  readonly codes: Map<string, Grant>;
  /** User ids by token. */
  readonly tokens: Map<string, string>;
}

/** An error as Genesys' platform API words one: `ErrorBody` of its SDK. */
function refuse(reply: FastifyReply, status: number, code: string): FastifyReply {
  return reply.code(status).send({ status, code, message: code, messageParams: {}, errors: [] });
}

function formOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}

function textIn(json: unknown, name: string): string {
  const found = fieldOf(json, name);
  return typeof found === 'string' ? found : '';
}

function attributesIn(json: unknown): Record<string, string> {
  const found = fieldOf(json, 'attributes');
  const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** Signing in: RFC 6749 §4.1 with RFC 7636, for a client without a secret. */
function loginRoutes(server: FastifyInstance, parts: Parts): void {
  const { settings, codes, tokens, clock, randomness } = parts;
  const path = `${GENESYS_PATH}/login/oauth`;

  server.get<{ Querystring: Record<string, string> }>(`${path}/authorize`, (request, reply) => {
    const { client_id: client, redirect_uri: back, state = '', ...rest } = request.query;
    const { code_challenge: challenge, code_challenge_method: method, response_type: type } = rest;
    const known =
      client === settings.clientId && back === settings.redirectUri && challenge !== undefined;
    if (!known || method !== 'S256' || type !== 'code')
      return refuse(reply, 400, 'invalid_request');
    return reply
      .header('content-security-policy', POLICY)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(loginPage(AGENTS, { state, challenge }));
  });
  server.post(`${path}/authorize`, (request, reply) => {
    const form = formOf(request);
    const agent = AGENTS.find(({ id }) => id === form.get('agent'));
    if (agent === undefined) return refuse(reply, 400, 'invalid_request');
    const code = secretText(randomness, SECRET_BYTES);
    const challenge = form.get('challenge') ?? '';
    codes.set(code, { userId: agent.id, challenge, untilMs: clock.now() + CODE_MS_MAX });
    const query = new URLSearchParams({ code, state: form.get('state') ?? '' });
    return reply.redirect(`${settings.redirectUri}?${query.toString()}`, 303);
  });
  server.post(`${path}/token`, (request, reply) => {
    const form = formOf(request);
    const grant = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const shown = createHash('sha256').update(form.get('code_verifier') ?? '');
    const fits =
      grant !== undefined &&
      clock.now() < grant.untilMs &&
      form.get('client_id') === settings.clientId &&
      form.get('redirect_uri') === settings.redirectUri &&
      shown.digest('base64url') === grant.challenge;
    if (!fits) return reply.code(400).send({ error: 'invalid_grant' });
    const token = secretText(randomness, SECRET_BYTES);
    tokens.set(token, grant.userId);
    return { access_token: token, token_type: 'bearer', expires_in: TOKEN_S };
  });
}

/** The platform API, as far as the agent's page of the bridge asks it. */
function apiRoutes(server: FastifyInstance, parts: Parts): void {
  const { conversations, tokens } = parts;
  const path = `${GENESYS_PATH}/api/v2`;
  const userOf = (request: FastifyRequest): string | null => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    return tokens.get(token) ?? null;
  };
  /** The conversation, where the user takes part in it; has answered otherwise. */
  const own = (request: FastifyRequest, reply: FastifyReply, id: string): Conversation | null => {
    const user = userOf(request);
    const found = conversations.find(id);
    const takesPart = found?.participants.some(({ userId }) => userId === user) ?? false;
    if (user !== null && takesPart) return found;
    if (user === null) refuse(reply, 401, 'bad.credentials');
    else refuse(reply, 404, 'not.found');
    return null;
  };

  server.get(`${path}/users/me`, (request, reply) => {
    const user = AGENTS.find(({ id }) => id === userOf(request));
    return user === undefined
      ? refuse(reply, 401, 'bad.credentials')
      : { id: user.id, name: user.name, version: 1 };
  });
  server.get<{ Params: { id: string } }>(`${path}/conversations/:id`, (request, reply) => {
    const found = own(request, reply, request.params.id);
    return found === null ? reply : shown(found);
  });
  type OfParticipant = { Params: { id: string; participant: string } };
  const participant = `${path}/conversations/:id/participants/:participant`;
  server.patch<OfParticipant>(`${participant}/attributes`, (request, reply) => {
    const found = own(request, reply, request.params.id);
    if (found === null) return reply;
    const one = found.participants.find(({ id }) => id === request.params.participant);
    if (one === undefined) return refuse(reply, 404, 'not.found');
    Object.assign(one.attributes, attributesIn(jsonOf(rawBody(request))));
    return { attributes: one.attributes };
  });
  server.post<OfParticipant>(`${participant}/secureivrsessions`, (request, reply) => {
    const found = own(request, reply, request.params.id);
    if (found === null) return reply;
    const body = jsonOf(rawBody(request));
    const [flowId, source] = [textIn(body, 'flowId'), textIn(body, 'sourceParticipantId')];
    const caller = callerOf(found);
    if (caller?.id !== request.params.participant || caller.endTime !== undefined) {
      return refuse(reply, 400, 'bad.request');
    }
    if (flowId !== parts.settings.flowId) return refuse(reply, 400, 'bad.request');
    const order = {
      userData: textIn(body, 'userData'),
      sourceParticipantId: source,
      disconnect: fieldOf(body, 'disconnect') === true,
    };
    return conversations.secure(found, order, flowId);
  });
}

/** Genesys' `Conversation`; what the sandbox keeps beside it is its own. */
export function shown({ id, startTime, endTime, participants }: Conversation) {
  return { id, startTime, ...(endTime !== undefined && { endTime }), participants };
}

/** What the line and tests tell it, and ask. */
function controlRoutes(server: FastifyInstance, parts: Parts): void {
  const { conversations, clock } = parts;
  const path = '/__sandbox/genesys/conversations';
  type Named = { Params: { id: string } };

  server.post<Named>(`${path}/:id`, (request) =>
    shown(conversations.arrive(request.params.id, attributesIn(jsonOf(rawBody(request))))),
  );
  server.get<Named>(`${path}/:id`, (request, reply) => {
    const found = conversations.find(request.params.id);
    return found ?? refuse(reply, 404, 'not.found');
  });
  server.delete<Named>(`${path}/:id`, (request) => {
    conversations.end(request.params.id);
    return {};
  });
  server.post<Named>(`${path}/:id/back`, (request, reply) => {
    const found = conversations.find(request.params.id);
    if (found === null) return refuse(reply, 404, 'not.found');
    conversations.back(found, attributesIn(jsonOf(rawBody(request))));
    return {};
  });
  server.get<Named>(`${path}/:id/news`, async (request, reply) => {
    const found = conversations.find(request.params.id);
    if (found === null) return refuse(reply, 404, 'not.found');
    const over = new AbortController();
    const done = new AbortController();
    void sleep(clock, NEWS_MS_MAX, done.signal).then(() => over.abort());
    reply.raw.once('close', () => over.abort());
    const news = await conversations.next(found, over.signal);
    done.abort();
    return news ?? { kind: 'nothing' };
  });
}

const POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** The agent's desktop: the page of the bridge in a frame, as an Interaction Widget has it. */
function desktopRoutes(server: FastifyInstance, { settings, conversations }: Parts): void {
  server.get(`${GENESYS_PATH}/genesys.css`, (_, reply) => reply.type('text/css').send(STYLE));
  server.get<{ Querystring: { conversation?: string } }>(
    `${GENESYS_PATH}/desktop`,
    (request, reply) => {
      const found = conversations.find(request.query.conversation ?? '');
      if (found === null) return refuse(reply, 404, 'not.found');
      const { origin } = new URL(settings.agentPage);
      const policy = `default-src 'none'; style-src 'self'; frame-src ${origin}; base-uri 'none'`;
      return reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(desktopPage(settings.agentPage, found.id));
    },
  );
}

/**
 * A make-believe Genesys Cloud for the agent's page: people sign in by pressing a button, and each call
 * that the softphone passes to a person is a conversation of Ana's.
 */
export function genesysRoutes(
  server: FastifyInstance,
  settings: GenesysSettings,
  means: GenesysMeans,
): void {
  const parts: Parts = { ...means, settings, codes: new Map(), tokens: new Map() };
  loginRoutes(server, parts);
  apiRoutes(server, parts);
  controlRoutes(server, parts);
  desktopRoutes(server, parts);
}
