import { EncryptJWT, jwtDecrypt, type JWTPayload } from 'jose';

/** For what something was sealed: what is meant for one use opens nothing else. */
export type SealedFor =
  'tokenline console sign-in' | 'tokenline agent' | 'tokenline agent at a call';

/**
 * Encrypted, so that any replica can read it and nobody else can, nor change it.
 *
 * @param key 32 bytes.
 */
export function seal(
  content: object,
  audience: SealedFor,
  key: Uint8Array,
  endsAtMs: number,
): Promise<string> {
  return new EncryptJWT({ ...content })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setAudience(audience)
    .setExpirationTime(Math.floor(endsAtMs / 1_000))
    .encrypt(key);
}

/** @returns `null` for what is not ours, for another use, or too old. */
export async function unseal(
  value: string | null,
  audience: SealedFor,
  key: Uint8Array,
  nowMs: number,
): Promise<JWTPayload | null> {
  if (value === null) return null;
  try {
    const { payload } = await jwtDecrypt(value, key, {
      audience,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp'],
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return payload;
  } catch {
    return null;
  }
}

/** A member of what was sealed, where it is text; empty otherwise. */
export function sealedText(payload: JWTPayload, name: string): string {
  const found = payload[name];
  return typeof found === 'string' ? found : '';
}
