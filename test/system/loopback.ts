import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Exchange, HttpRequest } from '../../src/system/http-client.ts';

/** One complete request as it came over a socket. */
export interface Received {
  readonly head: string;
  readonly body: string;
  /** Which connection it came over, from 0. */
  readonly connection: number;
  readonly socket: Socket;
}

/** A server on loopback that does to its sockets whatever a test tells it. */
export interface Loopback {
  readonly port: number;
  readonly origin: string;
  /** Every connection so far, in order. */
  readonly sockets: readonly Socket[];
  /** Every complete request so far, in order. */
  readonly requests: readonly Received[];
  /** Resolves when that many requests have come. */
  seen(requestCount: number): Promise<void>;
}

/** Says 200 with a body of known length. */
export function answer(socket: Socket, body: string, headers = ''): void {
  socket.write(`HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
}

/** Starts a plain server; it ends with the test. */
export async function listen(
  t: TestContext,
  behave: (request: Received) => void,
  path?: string,
): Promise<Loopback> {
  const server = createServer();
  return serve(t, server, 'connection', behave, path);
}

/** @param event the one that gives the readable socket: `connection`, or `secureConnection`. */
export async function serve(
  t: TestContext,
  server: Server,
  event: 'connection' | 'secureConnection',
  behave: (request: Received) => void,
  path?: string,
): Promise<Loopback> {
  const raw: Socket[] = [];
  const sockets: Socket[] = [];
  const requests: Received[] = [];
  const waiting = new Set<() => void>();
  server.on('connection', (socket: Socket) => raw.push(socket));
  server.on(event, (socket: Socket) => {
    const connection = sockets.push(socket) - 1;
    let pending = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (let found = firstRequest(pending); found; found = firstRequest(pending)) {
        pending = pending.slice(found.head.length + found.body.length);
        const request = { ...found, connection, socket };
        requests.push(request);
        for (const wake of waiting) wake();
        behave(request);
      }
    });
  });
  server.listen(path ?? { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.after(() => {
    for (const socket of raw) socket.destroy();
    server.close();
  });
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    sockets,
    requests,
    seen: (requestCount) =>
      new Promise((resolve) => {
        const wake = (): void => {
          if (requests.length < requestCount) return;
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        wake();
      }),
  };
}

function firstRequest(text: string): { head: string; body: string } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end + 4);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const body = text.slice(head.length, head.length + length);
  return body.length === length ? { head, body } : null;
}

export const NEVER = new AbortController().signal;

export const post = (
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): HttpRequest => ({
  method: 'POST',
  path: '/v1/tokens?x=1',
  headers,
  body: typeof body === 'string' ? Buffer.from(body) : body,
});

/** The body of an answer that has to be there. */
export function bodyOf(exchange: Exchange): string {
  assert.equal(exchange.kind, 'answered', JSON.stringify(exchange));
  return exchange.kind === 'answered' ? exchange.response.body.toString() : '';
}

export const reasonOf = (exchange: Exchange): string =>
  exchange.kind === 'answered' ? 'answered' : `${exchange.kind} ${exchange.reason}`;
