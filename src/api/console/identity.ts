import * as oidc from 'openid-client';
import type { Person } from '../../bridge/desk/staff.ts';
import { ROLES } from '../../contract/staff.ts';
import { Fault } from '../../payment/fault.ts';
import type { Log } from '../../system/log.ts';
import { secretText, type Randomness } from '../../system/randomness.ts';
import type { WebFetch } from '../../system/web-fetch.ts';
import { ledgerName, shownName } from '../person-name.ts';
import type { Journey } from './cookies.ts';
import type { SignInSettings } from './settings.ts';

/** The path that the identity provider sends people back to. */
export const CALLBACK_PATH = '/console/signed-in';

const SCOPE = 'openid profile email';
/** RFC 7636 §4.1: 32 random bytes in base64url. */
const RANDOM_BYTES = 32;

export interface IdentityMeans {
  readonly fetch: WebFetch;
  readonly randomness: Randomness;
  readonly log: Log;
}

export interface Identity {
  /** Where to send a browser, and what to remember meanwhile. */
  begin(to: string): Promise<{ readonly url: string; readonly journey: Journey }>;
  /**
   * Who came back.
   *
   * @param query of the address that the browser was sent to, without `?`.
   * @throws {Fault} `signed_out` where it is not the answer to this journey.
   */
  finish(query: string, journey: Journey): Promise<Person>;
}

function claimOf(claims: object, name: string): unknown {
  return Object.entries(claims).find(([key]) => key === name)?.[1];
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value)
    ? value.filter((text): text is string => typeof text === 'string')
    : [];
}

function personId(claims: object, claim: string): string {
  const [given = ''] = textsOf(claimOf(claims, claim));
  return ledgerName(given, String(claimOf(claims, 'sub')));
}

/** @throws {Fault} where the person did not prove themselves as it is asked. */
export function personOf(claims: object, settings: SignInSettings): Person {
  const shown = textsOf(claimOf(claims, 'amr'));
  if (settings.amr.length > 0 && !settings.amr.some((method) => shown.includes(method))) {
    throw new Fault('signed_out', 'Sign in with a second factor: sign_in.amr asks for one.');
  }
  const groups = textsOf(claimOf(claims, settings.groupsClaim));
  const roles = ROLES.filter((role) => settings.roles[role].some((name) => groups.includes(name)));
  const id = personId(claims, settings.personClaim);
  const [name = id] = textsOf(claimOf(claims, 'name'));
  return { id, name: shownName(name, id), roles };
}

/** What the provider is like (OpenID Connect Discovery 1.0 §4). */
function discover(settings: SignInSettings, fetch: WebFetch): Promise<oidc.Configuration> {
  const issuer = new URL(settings.issuer);
  const auth =
    settings.clientSecret === null ? oidc.None() : oidc.ClientSecretPost(settings.clientSecret);
  // Only the sandbox's provider may be without TLS: config-rules.ts.
  const insecure = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  return oidc.discovery(issuer, settings.clientId, undefined, auth, {
    execute: insecure,
    [oidc.customFetch]: (url, { method, headers, body }) => fetch(url, { method, headers, body }),
  });
}

/**
 * Signs people in by OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce. What
 * the provider is like is read at the first sign-in, and again after a failure, so that a bridge
 * starts without it.
 */
export function openIdentity(
  settings: SignInSettings,
  publicOrigin: string,
  means: IdentityMeans,
): Identity {
  const redirectUri = `${publicOrigin}${CALLBACK_PATH}`;
  let known: Promise<oidc.Configuration> | null = null;

  async function configuration(): Promise<oidc.Configuration> {
    known ??= discover(settings, means.fetch);
    try {
      return await known;
    } catch (error) {
      known = null;
      const name = error instanceof Error ? error.name : 'error';
      means.log.alarm('console.provider_unavailable', { error: name });
      throw new Fault('sign_in_unavailable', 'Try again; see sign_in.issuer of the bridge.', 5);
    }
  }

  const random = (): string => secretText(means.randomness, RANDOM_BYTES);

  return {
    async begin(to) {
      const config = await configuration();
      const journey = { state: random(), nonce: random(), verifier: random(), to };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: journey.state,
        nonce: journey.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(journey.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, journey };
    },
    async finish(query, journey) {
      const config = await configuration();
      try {
        const tokens = await oidc.authorizationCodeGrant(
          config,
          new URL(`${redirectUri}?${query}`),
          {
            pkceCodeVerifier: journey.verifier,
            expectedState: journey.state,
            expectedNonce: journey.nonce,
            idTokenExpected: true,
          },
        );
        return personOf(tokens.claims() ?? {}, settings);
      } catch (error) {
        if (error instanceof Fault) throw error;
        const name = error instanceof Error ? error.name : 'error';
        means.log.alarm('console.sign_in_failed', { error: name });
        throw new Fault('signed_out', 'Signing in did not work; begin again at /console.');
      }
    },
  };
}
