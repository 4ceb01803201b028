export interface YearMonth {
  /** Four digits. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
}

/** No scheme issues a card for longer; a later year is a slip of the finger. */
const EXPIRY_YEARS_AHEAD_MAX = 20;

/**
 * What is wrong with an expiry date, or `null`. A card is good through the last day of its month,
 * so only whole months are compared.
 */
export function expiryFault(
  expiry: YearMonth,
  today: YearMonth,
): 'invalid_expiry' | 'expired_card' | null {
  if (!Number.isInteger(expiry.month) || expiry.month < 1 || expiry.month > 12) {
    return 'invalid_expiry';
  }
  if (!Number.isInteger(expiry.year) || expiry.year > today.year + EXPIRY_YEARS_AHEAD_MAX) {
    return 'invalid_expiry';
  }
  const monthsLeft = (expiry.year - today.year) * 12 + (expiry.month - today.month);
  return monthsLeft < 0 ? 'expired_card' : null;
}

/** By time zone: making one takes longer than everything else that a card is checked for. */
const MONTHS = new Map<string, Intl.DateTimeFormat>();

/** The month it is at `epochMs` in an IANA time zone. */
export function monthIn(timeZone: string, epochMs: number): YearMonth {
  let format = MONTHS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric' });
    MONTHS.set(timeZone, format);
  }
  const found = new Map(format.formatToParts(epochMs).map((part) => [part.type, part.value]));
  return { year: Number(found.get('year')), month: Number(found.get('month')) };
}
