import type { Clock } from '../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../system/http-client.ts';
import type { GatewayReply } from './gateway.ts';
import { membersOf, parsed, textOf } from './json.ts';

export interface BearerSettings {
  /** Of the token endpoint, such as `/oauth/token`. */
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Asked for where the endpoint wants it (RFC 6749 §3.3). */
  readonly scope: string | null;
  /** Go with every request, the one for the bearer too: an API key. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What one process identifies itself with at the gateway. */
export interface Credential {
  /**
   * The headers of a request as they are now. Without `authorization` until the first bearer has
   * come: such a request is answered 401, which asks for {@link renew}. Begins a renewal in the
   * background when most of the bearer's life is over.
   */
  headers(): Readonly<Record<string, string>>;
  /**
   * Waits until there is a bearer. `null` when there is one; otherwise what to tell the caller:
   * nothing of the operation itself has been sent, so it has certainly failed.
   */
  prepare(signal: AbortSignal): Promise<GatewayReply<never> | null>;
  /** Gets a new bearer. Renewals at the same time are one request. `false` where none was given. */
  renew(): Promise<boolean>;
}

/** A credential that stays as it is until somebody changes it. */
export function fixedCredential(headers: Readonly<Record<string, string>>): Credential {
  return {
    headers: () => headers,
    prepare: () => Promise.resolve(null),
    renew: () => Promise.resolve(false),
  };
}

/** A bearer is renewed when this share of its life is over, so that no caller waits for it. */
const RENEW_AFTER_SHARE = 0.8;

/** A third of the 30 s that a data action has (guide, "Timeout Management"). */
const TIMEOUT_MS = 10_000;

/** Visible ASCII and nothing that could end a header (RFC 6750 §2.1, b64token). */
const BEARER_TEXT = /^[A-Za-z0-9._~+/-]{1,4096}=*$/;

interface Bearer {
  readonly text: string;
  readonly renewAtMs: number;
}

type Fetched = { readonly bearer: Bearer } | { readonly exchange: Exchange };

/**
 * A bearer of client credentials (RFC 6749 §4.4) that lives for a short time. Nothing is sent before
 * it is needed.
 */
export function openBearer(settings: BearerSettings, http: HttpClient, clock: Clock): Credential {
  let bearer: Bearer | null = null;
  let fetching: Promise<Fetched> | null = null;

  async function fetchOnce(): Promise<Fetched> {
    const controller = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => controller.abort());
    try {
      const exchange = await http.exchange(tokenRequest(settings), controller.signal);
      const fresh = bearerIn(exchange, clock.monotonicMs());
      if (fresh === null) return { exchange };
      bearer = fresh;
      return { bearer: fresh };
    } finally {
      timer.cancel();
      fetching = null;
    }
  }

  const fetchShared = (): Promise<Fetched> => (fetching ??= fetchOnce());

  return {
    headers() {
      if (bearer !== null && clock.monotonicMs() >= bearer.renewAtMs) void fetchShared();
      const { headers } = settings;
      return bearer === null ? headers : { ...headers, authorization: `Bearer ${bearer.text}` };
    },
    async prepare(signal) {
      if (bearer !== null) return null;
      const fetched = await orAborted(fetchShared(), signal);
      if (fetched === 'aborted') return refusal(null, 0, 'gateway_timeout');
      return 'bearer' in fetched ? null : refusalBy(fetched.exchange);
    },
    async renew() {
      return 'bearer' in (await fetchShared());
    },
  };
}

/** The client's name and secret go as HTTP Basic, each form-encoded (RFC 6749 §2.3.1). */
function tokenRequest(settings: BearerSettings): HttpRequest {
  const pair = [settings.clientId, settings.clientSecret].map(encodeURIComponent).join(':');
  const scope = settings.scope === null ? '' : `&scope=${encodeURIComponent(settings.scope)}`;
  return {
    method: 'POST',
    path: settings.path,
    headers: {
      ...settings.headers,
      authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: Buffer.from(`grant_type=client_credentials${scope}`, 'latin1'),
  };
}

function bearerIn(exchange: Exchange, nowMs: number): Bearer | null {
  if (exchange.kind !== 'answered' || exchange.response.status !== 200) return null;
  const members = membersOf(parsed(exchange.response.body));
  const text = members === null ? null : textOf(members, 'access_token');
  if (members === null || text === null || !BEARER_TEXT.test(text)) return null;
  const lifeS = Number(members['expires_in']);
  // RFC 6749 §5.1 only recommends `expires_in`; without it the 401 says when to renew.
  const lifeMs = Number.isFinite(lifeS) && lifeS > 0 ? lifeS * 1000 : Number.POSITIVE_INFINITY;
  return { text, renewAtMs: nowMs + lifeMs * RENEW_AFTER_SHARE };
}

function orAborted(work: Promise<Fetched>, signal: AbortSignal): Promise<Fetched | 'aborted'> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve('aborted');
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A 4xx of the token endpoint is our configuration (RFC 6749 §5.2); anything else may pass. */
function refusalBy(exchange: Exchange): GatewayReply<never> {
  if (exchange.kind !== 'answered') return refusal(null, exchange.latencyMs, 'gateway_unavailable');
  const { status } = exchange.response;
  const ours = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return refusal(status, exchange.latencyMs, ours ? 'gateway_rejected' : 'gateway_unavailable');
}

function refusal(
  statusCode: number | null,
  latencyMs: number,
  errorCode: 'gateway_rejected' | 'gateway_unavailable' | 'gateway_timeout',
): GatewayReply<never> {
  const passing = errorCode === 'gateway_unavailable';
  return {
    outcome: { kind: 'failed', errorCode },
    again: passing ? { kind: 'again', notBeforeMs: null } : { kind: 'never' },
    latencyMs,
    healthy: statusCode !== null && statusCode < 500,
    statusCode,
    rawCode: null,
    gatewayTransactionId: null,
  };
}
