/**
 * The make-believe card schemes and issuers. The leading digits are those of numbers that gateways
 * publish for testing (https://docs.stripe.com/testing, https://developer.paypal.com/api/rest/sandbox/card-testing/);
 * every other card is refused, so that nobody's real one is ever keyed into a sandbox.
 */
const TEST_RANGES: Readonly<Record<string, string>> = {
  '400000': 'visa',
  '400005': 'visa',
  '401288': 'visa',
  '411111': 'visa',
  '424242': 'visa',
  '222300': 'mastercard',
  '510510': 'mastercard',
  '520082': 'mastercard',
  '555555': 'mastercard',
  '371449': 'amex',
  '378282': 'amex',
  '601100': 'discover',
  '601111': 'discover',
  '305693': 'diners',
  '356600': 'jcb',
  '620000': 'unionpay',
  '677179': 'maestro',
};

/**
 * What the issuer says, by the last four digits: the endings of Stripe's published decline numbers.
 * An ending that is not here is approved.
 */
const ISSUER_WORDS: Readonly<Record<string, string>> = {
  '0002': 'Card_Declined',
  '9995': 'Insufficient_Funds',
  '0069': 'Expired_Card',
  '0127': 'CVV_Mismatch',
  '0119': 'Processing_Error',
  '9987': 'Lost_Card',
  '9979': 'Stolen_Card',
  '0036': 'Postal_Code_Mismatch',
  '0019': 'Suspected_Fraud',
  '6975': 'Limit_Exceeded',
  '3184': 'Authentication_Required',
};

/** Stored without a murmur, declined when it is charged. */
const DECLINED_ON_CHARGE = '0341';

export interface KeyedCard {
  readonly number: string;
  readonly cvv: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

export function brandOf(number: string): string {
  return TEST_RANGES[number.slice(0, 6)] ?? 'unknown';
}

/** ISO/IEC 7812-1 annex B. */
function checkDigitHolds(number: string): boolean {
  const sum = number
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

/**
 * What is wrong with a card before an issuer is asked, or `null`.
 *
 * @param month the month it is now, `2026-11`.
 */
export function formWord(card: KeyedCard, month: string): string | null {
  if (!/^\d{12,19}$/.test(card.number) || !checkDigitHolds(card.number)) {
    return 'Invalid_Card_Number';
  }
  const brand = brandOf(card.number);
  if (brand === 'unknown') return 'Unsupported_Card';
  if (!(card.expiryMonth >= 1 && card.expiryMonth <= 12)) return 'Invalid_Expiry';
  const expiry = `${card.expiryYear}-${String(card.expiryMonth).padStart(2, '0')}`;
  if (expiry < month) return 'Expired_Card';
  return card.cvv.length === (brand === 'amex' ? 4 : 3) && /^\d+$/.test(card.cvv)
    ? null
    : 'Invalid_CVV';
}

/** What the issuer says when a card is stored; `null` is yes. */
export function storingWord(last4: string): string | null {
  return ISSUER_WORDS[last4] ?? null;
}

/** What the issuer says when a stored card is charged; `null` is yes. */
export function chargingWord(last4: string): string | null {
  return last4 === DECLINED_ON_CHARGE ? 'Card_Declined' : storingWord(last4);
}
