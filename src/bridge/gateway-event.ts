import { Fault } from '../payment/fault.ts';
import { hurrySettle } from '../store/jobs.ts';
import { findOperation } from '../store/operations.ts';
import { findByGatewayReference } from '../store/subscriptions.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { GatewayEvent } from '../gateway/gateway.ts';
import type { Bridge } from './bridge.ts';
import { follow } from './follow.ts';

const READ_BUDGET_MS = 5_000;

/**
 * Takes a gateway's event. The signature is checked on the raw bytes; what it says is a door bell:
 * the operation is looked up before anything is believed, so a second copy does no harm.
 *
 * @throws Fault `invalid_signature`, or `unknown_resource` for a gateway that is not configured.
 */
export async function gatewayEvent(
  bridge: Bridge,
  gateway: string,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
): Promise<void> {
  const { clock, log } = bridge;
  if (gateway !== bridge.gateway.name) {
    throw new Fault('unknown_resource', 'No gateway of this name is configured here.');
  }
  const reading = await bridge.gateway.webhook(headers, rawBody, clock.now());
  if (reading.kind === 'refused') {
    log.alarm('webhook.refused', { gateway });
    throw new Fault('invalid_signature', 'The signature does not match, or the event is too old.');
  }
  for (const event of reading.events) await heed(bridge, event);
}

async function heed(bridge: Bridge, event: GatewayEvent): Promise<void> {
  const { store, clock, gateway } = bridge;
  if (event.idempotencyKey !== null) {
    const operation = await findOperation(store, event.idempotencyKey);
    if (operation) await hurrySettle(store, operation.id, clock.now(), 0);
  }
  if (event.subscriptionReference !== null) {
    const reference = event.subscriptionReference;
    const subscription = await findByGatewayReference(store, gateway.name, reference);
    if (!subscription) return;
    const deadline = new Deadline(clock, READ_BUDGET_MS);
    const { outcome } = await deadline.within((signal) => gateway.read(reference, signal));
    if (outcome.kind !== 'approved') return;
    await follow(bridge, subscription, outcome.value);
  }
}
