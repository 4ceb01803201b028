import { createHmac } from 'node:crypto';
import type { Card } from './card.ts';
import type { SecretBytes } from './secret.ts';

/** 256 bits for HMAC-SHA-256 (RFC 2104 §3: as long as the hash). */
export const MAC_KEY_BYTES = 32;

/**
 * The card schemes give out ranges by eight digits now (ISO/IEC 7812-1:2017); the first six are a
 * little wider than one of them, so that whoever spreads over neighbours is still seen.
 */
const BIN_DIGITS = 6;

/** More than 64 bytes, so that it lies outside V8's heap: see `secret.ts`. */
const SLAB_BYTES = 512;

const SEPARATOR = Buffer.from('|', 'latin1');

/**
 * Keyed hashes that tell a card from another one without saying which it is (PCI DSS 3.5.1.1). The
 * key is random, lives in this process's memory and is never written anywhere.
 */
export class MacKey {
  /** Two MACs can be compared only under the same name. */
  readonly name: string;
  readonly #key = Buffer.alloc(SLAB_BYTES);

  /** @param bytes {@link MAC_KEY_BYTES} random bytes; taken over and filled with zeros. */
  constructor(name: string, bytes: Uint8Array) {
    if (bytes.length !== MAC_KEY_BYTES)
      throw new RangeError(`a MAC key has ${MAC_KEY_BYTES} bytes`);
    this.name = name;
    this.#key.set(bytes);
    bytes.fill(0);
  }

  /** Of everything that was keyed: another CVV makes another card of it. Base64url. */
  ofCard(card: Card): string {
    const rest = `|${card.expiryYear}-${card.expiryMonth}|${card.postalCode ?? ''}`;
    return this.#mac('card|', [card.pan.reveal(), SEPARATOR, card.cvv.reveal(), Buffer.from(rest)]);
  }

  /** Of the PAN alone: attempts are counted under it. Base64url. */
  ofPan(pan: SecretBytes): string {
    return this.#mac('pan|', [pan.reveal()]);
  }

  /** Of the first six digits: a range of cards, whichever of them it is. Base64url. */
  ofBin(pan: SecretBytes): string {
    return this.#mac('bin|', [pan.reveal().subarray(0, BIN_DIGITS)]);
  }

  zero(): void {
    this.#key.fill(0);
  }

  /** The purpose goes in front, so that a MAC for one can never be one for the other. */
  #mac(purpose: string, parts: readonly Uint8Array[]): string {
    const input = Buffer.alloc(SLAB_BYTES);
    try {
      let length = input.write(purpose, 'latin1');
      for (const part of parts) {
        input.set(part, length);
        length += part.length;
      }
      return createHmac('sha256', this.#key.subarray(0, MAC_KEY_BYTES))
        .update(input.subarray(0, length))
        .digest('base64url');
    } finally {
      input.fill(0);
    }
  }
}
