import type { Judgement } from '../description.ts';
import { StripeCheckout } from './checkout.ts';
import {
  cardError,
  cardRefusal,
  example,
  list,
  missing,
  ok,
  periodEnd,
  refusal,
  type Members,
  type StripeAnswer,
} from './objects.ts';

export type Step = 'tokenise' | 'verify' | 'subscribe' | 'charge' | 'change';

/** How the account and its next requests behave. */
export interface Manners {
  /** Declines, in order, by step. */
  readonly declines: { readonly step: Step; readonly code: string }[];
  /** The account has not been given access to raw card data. */
  rawCardsRefused: boolean;
  /** The account has not been given the MOTO flag. */
  motoRefused: boolean;
  /** The period's end stands at the subscription, as until API 2025-03-31. */
  oldPeriodEnd: boolean;
}

/**
 * What the last four digits of a published test card do (https://docs.stripe.com/testing). The double
 * keeps these and no other digit.
 */
const TEST_CARDS: Readonly<Record<string, { setup?: string; cvc?: string; charge?: string }>> = {
  '0002': { setup: 'generic_decline' },
  '9995': { setup: 'insufficient_funds' },
  '9987': { setup: 'lost_card' },
  '9979': { setup: 'stolen_card' },
  '0069': { setup: 'expired_card' },
  '0127': { setup: 'incorrect_cvc' },
  '0119': { setup: 'processing_error' },
  '0101': { cvc: 'fail' },
  '0341': { charge: 'generic_decline' },
};

let made = 0;
/** Letters, like the product's own ids: no run of digits may be mistaken for a card. */
const newId = (prefix: string): string => {
  made += 1;
  const letters = String(made).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
  return `${prefix}_Double${letters}`;
};

const texts = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};

/** One account of Stripe's: its objects, and what each request does to them. */
export class StripeAccount {
  readonly customers = new Map<string, Members>();
  readonly paymentMethods = new Map<string, Members>();
  readonly setupIntents = new Map<string, Members>();
  readonly subscriptions = new Map<string, Members>();
  readonly prices = new Map<string, Members>();
  readonly checkout = new StripeCheckout();
  readonly webhookEndpoints: Members[] = [];
  readonly charges: { readonly customer: string; readonly amount: number }[] = [];
  readonly manners: Manners = {
    declines: [],
    rawCardsRefused: false,
    motoRefused: false,
    oldPeriodEnd: false,
  };

  addPrice(id: string, amount: number, currency: string, interval: string, count: number): void {
    const recurring = { interval, interval_count: count, usage_type: 'licensed', meter: null };
    const price = { id, unit_amount: amount, unit_amount_decimal: String(amount), currency };
    this.prices.set(id, example('price', { ...price, recurring }));
  }

  /** Everything but prices and customers, which are there before a call. */
  forget(): void {
    for (const objects of [this.paymentMethods, this.setupIntents, this.subscriptions]) {
      objects.clear();
    }
    this.checkout.forget();
    this.charges.splice(0);
    this.manners.declines.splice(0);
    Object.assign(this.manners, {
      rawCardsRefused: false,
      motoRefused: false,
      oldPeriodEnd: false,
    });
  }

  /** Carries out a request that the description has nothing against. */
  answer(method: string, { template, names, query, body }: Judgement): StripeAnswer {
    const id = Object.values(names)[0] ?? '';
    switch (`${method} ${template}`) {
      case 'GET /v1/customers/search':
        return ok(this.#search(String(query['query'])));
      case 'POST /v1/customers':
        return ok(this.#keep(this.customers, 'cus', example('customer', metadataOf(body))));
      case 'POST /v1/payment_methods':
        return this.#makePaymentMethod(body);
      case 'GET /v1/payment_methods/{payment_method}':
        return this.#with(this.paymentMethods, id, ok);
      case 'POST /v1/payment_methods/{payment_method}/detach':
        return this.#with(this.paymentMethods, id, (found) => {
          found['customer'] = null;
          return ok(found);
        });
      case 'GET /v1/prices':
        return ok(list([...this.prices.values()].slice(0, 1), '/v1/prices', true));
      case 'GET /v1/webhook_endpoints':
        return ok(list(this.webhookEndpoints, '/v1/webhook_endpoints'));
      case 'GET /v1/prices/{price}':
        return this.#with(this.prices, id, ok);
      case 'POST /v1/setup_intents':
        return this.#setUp(body);
      case 'GET /v1/setup_intents':
        return ok(this.#listed(this.setupIntents, query, '/v1/setup_intents'));
      case 'POST /v1/subscriptions':
        return this.#subscribe(body);
      case 'GET /v1/subscriptions':
        return ok(this.#listed(this.subscriptions, query, '/v1/subscriptions'));
      case 'GET /v1/subscriptions/{subscription_exposed_id}':
        return this.#with(this.subscriptions, id, ok);
      case 'POST /v1/subscriptions/{subscription_exposed_id}':
        return this.#with(this.subscriptions, id, (found) => this.#update(found, body));
      case 'DELETE /v1/subscriptions/{subscription_exposed_id}':
        return this.#with(this.subscriptions, id, (found) => this.#cancel(found, body));
      case 'POST /v1/invoices/create_preview':
        return this.#preview(body);
      default: {
        const answer = this.checkout.answer(method, { template, names, query, body, problems: [] });
        if (answer === null) throw new Error(`the double has no ${method} ${template}`);
        return answer;
      }
    }
  }

  #keep(objects: Map<string, Members>, prefix: string, object: Members): Members {
    const whole = { ...object, id: newId(prefix), created: Math.floor(Date.now() / 1000) };
    objects.set(whole.id, whole);
    return whole;
  }

  #with(
    objects: Map<string, Members>,
    id: string,
    use: (found: Members) => StripeAnswer,
  ): StripeAnswer {
    const found = objects.get(id);
    return found ? use(found) : missing('id', id);
  }

  #search(query: string): Members {
    const match = /^metadata\['(\w+)'\]:'(.*)'$/.exec(query);
    const [, name = '', text = ''] = match ?? [];
    const wanted = text.replaceAll(/\\(.)/g, '$1');
    const found = [...this.customers.values()].filter(
      (customer) => texts(customer['metadata'])[name] === wanted,
    );
    return { object: 'search_result', url: '/v1/customers/search', has_more: false, data: found };
  }

  /** The newest first, as Stripe lists; two on a page would do, so that pages are turned. */
  #listed(objects: Map<string, Members>, query: Judgement['query'], path: string): Members {
    const whole = [...objects.values()]
      .toReversed()
      .filter(({ customer }) => customer === query['customer']);
    const after = whole.findIndex(({ id }) => id === query['starting_after']) + 1;
    const page = whole.slice(after, after + 2);
    const expand = query['expand'];
    const expanded = Array.isArray(expand) && expand.includes('data.payment_method');
    const data = expanded ? page.map((object) => this.#expanded(object)) : page;
    return list(data, path, after + 2 < whole.length);
  }

  #expanded(setupIntent: Members): Members {
    const found = this.paymentMethods.get(String(setupIntent['payment_method']));
    return { ...setupIntent, payment_method: found ?? setupIntent['payment_method'] };
  }

  #declineOf(step: Step): string | null {
    const index = this.manners.declines.findIndex((decline) => decline.step === step);
    return index === -1 ? null : (this.manners.declines.splice(index, 1)[0]?.code ?? null);
  }

  #makePaymentMethod(body: Judgement['body']): StripeAnswer {
    if (this.manners.rawCardsRefused) {
      return refusal(400, {
        type: 'invalid_request_error',
        message:
          'Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest ' +
          'you use test tokens that map to the test card you are using, see ' +
          'https://stripe.com/docs/testing. To enable raw card data APIs in test mode, see ' +
          'https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis.',
      });
    }
    const declined = this.#declineOf('tokenise');
    if (declined !== null) return cardRefusal(declined);
    const { number, exp_month, exp_year } = texts(body['card']);
    if (String(number).length < 12) return cardRefusal('incorrect_number');
    const given = texts(body['billing_details']);
    const card = texts(example('payment_method', {})['card']);
    const changed = {
      ...metadataOf(body),
      billing_details: given,
      customer: null,
      card: {
        ...card,
        last4: String(number).slice(-4),
        exp_month,
        exp_year,
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
      },
    };
    return ok(this.#keep(this.paymentMethods, 'pm', example('payment_method', changed)));
  }

  #setUp(body: Judgement['body']): StripeAnswer {
    const { customer, payment_method: token } = body;
    const options = texts(texts(body['payment_method_options'])['card']);
    if (this.manners.motoRefused && options['moto'] !== undefined) {
      return refusal(400, {
        type: 'invalid_request_error',
        code: 'parameter_unknown',
        param: 'payment_method_options[card][moto]',
        message: 'Received unknown parameter: payment_method_options[card][moto]',
      });
    }
    if (typeof customer === 'string' && !this.customers.has(customer)) {
      return missing('customer', customer);
    }
    const paymentMethod = this.paymentMethods.get(String(token));
    if (!paymentMethod) return missing('payment_method', String(token));
    const card = texts(paymentMethod['card']);
    const behaviour = TEST_CARDS[String(card['last4'])] ?? {};
    const declined = this.#declineOf('verify') ?? behaviour.setup ?? null;
    const intent = this.#keep(
      this.setupIntents,
      'seti',
      example('setup_intent', {
        ...metadataOf(body),
        customer,
        payment_method: declined === null ? token : null,
        status: declined === null ? 'succeeded' : 'requires_payment_method',
        last_setup_error: declined === null ? null : cardError(declined),
        next_action: null,
      }),
    );
    if (declined !== null) return cardRefusal(declined, { setup_intent: intent });
    const postal = texts(texts(paymentMethod['billing_details'])['address'])['postal_code'];
    card['checks'] = {
      address_line1_check: null,
      address_postal_code_check: postal === undefined ? null : postal === '00000' ? 'fail' : 'pass',
      cvc_check: behaviour.cvc ?? 'pass',
    };
    paymentMethod['customer'] = customer;
    return ok(this.#expanded(intent));
  }

  #subscribe(body: Judgement['body']): StripeAnswer {
    const customer = String(body['customer']);
    if (!this.customers.has(customer)) return missing('customer', customer);
    const token = String(body['default_payment_method']);
    const paymentMethod = this.paymentMethods.get(token);
    if (paymentMethod?.['customer'] !== customer) return missing('default_payment_method', token);
    const item = texts((body['items'] as unknown[] | undefined)?.[0]);
    const price = this.prices.get(String(item['price']));
    if (!price) return missing('items[0][price]', String(item['price']));
    const behaviour = TEST_CARDS[String(texts(paymentMethod['card'])['last4'])] ?? {};
    const declined = this.#declineOf('subscribe') ?? behaviour.charge ?? null;
    if (declined !== null) return cardRefusal(declined);
    const trialEnd = body['trial_end'];
    const now = Math.floor(Date.now() / 1000);
    const { interval, interval_count: count } = texts(price['recurring']);
    const end =
      typeof trialEnd === 'number' ? trialEnd : periodEnd(now, String(interval), Number(count));
    if (typeof trialEnd !== 'number') {
      this.charges.push({ customer, amount: Number(price['unit_amount']) });
    }
    const items = [this.#item(price, end)];
    const subscription = example('subscription', {
      ...metadataOf(body),
      customer,
      default_payment_method: token,
      status: typeof trialEnd === 'number' ? 'trialing' : 'active',
      pause_collection: null,
      cancel_at: null,
      canceled_at: null,
      ended_at: null,
      cancel_at_period_end: false,
      items: list(items, '/v1/subscription_items'),
      latest_invoice: newId('in'),
      ...(this.manners.oldPeriodEnd && { current_period_end: end }),
    });
    return ok(this.#keep(this.subscriptions, 'sub', subscription));
  }

  #item(price: Members, end: number): Members {
    const item = example('subscription_item', { id: newId('si'), price, current_period_end: end });
    if (this.manners.oldPeriodEnd) delete item['current_period_end'];
    return item;
  }

  #update(found: Members, body: Judgement['body']): StripeAnswer {
    if (found['status'] === 'canceled') {
      return refusal(400, {
        type: 'invalid_request_error',
        code: 'invalid_canceled_subscription_fields',
        message: 'A canceled subscription can only update its cancellation_details and metadata.',
      });
    }
    const declined = this.#declineOf('change');
    if (declined !== null) return cardRefusal(declined);
    const token = body['default_payment_method'];
    if (typeof token === 'string') {
      const owner = this.paymentMethods.get(token)?.['customer'];
      if (owner !== found['customer']) return missing('default_payment_method', token);
      found['default_payment_method'] = token;
    }
    const items = body['items'];
    if (Array.isArray(items)) {
      const refused = this.#changeItems(found, items.map(texts));
      if (refused) return refused;
    }
    if ('pause_collection' in body) {
      const pause = body['pause_collection'];
      found['pause_collection'] = pause === '' ? null : { resumes_at: null, ...texts(pause) };
    }
    if (body['cancel_at_period_end'] === true) found['cancel_at_period_end'] = true;
    found['metadata'] = { ...texts(found['metadata']), ...texts(body['metadata']) };
    return ok(found);
  }

  /** An item that is not named is a second one, which is charged as well: as Stripe does. */
  #changeItems(found: Members, items: readonly Members[]): StripeAnswer | null {
    const data = texts(found['items'])['data'] as Members[];
    for (const item of items) {
      const price = this.prices.get(String(item['price']));
      if (!price) return missing('items[0][price]', String(item['price']));
      const { interval, interval_count: count } = texts(price['recurring']);
      const now = Math.floor(Date.now() / 1000);
      const next = this.#item(price, periodEnd(now, String(interval), Number(count)));
      const index = data.findIndex(({ id }) => id === item['id']);
      if (typeof item['id'] === 'string' && index === -1) return missing('id', item['id']);
      if (index === -1) data.push(next);
      else data[index] = { ...next, id: item['id'] };
    }
    return null;
  }

  #cancel(found: Members, body: Judgement['body']): StripeAnswer {
    if (found['status'] === 'canceled') return missing('id', String(found['id']));
    found['status'] = 'canceled';
    found['canceled_at'] = found['ended_at'] = Math.floor(Date.now() / 1000);
    found['cancellation_details'] = {
      ...texts(found['cancellation_details']),
      ...texts(body['cancellation_details']),
    };
    return ok(found);
  }

  /** The invoice that a change of plan would make: the new price, less half of what has been paid. */
  #preview(body: Judgement['body']): StripeAnswer {
    const found = this.subscriptions.get(String(body['subscription']));
    if (!found) return missing('subscription', String(body['subscription']));
    const details = texts(body['subscription_details']);
    const item = texts((details['items'] as unknown[] | undefined)?.[0]);
    const price = this.prices.get(String(item['price']));
    if (!price) return missing('subscription_details[items][0][price]', String(item['price']));
    const old = texts(texts((texts(found['items'])['data'] as Members[])[0])['price']);
    const credit = details['proration_behavior'] === 'none' ? 0 : Number(old['unit_amount']) / 2;
    const { interval, interval_count: count } = texts(price['recurring']);
    const now = Math.floor(Date.now() / 1000);
    const period = { start: now, end: periodEnd(now, String(interval), Number(count)) };
    const invoice = example('invoice', {
      id: newId('upcoming_in'),
      customer: found['customer'],
      currency: price['currency'],
      amount_due: Math.max(0, Math.round(Number(price['unit_amount']) - credit)),
      lines: list(
        [{ id: newId('il'), object: 'line_item', period }],
        '/v1/invoices/upcoming/lines',
      ),
    });
    return ok(invoice);
  }
}

function metadataOf(body: Judgement['body']): Members {
  return { metadata: texts(body['metadata']) };
}
