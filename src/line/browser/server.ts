import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { CLIP_KEY } from '../speech/clip.ts';
import { readFromPage, type ToPage } from './messages.ts';
import { PhoneCall, type PhoneWorld } from './phone-call.ts';

/** Files of the page, by their address. */
const PAGE_FILE = /^\/phone\/([a-z-]+\.(?:css|js|svg))$/;
const JSON_TYPE = 'application/json';
const HEALTHY = Buffer.from('{"status":"ok"}');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page loads nothing from anywhere else, runs no inline code and is in no frame. */
const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), payment=()',
} as const;

const MESSAGE_BYTES_MAX = 2_048;
const CALLS_MAX = 16;
/** Messages of one call in a second: nobody keys faster. */
const MESSAGES_A_SECOND_MAX = 60;
/** A call that nobody ends. */
const CALL_MS_MAX = 30 * 60_000;

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

export interface PhoneServerOptions {
  readonly host: string;
  readonly port: number;
  /** Folder of the page. */
  readonly pageFolder: string;
  /** What the page shows beside the telephone: customers, cards, scenarios, the flows' picture. */
  readonly setup: unknown;
}

export interface PhoneServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The softphone's page, its clips, and one WebSocket for each call. Loopback only, or behind
 * something that knows who may call: whoever reaches it can make calls.
 *
 * @throws where its port is taken or the page has not been built.
 */
export async function startPhoneServer(
  world: PhoneWorld,
  options: PhoneServerOptions,
): Promise<PhoneServer> {
  const respond = responder(world, options);
  const server = createServer((request, response) => {
    void respond(request, response).catch(() => empty(response, 500));
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  const sockets = openSockets(server, world);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, () => resolve());
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has this address
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      for (const socket of sockets.clients) socket.close(GOING_AWAY);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets.clients) socket.terminate();
      });
    },
  };
}

type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function responder({ playback }: PhoneWorld, { pageFolder, setup }: PhoneServerOptions): Respond {
  const setupBytes = Buffer.from(JSON.stringify(setup));
  const index = readFileSync(join(pageFolder, 'index.html'));

  async function clip(response: ServerResponse, key: string): Promise<void> {
    const found = CLIP_KEY.test(key) ? await playback.clip(key) : null;
    if (found === null) return empty(response, 404);
    // Its name is its content. `private`: an amount or a name may be in it.
    const cache = 'private, max-age=3600, immutable';
    answer(response, { type: 'audio/wav', body: found.wav, cache });
  }

  function pageFile(response: ServerResponse, name: string): void {
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    try {
      answer(response, { type, body: readFileSync(join(pageFolder, name)) });
    } catch {
      empty(response, 404);
    }
  }

  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method !== 'GET' || !isOwnHost(request)) return empty(response, 404);
    if (path === '/') {
      response.writeHead(302, { ...SECURITY_HEADERS, Location: '/phone' }).end();
      return;
    }
    if (path === '/healthz') return answer(response, { type: JSON_TYPE, body: HEALTHY });
    if (path === '/phone') return answer(response, { type: TYPES['.html'] ?? '', body: index });
    if (path === '/phone/setup') return answer(response, { type: JSON_TYPE, body: setupBytes });
    const key = /^\/phone\/clips\/([^/]*)\.wav$/.exec(path)?.[1];
    if (key !== undefined) return clip(response, key);
    const name = PAGE_FILE.exec(path)?.[1];
    if (name !== undefined) return pageFile(response, name);
    empty(response, 404);
  };
}

/** A name that somebody else points here (DNS rebinding) is not ours. */
function isOwnHost({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]|\d{1,3}(?:\.\d{1,3}){3})$/i.test(name);
}

function isOwnOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === `http://${headers.host ?? ''}`;
}

interface Reply {
  readonly type: string;
  readonly body: Buffer;
  readonly cache?: string;
}

function answer(response: ServerResponse, { type, body, cache = 'no-store' }: Reply): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': cache,
  });
  response.end(body);
}

function empty(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Length': 0 }).end();
}

function openSockets(server: Server, world: PhoneWorld): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    // Without compression a message is where the socket put it, and can be overwritten there.
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  });
  server.on('upgrade', (request, socket, head) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/phone/line' || !isOwnHost(request) || !isOwnOrigin(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      if (sockets.clients.size > CALLS_MAX) return opened.close(TRY_AGAIN_LATER);
      connect(opened, world);
    });
  });
  return sockets;
}

function connect(socket: WebSocket, world: PhoneWorld): void {
  const send = (message: ToPage): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const call = new PhoneCall(world, send);
  let second = 0;
  let count = 0;
  const longest = world.clock.after(CALL_MS_MAX, () => socket.close(POLICY_VIOLATION));
  socket.on('message', (data, isBinary) => {
    const now = Math.floor(world.clock.monotonicMs() / 1000);
    count = now === second ? count + 1 : 1;
    second = now;
    const known = count <= MESSAGES_A_SECOND_MAX && take(call, data, isBinary);
    if (!known) socket.close(POLICY_VIOLATION);
  });
  // What went wrong with a socket is its own affair; `close` follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    longest.cancel();
    call.close();
  });
}

/** @returns false for what no page of ours sends. */
function take(call: PhoneCall, data: RawData, isBinary: boolean): boolean {
  if (!Buffer.isBuffer(data)) return false;
  if (!isBinary) {
    const message = readFromPage(data.toString('utf8'));
    return message !== null && call.take(message);
  }
  const [code = 0] = data;
  const { length } = data;
  // A digit leaves no copy in the buffer that the socket was read into.
  data.fill(0);
  return length === 1 && call.key(code);
}
