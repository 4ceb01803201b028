import { EncryptJWT, jwtDecrypt } from 'jose';

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
const AUDIENCE = 'tokenline console sign-in';

export interface CookieJar {
  /** The value of one cookie of a request; `null` where it has none. */
  read(header: string | undefined, name: CookieName): string | null;
  /** The text of `Set-Cookie`. @param lifetimeS 0 takes the cookie away. */
  write(name: CookieName, value: string, lifetimeS: number): string;
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
    read(header, name) {
      const wanted = nameOf(name);
      for (const pair of (header ?? '').split(';')) {
        const [key = '', value = ''] = pair.trim().split('=', 2);
        if (key === wanted && value !== '') return value;
      }
      return null;
    },
    write(name, value, lifetimeS) {
      const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
      return `${nameOf(name)}=${value}; Max-Age=${lifetimeS}; ${flags}`;
    },
  };
}

/** Encrypted, so that any replica can read it and nobody else can. */
export async function sealJourney(
  journey: Journey,
  key: Uint8Array,
  nowMs: number,
): Promise<{ readonly value: string; readonly lifetimeS: number }> {
  const nowS = Math.floor(nowMs / 1_000);
  const value = await new EncryptJWT({ ...journey })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAudience(AUDIENCE)
    .setExpirationTime(nowS + JOURNEY_S)
    .encrypt(key);
  return { value, lifetimeS: JOURNEY_S };
}

/** @returns `null` for what is not ours, or is too old. */
export async function openJourney(
  value: string | null,
  key: Uint8Array,
  nowMs: number,
): Promise<Journey | null> {
  if (value === null) return null;
  try {
    const { payload } = await jwtDecrypt(value, key, {
      audience: AUDIENCE,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp'],
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const text = (name: keyof Journey): string => {
      const found = payload[name];
      return typeof found === 'string' ? found : '';
    };
    return {
      state: text('state'),
      nonce: text('nonce'),
      verifier: text('verifier'),
      to: text('to'),
    };
  } catch {
    return null;
  }
}
