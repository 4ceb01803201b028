import { isAuditPage, type AuditPage } from '../contract/audit-page.ts';
import { PAGE_MAX, storyOf as storyBy, type Selectors, type Story } from '../bridge/story.ts';
import type { BridgeClient } from './bridge-client.ts';

function pathOf(query: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return `/v1/audit?${parameters.toString()}`;
}

/** One page of the sealed ledger, in the order of the chain. */
export function pageAfter(client: BridgeClient, seq: number): Promise<AuditPage> {
  return client.get(pathOf({ after_seq: seq, limit: PAGE_MAX }), isAuditPage);
}

function select(client: BridgeClient, selectors: Selectors): Promise<AuditPage> {
  const query = {
    gateway_transaction_id: selectors.gatewayTransactionId,
    interaction_id: selectors.interactionId,
    subscription_id: selectors.subscriptionId,
    operation_id: selectors.operationId,
    from: selectors.from,
    to: selectors.to,
    limit: PAGE_MAX,
  };
  return client.get(pathOf(query), isAuditPage);
}

/** Everything about what was asked for, as the bridge tells it to its clients. */
export function storyOf(client: BridgeClient, selectors: Selectors): Promise<Story> {
  return storyBy((wanted) => select(client, wanted), [selectors]);
}
