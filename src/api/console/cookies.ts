import { seal, sealedText, unseal } from '../sealed.ts';

/** What has to be the same when a person comes back from the identity provider. */
export interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where in the console they wanted to go. */
  readonly to: string;
}

/** How long somebody may take at the identity provider, seconds. */
const JOURNEY_S = 600;

export interface CookieJar {
  /** The value of one cookie of a request; `null` where it has none. */
  read(header: string | undefined, name: CookieName): string | null;
  /** The text of `Set-Cookie`. @param lifetimeS 0 takes the cookie away. */
  write(name: CookieName, value: string, lifetimeS: number): string;
}

/** The value of one cookie in the header `Cookie`; `null` where it has none. */
export function cookieIn(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    if (key === name && value !== '') return value;
  }
  return null;
}

export type CookieName = 'session' | 'journey';

/**
 * Over HTTPS a cookie is bound to this very host (`__Host-`, RFC 6265bis §4.1.3.2). `Lax`, because the
 * identity provider sends the browser back from another site; requests that change something show a
 * header that no other site can send.
 */
export function openCookieJar(secure: boolean): CookieJar {
  const nameOf = (name: CookieName): string => `${secure ? '__Host-' : ''}tokenline-${name}`;
  return {
    read: (header, name) => cookieIn(header, nameOf(name)),
    write(name, value, lifetimeS) {
      const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      return `${nameOf(name)}=${value}; Max-Age=${lifetimeS}; ${flags}`;
    },
  };
}

export async function sealJourney(
  journey: Journey,
  key: Uint8Array,
  nowMs: number,
): Promise<{ readonly value: string; readonly lifetimeS: number }> {
  const endsAtMs = nowMs + JOURNEY_S * 1_000;
  const value = await seal(journey, 'tokenline console sign-in', key, endsAtMs);
  return { value, lifetimeS: JOURNEY_S };
}

/** @returns `null` for what is not ours, or is too old. */
export async function openJourney(
  value: string | null,
  key: Uint8Array,
  nowMs: number,
): Promise<Journey | null> {
  const payload = await unseal(value, 'tokenline console sign-in', key, nowMs);
  if (payload === null) return null;
  return {
    state: sealedText(payload, 'state'),
    nonce: sealedText(payload, 'nonce'),
    verifier: sealedText(payload, 'verifier'),
    to: sealedText(payload, 'to'),
  };
}
