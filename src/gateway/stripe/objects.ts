import { dateIn, INTERVAL_UNITS, type Interval, type IsoDate } from '../../payment/plan.ts';
import type { Money } from '../../payment/money.ts';
import type { SubscriptionStatus } from '../../payment/subscription.ts';
import type { SubscriptionGrant, TokenGrant } from '../gateway.ts';
import { isDecline, type Found, type Meaning } from '../reading.ts';
import { membersOf, numberOf, textOf, type Members } from '../json.ts';
import { shownCard } from '../shown-card.ts';
import { META } from './requests.ts';
import { errorOf, granted } from './words.ts';

/** The id of something that Stripe shows as its id, or whole where it was asked to expand it. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : textOf(membersOf(value), 'id');
}

/** The first item of a subscription; Tokenline's have one. */
export function itemOf(subscription: Members): Members | null {
  const data = membersOf(subscription['items'])?.['data'];
  return Array.isArray(data) ? membersOf(data[0]) : null;
}

/**
 * When the current period ends, in seconds. It stood at the subscription until API 2025-03-31
 * ("basil") and has stood at its items since.
 */
function periodEndOf(subscription: Members): number | null {
  const item = itemOf(subscription);
  return numberOf(subscription, 'current_period_end') ?? numberOf(item, 'current_period_end');
}

/** https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
function statusOf(subscription: Members): SubscriptionStatus | 'incomplete' | null {
  switch (subscription['status']) {
    case 'active':
    case 'trialing':
      // Paused collection and an end that is set leave the status as it is.
      if (membersOf(subscription['pause_collection']) !== null) return 'paused';
      return endsLater(subscription) ? 'cancelled' : 'active';
    case 'past_due':
    case 'unpaid':
      return endsLater(subscription) ? 'cancelled' : 'past_due';
    case 'paused':
      return 'paused';
    case 'canceled':
    case 'incomplete_expired':
      return 'cancelled';
    case 'incomplete':
      return 'incomplete';
    default:
      return null;
  }
}

function endsLater(subscription: Members): boolean {
  return (
    subscription['cancel_at_period_end'] === true || numberOf(subscription, 'cancel_at') !== null
  );
}

/** Reads a subscription; for `readStripe`. @param timeZone decides which day a second is in. */
export function findSubscription(
  members: Members,
  timeZone: string,
): Found<SubscriptionGrant> | null {
  const id = textOf(members, 'id');
  const status = statusOf(members);
  if (members['object'] !== 'subscription' || id === null || status === null) return null;
  const transactionId = idOf(members['latest_invoice']) ?? id;
  if (status === 'incomplete') return { ...granted(null, transactionId), pending: true };
  const dateOf = (seconds: number | null): IsoDate | null =>
    seconds === null ? null : dateIn(timeZone, seconds * 1000);
  const periodEnd = periodEndOf(members);
  const charged = status === 'active' || status === 'past_due';
  const endsOn =
    status === 'cancelled' && endsLater(members) && members['status'] !== 'canceled'
      ? dateOf(numberOf(members, 'cancel_at') ?? periodEnd)
      : null;
  const grant: SubscriptionGrant = {
    subscriptionReference: id,
    status,
    nextChargeDate: charged ? dateOf(periodEnd) : null,
    ...(endsOn !== null && { endsOn }),
  };
  return granted(grant, transactionId);
}

/** Our words for a check of the issuer's that failed although the card was saved. */
const FAILED_CHECKS = [
  { check: 'cvc_check', meaning: 'cvv_mismatch', rawCode: 'cvc_check_fail' },
  {
    check: 'address_postal_code_check',
    meaning: 'postal_code_mismatch',
    rawCode: 'address_postal_code_check_fail',
  },
] as const;

/** True for a card that was saved and is not taken: it must not stay with the customer. */
export function isFailedCheck(rawCode: string | null): boolean {
  return FAILED_CHECKS.some((failed) => failed.rawCode === rawCode);
}

/**
 * Reads a SetupIntent whose `payment_method` is expanded; for `readStripe`. A card can be saved with
 * a wrong security code or postal code, depending on the account's Radar rules: `checks` say so.
 */
export function findSetupIntent(members: Members): Found<TokenGrant> | null {
  const id = textOf(members, 'id');
  if (members['object'] !== 'setup_intent' || id === null) return null;
  const nothing = granted<TokenGrant>(null, id);
  switch (members['status']) {
    case 'succeeded':
      return savedCard(members, nothing);
    case 'processing':
      return { ...nothing, pending: true };
    case 'requires_action':
    case 'requires_confirmation':
      return { ...nothing, meaning: 'authentication_required', rawCode: 'requires_action' };
    case 'requires_payment_method':
    case 'canceled': {
      const error = membersOf(members['last_setup_error']);
      const { meaning, rawCode } = error ? errorOf(error) : { meaning: null, rawCode: null };
      return { ...nothing, meaning: declineOf(meaning), rawCode: rawCode ?? 'setup_failed' };
    }
    default:
      return null;
  }
}

function savedCard(members: Members, nothing: Found<TokenGrant>): Found<TokenGrant> | null {
  const paymentMethod = membersOf(members['payment_method']);
  const tokenReference = textOf(paymentMethod, 'id');
  const card = membersOf(paymentMethod?.['card']);
  if (tokenReference === null || card === null) return null;
  const checks = membersOf(card['checks']);
  const failed = FAILED_CHECKS.find(({ check }) => checks?.[check] === 'fail');
  if (failed) return { ...nothing, meaning: failed.meaning, rawCode: failed.rawCode };
  return {
    ...nothing,
    granted: { tokenReference, networkTransactionId: null, ...cardOf(card) },
  };
}

function cardOf(card: Members): ReturnType<typeof shownCard> {
  return shownCard(textOf(card, 'brand'), textOf(card, 'last4'), textOf(card, 'fingerprint'));
}

/**
 * Reads a payment method that a flow has made; for `readStripe`. `null` for one that was not made for
 * this operation: its maker writes the operation into it, and a card of somebody else's is none of ours.
 */
export function findMadeFor(members: Members, operationId: string): Found<TokenGrant> | null {
  const tokenReference = textOf(members, 'id');
  const card = membersOf(members['card']);
  const maker = textOf(membersOf(members['metadata']), META.operation);
  if (members['object'] !== 'payment_method' || card === null) return null;
  if (tokenReference === null || maker !== operationId) return null;
  const grant = { tokenReference, networkTransactionId: null, ...cardOf(card) };
  return granted<TokenGrant>(grant, tokenReference);
}

/** A SetupIntent that has not succeeded has saved nothing, whatever the reason is called. */
function declineOf(meaning: Meaning | null): Meaning {
  return meaning !== null && isDecline(meaning) ? meaning : 'processing_error';
}

/** A price as Stripe has it; `null` for one that Tokenline cannot charge: metered, tiered, once. */
export function priceOf(members: Members): { price: Money; interval: Interval } | null {
  const recurring = membersOf(members['recurring']);
  const amountMinor = numberOf(members, 'unit_amount');
  const currency = textOf(members, 'currency');
  const unit = INTERVAL_UNITS.find((known) => known === recurring?.['interval']);
  const count = numberOf(recurring, 'interval_count');
  const plain =
    members['object'] === 'price' &&
    members['active'] === true &&
    members['billing_scheme'] === 'per_unit' &&
    recurring?.['usage_type'] === 'licensed';
  if (!plain || amountMinor === null || currency === null || unit === undefined || count === null) {
    return null;
  }
  return {
    price: { amountMinor, currency: currency.toUpperCase() },
    interval: { count, unit },
  };
}
