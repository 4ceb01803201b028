import { dateIn, type IsoDate } from '../../payment/plan.ts';
import type { ChangeQuote, GatewayReply, QuoteOrder } from '../gateway.ts';
import type { StripeLine } from './line.ts';
import { findSubscription, itemOf, priceOf } from './objects.ts';
import {
  getRequest,
  postRequest,
  previewParams,
  subscriptionPath,
  type StripeHabits,
} from './requests.ts';
import { membersOf, numberOf, textOf, type Members } from '../json.ts';
import { granted, readStripe } from './words.ts';

/** What a subscription says about a change before Stripe is asked to reckon it. */
interface Standing {
  readonly item: string;
  readonly nextChargeDate: IsoDate | null;
  readonly sameInterval: boolean;
}

/**
 * What a change of plan charges at once, and when the next charge is. Where the interval stays and
 * the habit is to charge nothing at once, nothing has to be reckoned. Otherwise Stripe makes the
 * invoice of the change and keeps none of it (https://docs.stripe.com/api/invoices/create_preview).
 *
 * @param price Stripe's id of the new plan's price.
 */
export async function quoteAtStripe(
  line: StripeLine,
  habits: StripeHabits & { readonly timeZone: string },
  order: QuoteOrder,
  price: string,
  signal: AbortSignal,
): Promise<GatewayReply<ChangeQuote>> {
  const read = await line.exchange(
    getRequest(subscriptionPath(order.subscriptionReference)),
    signal,
  );
  const standing = readStripe(read, (members) =>
    granted(standingOf(members, order, habits.timeZone), null),
  );
  const { outcome } = standing;
  if (outcome.kind !== 'approved') return { ...standing, outcome };
  const { item, nextChargeDate, sameInterval } = outcome.value;
  if (sameInterval && habits.proration !== 'now') {
    const dueNow = { amountMinor: 0, currency: order.plan.price.currency };
    return { ...standing, outcome: { kind: 'approved', value: { dueNow, nextChargeDate } } };
  }
  // No idempotency key: the same question tomorrow has another answer.
  const params = previewParams(order, habits, item, price);
  const preview = postRequest('/v1/invoices/create_preview', null, params);
  const reckoned = await line.exchange(preview, signal);
  return readStripe(reckoned, (members) => granted(quoteIn(members, habits.timeZone), null));
}

function standingOf(members: Members, order: QuoteOrder, timeZone: string): Standing | null {
  const grant = findSubscription(members, timeZone)?.granted;
  const item = itemOf(members);
  const id = textOf(item, 'id');
  if (!grant || id === null) return null;
  const price = membersOf(item?.['price']);
  const interval = price && priceOf(price)?.interval;
  const { count, unit } = order.plan.interval;
  const sameInterval = interval?.count === count && interval.unit === unit;
  return { item: id, nextChargeDate: grant.nextChargeDate, sameInterval };
}

/** The invoice of the change: what it would charge, and until when its last line reaches. */
function quoteIn(invoice: Members, timeZone: string): ChangeQuote | null {
  const amountMinor = numberOf(invoice, 'amount_due');
  const currency = textOf(invoice, 'currency');
  const lines = membersOf(invoice['lines'])?.['data'];
  if (invoice['object'] !== 'invoice' || amountMinor === null || currency === null) return null;
  const ends = Array.isArray(lines)
    ? lines.flatMap((line) => numberOf(membersOf(membersOf(line)?.['period']), 'end') ?? [])
    : [];
  return {
    dueNow: { amountMinor, currency: currency.toUpperCase() },
    nextChargeDate: ends.length === 0 ? null : dateIn(timeZone, Math.max(...ends) * 1000),
  };
}
