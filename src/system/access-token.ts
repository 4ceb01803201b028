import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTVerifyGetKey } from 'jose';
import { keyIdOf, publicPemOf, type PublicKey } from './keys.ts';

/** RFC 8037 §3.1: Ed25519. The only algorithm, so that a token cannot choose a weaker one. */
const ALGORITHM = 'EdDSA';

/** RFC 9068 §2.1: a token of another kind, signed with the same key, is no access token. */
const TYPE = 'at+jwt';

const ISSUER = 'tokenline';
const AUDIENCE = 'tokenline';

/** Makes access tokens with one private key. */
export interface Signer extends PublicKey {
  /**
   * @param scopes words without spaces.
   * @param nowMs wall clock.
   * @param lifetimeS how long it is good for, seconds.
   */
  sign(
    clientId: string,
    scopes: readonly string[],
    nowMs: number,
    lifetimeS: number,
  ): Promise<string>;
}

export type Verdict =
  | { readonly kind: 'ok'; readonly clientId: string; readonly scopes: readonly string[] }
  /** A good token whose time is over: the client asks for a new one. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' };

export interface Verifier {
  /** Never rejects. @param nowMs wall clock. */
  verify(token: string, nowMs: number): Promise<Verdict>;
}

/** @throws Error where it is no private Ed25519 key. */
export function openSigner(privateKeyPem: string): Signer {
  const publicPem = publicPemOf(privateKeyPem);
  const keyId = keyIdOf(publicPem);
  const key = createPrivateKey(privateKeyPem);
  return {
    keyId,
    publicPem,
    sign(clientId, scopes, nowMs, lifetimeS) {
      // RFC 7519 §2: seconds since 1970.
      const issuedAtS = Math.floor(nowMs / 1000);
      return new SignJWT({ scope: scopes.join(' ') })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: keyId })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(clientId)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + lifetimeS)
        .sign(key);
    },
  };
}

/**
 * Checks tokens that any of these keys has signed: more than one while a key is being replaced.
 *
 * @throws Error where one of them is no key.
 */
export function openVerifier(publicKeys: readonly PublicKey[]): Verifier {
  const keys = new Map<string, KeyObject>();
  for (const { keyId, publicPem } of publicKeys) keys.set(keyId, createPublicKey(publicPem));
  const keyOf: JWTVerifyGetKey = ({ kid }) => {
    const key = keys.get(kid ?? '');
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  return {
    async verify(token, nowMs) {
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: AUDIENCE,
          // A token without `exp` would be good for ever.
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(nowMs),
        });
        return read(payload.sub, payload['scope']);
      } catch (error) {
        return { kind: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
      }
    },
  };
}

function read(subject: unknown, scope: unknown): Verdict {
  if (typeof subject !== 'string' || subject === '' || typeof scope !== 'string') {
    return { kind: 'invalid' };
  }
  const scopes = scope.split(' ').filter((word) => word !== '');
  return { kind: 'ok', clientId: subject, scopes };
}
