/** Brand names as they cross the wire. `card/brand.ts` decides which one a PAN has. */
export const BRANDS_SEEN = [
  'visa',
  'mastercard',
  'amex',
  'discover',
  'diners',
  'jcb',
  'unionpay',
  'maestro',
  'unknown',
] as const;
