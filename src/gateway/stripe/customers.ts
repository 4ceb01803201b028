import { createHash } from 'node:crypto';
import { customerParams, customerSearchParams, getRequest, META, postRequest } from './requests.ts';
import type { Prepared, StripeLine } from './line.ts';
import { membersOf, numberOf, textOf, type Members } from '../json.ts';

/** Customers that this process has seen; their ids do not change. */
const REMEMBERED_MAX = 1_000;

/** Finds the customer at Stripe, or makes one. */
export interface StripeCustomers {
  idOf(customerId: string, signal: AbortSignal): Promise<Prepared<string>>;
  /** Stripe does not know it any more: it was deleted there. */
  forget(customerId: string): void;
}

/**
 * The key of a customer's creation is derived from our id: two calls at the same time, and one that
 * comes before the search has caught up (a minute, https://docs.stripe.com/search#data-freshness),
 * get the same customer.
 */
function creationKey(customerId: string): string {
  return `tokenline-customer-${createHash('sha256').update(customerId).digest('base64url')}`;
}

export function openStripeCustomers(line: StripeLine): StripeCustomers {
  const remembered = new Map<string, string>();

  function remember(customerId: string, id: string): void {
    const [oldest] = remembered.keys();
    if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
    remembered.set(customerId, id);
  }

  async function found(customerId: string, signal: AbortSignal): Promise<Prepared<string>> {
    const search = getRequest('/v1/customers/search', customerSearchParams(customerId));
    const searched = await line.prepare(search, signal, (members) => {
      const data = members['data'];
      return Array.isArray(data) ? { id: oldestOf(data.map(membersOf), customerId) } : null;
    });
    if (searched.kind === 'refused') return searched;
    const { id } = searched.value;
    if (id !== null) return { kind: 'ready', value: id };
    const create = postRequest(
      '/v1/customers',
      creationKey(customerId),
      customerParams(customerId),
    );
    return line.prepare(create, signal, (members) =>
      members['object'] === 'customer' ? textOf(members, 'id') : null,
    );
  }

  return {
    async idOf(customerId, signal) {
      const known = remembered.get(customerId);
      if (known !== undefined) return { kind: 'ready', value: known };
      const answer = await found(customerId, signal);
      if (answer.kind === 'ready') remember(customerId, answer.value);
      return answer;
    },
    forget(customerId) {
      remembered.delete(customerId);
    },
  };
}

/** Where a merchant's own system has made several, the first one is the customer. */
function oldestOf(found: readonly (Members | null)[], customerId: string): string | null {
  const [oldest] = found
    .filter((customer): customer is Members => {
      const metadata = membersOf(customer?.['metadata']);
      return customer?.['deleted'] !== true && textOf(metadata, META.customer) === customerId;
    })
    .toSorted((one, other) => (numberOf(one, 'created') ?? 0) - (numberOf(other, 'created') ?? 0));
  return textOf(oldest ?? null, 'id');
}
