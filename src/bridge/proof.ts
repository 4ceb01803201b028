import type { GatewayReply } from '../gateway/gateway.ts';
import { unasked } from '../gateway/reading.ts';
import type { Operation } from '../store/operations.ts';
import type { Bridge } from './bridge.ts';

/**
 * When all that we have sent has arrived and shows: no request of ours can be on its way any more,
 * neither the first one nor one that `settle` sent again, and the gateway's own index has caught up.
 */
export function arrivedByMs(bridge: Bridge, operation: Operation): number {
  const { limits, gateway } = bridge;
  const { startedAtMs, finishedAtMs, sentAgainAtMs } = operation;
  const firstMs = Math.min(finishedAtMs ?? Infinity, startedAtMs + limits.deadlineMs);
  const lastMs = Math.max(firstMs, sentAgainAtMs === null ? 0 : sentAgainAtMs + limits.lookMsMax);
  return lastMs + gateway.capabilities.absenceIsProofAfterMs;
}

/**
 * When finding nothing becomes proof: {@link arrivedByMs}, and the gateway is not at work on it either.
 * `Infinity` where the last look found it at work.
 */
export function provedAtMs(bridge: Bridge, operation: Operation): number {
  const overMs = operation.underWayUntilMs ?? 0;
  const { absenceIsProofAfterMs } = bridge.gateway.capabilities;
  return Math.max(arrivedByMs(bridge, operation), overMs + absenceIsProofAfterMs);
}

/**
 * True where a look that found nothing proves that there is nothing. What the gateway itself has
 * called pending was there: not to find it says something about the look only.
 *
 * @param lookedAtMs when the look began. Whoever stood still after it has not learnt more meanwhile.
 */
export function absenceProves(bridge: Bridge, operation: Operation, lookedAtMs: number): boolean {
  return operation.state !== 'pending' && lookedAtMs >= provedAtMs(bridge, operation);
}

/** Nothing happened, and that is certain. */
export function nothingHappened(): GatewayReply<never> {
  return unasked({ kind: 'failed', errorCode: 'gateway_timeout' }, 'absent');
}
