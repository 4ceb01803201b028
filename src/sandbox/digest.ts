import { createHmac } from 'node:crypto';
import { lettersOf } from '../payment/fingerprint.ts';

/**
 * HMAC-SHA-256, 64 letters. A plain hash of a card number is found again by trying all of them, so
 * the key has to be secret (PCI DSS 3.5.1.1: "keyed cryptographic hashes").
 */
export function keyedDigestOf(key: Uint8Array, text: string): string {
  return lettersOf(createHmac('sha256', key).update(text, 'utf8').digest());
}
