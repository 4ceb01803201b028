import type { GatewayReply, TokenGrant } from '../gateway/gateway.ts';
import { unasked } from '../gateway/reading.ts';
import { countShownCard } from '../store/shown-cards.ts';
import type { NewOperation } from '../store/operations.ts';
import type { Bridge } from './bridge.ts';
import type { ClaimedOperation } from './claim.ts';

/** What the operation of a card keeps that the flow itself sends to the gateway. */
export const DIRECT_ORDER: NewOperation['order'] = {
  capture: 'direct',
  brand: '',
  last4: '',
  call_id: null,
};

/** True for a card that no process of ours has seen. */
export function isDirect({ order }: Pick<NewOperation, 'order'>): boolean {
  return order['capture'] === 'direct';
}

/** What may be shown of a card: what our card process saw of it, else what the gateway shows. */
export function faceOf(
  { order }: ClaimedOperation,
  grant: TokenGrant | null,
): { readonly brand: string; readonly last4: string } {
  const { last4 } = order;
  if (typeof last4 === 'string' && last4 !== '') return { brand: String(order['brand']), last4 };
  return { brand: grant?.card?.brand ?? '', last4: grant?.card?.last4 ?? '' };
}

/**
 * What our card process asks before a card is sent, asked of what the gateway shows once it has it:
 * the merchant's brands, and the attempts with this card. The issuer has not been asked yet.
 *
 * @returns the reply that ends the operation, or `null` to go on.
 */
export async function refusedByShown(
  bridge: Bridge,
  operation: ClaimedOperation,
  grant: TokenGrant,
): Promise<GatewayReply<never> | null> {
  const { store, limits, brands } = bridge;
  if (!isDirect(operation) || grant.card === undefined) return null;
  const { brand, fingerprint } = grant.card;
  if (!brands.includes(brand)) {
    return unasked({ kind: 'declined', errorCode: 'unsupported_card' });
  }
  if (fingerprint === null) return null;
  const tries = await countShownCard(store, operation, fingerprint);
  if (tries <= limits.cardTriesPerCardDay) return null;
  return unasked({ kind: 'failed', errorCode: 'too_many_attempts' });
}

/**
 * A card that only its token leads to: where the answer to its verification was lost, `settle` needs
 * the token to ask again.
 */
export function stillFoundBy(
  operation: ClaimedOperation,
  tokenised: GatewayReply<TokenGrant>,
  verified: GatewayReply<TokenGrant>,
): Pick<GatewayReply<TokenGrant>, 'gatewayTransactionId'> | null {
  const { outcome } = tokenised;
  const open = verified.outcome.kind === 'in_doubt' || verified.outcome.kind === 'failed';
  if (!isDirect(operation) || !open || outcome.kind !== 'approved') return null;
  return { gatewayTransactionId: outcome.value.tokenReference };
}
