/** A published test card, as the softphone shows it: in groups, as it is embossed. */
export interface ShownCard {
  readonly brand: string;
  readonly digits: string;
  /** What comes of it in the sandbox. */
  readonly effect: string;
  /** As it is keyed: month and year, security code, postal code. */
  readonly expiry: string;
  readonly cvv: string;
}

const card = (brand: string, digits: string, effect: string, cvv = '123'): ShownCard => ({
  brand,
  digits,
  effect,
  expiry: '1230',
  cvv,
});

/** Those that show something different; all are in `src/card/test-cards.ts`. */
export const SHOWN_CARDS: readonly ShownCard[] = [
  card('Visa', '4242 4242 4242 4242', 'approved'),
  card('Mastercard', '5555 5555 5555 4444', 'approved'),
  card('American Express', '3782 822463 10005', 'approved', '1234'),
  card('Visa', '4000 0000 0000 0002', 'declined'),
  card('Visa', '4000 0000 0000 9995', 'not enough money'),
  card('Visa', '4000 0000 0000 0127', 'wrong security code'),
  card('Visa', '4000 0000 0000 0069', 'expired'),
];
