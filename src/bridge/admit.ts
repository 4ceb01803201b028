import type { OperationKind } from '../payment/operation.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { admission, type Breaker } from '../resilience/breaker.ts';
import type { Begun } from '../store/begin.ts';
import { claimProbe } from '../store/breaker.ts';
import type { Bridge, BridgeLimits } from './bridge.ts';
import { suspectedCards, tellSuspicion } from './card-testing.ts';

/**
 * Asks the breaker for one call, claiming the probe of an open one where that is due.
 *
 * @param holder the interaction: all gateway calls of the probing call go through.
 */
export async function breakerAdmits(
  bridge: Bridge,
  breaker: Breaker,
  holder: string,
): Promise<boolean> {
  const nowMs = bridge.clock.now();
  const policy = bridge.limits.breaker;
  const verdict = admission(breaker, holder, nowMs, policy);
  if (verdict !== 'probe') return verdict === 'admit';
  return claimProbe(bridge.store, bridge.gateway.name, holder, nowMs, nowMs + policy.probeMs);
}

/** True when card attempts are above a limit: of this call, its ANI, the customer, or the card. */
export function tooManyAttempts(begun: Begun, limits: BridgeLimits): boolean {
  const { velocity } = begun;
  return (
    begun.cardTries > limits.cardTriesPerCall ||
    (velocity.ani_hour ?? 0) > limits.cardTriesPerAniHour ||
    (velocity.ani_day ?? 0) > limits.cardTriesPerAniDay ||
    (velocity.customer_day ?? 0) > limits.cardTriesPerCustomerDay ||
    (velocity.card_day ?? 0) > limits.cardTriesPerCardDay
  );
}

/**
 * True when this ANI, customer or card has been tried more often than one call explains: from here on
 * prompts do not tell which field was wrong (design §6.7).
 */
export function nearLimit(begun: Pick<Begun, 'velocity'>, limits: BridgeLimits): boolean {
  const { velocity } = begun;
  const most = Math.max(velocity.ani_day ?? 0, velocity.customer_day ?? 0, velocity.card_day ?? 0);
  return most > limits.cardTriesPerCall;
}

/**
 * True where the operator's switch stops it. The switch is for payments: whoever cancels is cancelled,
 * so that nobody goes on paying because they could not get out.
 */
export function switchStops(begun: Begun, kind: OperationKind): boolean {
  return begun.automatedPayments === 'off' && kind !== 'cancel';
}

/**
 * Whether a new operation may go to the gateway, after its intent has been committed.
 *
 * @returns the reason to refuse, or `null` to go on.
 */
export async function refusal(
  bridge: Bridge,
  begun: Begun,
  { kind, interactionId }: { readonly kind: OperationKind; readonly interactionId: string },
): Promise<ErrorCode | null> {
  if (switchStops(begun, kind)) return 'switched_off';
  if (tooManyAttempts(begun, bridge.limits)) return 'too_many_attempts';
  const suspected = suspectedCards(begun.declines, bridge.limits.cardTesting);
  if (suspected !== null) {
    tellSuspicion(bridge, suspected, interactionId);
    return 'too_many_attempts';
  }
  if (!begun.claimed) return 'not_allowed';
  return (await breakerAdmits(bridge, begun.breaker, interactionId)) ? null : 'breaker_open';
}
