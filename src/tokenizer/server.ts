import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Fault } from '../payment/fault.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { Randomness } from '../system/randomness.ts';
import { TLS } from '../system/tls.ts';
import type { Access } from './access.ts';
import { jsonAnswer, problemAnswer, textAnswer, writeAnswer, type HttpAnswer } from './answer.ts';
import { tooLarge, type CardDoor } from './doors.ts';
import type { TokenizerMetrics } from './metrics.ts';
import { ConnectorRefusal } from './pay-connector.ts';
import { discard, receive, type Receiving } from './receive.ts';
import { nameOf } from './send.ts';
import type { TokeniseAsk, TokeniseReply } from './tokenise.ts';

export interface CardServerDeps {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly metrics: TokenizerMetrics;
  readonly access: Pick<Access, 'ready'>;
  /** By path; each takes POST. */
  readonly doors: ReadonlyMap<string, CardDoor>;
  readonly tokenise: (ask: TokeniseAsk) => Promise<TokeniseReply>;
  readonly openapi: () => object;
  /** Called when a request that may have carried a card is over, whatever its end was. */
  readonly afterCapture: () => void;
  /** One budget for each request. */
  readonly deadlineMs: number;
  /** Card requests at the same time; further ones are told to come back. */
  readonly inFlightMax: number;
  /** A whole request has to arrive within this time. */
  readonly receiveMsMax: number;
}

export interface ListenSettings {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** SSL_OP_CLEANSE_PLAINTEXT of OpenSSL 3, which Node has no name for. */
const SSL_OP_CLEANSE_PLAINTEXT = 2;

const CONNECTIONS_MAX = 2_048;

/** More than load balancers in front of us keep a connection, so that they close it and not we. */
const KEEP_ALIVE_MS = 75_000;

/** How often Node looks for requests that take too long; its own 30 s would be the real limit. */
const TIMEOUT_CHECK_MS = 1_000;

const HEADER_BYTES_MAX = 16_384;

/** How long stopping waits for answers that have been written and not yet taken. */
const FLUSH_MS_MAX = 1_000;

/** The HTTP face of the card process. */
export class CardServer {
  readonly #deps: CardServerDeps;
  readonly #server: Server;
  readonly #working = new Set<Promise<void>>();
  #inFlight = 0;
  #stopping = false;

  constructor(deps: CardServerDeps, tls: ListenSettings['tls']) {
    this.#deps = deps;
    const options = {
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      headersTimeout: Math.min(5_000, deps.receiveMsMax),
      requestTimeout: deps.receiveMsMax,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response);
    this.#server =
      tls === null
        ? createServer(options, serve)
        : createTlsServer(
            {
              ...options,
              ...tls,
              ...TLS,
              secureOptions: SSL_OP_CLEANSE_PLAINTEXT,
            },
            serve,
          );
    this.#server.maxConnections = CONNECTIONS_MAX;
    // The listener takes the socket out of the parser's fast path, whose shared buffer would keep the
    // last request; Node's own listener has parsed the chunk when this one zeroes it.
    const event = tls === null ? 'connection' : 'secureConnection';
    this.#server.on(event, (socket: Socket) => {
      socket.on('data', (chunk: Buffer) => void chunk.fill(0));
    });
  }

  /** @returns the port. */
  async listen({ host, port }: Pick<ListenSettings, 'host' | 'port'>): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Takes no more requests and waits for those in flight, their clients present or not. */
  async close(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    while (this.#working.size > 0) await Promise.all(this.#working);
    // Last answers are still on their way; who has never asked anything is not waited for longer.
    this.#server.closeIdleConnections();
    const late = this.#deps.clock.after(FLUSH_MS_MAX, () => this.#server.closeAllConnections());
    await closed;
    late.cancel();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {});
    const work = this.#answer(request, response).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, log, metrics } = this.#deps;
    const startedMs = clock.monotonicMs();
    const method = request.method ?? '';
    const path = (request.url ?? '').split('?')[0] ?? '';
    const known = PATHS.has(path) || this.#deps.doors.has(path) ? path : 'unknown';
    let answer: HttpAnswer | null;
    try {
      answer = await this.#route(`${method} ${path}`, request, response);
    } catch (error) {
      answer = this.#problem(error);
    }
    if (answer === null) return;
    // What is still to come of a request that has its answer must not be read as another one.
    if (this.#stopping || !request.complete) response.setHeader('connection', 'close');
    writeAnswer(response, answer);
    const durationMs = clock.monotonicMs() - startedMs;
    metrics.request(known, METHODS.has(method) ? method : 'other', answer.status, durationMs);
    if (answer.code === null) return;
    metrics.fault(answer.code);
    log.info('request.refused', { route: known, status: answer.status, code: answer.code });
  }

  #problem(error: unknown): HttpAnswer {
    const { log, randomness } = this.#deps;
    const answer = problemAnswer(error, randomness);
    if (answer.bugId !== null && !(error instanceof ConnectorRefusal)) {
      log.alarm('card_server.bug', { eventId: answer.bugId, error: nameOf(error) });
    }
    return answer;
  }

  /** `null` where nobody is left to answer. */
  async #route(
    route: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<HttpAnswer | null> {
    const [method = '', path = ''] = route.split(' ');
    const door = method === 'POST' ? this.#deps.doors.get(path) : undefined;
    if (door) return this.#card(door, request, response);
    discard(request);
    switch (route) {
      case 'GET /healthz':
        return jsonAnswer({ status: 'ok' });
      case 'GET /readyz':
        await this.#checkReady();
        return jsonAnswer({ status: 'ready' });
      case 'GET /metrics':
        return textAnswer(this.#deps.metrics.contentType, await this.#deps.metrics.scrape());
      case 'GET /openapi.json':
        return jsonAnswer(this.#deps.openapi());
      default:
        throw new Fault(
          'unknown_route',
          'The card process has POST /v1/tokens and GET probes only.',
        );
    }
  }

  async #checkReady(): Promise<void> {
    this.#refuseWhenStopping();
    if (await this.#deps.access.ready()) return;
    throw new Fault('bridge_unavailable', 'The bridge does not answer on the internal line.', 1);
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new Fault('shutting_down', 'Ask another process; this one stops.', 1);
  }

  async #card(
    door: CardDoor,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<HttpAnswer | null> {
    const { clock, metrics, afterCapture } = this.#deps;
    const deadline = new Deadline(clock, this.#deps.deadlineMs);
    const receiving = receive(request);
    response.on('close', afterCapture);
    metrics.inFlight(++this.#inFlight);
    try {
      this.#refuseWhenStopping();
      if (this.#inFlight > this.#deps.inFlightMax) {
        throw new Fault('too_many_requests', 'Too many cards are being served; wait a second.', 1);
      }
      return await this.#capture(door, request, receiving, deadline);
    } catch (error) {
      return door.refused(this.#problem(error), error);
    } finally {
      receiving.stop();
      metrics.inFlight(--this.#inFlight);
    }
  }

  async #capture(
    door: CardDoor,
    request: IncomingMessage,
    receiving: Receiving,
    deadline: Deadline,
  ): Promise<HttpAnswer | null> {
    const { clock, log, metrics, tokenise } = this.#deps;
    const startedMs = clock.monotonicMs();
    door.check(request);
    const clientId = await door.clientOf(request);
    const received = await receiving.ended;
    if (received === 'aborted') return null;
    if (received === 'too_large') throw tooLarge();
    const read = door.read(receiving.slab, request);
    const origin = `tokenizer ${addressOf(request)}`;
    const reply = await tokenise({
      request: read.request,
      clientId,
      origin,
      key: read.key,
      deadline,
    });
    metrics.tokenised(reply.outcome);
    log.info('card.answered', {
      clientId,
      interactionId: read.request.payload.metadata.interaction_id,
      outcome: reply.outcome,
      status: reply.status,
      durationMs: clock.monotonicMs() - startedMs,
      ...(reply.operationId === null ? {} : { operationId: reply.operationId }),
    });
    return read.answer(reply);
  }
}

const PATHS = new Set(['/healthz', '/readyz', '/metrics', '/openapi.json']);
const METHODS = new Set(['GET', 'POST']);

/** IPv4 in its own form, also where the socket is an IPv6 one. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}
