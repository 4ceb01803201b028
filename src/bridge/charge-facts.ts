import type { Money } from '../payment/money.ts';
import type { IsoDate } from '../payment/plan.ts';

/** What every event about a charge tells: which period, how much, and which try it was. */
export function chargeFacts(
  dueDate: IsoDate,
  price: Money,
  tries: number,
): Readonly<Record<string, string | number>> {
  return {
    charge_due_date: dueDate,
    charge_amount_minor: price.amountMinor,
    charge_currency: price.currency,
    charge_try: tries,
  };
}
