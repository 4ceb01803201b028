import { isErrorCode, type ErrorCode } from '../payment/outcome.ts';
import { INTERVAL_UNITS, type Plan } from '../payment/plan.ts';
import type { NewOperation } from '../store/operations.ts';

/** What the caller agreed to pay: a plan as it was then, whatever the catalogue says later. */
export type Terms = Pick<Plan, 'id' | 'price' | 'interval'>;

type Order = NewOperation['order'];

/**
 * What an operation keeps of its request, so that `settle` repeats the same one and never one that
 * was refused: a process may die between the intent and the refusal.
 */
export function orderOf(plan: Terms | null, refused: ErrorCode | null): Order {
  return {
    refused,
    ...(plan && {
      amount_minor: plan.price.amountMinor,
      currency: plan.price.currency,
      interval_count: plan.interval.count,
      interval_unit: plan.interval.unit,
    }),
  };
}

export function termsOf({ planId, order }: Pick<NewOperation, 'planId' | 'order'>): Terms | null {
  const unit = INTERVAL_UNITS.find((known) => known === order['interval_unit']);
  if (planId === null || unit === undefined) return null;
  return {
    id: planId,
    price: { amountMinor: Number(order['amount_minor']), currency: String(order['currency']) },
    interval: { count: Number(order['interval_count']), unit },
  };
}

/** Why the request was refused before anything was sent; `null` where it was not. */
export function refusedBefore({ order }: Pick<NewOperation, 'order'>): ErrorCode | null {
  const word = String(order['refused'] ?? '');
  return isErrorCode(word) ? word : null;
}
