import type { Randomness } from '../../src/system/randomness.ts';
import { TAKEN, type Billing } from './billing.ts';

const DELAY_MS_MAX = 60;

/** A billing system as one is: mostly quick, sometimes slow, and now and then it fails. */
export function unevenBilling(billing: Billing, random: Randomness): void {
  billing.decide = () => {
    const luck = random.fraction();
    if (luck < 0.04) return { kind: 'answer', status: 500 };
    if (luck < 0.08) return { kind: 'reset-after' };
    if (luck < 0.5) return { kind: 'answer', status: 204, delayMs: luck * 2 * DELAY_MS_MAX };
    return TAKEN;
  };
}
