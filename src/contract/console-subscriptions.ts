import type { OperationRow } from './console-operations.ts';

/** What the console's page Subscriptions shows. Both sides take the types from here. */

/** What can be asked of the list; all of it has to hold. */
export interface SubscriptionsFilter {
  readonly status?: string;
  readonly plan?: string;
  readonly customer?: string;
  /** The subscription after which the list goes on. */
  readonly before?: string;
}

export interface SubscriptionRow {
  readonly subscription_id: string;
  readonly customer_id: string;
  readonly plan_id: string;
  readonly plan_name: string;
  readonly status: string;
  readonly amount_text: string;
  /** Such as `every month`. */
  readonly interval_text: string;
  /** A calendar date; empty while nothing will be charged. */
  readonly next_charge_date: string;
  /** Brand and last four digits. */
  readonly card: string;
  readonly created_at: string;
}

/** How many subscriptions of one plan have one status. */
export interface SubscriptionCount {
  readonly plan_id: string;
  readonly plan_name: string;
  readonly status: string;
  readonly count: number;
}

/** The newest first, and how many there are of everything. */
export interface SubscriptionsView {
  readonly rows: readonly SubscriptionRow[];
  readonly more: boolean;
  readonly statuses: readonly string[];
  readonly counts: readonly SubscriptionCount[];
}

/** One period that has come due; only where Tokenline makes the charges. */
export interface PeriodRow {
  readonly due_date: string;
  readonly amount_text: string;
  readonly tries: number;
  /** `open`, `paid`, `unpaid`, `skipped`, `dropped`. */
  readonly state: string;
  /** The try that ended it, or the last one. */
  readonly operation_id: string;
}

/** What was agreed to. */
export interface AgreedTo {
  readonly consent_id: string;
  readonly at: string;
  readonly key: string;
  readonly language: string;
  /** Of the sentences it was rendered from. */
  readonly version: string;
  /** What was said, word for word. */
  readonly text: string;
  readonly text_fingerprint: string;
  readonly interaction_id: string;
}

export interface SubscriptionEventRow {
  readonly event_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly made_at: string;
  readonly state: 'waiting' | 'delivered' | 'dead';
  /** When it was delivered or given up; empty while it waits. */
  readonly at: string;
  readonly operation_id: string;
}

export interface SubscriptionView extends SubscriptionRow {
  readonly gateway: string;
  readonly gateway_subscription: string;
  readonly confirmation_code: string;
  readonly language: string;
  readonly charged_by: 'gateway' | 'tokenline';
  /** The operation that is changing it; empty where none is. */
  readonly open_operation: string;
  /** The newest first. */
  readonly periods: readonly PeriodRow[];
  readonly operations: readonly OperationRow[];
  readonly events: readonly SubscriptionEventRow[];
  /** `null` where it is not known any more. */
  readonly agreed: AgreedTo | null;
}
