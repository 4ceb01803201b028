import type { StoredCall } from '../store/calls.ts';
import type { NewOperation } from '../store/operations.ts';
import type { Telling } from './answer.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';

/**
 * What an operation with a card of its call keeps: which try of a card it follows. Stored, so that
 * whoever ends it tells and routes the caller alike.
 */
export function cardTriesOrder(call: Pick<StoredCall, 'cardTries'> | null): NewOperation['order'] {
  return { card_tries: call?.cardTries ?? 0 };
}

/** How an error of such an operation is told: a card that fails here is one more that has failed. */
export function cardTelling({ limits }: Bridge, { attempt, order }: ClaimedOperation): Telling {
  const tries = Number(order['card_tries'] ?? 0);
  return {
    attempt: Math.max(attempt, tries),
    overLimit: false,
    lastAttempt: tries >= limits.cardTriesPerCall,
  };
}
