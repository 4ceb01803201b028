import { GUIDE_DECLINES, GUIDE_STOPS } from '../guide-words.ts';
import type { Found, Meaning } from '../reading.ts';
import type { ChargeGrant, TokenGrant } from '../gateway.ts';
import { membersOf, textOf, type Members } from '../json.ts';
import { shownCard } from '../shown-card.ts';

/** Every word that {@link declineOf} knows. */
export const DECLINE_WORDS: readonly string[] = Object.keys(GUIDE_DECLINES);

/** What a word means, or `null` where it is not a decline that we know. */
export function declineOf(word: string): Meaning | null {
  return Object.hasOwn(GUIDE_DECLINES, word) ? (GUIDE_DECLINES[word] ?? null) : null;
}

/**
 * What every answer of this gateway has in common: `{ "error_code", "gateway_transaction_id" }` when
 * it said no, `status: "pending"` when it will tell later, and what `grant` reads when it said yes.
 */
export function findIn<T>(body: unknown, grant: (members: Members) => T | null): Found<T> | null {
  const members = membersOf(body);
  if (members === null) return null;
  const rawCode = textOf(members, 'error_code');
  const meaning = rawCode === null ? null : declineOf(rawCode);
  return {
    // A word that we do not know is no decline, and it is no grant either.
    granted: rawCode !== null && meaning === null ? null : grant(members),
    pending: members['status'] === 'pending',
    meaning,
    rawCode,
    gatewayTransactionId: textOf(members, 'gateway_transaction_id'),
    ...(rawCode !== null && GUIDE_STOPS.has(rawCode) && { advice: 'stop' as const }),
  };
}

/** Reads the answer of `POST /v1/tokens`; for `readExchange`. */
export function findToken(body: unknown): Found<TokenGrant> | null {
  return findIn(body, (members) => {
    const tokenReference = textOf(members, 'token_id');
    if (tokenReference === null) return null;
    return {
      tokenReference,
      networkTransactionId: textOf(members, 'network_transaction_id'),
      ...shownCard(textOf(members, 'card_brand'), textOf(members, 'card_last4'), null),
    };
  });
}

/** Reads the answer of `POST /v1/charges`. */
export function findCharge(body: unknown): Found<ChargeGrant> | null {
  return findIn(body, (members) => {
    const chargeReference = textOf(members, 'charge_id');
    if (chargeReference === null) return null;
    return { chargeReference, networkTransactionId: textOf(members, 'network_transaction_id') };
  });
}
