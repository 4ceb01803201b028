/** Card brands that have rules of their own; `unknown` is taken, never refused for being unknown. */
export const BRANDS = [
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

export type Brand = (typeof BRANDS)[number];

interface BrandRule {
  readonly brand: Brand;
  /** Inclusive ranges of the leading digits, both ends written with the same number of digits. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly panLengths: readonly number[];
  readonly cvvLengths: readonly number[];
}

const FROM_16_TO_19 = [16, 17, 18, 19];

/**
 * Issuer ranges, PAN lengths and security code lengths. ISO/IEC 7812-1 gives 12 to 19 digits (a PAN
 * may be shorter, no payment scheme issues one); the ranges are those the schemes publish to
 * merchants, in the order in which they are tried: the narrower before the wider.
 */
const RULES: readonly BrandRule[] = [
  {
    brand: 'amex',
    ranges: [
      [34, 34],
      [37, 37],
    ],
    panLengths: [15],
    cvvLengths: [4],
  },
  {
    brand: 'diners',
    ranges: [
      [300, 305],
      [3095, 3095],
      [36, 36],
      [38, 39],
    ],
    panLengths: [14, 15, 16, 17, 18, 19],
    cvvLengths: [3],
  },
  { brand: 'jcb', ranges: [[3528, 3589]], panLengths: FROM_16_TO_19, cvvLengths: [3] },
  { brand: 'visa', ranges: [[4, 4]], panLengths: [13, 16, 18, 19], cvvLengths: [3] },
  {
    brand: 'mastercard',
    ranges: [
      [51, 55],
      [2221, 2720],
    ],
    panLengths: [16],
    cvvLengths: [3],
  },
  {
    brand: 'discover',
    ranges: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    panLengths: FROM_16_TO_19,
    cvvLengths: [3],
  },
  {
    brand: 'unionpay',
    ranges: [
      [62, 62],
      [81, 81],
    ],
    panLengths: FROM_16_TO_19,
    cvvLengths: [3],
  },
  {
    brand: 'maestro',
    ranges: [
      [50, 50],
      [56, 58],
      [60, 61],
      [63, 64],
      [66, 69],
    ],
    panLengths: [12, 13, 14, 15, 16, 17, 18, 19],
    cvvLengths: [3],
  },
];

const UNKNOWN: BrandRule = {
  brand: 'unknown',
  ranges: [],
  panLengths: [12, 13, 14, 15, 16, 17, 18, 19],
  cvvLengths: [3, 4],
};

function leadingNumber(pan: Uint8Array, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) value = value * 10 + ((pan[i] ?? 0x30) - 0x30);
  return value;
}

/** The rule for a PAN given as ASCII digits. */
export function brandRule(pan: Uint8Array): BrandRule {
  for (const rule of RULES) {
    for (const [from, to] of rule.ranges) {
      const lead = leadingNumber(pan, String(from).length);
      if (lead >= from && lead <= to) return rule;
    }
  }
  return UNKNOWN;
}
