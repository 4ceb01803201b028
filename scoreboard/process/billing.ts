import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

/** What billing does with one delivery. */
export type Reception =
  | { readonly kind: 'answer'; readonly status: number; readonly delayMs?: number }
  /** The connection breaks before anything is heard. */
  | { readonly kind: 'reset-before' }
  /** It is heard and kept, and then the connection breaks. */
  | { readonly kind: 'reset-after' }
  | { readonly kind: 'hang' }
  /** It is heard and kept, and the answer breaks off in the middle of its body. */
  | { readonly kind: 'cut' }
  /** It is refused, and a second answer that nobody asked for says that it is taken. */
  | { readonly kind: 'twice' }
  /** Answered byte by byte, with a pause before each. */
  | { readonly kind: 'slow'; readonly pauseMs: number };

export const TAKEN: Reception = { kind: 'answer', status: 204 };

/** One delivery as billing saw it. */
export interface Heard {
  readonly id: string;
  readonly type: string;
  readonly subscriptionId: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** By the official library of Standard Webhooks. */
  readonly verified: boolean;
  /** Whether billing has kept it, whatever the sender was told. */
  readonly kept: boolean;
  /** Deliveries of the same event that were under way at the same time, this one included. */
  readonly atOnce: number;
}

/** The merchant's billing system, as the receiver of events. */
export class Billing {
  readonly heard: Heard[] = [];
  /** Requests to anywhere else, such as where a redirect leads. */
  strays = 0;
  /** Connections that ended before a request could be read, such as a failed TLS handshake. */
  broken = 0;
  decide: (event: Omit<Heard, 'kept' | 'atOnce'>) => Reception = () => TAKEN;
  readonly url: string;
  readonly #server: Server;
  readonly #webhook: Webhook;
  readonly #atOnce = new Map<string, number>();

  private constructor(server: Server, url: string, secret: string) {
    this.#server = server;
    this.url = url;
    this.#webhook = new Webhook(secret);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#receive(request, response).catch(() => response.destroy());
    });
    server.on('tlsClientError', () => (this.broken += 1));
  }

  static async open(
    secret: string,
    tls: { readonly cert: string; readonly key: string } | null = null,
  ): Promise<Billing> {
    const server = tls === null ? createServer() : createTlsServer(tls);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    // A certificate is for a name.
    const origin = tls === null ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
    return new Billing(server, `${origin}/events`, secret);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** What billing knows: the first delivery that it kept of each event, in the order of hearing. */
  known(): Heard[] {
    const seen = new Set<string>();
    return this.heard.filter(({ id, kept }) => {
      if (!kept || seen.has(id)) return false;
      seen.add(id);
      return true;
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== '/events') {
      this.strays += 1;
      response.writeHead(204).end();
      return;
    }
    const text = (await buffer(request)).toString('utf8');
    const event = this.#read(request, text);
    const reception = this.decide(event);
    if (reception.kind === 'reset-before') {
      request.socket.resetAndDestroy();
      return;
    }
    const atOnce = (this.#atOnce.get(event.id) ?? 0) + 1;
    this.#atOnce.set(event.id, atOnce);
    const kept = keeps(reception);
    this.heard.push({ ...event, kept, atOnce });
    // Over when the sender has gone, also where a slow answer has not noticed yet.
    response.once('close', () => {
      this.#atOnce.set(event.id, (this.#atOnce.get(event.id) ?? 1) - 1);
    });
    await answer(reception, request, response);
  }

  #read(request: IncomingMessage, text: string): Omit<Heard, 'kept' | 'atOnce'> {
    const headers = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
        name,
        String(request.headers[name] ?? ''),
      ]),
    );
    const { type, data } = JSON.parse(text) as Pick<Heard, 'type' | 'data'>;
    return {
      id: headers['webhook-id'] ?? '',
      type,
      data,
      text,
      subscriptionId: String(data['subscription_id']),
      sequence: Number(data['sequence']),
      verified: this.#verifies(text, headers),
    };
  }

  #verifies(text: string, headers: Record<string, string>): boolean {
    try {
      this.#webhook.verify(text, headers);
      return true;
    } catch {
      return false;
    }
  }
}

function keeps(reception: Reception): boolean {
  if (reception.kind === 'answer') return reception.status < 300;
  return ['reset-after', 'cut', 'slow'].includes(reception.kind);
}

async function answer(
  reception: Exclude<Reception, { kind: 'reset-before' }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (reception.kind) {
    case 'answer':
      if (reception.delayMs !== undefined) await wait(reception.delayMs);
      if (reception.status >= 300) response.setHeader('location', '/elsewhere');
      response.writeHead(reception.status).end();
      return;
    case 'reset-after':
      request.socket.resetAndDestroy();
      return;
    case 'hang':
      await new Promise((closed) => response.once('close', closed));
      return;
    case 'twice':
      request.socket.write(
        'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n' +
          'HTTP/1.1 204 No Content\r\n\r\n',
      );
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '64' });
      response.write('{"received":', () => request.socket.destroy());
      return;
    case 'slow':
      response.writeHead(200, { 'content-length': '8' });
      for (let byte = 0; byte < 8 && !response.destroyed; byte += 1) {
        await wait(reception.pauseMs);
        response.write('.');
      }
      response.end();
  }
}
