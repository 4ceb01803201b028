import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Fault } from '../payment/fault.ts';
import type { Clock } from '../system/clock.ts';
import { hasDigitRun, holdsCardNumber } from '../system/digit-run.ts';
import type { Log } from '../system/log.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { TLS } from '../system/tls.ts';
import { readJson } from './json-body.ts';
import type { ApiMetrics } from './metrics.ts';
import { classOf, faultOf, rawProblem, SECURITY_HEADERS, sendFault } from './problem.ts';
import { openBuckets, type Buckets } from './rate-limit.ts';
import type { ApiLimits, ApiTls } from './settings.ts';

/** What is known about a request while it is served, for the log. */
export interface RequestFacts {
  readonly startedAtMs: number;
  clientId: string | null;
  interactionId: string | null;
  code: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** `undefined` where Fastify refused the address before any hook ran. */
    facts: RequestFacts | null | undefined;
  }
}

export interface ListenerOptions {
  /** `public` or `internal`, for the log. */
  readonly name: string;
  readonly tls: ApiTls | null;
  readonly limits: ApiLimits;
  /** How many bytes a body may have. */
  readonly bodyBytesMax: number;
  /** Whether requests are counted against their address. */
  readonly limitPeers: boolean;
  /**
   * `refused` wherever a client can put one. The tokenizer's line carries hashes and a gateway's own
   * ids, in which digits stand by chance, and its fields are too few to hide a card in.
   */
  readonly pans: 'refused' | 'not_looked_for';
}

export interface ListenerMeans {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly metrics: ApiMetrics;
}

export interface Listener {
  readonly app: FastifyInstance;
  /** From now on every request is refused, and connections end with their answer. */
  refuse(): void;
  stopping(): boolean;
  /** Closes all connections at once. */
  cut(): void;
}

/** Probes are answered however busy the process is, and say themselves that it stops. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Above the 60 s that load balancers keep a connection, so that they are the ones to close it. */
const KEEP_ALIVE_MS = 65_000;

/** How often Node looks for requests that do not arrive; its default of 30 s is three times the limit. */
const TIMEOUT_CHECK_MS = 1_000;

/** Seconds after which to ask again when too much is being served at once. */
const BUSY_RETRY_S = 1;

function createServer(tls: ApiTls | null, limits: ApiLimits): Server {
  const options = {
    requestTimeout: limits.receiveMsMax,
    headersTimeout: limits.receiveMsMax,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const server =
    tls === null ? createPlainServer(options) : createTlsServer({ ...options, ...tls, ...TLS });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

/** Where a request comes from; a Unix socket has no address. */
export function peerOf(request: FastifyRequest): string {
  return request.socket.remoteAddress ?? 'socket';
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown';
}

function report(
  options: ListenerOptions,
  means: ListenerMeans,
  request: FastifyRequest,
  reply: FastifyReply,
  facts: RequestFacts,
): void {
  const durationMs = means.clock.monotonicMs() - facts.startedAtMs;
  const status = reply.raw.writableFinished ? reply.raw.statusCode : 0;
  const route = routeOf(request);
  // A made-up method would be a label of its own.
  const method = route === 'unknown' ? 'unknown' : request.method;
  means.metrics.request(route, method, status, durationMs / 1_000);
  means.log.info('http.request', {
    kind: options.name,
    route,
    method,
    status,
    ...(facts.code === null ? {} : { code: facts.code }),
    ...(facts.clientId === null ? {} : { clientId: facts.clientId }),
    ...(facts.interactionId === null ? {} : { interactionId: facts.interactionId }),
    durationMs: Math.round(durationMs),
  });
}

/** What every request begins with, also one that no route is looked up for. */
function greet(
  options: ListenerOptions,
  means: ListenerMeans,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const facts: RequestFacts = {
    startedAtMs: means.clock.monotonicMs(),
    clientId: null,
    interactionId: null,
    code: null,
  };
  request.facts = facts;
  reply.headers(SECURITY_HEADERS);
  if (options.tls !== null) reply.header('strict-transport-security', 'max-age=31536000');
  // Emitted once, also where the client has gone away.
  reply.raw.once('close', () => report(options, means, request, reply, facts));
}

/** The longest run of digits that an id in the log may have, UUIDs excepted. */
const LOGGED_DIGITS_MAX = 11;
const REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$/;

/** Notes the interaction of a request for the log, where it is an id that may stand there. */
export function noteInteraction(request: FastifyRequest, id: unknown): void {
  if (!request.facts || typeof id !== 'string' || !REFERENCE.test(id)) return;
  if (hasDigitRun(id, LOGGED_DIGITS_MAX + 1) || holdsCardNumber(id)) return;
  request.facts.interactionId = id;
}

function answerError(
  means: ListenerMeans,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const known = faultOf(error);
  const fault = known ?? new Fault('internal_error', 'Give the instance to the operator.');
  const id = known === null ? newId('err', means.randomness) : null;
  if (request.facts) request.facts.code = fault.code;
  if (id !== null) {
    means.log.alarm('http.internal_error', {
      eventId: id,
      route: routeOf(request),
      error: classOf(error),
    });
  } else if (fault.code === 'card_number_in_wrong_place') {
    means.log.alarm('http.card_number_in_wrong_place', { route: routeOf(request) });
  }
  sendFault(reply, fault, id === null ? null : `urn:tokenline:error:${id}`);
}

interface Gate {
  stopping: boolean;
  inFlight: number;
}

function admit(
  options: ListenerOptions,
  gate: Gate,
  peers: Buckets,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (PROBES.has(routeOf(request))) return;
  if (gate.stopping) throw new Fault('shutting_down', 'Ask another replica.', BUSY_RETRY_S);
  const waitS = options.limitPeers ? peers.take(peerOf(request)) : 0;
  if (waitS > 0) throw new Fault('too_many_requests', 'This address asks too often.', waitS);
  gate.inFlight += 1;
  reply.raw.once('close', () => {
    gate.inFlight -= 1;
  });
  if (gate.inFlight > options.limits.inFlightMax) {
    throw new Fault('too_many_requests', 'Too much is being served at once.', BUSY_RETRY_S);
  }
}

/** Answers bytes that are no HTTP, which Fastify never sees. */
function answerMalformed(server: Server): void {
  server.removeAllListeners('clientError');
  server.on('clientError', (error, socket) => {
    const reset = 'code' in error && error.code === 'ECONNRESET';
    // Destroyed once it is written: who neither reads nor leaves would be kept for ever.
    if (socket.writable && !reset) socket.end(rawProblem(), () => socket.destroy());
    else socket.destroy();
  });
}

/**
 * One HTTP listener with everything that all its routes share: limits, strict bodies, problems,
 * security headers, log and metrics.
 */
export function openListener(options: ListenerOptions, means: ListenerMeans): Listener {
  const { limits } = options;
  const server = createServer(options.tls, limits);
  const app: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: options.bodyBytesMax,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    serverFactory: (handler) => server.on('request', handler),
    frameworkErrors: (error, request, reply) => {
      greet(options, means, request, reply);
      answerError(means, error, request, reply);
    },
  });
  const gate: Gate = { stopping: false, inFlight: 0 };
  const peers = openBuckets(limits.peerPerSecond, limits.peerBurst, means.clock);

  app.decorateRequest('facts', null);
  app.addHook('onRequest', async (request, reply) => {
    greet(options, means, request, reply);
    admit(options, gate, peers, request, reply);
  });
  app.addHook('preParsing', async (request) => {
    // Before its body is looked at, and behind whatever else guards the listener.
    if (request.is404) throw new Fault('unknown_route', 'The routes are in /openapi.json.');
  });
  app.addHook('onSend', async (request, reply) => {
    // Otherwise the client keeps the connection, and stopping waits for it; or what is still to come of
    // a request that has its answer is read as another one.
    if (gate.stopping || !request.raw.complete) reply.header('connection', 'close');
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, body: Buffer) => readJson(body, limits.depthMax, options.pans),
  );
  app.setErrorHandler((error, request, reply) => answerError(means, error, request, reply));
  app.setNotFoundHandler(() => {
    throw new Fault('unknown_route', 'The routes are in /openapi.json.');
  });
  answerMalformed(server);
  return {
    app,
    refuse: () => {
      gate.stopping = true;
    },
    stopping: () => gate.stopping,
    cut: () => server.closeAllConnections(),
  };
}
