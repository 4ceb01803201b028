import assert from 'node:assert/strict';
import type { Caller } from './caller.ts';
import type { BillingEvent, LedgerOfGateway } from './system.ts';
import { until, type System } from './system.ts';

/** What is true of one call: the gateway's ledger and billing are the only sides that know. */
export interface Truth {
  readonly tokens: number;
  readonly subscriptions: LedgerOfGateway['subscriptions'];
  readonly charges: number;
  readonly events: readonly BillingEvent[];
}

export function truthOf(
  caller: Caller,
  ledger: LedgerOfGateway,
  billing: readonly BillingEvent[],
): Truth {
  const ours = (record: Record<string, unknown>): boolean =>
    record['interaction_id'] === caller.interactionId;
  return {
    tokens: ledger.tokens.filter(ours).length,
    subscriptions: ledger.subscriptions.filter(ours),
    charges: ledger.charges.filter(ours).length,
    events: billing.filter(({ body }) => body.data['customer_id'] === caller.customerId),
  };
}

/** Until every event has been delivered, nothing is in doubt, and the gateway's side is told whole. */
export async function settledTruth(system: System, caller: Caller): Promise<Truth> {
  await until('the last delivery', async () => {
    const names = ['operations_in_doubt', 'deliveries_waiting'];
    const open = await Promise.all(names.map((name) => system.gauge(name).catch(() => 1)));
    return open.every((count) => count === 0) ? true : null;
  });
  return truthOf(caller, await system.ledger(), await system.billing());
}

/** What was said to the caller and to billing is what happened at the gateway, and nothing twice. */
export function assertEnrolment(what: string, outcome: unknown, truth: Truth): void {
  const { subscriptions, charges, events } = truth;
  const count = subscriptions.length;
  assert.ok(count <= 1 && charges <= 1, `${what}: ${count} subscriptions, ${charges} charges`);
  assert.equal(charges, count, `${what}: charged once for what there is`);
  assert.equal(outcome === 'approved', count === 1, `${what}: said ${String(outcome)}`);
  const created = events.filter(({ type }) => type === 'subscription.created');
  assert.equal(created.length, count, `${what}: ${created.length} events for ${count}`);
  assert.ok(
    events.every(({ verified }) => verified),
    `${what}: every signature holds`,
  );
}
