import { brandRule, type Brand } from './brand.ts';
import { expiryFault, type YearMonth } from './expiry.ts';
import { luhnValid, onlyDigits } from './luhn.ts';
import type { SecretBytes } from './secret.ts';
import { isTestCard, isTestRange } from './test-cards.ts';

/** A card as the caller keyed it. PAN and CVV are ASCII digits in {@link SecretBytes}. */
export interface Card {
  readonly pan: SecretBytes;
  readonly cvv: SecretBytes;
  /** 1 to 12. */
  readonly expiryMonth: number;
  /** Four digits. */
  readonly expiryYear: number;
  readonly postalCode: string | null;
}

/** What may be kept of a card: PCI DSS 3.4.1 and 3.5.1 allow more; nothing here needs more. */
export interface CardFace {
  readonly brand: Brand;
  /** The last four digits. */
  readonly last4: string;
}

/** Why a card is refused before anybody is asked. A subset of the product's error codes. */
export type CardFault =
  'invalid_card_number' | 'invalid_cvv' | 'invalid_expiry' | 'expired_card' | 'unsupported_card';

export interface CardRules {
  /** The month it is now in the merchant's time zone. */
  readonly today: YearMonth;
  /** Brands that the merchant takes. `unknown` stands for every range that has no name here. */
  readonly brands: readonly Brand[];
  /** A live gateway refuses test cards; the sandbox refuses all others (PCI DSS 6.5.5, 6.5.6). */
  readonly mode: 'live' | 'test';
}

export type CardVerdict =
  | { readonly ok: true; readonly face: CardFace }
  | { readonly ok: false; readonly fault: CardFault; readonly face: CardFace | null };

const PAN_DIGITS_MIN = 12;
const PAN_DIGITS_MAX = 19;

/**
 * Checks a card on its bytes: digits, length, Luhn, brand, security code length by brand, expiry.
 * The first thing that is wrong is named, in the order in which a caller keys the fields.
 */
export function checkCard(card: Card, rules: CardRules): CardVerdict {
  const pan = card.pan.reveal();
  if (pan.length < PAN_DIGITS_MIN || pan.length > PAN_DIGITS_MAX || !onlyDigits(pan)) {
    return { ok: false, fault: 'invalid_card_number', face: null };
  }
  const rule = brandRule(pan);
  if (!rule.panLengths.includes(pan.length) || !luhnValid(pan)) {
    return { ok: false, fault: 'invalid_card_number', face: null };
  }
  const face: CardFace = { brand: rule.brand, last4: last4Of(pan) };
  const misplaced = rules.mode === 'live' ? isTestCard(pan) : !isTestRange(pan);
  if (misplaced || !rules.brands.includes(rule.brand)) {
    return { ok: false, fault: 'unsupported_card', face };
  }
  const expiry = expiryFault({ year: card.expiryYear, month: card.expiryMonth }, rules.today);
  if (expiry !== null) return { ok: false, fault: expiry, face };
  const cvv = card.cvv.reveal();
  if (!rule.cvvLengths.includes(cvv.length) || !onlyDigits(cvv)) {
    return { ok: false, fault: 'invalid_cvv', face };
  }
  return { ok: true, face };
}

function last4Of(pan: Uint8Array): string {
  return Buffer.from(pan.buffer, pan.byteOffset + pan.length - 4, 4).toString('latin1');
}

/** Fills every secret of the card with zeros. */
export function zeroCard(card: Card): void {
  card.pan.zero();
  card.cvv.zero();
}
