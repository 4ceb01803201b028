import type { AuditEntry, AuditPage } from '../contract/audit-page.ts';

/** What an auditor looks for; at least one. */
export interface Selectors {
  readonly gatewayTransactionId?: string;
  readonly interactionId?: string;
  readonly subscriptionId?: string;
  readonly operationId?: string;
  /** UTC, ISO 8601, inclusive. */
  readonly from?: string;
  /** UTC, ISO 8601, exclusive. */
  readonly to?: string;
}

/** The largest page of the contract. */
export const PAGE_MAX = 1_000;

/** A subscription that is older than so many calls is told by date. */
export const CALLS_MAX = 50;

export interface Story extends AuditPage {
  /** There is more than was fetched. */
  readonly cut: boolean;
}

/** Entries that fit all of the selectors, {@link PAGE_MAX} at most, with their proof. */
export type Select = (selectors: Selectors) => Promise<AuditPage>;

/**
 * Everything about what was asked for. Who asks for a transaction wants to know how it came about,
 * so the calls in which it happened are told as a whole: disclosure, consent, card, confirmation.
 *
 * @param roots each is looked for by itself; what they bring is put together.
 */
export async function storyOf(
  select: Select,
  roots: readonly [Selectors, ...Selectors[]],
): Promise<Story> {
  const [root, ...others] = roots;
  const first = await storyOfOne(select, root);
  if (others.length === 0) return first;
  const stories = [first];
  for (const other of others) stories.push(await storyOfOne(select, other));
  return { ...first, ...joined(stories), cut: stories.some(({ cut }) => cut) };
}

async function storyOfOne(select: Select, selectors: Selectors): Promise<Story> {
  const first = await select(selectors);
  const pages = [first];
  const { gatewayTransactionId, interactionId, subscriptionId, operationId } = selectors;
  const calls = idsIn(first, 'interaction_id');
  if ((gatewayTransactionId ?? subscriptionId ?? operationId) !== undefined) {
    for (const id of calls) pages.push(await select({ interactionId: id }));
  }
  // What billing was told belongs to the subscription and to no call.
  if (subscriptionId === undefined && (gatewayTransactionId ?? interactionId ?? operationId)) {
    const subscriptions = new Set(pages.flatMap((page) => idsIn(page, 'subscription_id')));
    for (const id of subscriptions) pages.push(await select({ subscriptionId: id }));
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
