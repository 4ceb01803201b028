import { BRANDS_SEEN } from '../payment/brand.ts';
import type { ShownCard } from './gateway.ts';

/** A fingerprint longer than a column is none that can be compared. */
const FINGERPRINT = /^[\x21-\x7e]{1,64}$/;

/**
 * What a gateway shows of a card, in our words: a brand that we do not know is `unknown`.
 *
 * @returns nothing to add where it does not show four digits.
 */
export function shownCard(
  brand: string | null,
  last4: string | null,
  fingerprint: string | null,
): { readonly card?: ShownCard } {
  if (last4 === null || !/^\d{4}$/.test(last4)) return {};
  return {
    card: {
      brand: BRANDS_SEEN.find((word) => word === brand) ?? 'unknown',
      last4,
      fingerprint: fingerprint !== null && FINGERPRINT.test(fingerprint) ? fingerprint : null,
    },
  };
}
