import { channel } from 'node:diagnostics_channel';
import type { Clock } from './clock.ts';
import type { Ending } from './connection.ts';
import type { Exchange, HttpClient, HttpClientOptions, HttpRequest } from './http-client.ts';
import { peerOf } from './origin.ts';
import { headOf, requestBytes, unpooled, type Allocate } from './request-bytes.ts';
import { SocketPool } from './socket-pool.ts';

const SOCKETS_MAX = 32;

/** Below the five seconds after which Node's own servers close an idle socket. */
const IDLE_MS = 4000;

/** A request must not cross the peer's closing of the socket on its way. */
const PEER_IDLE_MARGIN_MS = 1000;

const RESPONSE_BYTES_MAX = 256 * 1024;

/**
 * Says `begun` and `ended` of every exchange, and nothing about it: whoever moves the time by hand
 * (`quiet.ts`) has to know whether anything is on its way.
 */
export const exchanges = channel('tokenline.exchange');

/**
 * HTTP/1.1 over `net` and `tls`, because no client that we know of leaves the request in exactly one
 * buffer that can be filled with zeros, or tells "nothing was sent" from "no answer came".
 *
 * @param allocate gives the buffer of each request; tests watch the buffers through it.
 * @throws TypeError for an origin or options that make no sense.
 */
export function openHttpClient(
  options: HttpClientOptions,
  clock: Clock,
  allocate: Allocate = unpooled,
): HttpClient {
  const { socketsMax = SOCKETS_MAX, idleMs = IDLE_MS } = options;
  const { responseBytesMax = RESPONSE_BYTES_MAX } = options;
  if (!Number.isInteger(socketsMax) || socketsMax < 1) {
    throw new TypeError('socketsMax is an integer of 1 or more');
  }
  const peer = peerOf(options.origin, options.ca);
  const pool = new SocketPool(peer, clock, socketsMax);
  const inFlight = new Set<Promise<Exchange>>();
  let closed = false;

  async function attempt(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    const startedMs = clock.monotonicMs();
    const latencyMs = (): number => clock.monotonicMs() - startedMs;
    const head = headOf(request, peer.host);
    for (;;) {
      const lease = await pool.lease(signal);
      if (lease.kind === 'not_sent') return { ...lease, latencyMs: latencyMs() };
      const { connection } = lease;
      if (signal.aborted) {
        pool.release(connection, closed ? 0 : idleMs);
        return { kind: 'not_sent', reason: 'aborted', latencyMs: latencyMs() };
      }
      // It died between its lease and now, before any byte: the next one serves as well.
      if (connection.dead) continue;
      const bytes = requestBytes(head, request.body, allocate);
      const ending = await connection.converse(bytes, signal, responseBytesMax);
      pool.release(connection, idleTimeMs(ending));
      return { ...ending.exchange, latencyMs: latencyMs() };
    }
  }

  function idleTimeMs(ending: Ending): number {
    if (closed || !('reusable' in ending)) return 0;
    const peerIdleMs = ending.peerIdleMs ?? Number.POSITIVE_INFINITY;
    return Math.min(idleMs, peerIdleMs - PEER_IDLE_MARGIN_MS);
  }

  return {
    exchange(request, signal) {
      if (closed) return Promise.resolve({ kind: 'not_sent', reason: 'closed', latencyMs: 0 });
      exchanges.publish('begun');
      const exchange = attempt(request, signal);
      const forget = (): void => {
        inFlight.delete(exchange);
        exchanges.publish('ended');
      };
      inFlight.add(exchange);
      exchange.then(forget, forget);
      return exchange;
    },
    async close() {
      closed = true;
      pool.closeIdle();
      await Promise.allSettled(inFlight);
    },
  };
}
