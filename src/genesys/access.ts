import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../system/clock.ts';
import type { WebFetch } from '../system/web-fetch.ts';
import { PlatformRefused, unanswered, unreadable, type PlatformAnswer } from './refusal.ts';

export interface AccessSettings {
  /** `https://login.mypurecloud.de`. */
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The access token of our OAuth client, renewed before it is over. */
export interface Access {
  /** @throws {PlatformRefused} */
  token(): Promise<string>;
  /** The next one is asked for anew. */
  drop(): void;
}

/** RFC 6749 §4.4.3. */
const Granted = Type.Object({
  access_token: Type.String({ minLength: 1 }),
  expires_in: Type.Number(),
});
/** Genesys writes `description` where the RFC (§5.2) has `error_description`. */
const Denied = Type.Object({ error: Type.String(), description: Type.Optional(Type.String()) });

/** A token is not used in its last minute: the request may wait on its way. */
const LAST_MS = 60_000;

/** https://developer.genesys.cloud/authorization/platform-auth/use-client-credentials */
const LOGIN = {
  method: 'POST',
  path: '/oauth/token',
  does: 'sign in to Genesys Cloud',
  permissions: [],
} as const;

export function openAccess(fetch: WebFetch, settings: AccessSettings, clock: Clock): Access {
  let held: { readonly token: string; readonly untilMs: number } | null = null;

  async function ask(): Promise<{ token: string; untilMs: number }> {
    // As the SDK writes it, without the form encoding of RFC 6749 §2.3.1.
    const basic = `${settings.clientId}:${settings.clientSecret}`;
    const response = await fetch(`${settings.loginUrl}${LOGIN.path}`, {
      method: LOGIN.method,
      headers: {
        authorization: `Basic ${Buffer.from(basic, 'utf8').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: 'grant_type=client_credentials',
    }).catch(() => {
      throw unanswered(
        { ...LOGIN, method: 'GET', path: `${settings.loginUrl}${LOGIN.path}` },
        'connect',
      );
    });
    const body: unknown = await response.json().catch(() => null);
    const denied = Value.Check(Denied, body) ? body : null;
    const answer: PlatformAnswer = {
      status: response.status,
      code: denied?.error ?? null,
      message: denied?.description ?? null,
      correlationId: response.headers.get('inin-correlation-id'),
    };
    if (response.status !== 200) throw deniedBy(settings, answer);
    if (!Value.Check(Granted, body)) throw unreadable(LOGIN, answer);
    return {
      token: body.access_token,
      untilMs: clock.monotonicMs() + body.expires_in * 1000 - LAST_MS,
    };
  }

  return {
    async token() {
      if (held === null || held.untilMs <= clock.monotonicMs()) held = await ask();
      return held.token;
    },
    drop() {
      held = null;
    },
  };
}

function deniedBy({ loginUrl }: AccessSettings, answer: PlatformAnswer): PlatformRefused {
  const { status, code, correlationId } = answer;
  return new PlatformRefused(
    LOGIN,
    answer,
    `POST ${loginUrl}/oauth/token was answered with ${status}${code === null ? '' : ` ${code}`}` +
      `${correlationId === null ? '' : `, correlation id ${correlationId}`}.`,
    'Check genesys.client_id and genesys.client_secret, that the client is of this region (genesys.region), ' +
      'and that its grant is client credentials (Admin > OAuth).',
  );
}
