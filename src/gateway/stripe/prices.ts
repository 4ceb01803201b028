import { sameMoney, type Money } from '../../payment/money.ts';
import type { Interval } from '../../payment/plan.ts';
import { contradiction, type Prepared, type StripeLine } from './line.ts';
import { priceOf } from './objects.ts';
import { getRequest } from './requests.ts';

export interface AgreedPlan {
  readonly id: string;
  readonly price: Money;
  readonly interval: Interval;
}

/** Stripe's price of each plan. */
export interface StripePrices {
  /** Its id, once it is certain that Stripe would charge what the caller has agreed to. */
  idOf(plan: AgreedPlan, signal: AbortSignal): Promise<Prepared<string>>;
}

export const pricePath = (id: string): string => `/v1/prices/${encodeURIComponent(id)}`;

/**
 * @param references Stripe's price ids by plan id, from the configuration. Amount, currency and
 *   interval of a price never change at Stripe, so each is compared once.
 */
export function openStripePrices(
  line: StripeLine,
  references: ReadonlyMap<string, string>,
): StripePrices {
  const checked = new Set<string>();
  return {
    async idOf(plan, signal) {
      const id = references.get(plan.id);
      if (id === undefined) return contradiction('plan_without_price');
      const { price, interval } = plan;
      const agreed = [id, price.amountMinor, price.currency, interval.count, interval.unit].join();
      if (checked.has(agreed)) return { kind: 'ready', value: id };
      const read = await line.prepare(getRequest(pricePath(id)), signal, (members) => ({
        terms: priceOf(members),
      }));
      if (read.kind === 'refused') return read;
      const { terms } = read.value;
      if (
        terms === null ||
        !sameMoney(terms.price, price) ||
        !sameInterval(terms.interval, interval)
      ) {
        return contradiction('price_differs');
      }
      checked.add(agreed);
      return { kind: 'ready', value: id };
    },
  };
}

function sameInterval(one: Interval, other: Interval): boolean {
  return one.count === other.count && one.unit === other.unit;
}
