import type { Clock } from './clock.ts';

/**
 * The contract of the HTTP client; `wire.ts` beside it implements it over `net` and `tls`.
 */

/** Where requests go. A Unix socket is `http+unix:///path/to/socket`. */
export type Origin = string;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, beginning with `/`. */
  readonly path: string;
  /** No `Host`, `Content-Length` or `Connection`: the client writes those. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Bytes of the body. They are copied behind the head into one buffer that is filled with zeros
   * once it has been written, or the socket has died; the caller wipes its own copy.
   */
  readonly body: Uint8Array | null;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; a repeated header is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What became of one request. Whether it was `sent` decides between certain failure and doubt:
 * `not_sent` means that no byte of the request left this process towards the peer.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly response: HttpResponse; readonly latencyMs: number }
  | { readonly kind: 'not_sent'; readonly reason: NotSentReason; readonly latencyMs: number }
  | { readonly kind: 'no_answer'; readonly reason: NoAnswerReason; readonly latencyMs: number };

export type NotSentReason = 'dns' | 'connect' | 'tls' | 'aborted' | 'closed';
export type NoAnswerReason = 'reset' | 'aborted' | 'malformed' | 'too_large';

export interface HttpClient {
  /**
   * Never rejects for what happens on the wire: that is in the {@link Exchange}. A request that
   * cannot be written, such as one with a line break in a header, is a bug: TypeError.
   */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange>;
  /** Closes idle sockets and refuses new requests; waits for those in flight, queued ones too. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  readonly origin: Origin;
  /** PEM bundle that replaces the default authorities, for a private gateway or a test. */
  readonly ca?: string;
  /** Sockets open at the same time, 1 or more. */
  readonly socketsMax?: number;
  /**
   * An idle socket is closed after this time, which has to be below the peer's own (five seconds for
   * Node's servers), or a second before the peer's `Keep-Alive: timeout` where that is earlier.
   */
  readonly idleMs?: number;
  /** The longest response body that is taken. */
  readonly responseBytesMax?: number;
}

/** Opens a client; `wire.ts` has the one over the network. */
export type OpenHttp = (options: HttpClientOptions, clock: Clock) => HttpClient;
