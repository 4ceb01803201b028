import { isAuditPage, type AuditEntry, type AuditPage } from './audit-lines.ts';
import type { BridgeClient } from './bridge-client.ts';

/** What an auditor looks for; at least one. */
export interface Selectors {
  readonly gatewayTransactionId?: string;
  readonly interactionId?: string;
  readonly subscriptionId?: string;
  readonly operationId?: string;
  readonly from?: string;
  readonly to?: string;
}

/** The largest page of the contract. */
export const PAGE_MAX = 1_000;

/** A subscription that is older than so many calls is told by date. */
const CALLS_MAX = 50;

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

export interface Story extends AuditPage {
  /** There is more than was fetched. */
  readonly cut: boolean;
}

/**
 * Everything about what was asked for. Who asks for a transaction wants to know how it came about,
 * so the calls in which it happened are told as a whole: disclosure, consent, card, confirmation.
 */
export async function storyOf(client: BridgeClient, selectors: Selectors): Promise<Story> {
  const first = await select(client, selectors);
  const pages = [first];
  const { gatewayTransactionId, interactionId, subscriptionId, operationId } = selectors;
  const calls = idsIn(first, 'interaction_id');
  if ((gatewayTransactionId ?? subscriptionId ?? operationId) !== undefined) {
    for (const id of calls) pages.push(await select(client, { interactionId: id }));
  }
  // What billing was told belongs to the subscription and to no call.
  if (subscriptionId === undefined && (gatewayTransactionId ?? interactionId ?? operationId)) {
    const subscriptions = new Set(pages.flatMap((page) => idsIn(page, 'subscription_id')));
    for (const id of subscriptions) pages.push(await select(client, { subscriptionId: id }));
  }
  const cut = pages.some((page) => page.entries.length === PAGE_MAX) || calls.length === CALLS_MAX;
  return { ...first, ...joined(pages), cut };
}

function idsIn(page: AuditPage, name: 'interaction_id' | 'subscription_id'): string[] {
  const ids = new Set(page.entries.map((entry) => entry[name]));
  return [...ids].filter((id) => id !== '').slice(0, CALLS_MAX);
}

function joined(
  pages: readonly AuditPage[],
): Pick<AuditPage, 'entries' | 'links' | 'checkpoints' | 'unsealed'> {
  const entries = unique(
    pages.flatMap((page) => page.entries),
    (entry) => entry.id,
  );
  const links = unique(
    pages.flatMap((page) => page.links),
    (link) => String(link.seq),
  );
  const checkpoints = unique(
    pages.flatMap((page) => page.checkpoints),
    (checkpoint) => String(checkpoint.seq),
  );
  return {
    entries: entries.sort(inOrder),
    links: links.sort((one, other) => one.seq - other.seq),
    checkpoints: checkpoints.sort((one, other) => one.seq - other.seq),
    unsealed: entries.filter((entry) => entry.seq === null).length,
  };
}

function unique<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  // The later page is the younger answer: an entry may have been sealed in between.
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}

function inOrder(one: AuditEntry, other: AuditEntry): number {
  if (one.seq !== null && other.seq !== null) return one.seq - other.seq;
  if (one.seq === null && other.seq === null) return one.at < other.at ? -1 : 1;
  return one.seq === null ? 1 : -1;
}
