/**
 * What became of something that may move money: a value, never an exception.
 *
 * - `approved`  it happened.
 * - `pending`   the gateway took it and will tell us later.
 * - `declined`  the issuer, or our own validation, said no.
 * - `failed`    certain: nothing happened.
 * - `in_doubt`  it was sent and the answer was lost; `settle` asks again. The default arm of every
 *               mapping: what is not understood has not been ruled out.
 */
export const OUTCOMES = ['approved', 'pending', 'declined', 'failed', 'in_doubt'] as const;

export type OutcomeKind = (typeof OUTCOMES)[number];

/** Every error a caller's request can end with. Closed: an adapter maps its gateway's codes into it. */
export const ERROR_CODES = {
  invalid_card_number: 'The number is too short, too long, or fails its check digit.',
  invalid_cvv: 'The security code has the wrong number of digits for the brand.',
  invalid_expiry: 'The expiry date is no date, or is more than 20 years ahead.',
  expired_card: 'The card has expired.',
  card_not_stored:
    'The gateway took no card from the flow and cannot be asked why; nobody’s issuer was asked.',
  unsupported_card: 'The merchant or the gateway does not take this kind of card.',
  cvv_mismatch: 'The issuer does not recognise the security code.',
  postal_code_mismatch: 'The issuer does not recognise the postal code.',
  card_declined: 'The issuer declined; lost, stolen and blocked cards are told the same.',
  insufficient_funds: 'The account has not enough money.',
  limit_exceeded: 'The amount or the number of payments is above what the issuer allows.',
  suspected_fraud: 'The issuer or the gateway suspects fraud; the caller hears a plain decline.',
  authentication_required: 'The issuer wants the cardholder to authenticate, which a call cannot.',
  processing_error:
    'The gateway or the issuer failed to process it and says that nothing happened.',
  gateway_timeout:
    'The gateway did not answer in time and nothing was sent that could take effect.',
  gateway_unavailable: 'The gateway could not be reached or refused for the moment.',
  gateway_rejected: 'Our request or our credentials are wrong: an alarm for the operator.',
  in_doubt: 'The request was sent and its answer was lost; it is being looked up.',
  link_expired: 'The payment page was not finished in time, or was closed; nothing was stored.',
  switched_off: 'An operator has switched automated payments off.',
  breaker_open: 'The gateway is too slow or failing; calls go to people for now.',
  too_many_attempts:
    'Too many card attempts of this call, number, customer or card, or too many cards declined.',
  not_found: 'There is no such customer, plan, token, subscription or operation.',
  not_allowed: 'The state, the consent or the price on record does not allow it.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

export const ERROR_CODE_LIST: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);

/** An outcome with what belongs to it. `T` is what an approval brings. */
export type Outcome<T> =
  | { readonly kind: 'approved'; readonly value: T }
  | { readonly kind: 'pending' }
  | { readonly kind: 'declined'; readonly errorCode: ErrorCode }
  | { readonly kind: 'failed'; readonly errorCode: ErrorCode }
  | { readonly kind: 'in_doubt' };

/** The error code that an outcome shows, or `null` where there is none. */
export function errorCodeOf(outcome: Outcome<unknown>): ErrorCode | null {
  switch (outcome.kind) {
    case 'approved':
    case 'pending':
      return null;
    case 'in_doubt':
      return 'in_doubt';
    case 'declined':
    case 'failed':
      return outcome.errorCode;
  }
}
