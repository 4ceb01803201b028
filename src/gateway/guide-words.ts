import type { Meaning } from './reading.ts';

/**
 * Words for a decline of the guide's endpoint. The first two are the guide's ("Invalid Card Data
 * Masking"), the others are made like them; lost and stolen sound like a plain decline, so that nobody
 * learns which cards are watched.
 */
export const GUIDE_DECLINES: Readonly<Record<string, Meaning>> = {
  CVV_Mismatch: 'cvv_mismatch',
  Card_Declined: 'card_declined',
  Insufficient_Funds: 'insufficient_funds',
  Expired_Card: 'expired_card',
  Processing_Error: 'processing_error',
  Lost_Card: 'card_declined',
  Stolen_Card: 'card_declined',
  Postal_Code_Mismatch: 'postal_code_mismatch',
  Suspected_Fraud: 'suspected_fraud',
  Limit_Exceeded: 'limit_exceeded',
  Authentication_Required: 'authentication_required',
  Unsupported_Card: 'unsupported_card',
  Invalid_Card_Number: 'invalid_card_number',
  Invalid_CVV: 'invalid_cvv',
  Invalid_Expiry: 'invalid_expiry',
};

/** Words after which a stored card is not charged again (Visa's decline category 1). */
export const GUIDE_STOPS: ReadonlySet<string> = new Set(['Lost_Card', 'Stolen_Card']);
