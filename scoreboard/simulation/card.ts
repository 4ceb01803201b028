import type { Randomness } from '../../src/system/randomness.ts';

/** The sandbox's cards: the range of a published test number, and any ending that passes Luhn. */
const RANGE = '424242';
const LENGTH = 16;
const ZERO = 0x30;

export interface MadeUpCard {
  /** The guide's payload as bytes, fresh each time: whoever takes it wipes it. */
  body(call: {
    readonly interactionId: string;
    readonly customerId: string;
    readonly attempt: number;
  }): Uint8Array;
  wipe(): void;
}

/**
 * A card that nobody has; its digits are bytes from the beginning.
 *
 * @param range its first digits.
 */
export function madeUpCard(random: Randomness, range = RANGE): MadeUpCard {
  const pan = Buffer.alloc(LENGTH, range);
  for (let at = range.length; at < LENGTH - 1; at += 1) {
    pan[at] = ZERO + Math.floor(random.fraction() * 10);
  }
  let sum = 0;
  for (let at = 0; at < LENGTH - 1; at += 1) {
    const digit = (pan[at] ?? ZERO) - ZERO;
    const doubled = at % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  pan[LENGTH - 1] = ZERO + ((10 - (sum % 10)) % 10);
  return {
    body({ interactionId, customerId, attempt }) {
      const rest = JSON.stringify({
        cvv: '123',
        expiry_month: '12',
        expiry_year: '2030',
        customer_id: customerId,
        attempt,
        metadata: { interaction_id: interactionId, source: 'ivr_payment_flow' },
      });
      return Buffer.concat([
        Buffer.from('{"card_number":"'),
        pan,
        Buffer.from(`",${rest.slice(1)}`),
      ]);
    },
    wipe: () => void pan.fill(0),
  };
}
