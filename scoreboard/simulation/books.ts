import { chargeDate, type Interval, type IsoDate } from '../../src/payment/plan.ts';
import { mayApply, statusAfter, type SubscriptionStatus } from '../../src/payment/subscription.ts';
import type { SubscriptionVerb } from '../../src/payment/subscription.ts';
import type { HttpRequest } from '../../src/system/http-client.ts';

/** What a request asks the gateway for. */
export type Step = 'tokenise' | 'subscribe' | 'charge' | SubscriptionVerb;

export interface Asked {
  readonly step: Step;
  readonly key: string;
  /** The subscription in the path; empty where there is none. */
  readonly reference: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What somebody would see in the gateway's own back office. */
export interface GatewaySubscription {
  readonly reference: string;
  readonly key: string;
  readonly customerId: string;
  readonly planAtFirst: string;
  readonly createdAtMs: number;
  planId: string;
  tokenReference: string;
  status: SubscriptionStatus;
  nextChargeDate: IsoDate | null;
  cancelledAtMs: number | null;
}

export interface GatewayCharge {
  readonly key: string;
  readonly customerId: string;
  /** The gateway's subscription, or ours where it has none. */
  readonly subscription: string;
  readonly planId: string;
  readonly dueDate: IsoDate;
  readonly atMs: number;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Kept extends GatewayAnswer {
  /** False for a decline. */
  readonly effect: boolean;
  readonly atMs: number;
}

const STEP_OF_PATH: Readonly<Record<string, SubscriptionVerb>> = {
  cancel: 'cancel',
  pause: 'pause',
  resume: 'resume',
  'change-plan': 'change_plan',
  'change-card': 'change_card',
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * Reads a request of the guide's generic protocol; `null` for one that changes nothing. Of a card
 * nothing is kept.
 */
export function askedOf(request: HttpRequest, ownKey: () => string): Asked | null {
  if (request.method !== 'POST' || !request.path.startsWith('/v1/')) return null;
  const [, , resource = '', reference = '', verb = ''] = request.path.split('/');
  const text = Buffer.from(request.body ?? []).toString('utf8');
  const { card_number: _, cvv: __, ...body } = Object(JSON.parse(text)) as Record<string, unknown>;
  const key = request.headers['idempotency-key'] ?? ownKey();
  const step =
    resource === 'tokens'
      ? 'tokenise'
      : resource === 'charges'
        ? 'charge'
        : (STEP_OF_PATH[verb] ?? 'subscribe');
  return { step, key, reference: decodeURIComponent(reference), body };
}

/**
 * The gateway's books: what has taken effect there, once for each idempotency key. They are the
 * truth that a run is judged by, and they ask Tokenline nothing.
 */
export class Books {
  readonly tokens = new Map<string, { readonly key: string; readonly customerId: string }>();
  readonly subscriptions = new Map<string, GatewaySubscription>();
  readonly charges: GatewayCharge[] = [];
  /** Answers by key: a repeat gets the first one's. */
  readonly kept = new Map<string, Kept>();
  /** Keys that are being dealt with. */
  readonly inFlight = new Set<string>();
  /** Until then a look-up does not find what has been committed under the key. */
  readonly hiddenUntilMs = new Map<string, number>();
  readonly #nowMs: () => number;
  readonly #today: () => IsoDate;

  constructor(nowMs: () => number, today: () => IsoDate) {
    this.#nowMs = nowMs;
    this.#today = today;
  }

  hasEffect(key: string): boolean {
    return this.kept.get(key)?.effect === true;
  }

  /** Carries a request out, unless its key has been. */
  commit(asked: Asked, declined: string | null): GatewayAnswer {
    const known = this.kept.get(asked.key);
    if (known !== undefined) return known;
    const transaction = { gateway_transaction_id: `txn_${asked.key}` };
    if (declined !== null) {
      return this.#keep(asked.key, 402, { error_code: declined, ...transaction }, false);
    }
    const body = this.#effectOf(asked);
    if (body === null) return { status: 400, body: { error_code: 'Invalid_State' } };
    return this.#keep(asked.key, 200, { ...body, ...transaction }, true);
  }

  /** Takes a request on, and has not carried it out yet. */
  accept(asked: Asked): GatewayAnswer {
    const body = { status: 'pending', gateway_transaction_id: `txn_${asked.key}` };
    return this.kept.get(asked.key) ?? this.#keep(asked.key, 202, body, false);
  }

  /** Carries out what was {@link accept}ed. */
  complete(asked: Asked): void {
    const accepted = this.kept.get(asked.key);
    if (accepted === undefined || accepted.effect) return;
    this.kept.delete(asked.key);
    const { status } = this.commit(asked, null);
    if (status === 400) this.#keep(asked.key, 402, { error_code: 'Card_Declined' }, false);
    const kept = this.kept.get(asked.key);
    // The index has known the key since it was accepted, and does not forget it again.
    if (kept !== undefined) this.kept.set(asked.key, { ...kept, atMs: accepted.atMs });
  }

  shown(reference: string): GatewayAnswer {
    const found = this.subscriptions.get(reference);
    return found
      ? { status: 200, body: bodyOf(found) }
      : { status: 404, body: { error_code: 'Not_Found' } };
  }

  /** `GET /v1/operations/{key}`. */
  find(key: string): GatewayAnswer {
    if (this.inFlight.has(key))
      return { status: 409, body: { error_code: 'Operation_In_Progress' } };
    const kept = this.kept.get(key);
    const hidden = (this.hiddenUntilMs.get(key) ?? 0) > this.#nowMs();
    if (kept === undefined || hidden) return { status: 404, body: { error_code: 'Not_Found' } };
    return { status: 200, body: { status_code: kept.status, body: kept.body } };
  }

  #keep(key: string, status: number, body: GatewayAnswer['body'], effect: boolean): Kept {
    const kept = { status, body, effect, atMs: this.#nowMs() };
    this.kept.set(key, kept);
    return kept;
  }

  #effectOf(asked: Asked): GatewayAnswer['body'] | null {
    const { step, key, body } = asked;
    const customerId = textOf(body['customer_id']);
    switch (step) {
      case 'tokenise': {
        const reference = `card_${key}`;
        this.tokens.set(reference, { key, customerId });
        return { token_id: reference, network_transaction_id: `ntx_${key}` };
      }
      case 'charge':
        this.charges.push({
          key,
          customerId,
          subscription: textOf(body['subscription_id']),
          planId: textOf(body['plan_id']),
          dueDate: textOf(body['due_date']),
          atMs: this.#nowMs(),
        });
        return { charge_id: `chg_${key}`, network_transaction_id: `ntx_${key}` };
      case 'subscribe':
        return this.#subscribe(key, customerId, body);
      case 'cancel':
      case 'pause':
      case 'resume':
      case 'change_plan':
      case 'change_card':
        return this.#change(step, asked);
    }
  }

  #subscribe(key: string, customerId: string, body: Asked['body']): GatewayAnswer['body'] {
    const interval: Interval = {
      count: Number(body['interval_count']),
      unit: textOf(body['interval_unit']) as Interval['unit'],
    };
    const first = textOf(body['first_charge_date']) || this.#today();
    const reference = `mandate_${key}`;
    const planId = textOf(body['plan_id']);
    const charged = first <= this.#today();
    const made: GatewaySubscription = {
      reference,
      key,
      customerId,
      planAtFirst: planId,
      createdAtMs: this.#nowMs(),
      planId,
      tokenReference: textOf(body['payment_method_token']),
      status: 'active',
      nextChargeDate: charged ? chargeDate(first, interval, 1) : first,
      cancelledAtMs: null,
    };
    this.subscriptions.set(reference, made);
    if (charged) {
      const atMs = this.#nowMs();
      this.charges.push({ key, customerId, subscription: reference, planId, dueDate: first, atMs });
    }
    return bodyOf(made);
  }

  #change(verb: SubscriptionVerb, { reference, body }: Asked): GatewayAnswer['body'] | null {
    const found = this.subscriptions.get(reference);
    if (!found || !mayApply(verb, found.status)) return null;
    found.status = statusAfter(verb, found.status);
    if (verb === 'change_plan') found.planId = textOf(body['plan_id']);
    if (verb === 'change_card') found.tokenReference = textOf(body['payment_method_token']);
    if (verb === 'cancel') {
      found.nextChargeDate = null;
      found.cancelledAtMs = this.#nowMs();
    }
    return bodyOf(found);
  }
}

function bodyOf(subscription: GatewaySubscription): GatewayAnswer['body'] {
  const { reference, status, nextChargeDate } = subscription;
  return { subscription_id: reference, status, next_charge_date: nextChargeDate };
}
