import type { Interval, IsoDate } from '../payment/plan.ts';
import type { SubscriptionStatus } from '../payment/subscription.ts';
import type { Journal } from './journal.ts';

/** Which request something came under. Field names are those of `GET /__sandbox/ledger`. */
export interface Origin {
  readonly idempotency_key: string;
  readonly interaction_id: string;
  readonly operation_id: string;
  readonly gateway_transaction_id: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface TokenRecord extends Origin {
  readonly token_id: string;
  readonly customer_id: string;
  readonly card_brand: string;
  readonly card_last4: string;
  readonly status: 'unverified' | 'active' | 'refused';
  readonly network_transaction_id: string;
}

export interface SubscriptionRecord extends Origin {
  readonly subscription_id: string;
  readonly customer_id: string;
  readonly token_id: string;
  readonly plan_id: string;
  /** Decimal text, `29.99`. */
  readonly amount: string;
  readonly currency: string;
  readonly interval: Interval;
  readonly status: SubscriptionStatus;
  readonly first_charge_date: IsoDate;
  readonly next_charge_date: IsoDate | null;
  /** Every change with the key it came under. */
  readonly changes: readonly (Origin & { readonly verb: string })[];
}

export interface ChargeRecord extends Origin {
  readonly charge_id: string;
  /** The gateway's own subscription, or the merchant's where the merchant charges. */
  readonly subscription_id: string;
  readonly token_id: string;
  readonly amount: string;
  readonly currency: string;
  /** Where the merchant charges: which period it is for, and how the card was used. */
  readonly due_date?: IsoDate;
  readonly initiator?: 'customer' | 'merchant';
}

/** A page on which a card is entered. */
export interface PageRecord extends Origin {
  readonly page_id: string;
  readonly customer_id: string;
  /** `en-us` or `es-us`. */
  readonly language: string;
  /** ISO 8601. */
  readonly expires_at: string;
  readonly status: 'open' | 'complete' | 'closed';
  /** Where the browser goes afterwards. */
  readonly return_url: string | null;
  readonly declines: number;
  /** The stored card, once it is complete. */
  readonly token_id: string | null;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request with its key, and the answer that is given to it however often it comes. */
export interface OperationRecord extends Origin {
  readonly kind: string;
  readonly status_code: number;
  readonly body: Answer['body'];
  /** Hash of the request without its card fields. */
  readonly request_hash: string;
}

/** Everything that one request brings about: one line of the journal, so all of it or nothing. */
export interface Commit {
  readonly operation: OperationRecord;
  readonly token?: TokenRecord;
  readonly subscription?: SubscriptionRecord;
  readonly charge?: ChargeRecord;
  readonly page?: PageRecord;
}

/** A request that was answered 202, what it will become, and when. */
export interface Pending {
  readonly operation: OperationRecord;
  readonly due_at: string;
  readonly becomes: Commit;
}

export interface BillingEvent {
  readonly webhook_id: string;
  readonly type: string;
  readonly body: unknown;
  readonly verified: boolean;
  readonly at: string;
}

export type Line =
  | { readonly line: 'commit'; readonly commit: Commit }
  | { readonly line: 'pending'; readonly pending: Pending }
  /** The bridge took the event about a pending operation. */
  | { readonly line: 'notified'; readonly idempotency_key: string }
  /** A customer has entered a card on a page: what became of both. */
  | { readonly line: 'page'; readonly page: PageRecord; readonly token?: TokenRecord }
  | { readonly line: 'billing'; readonly event: BillingEvent };

/**
 * What truly happened at the make-believe gateway and at billing: the ground truth that tests compare
 * everything else with. Memory and journal never differ: the line is on disk first.
 */
export class Ledger {
  readonly #journal: Journal<Line>;
  readonly #operations = new Map<string, OperationRecord>();
  readonly #tokens = new Map<string, TokenRecord>();
  readonly #subscriptions = new Map<string, SubscriptionRecord>();
  readonly #charges: ChargeRecord[] = [];
  readonly #pages = new Map<string, PageRecord>();
  readonly #pending = new Map<string, Pending>();
  readonly #unnotified = new Set<string>();
  readonly #billing = new Map<string, { event: BillingEvent; deliveries: number }>();

  constructor(journal: Journal<Line>, lines: readonly Line[]) {
    this.#journal = journal;
    for (const line of lines) this.#apply(line);
  }

  operation(idempotencyKey: string): OperationRecord | undefined {
    return this.#operations.get(idempotencyKey);
  }

  token(tokenId: string): TokenRecord | undefined {
    return this.#tokens.get(tokenId);
  }

  subscription(subscriptionId: string): SubscriptionRecord | undefined {
    return this.#subscriptions.get(subscriptionId);
  }

  page(pageId: string): PageRecord | undefined {
    return this.#pages.get(pageId);
  }

  /** Operations that were answered 202 and are not final yet. */
  pending(): readonly Pending[] {
    return [...this.#pending.values()];
  }

  /** Keys of final operations whose event the bridge has not taken yet. */
  unnotified(): readonly string[] {
    return [...this.#unnotified];
  }

  commit(commit: Commit): void {
    this.#write({ line: 'commit', commit });
  }

  /** What a card on a page has changed. */
  entered(page: PageRecord, token: TokenRecord | null): void {
    this.#write({ line: 'page', page, ...(token && { token }) });
  }

  postpone(pending: Pending): void {
    this.#write({ line: 'pending', pending });
  }

  notified(idempotencyKey: string): void {
    this.#write({ line: 'notified', idempotency_key: idempotencyKey });
  }

  /** @returns how often this event has come by now. */
  billed(event: BillingEvent): number {
    this.#write({ line: 'billing', event });
    return this.#billing.get(billingKey(event))?.deliveries ?? 0;
  }

  clear(): void {
    this.#journal.clear();
    for (const part of [this.#operations, this.#tokens, this.#subscriptions]) part.clear();
    for (const part of [this.#pending, this.#unnotified, this.#billing]) part.clear();
    this.#pages.clear();
    this.#charges.length = 0;
  }

  /** `GET /__sandbox/ledger`. */
  shown(): Readonly<Record<string, readonly unknown[]>> {
    return {
      tokens: [...this.#tokens.values()],
      subscriptions: [...this.#subscriptions.values()],
      charges: [...this.#charges],
      pages: [...this.#pages.values()],
      operations: [...this.#operations.values()].map(shownOperation),
    };
  }

  /** `GET /__sandbox/billing`, in the order of each event's first arrival. */
  shownBilling(): readonly unknown[] {
    return [...this.#billing.values()].map(({ event: { webhook_id, ...event }, deliveries }) => ({
      'webhook-id': webhook_id,
      ...event,
      deliveries,
    }));
  }

  #write(line: Line): void {
    this.#journal.append(line);
    this.#apply(line);
  }

  #apply(line: Line): void {
    switch (line.line) {
      case 'commit':
        return this.#applyCommit(line.commit);
      case 'pending': {
        const { operation } = line.pending;
        this.#operations.set(operation.idempotency_key, operation);
        this.#pending.set(operation.idempotency_key, line.pending);
        return;
      }
      case 'page':
        this.#pages.set(line.page.page_id, line.page);
        if (line.token) this.#tokens.set(line.token.token_id, line.token);
        return;
      case 'notified':
        this.#unnotified.delete(line.idempotency_key);
        return;
      case 'billing': {
        const known = this.#billing.get(billingKey(line.event));
        if (known) known.deliveries += 1;
        else this.#billing.set(billingKey(line.event), { event: line.event, deliveries: 1 });
      }
    }
  }

  #applyCommit({ operation, token, subscription, charge, page }: Commit): void {
    const key = operation.idempotency_key;
    if (this.#pending.delete(key)) this.#unnotified.add(key);
    this.#operations.set(key, operation);
    if (token) this.#tokens.set(token.token_id, token);
    if (subscription) this.#subscriptions.set(subscription.subscription_id, subscription);
    if (charge) this.#charges.push(charge);
    if (page) this.#pages.set(page.page_id, page);
  }
}

function shownOperation(operation: OperationRecord): Omit<OperationRecord, 'request_hash'> {
  const { idempotency_key, interaction_id, operation_id, gateway_transaction_id } = operation;
  const { at, kind, status_code, body } = operation;
  const origin = { idempotency_key, interaction_id, operation_id, gateway_transaction_id, at };
  return { ...origin, kind, status_code, body };
}

/** A forged event must not hide a true one with the same id. */
function billingKey(event: BillingEvent): string {
  return `${event.verified ? 'signed' : 'refused'} ${event.webhook_id}`;
}

const LINES: ReadonlySet<unknown> = new Set(['commit', 'pending', 'notified', 'page', 'billing']);

/** A line as it is read back. @throws TypeError where the file is not one of ours. */
export function lineOf(value: unknown): Line {
  if (isLine(value)) return value;
  throw new TypeError('the sandbox’s ledger holds a line that is not its own; begin a new one');
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'line' in value && LINES.has(value.line);
}
