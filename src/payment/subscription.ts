import type { Language } from './language.ts';
import type { Interval, IsoDate } from './plan.ts';
import type { Money } from './money.ts';

export const SUBSCRIPTION_STATUSES = ['active', 'paused', 'past_due', 'cancelled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** What can be done to a subscription that exists. */
export const SUBSCRIPTION_VERBS = [
  'cancel',
  'pause',
  'resume',
  'change_plan',
  'change_card',
] as const;
export type SubscriptionVerb = (typeof SUBSCRIPTION_VERBS)[number];

/** A standing agreement to charge, as the merchant's side knows it. */
export interface Subscription {
  readonly id: string;
  readonly customerId: string;
  readonly planId: string;
  readonly price: Money;
  readonly interval: Interval;
  readonly status: SubscriptionStatus;
  readonly gateway: string;
  /** The gateway's own id of it. */
  readonly gatewayReference: string;
  readonly tokenId: string;
  readonly cardBrand: string;
  readonly cardLast4: string;
  /** `null` while paused and after cancellation. */
  readonly nextChargeDate: IsoDate | null;
  readonly consentId: string;
  /** The language in which it was agreed. */
  readonly language: Language;
  readonly confirmationCode: string;
  /** Counts its changes from 1; the events for billing carry it, so that a receiver can order them. */
  readonly version: number;
}

/** Which verb may follow which status. A cancelled subscription stays cancelled. */
const ALLOWED: Readonly<Record<SubscriptionStatus, readonly SubscriptionVerb[]>> = {
  active: ['cancel', 'pause', 'change_plan', 'change_card'],
  paused: ['cancel', 'resume', 'change_plan', 'change_card'],
  past_due: ['cancel', 'change_card', 'change_plan'],
  cancelled: [],
};

export function mayApply(verb: SubscriptionVerb, status: SubscriptionStatus): boolean {
  return ALLOWED[status].includes(verb);
}

/** The status that a verb leads to when the gateway does not say another. */
export function statusAfter(
  verb: SubscriptionVerb,
  status: SubscriptionStatus,
): SubscriptionStatus {
  switch (verb) {
    case 'cancel':
      return 'cancelled';
    case 'pause':
      return 'paused';
    case 'resume':
      return 'active';
    case 'change_plan':
      return status;
    case 'change_card':
      return status === 'past_due' ? 'active' : status;
  }
}

/** The name of the event that billing receives. */
export type SubscriptionEventType =
  | 'subscription.created'
  | 'subscription.cancelled'
  | 'subscription.paused'
  | 'subscription.resumed'
  | 'subscription.plan_changed'
  | 'subscription.card_changed'
  | 'subscription.past_due'
  | 'charge.succeeded'
  | 'charge.failed'
  | 'charge.skipped';

export const EVENT_OF_VERB: Readonly<Record<SubscriptionVerb, SubscriptionEventType>> = {
  cancel: 'subscription.cancelled',
  pause: 'subscription.paused',
  resume: 'subscription.resumed',
  change_plan: 'subscription.plan_changed',
  change_card: 'subscription.card_changed',
};
