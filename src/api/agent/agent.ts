import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { Conversations, Place } from '../../bridge/seat/conversations.ts';
import type { Seated, Seats } from '../../bridge/seat/seat.ts';
import {
  EntryOrder,
  OpenOrder,
  SignInOrder,
  type AgentSession,
  type AgentSignIn,
} from '../../contract/agent.ts';
import { Fault } from '../../payment/fault.ts';
import { languageOf, type Language } from '../../payment/language.ts';
import { secretText, type Randomness } from '../../system/randomness.ts';
import { assertOwnPage } from '../console/guard.ts';
import { noteInteraction, peerOf } from '../listener.ts';
import { ledgerName, shownName } from '../person-name.ts';
import { openReader } from '../validation.ts';
import { Stream, type StreamMeans } from '../stream.ts';
import { serveAgentPages } from './pages.ts';
import {
  agentOf,
  cookieText,
  sealAgent,
  sealSession,
  sessionOf,
  type CallSession,
  type KnownAgent,
} from './session.ts';
import { SIGNED_IN_PATH, type AgentSettings } from './settings.ts';

export interface AgentMeans extends StreamMeans {
  readonly seats: Seats;
  readonly conversations: Conversations;
  readonly randomness: Randomness;
  /** 32 bytes that all replicas share; encrypts what an agent's browser holds. */
  readonly sealKey: Uint8Array;
}

/** Streams of all calls together: each holds a connection as long as an agent looks. */
const STREAMS_MAX = 200;

/** What is watched: a call, in the language of who watches. */
interface Watched {
  readonly interactionId: string;
  readonly speaks: Language;
}

function seatedOf(request: FastifyRequest, session: CallSession): Seated {
  const { user, interactionId } = session;
  return {
    agentId: ledgerName(user.id, user.id),
    interactionId,
    origin: `agent ${peerOf(request)}`,
  };
}

/** Who asks and for which call, where Genesys says that they belong together. */
class Door {
  readonly #settings: AgentSettings;
  readonly #means: AgentMeans;

  constructor(settings: AgentSettings, means: AgentMeans) {
    this.#settings = settings;
    this.#means = means;
  }

  get #secure(): boolean {
    return this.#settings.publicOrigin.startsWith('https:');
  }

  assertOwnPage(request: FastifyRequest): void {
    assertOwnPage(request, this.#settings.publicOrigin);
  }

  /** @throws {Fault} `signed_out`. */
  async known(request: FastifyRequest): Promise<KnownAgent> {
    const { sealKey, clock } = this.#means;
    return agentOf(request, this.#secure, sealKey, clock.now());
  }

  /** Whom Genesys gave a code, asked with the verifier that only their page has. */
  async redeem(code: string, verifier: string): Promise<KnownAgent> {
    const { conversations } = this.#means;
    const given = await conversations.redeem(code, verifier);
    return { ...given, user: await conversations.userOf(given.token) };
  }

  /** @throws {Fault} `signed_out`. */
  async session(request: FastifyRequest): Promise<CallSession> {
    const session = await sessionOf(request, this.#means.sealKey, this.#means.clock.now());
    this.#note(request, session);
    return session;
  }

  /** @throws {Fault} `not_in_conversation`, and what Genesys makes of the token. */
  async place(session: CallSession): Promise<Place> {
    const { token, user, interactionId } = session;
    const place = await this.#means.conversations.placeOf(token, user.id, interactionId);
    if (place !== null) return place;
    throw new Fault('not_in_conversation', 'Open the page from an interaction of your own.');
  }

  /** Opens the page of one call, and notes it in the ledger before anything is shown. */
  async seat(
    request: FastifyRequest,
    reply: FastifyReply,
    agent: KnownAgent,
    interactionId: string,
  ): Promise<AgentSession> {
    const { seats, sealKey, clock } = this.#means;
    const session = { ...agent, interactionId };
    this.#note(request, session);
    await this.place(session);
    await seats.sit(seatedOf(request, session));
    const nowMs = clock.now();
    const { value, endsAtMs } = await sealSession(session, sealKey, nowMs);
    const cookie = await sealAgent(agent, sealKey, nowMs);
    reply.header('set-cookie', cookieText(this.#secure, cookie.value, cookie.lifetimeMs));
    return {
      session: value,
      ends_at: new Date(endsAtMs).toISOString(),
      agent: shownName(agent.user.name, 'Agent'),
    };
  }

  forget(reply: FastifyReply): void {
    reply.header('set-cookie', cookieText(this.#secure, '', 0));
  }

  #note(request: FastifyRequest, { user, interactionId }: CallSession): void {
    noteInteraction(request, interactionId);
    if (request.facts) request.facts.clientId = `agent:${ledgerName(user.id, user.id)}`;
  }
}

/** RFC 7636 §4.1: 32 random bytes in base64url. */
const RANDOM_BYTES = 32;

/**
 * A page gets state and verifier of its own and keeps them in its memory: whoever else learns the code
 * can do nothing with it. The bridge makes them, because a page of ours has no randomness.
 */
function newSignIn(settings: AgentSettings, randomness: Randomness): AgentSignIn {
  const random = (): string => secretText(randomness, RANDOM_BYTES);
  const [state, verifier] = [random(), random()];
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: `${settings.publicOrigin}${SIGNED_IN_PATH}`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
  });
  return { url: `${settings.loginUrl}/oauth/authorize?${query.toString()}`, state, verifier };
}

function serveSignIn(
  app: FastifyInstance,
  settings: AgentSettings,
  randomness: Randomness,
  door: Door,
): void {
  app.get('/agent/api/sign-in', () => newSignIn(settings, randomness));
  const readSignIn = openReader(SignInOrder, 'body');
  app.post('/agent/api/sign-in', async (request, reply) => {
    door.assertOwnPage(request);
    const order = readSignIn(request.body);
    const agent = await door.redeem(order.code, order.verifier);
    return door.seat(request, reply, agent, order.interaction_id);
  });
  const readOpen = openReader(OpenOrder, 'body');
  app.post('/agent/api/open', async (request, reply) => {
    door.assertOwnPage(request);
    const agent = await door.known(request);
    return door.seat(request, reply, agent, readOpen(request.body).interaction_id);
  });
  app.post('/agent/api/sign-out', async (request, reply) => {
    door.assertOwnPage(request);
    door.forget(reply);
    return reply.code(204).send();
  });
}

/** The body's own union is checked inside, so that the reader has an object to look at. */
const EntryBody = Type.Object({ order: EntryOrder }, { additionalProperties: false });

function serveCall(app: FastifyInstance, means: AgentMeans, door: Door): void {
  const { seats, conversations } = means;
  const stream = new Stream<Watched>(
    means,
    ({ interactionId, speaks }) => seats.look(interactionId, speaks),
    STREAMS_MAX,
  );
  app.get<{ Querystring: { lang?: unknown } }>('/agent/api/call/events', async (request, reply) => {
    const session = await door.session(request);
    await door.place(session);
    const { lang } = request.query;
    const speaks = languageOf(typeof lang === 'string' ? lang : null);
    stream.assertRoom();
    await stream.send(reply, { interactionId: session.interactionId, speaks }, async () => {
      await door.session(request);
      // Genesys that is away for a moment takes nothing away; the session ends by itself.
      await door.place(session).catch((error: unknown) => {
        if (!(error instanceof Fault) || error.code !== 'genesys_unavailable') throw error;
      });
    });
  });
  app.addHook('preClose', async () => stream.close());

  const readEntry = openReader(EntryBody, 'body');
  app.post('/agent/api/call/entry', async (request) => {
    door.assertOwnPage(request);
    const session = await door.session(request);
    const { order } = readEntry(request.body);
    const place = await door.place(session);
    if (!place.mayBeginEntry) {
      throw new Fault('not_in_conversation', 'The caller is not on the line with you.');
    }
    return seats.begin(seatedOf(request, session), order, (attributes) =>
      conversations.beginEntry(session.token, session.interactionId, place, attributes),
    );
  });
}

/** The agent's page of a call: who may see it, and what it asks for. */
export function serveAgent(app: FastifyInstance, settings: AgentSettings, means: AgentMeans): void {
  const door = new Door(settings, means);
  serveSignIn(app, settings, means.randomness, door);
  serveCall(app, means, door);
  serveAgentPages(app, settings, means.randomness);
}
