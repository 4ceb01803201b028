import { sleep, type Clock } from './clock.ts';
import type { HttpClient, HttpRequest } from './http-client.ts';
import { openHttpClient } from './wire.ts';

/** The web's `fetch`, as far as libraries use it that are given one of ours. */
export type WebFetch = (url: string, init?: WebRequest) => Promise<Response>;

export interface WebRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface WebFetchOptions {
  /** How long one request may take, milliseconds. */
  readonly timeoutMs: number;
  /** PEM bundle that replaces the usual authorities. */
  readonly ca?: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function methodOf(name: string): HttpRequest['method'] {
  const method = METHODS.find((candidate) => candidate === name);
  if (method === undefined) throw new TypeError(`${name} is not a method that is sent`);
  return method;
}

function bytesOf(body: unknown): Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return Buffer.from(body.toString(), 'utf8');
  throw new TypeError('a body has to be text, bytes or form fields');
}

/**
 * `fetch` over our own HTTP client, for libraries that are not on the card's path: the same TLS rules,
 * a deadline by the injected clock, no redirects, no cache. A failure on the wire is a rejection, as
 * `fetch` has it; its message names the reason and nothing of the request.
 */
export function openWebFetch(
  options: WebFetchOptions,
  clock: Clock,
): { readonly fetch: WebFetch; close(): Promise<void> } {
  const clients = new Map<string, HttpClient>();
  const clientOf = (origin: string): HttpClient => {
    const known = clients.get(origin);
    if (known) return known;
    const { ca } = options;
    const opened = openHttpClient({ origin, ...(ca === undefined ? {} : { ca }) }, clock);
    clients.set(origin, opened);
    return opened;
  };
  return {
    async fetch(url, { method = 'GET', headers = {}, body } = {}) {
      const { origin, pathname, search } = new URL(url);
      const over = new AbortController();
      const done = new AbortController();
      void sleep(clock, options.timeoutMs, done.signal).then(() => over.abort());
      const request = {
        method: methodOf(method),
        path: `${pathname}${search}`,
        headers,
        body: bytesOf(body),
      };
      const exchange = await clientOf(origin).exchange(request, over.signal);
      done.abort();
      if (exchange.kind !== 'answered') {
        throw new TypeError(`no answer from ${origin} (${exchange.reason})`);
      }
      const { status, headers: given, body: answered } = exchange.response;
      const bare = status === 204 || status === 304;
      return new Response(bare ? null : Uint8Array.from(answered), { status, headers: given });
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}
