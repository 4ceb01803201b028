import type { Clock } from '../../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import { fixedCredential, openBearer, type Credential } from '../credential.ts';
import type { GatewayReply } from '../gateway.ts';
import { unasked } from '../reading.ts';
import { openAwsKeys, type AwsKeyRing, type AwsSigning } from './aws-keys.ts';
import type { RestMapping } from './mapping.ts';
import { signedForAws } from './sign-aws.ts';

/** What the two sides of the gateway have in common. */
export interface RestSettings {
  readonly mapping: RestMapping;
  /** The gateway's, such as `https://api.example.com`. */
  readonly origin: string;
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  /** A bearer that stays as it is. */
  readonly bearerToken: string | null;
  readonly apiKey: string | null;
  readonly signing: AwsSigning | null;
}

/** How requests are made this gateway's: credential and signature. */
export interface RestLine {
  /** See `GatewayTokenizer.prepare`. */
  prepare(signal: AbortSignal): Promise<GatewayReply<never> | null>;
  /** The request with what identifies us; its body is hashed at most. */
  ready(request: HttpRequest): HttpRequest;
  /** What AWS says of a signature beside the status. */
  judged<T>(reply: GatewayReply<T>, exchange: Exchange): GatewayReply<T>;
  renew(): Promise<boolean>;
}

/** @throws Error where the mapping wants a credential that the settings do not have: see `missingIn`. */
export function openRestLine(settings: RestSettings, http: HttpClient, clock: Clock): RestLine {
  const credential = credentialOf(settings, http, clock);
  const { signing } = settings;
  if (signing === null) {
    return {
      prepare: (signal) => credential.prepare(signal),
      ready: (request) => withHeaders(request, credential.headers()),
      judged: (reply) => reply,
      renew: () => credential.renew(),
    };
  }
  const ring = openAwsKeys(signing, () => clock.now());
  const scope = { ...signing, host: hostOf(settings.origin) };
  return {
    prepare: () => Promise.resolve(ring.current() === null ? NO_KEYS : null),
    ready(request) {
      const keys = ring.current();
      const whole = withHeaders(request, credential.headers());
      // `prepare` has said so already; unsigned it is refused by AWS and does nothing.
      return keys === null ? whole : signedForAws(whole, scope, keys, clock.now());
    },
    judged: (reply, exchange) => (isExpired(exchange) ? { ...reply, again: RENEW } : reply),
    renew: () => Promise.resolve(renewed(ring)),
  };
}

const RENEW = { kind: 'renew_credential' } as const;

function renewed(ring: AwsKeyRing): boolean {
  return ring.renew();
}

/** Nothing was sent: the operator has to put the keys where the configuration says. */
const NO_KEYS = unasked(
  { kind: 'failed', errorCode: 'gateway_rejected' },
  'aws_credentials_missing',
);

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html: the keys' time is over. */
function isExpired(exchange: Exchange): boolean {
  if (exchange.kind !== 'answered' || exchange.response.status !== 403) return false;
  return exchange.response.headers['x-amzn-errortype']?.startsWith('ExpiredToken') ?? false;
}

function withHeaders(request: HttpRequest, headers: Readonly<Record<string, string>>): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** As the client writes it: without the port that the scheme implies. */
function hostOf(origin: string): string {
  return new URL(origin).host;
}

function needed(value: string | null, what: string): string {
  if (value !== null) return value;
  throw new Error(`the mapping wants ${what}, which the settings do not have`);
}

function credentialOf(settings: RestSettings, http: HttpClient, clock: Clock): Credential {
  const { mapping } = settings;
  const key = mapping.api_key_header;
  const headers: Readonly<Record<string, string>> =
    key === null ? {} : { [key.toLowerCase()]: needed(settings.apiKey, 'an API key') };
  switch (mapping.authorization) {
    case 'none':
      return fixedCredential(headers);
    case 'bearer': {
      const bearer = needed(settings.bearerToken, 'a bearer token');
      return fixedCredential({ ...headers, authorization: `Bearer ${bearer}` });
    }
    case 'client_credentials': {
      const bearer = {
        path: mapping.token_path,
        scope: mapping.token_scope,
        clientId: needed(settings.clientId, 'a client id'),
        clientSecret: needed(settings.clientSecret, 'a client secret'),
        headers,
      };
      return openBearer(bearer, http, clock);
    }
  }
}

/** What a mapping wants of the configuration and is not there, by the configuration's keys. */
export function missingIn(settings: RestSettings): string[] {
  const { mapping, signing } = settings;
  const wants: readonly (readonly [wanted: boolean, value: string | null, key: string])[] = [
    [mapping.api_key_header !== null, settings.apiKey, 'api_key'],
    [mapping.authorization === 'bearer', settings.bearerToken, 'bearer_token'],
    [mapping.authorization === 'client_credentials', settings.clientId, 'client_id'],
    [mapping.authorization === 'client_credentials', settings.clientSecret, 'client_secret'],
    [signing !== null && mapping.authorization !== 'none', null, 'signing'],
  ];
  return wants.filter(([wanted, value]) => wanted && value === null).map(([, , key]) => key);
}
