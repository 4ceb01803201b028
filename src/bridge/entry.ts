import type { LedgerEntry } from '../payment/ledger.ts';
import type { OutcomeKind } from '../payment/outcome.ts';
import { newId } from '../system/randomness.ts';
import type { Actor, Bridge } from './bridge.ts';

/** What an entry says beyond who, when and from where. */
export interface Told {
  readonly action: string;
  readonly result: LedgerEntry['result'];
  readonly resource: string;
  readonly operationId?: string | null;
  readonly interactionId?: string | null;
  readonly subscriptionId?: string | null;
  readonly gatewayTransactionId?: string | null;
  readonly detail?: Readonly<Record<string, string>>;
}

/** Acts that nobody asked for: settling, delivering, sealing. */
export const SYSTEM_ACTOR: Actor = { clientId: 'system', origin: 'bridge' };

/** A line for the ledger (PCI DSS 10.2.2: who, what, when, result, from where, on what). */
export function ledgerEntry(bridge: Bridge, actor: Actor, told: Told): LedgerEntry {
  return {
    id: newId('led', bridge.randomness),
    at: new Date(bridge.clock.now()).toISOString(),
    actor: actor.clientId,
    action: told.action,
    result: told.result,
    origin: actor.origin,
    resource: told.resource,
    operationId: told.operationId ?? null,
    interactionId: told.interactionId ?? null,
    subscriptionId: told.subscriptionId ?? null,
    gatewayTransactionId: told.gatewayTransactionId ?? null,
    detail: told.detail ?? {},
  };
}

/** The result that the ledger shows for an outcome. */
export function resultOf(outcome: OutcomeKind): LedgerEntry['result'] {
  switch (outcome) {
    case 'approved':
      return 'success';
    case 'declined':
    case 'failed':
      return 'failure';
    case 'pending':
    case 'in_doubt':
      return 'unknown';
  }
}
