import type {
  CallFacts,
  ChangeOrder,
  ChargeGrant,
  ChargeOrder,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayReply,
  LookUpOrder,
  LookUpReply,
  RetryAdvice,
  ShownCard,
  SubscribeOrder,
  SubscriptionGrant,
  TokenGrant,
  VerifyOrder,
  WebhookReading,
} from '../../src/gateway/gateway.ts';
import type { HostedPages } from '../../src/gateway/pages.ts';
import { notOffered, readExchange, type Found } from '../../src/gateway/reading.ts';
import type { ErrorCode } from '../../src/payment/outcome.ts';
import { chargeDate } from '../../src/payment/plan.ts';
import { statusAfter, type SubscriptionStatus } from '../../src/payment/subscription.ts';
import { sleep } from '../../src/system/clock.ts';
import type { Exchange } from '../../src/system/http-client.ts';
import { answered, findCharge, findSubscription, findToken, lost } from './scripted-answers.ts';
import type { WorldClock } from './world-clock.ts';

/** What the gateway does with one request; after the script it approves. */
export type Behaviour =
  | { readonly does: 'approve' | 'pending'; readonly afterMs?: number }
  | { readonly does: 'decline'; readonly code: ErrorCode; readonly advice?: RetryAdvice }
  /** Answers with a status; `effect` is true where it did what was asked all the same. */
  | {
      readonly does: 'status';
      readonly status: number;
      readonly retryAfterS?: number;
      readonly effect?: boolean;
    }
  | { readonly does: 'unreachable' }
  /** The connection is lost once the request is there; the effect comes, late or never. */
  | { readonly does: 'lose'; readonly effectAfterMs: number | null }
  /** No answer until the caller gives up. */
  | { readonly does: 'hang'; readonly effectAfterMs: number | null };

type Step = 'tokenise' | 'verify' | 'subscribe' | 'charge' | 'change' | 'read';

/** One request as it arrived. */
export interface Arrival {
  readonly step: Step | 'look_up';
  readonly key: string;
  readonly atMs: number;
}

interface GatewaySubscription {
  readonly reference: string;
  readonly key: string;
  readonly customerId: string;
  readonly planId: string;
  readonly price: string;
  tokenReference: string;
  status: SubscriptionStatus;
  nextChargeDate: string | null;
}

type Stored = { readonly body: object; readonly status: number };

const ALL: GatewayCapabilities = {
  subscriptions: true,
  pause: true,
  changePlan: true,
  changeCard: true,
  verification: false,
  postalCode: false,
  direct: null,
  keyRetentionMs: 24 * 3_600_000,
  absenceIsProofAfterMs: 20_000,
};

/**
 * A gateway in memory with a ledger of its own, which is the truth that tests compare with. It keeps
 * idempotency keys, and its answers are read as those of real gateways are: by `readExchange`.
 */
export class ScriptedGateway implements GatewayAdapter {
  readonly name = 'scripted';
  capabilities: GatewayCapabilities = ALL;
  readonly arrivals: Arrival[] = [];
  /** Everything that took effect, once for each effect. */
  readonly effects: { readonly step: Step; readonly key: string; readonly atMs: number }[] = [];
  readonly tokens = new Map<string, { key: string; customerId: string; verified: boolean }>();
  readonly subscriptions = new Map<string, GatewaySubscription>();
  /** Charges that were made, with the wall clock's time. */
  readonly charges: (ChargeOrder & { readonly atMs: number })[] = [];
  /** Look-ups get no answer while this is set; with `hang` not even a refusal. `unable` has none. */
  lookUps: 'answered' | 'unanswered' | 'unable' | 'hang' = 'answered';
  pages?: HostedPages;
  /** What it shows of the cards that it stores from now on. */
  shows: ShownCard | null = null;
  renewals = 0;
  renewable = true;
  /** Looks at the world at the moment at which a request arrives. */
  onArrival: (arrival: Arrival) => Promise<void> = () => Promise.resolve();
  readonly #clock: WorldClock;
  readonly #script = new Map<Step, Behaviour[]>();
  readonly #answers = new Map<string, Stored>();
  readonly #running = new Set<string>();

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** Says how the next requests of a step are met, in this order. */
  will(step: Step, ...behaviours: readonly Behaviour[]): void {
    this.#script.set(step, [...(this.#script.get(step) ?? []), ...behaviours]);
  }

  /** Ends the script of a step: from here on it approves. */
  recovers(step: Step): void {
    this.#script.delete(step);
  }

  /** Effects of one step. */
  count(step: Step): number {
    return this.effects.filter((effect) => effect.step === step).length;
  }

  /** Requests of one step, retries included. */
  asked(step: Arrival['step']): readonly Arrival[] {
    return this.arrivals.filter((arrival) => arrival.step === step);
  }

  tokenise(order: CallFacts, signal: AbortSignal): Promise<GatewayReply<TokenGrant>> {
    return this.#serve('tokenise', order.idempotencyKey, signal, findToken, () => {
      const reference = `card-of-${order.idempotencyKey}`;
      const { customerId, idempotencyKey: key } = order;
      this.tokens.set(reference, { key, customerId, verified: false });
      const network = `network-of-${order.idempotencyKey}`;
      return { token: reference, network, ...this.shows };
    });
  }

  verify(order: VerifyOrder, signal: AbortSignal): Promise<GatewayReply<TokenGrant>> {
    const key = `${order.idempotencyKey}.verify`;
    return this.#serve('verify', key, signal, findToken, () => {
      const token = this.tokens.get(order.tokenReference);
      if (token) token.verified = true;
      return { token: order.tokenReference, network: `network-of-${order.idempotencyKey}` };
    });
  }

  subscribe(order: SubscribeOrder, signal: AbortSignal): Promise<GatewayReply<SubscriptionGrant>> {
    const { idempotencyKey: key, customerId, planId, price, tokenReference } = order;
    return this.#serve('subscribe', key, signal, findSubscription, () => {
      const reference = `mandate-of-${key}`;
      const made: GatewaySubscription = {
        reference,
        key,
        customerId,
        planId,
        price: `${price.amountMinor} ${price.currency}`,
        tokenReference,
        status: 'active',
        nextChargeDate: chargeDate(order.firstChargeDate, order.interval, 1),
      };
      this.subscriptions.set(reference, made);
      return shown(made);
    });
  }

  charge(order: ChargeOrder, signal: AbortSignal): Promise<GatewayReply<ChargeGrant>> {
    if (this.capabilities.subscriptions) return Promise.resolve(notOffered());
    const { idempotencyKey: key } = order;
    return this.#serve('charge', key, signal, findCharge, () => {
      const reference = `charge-of-${key}`;
      this.charges.push({ ...order, atMs: this.#clock.now() });
      return { charge: reference, network: `network-of-${key}` };
    });
  }

  change(order: ChangeOrder, signal: AbortSignal): Promise<GatewayReply<SubscriptionGrant>> {
    return this.#serve('change', order.idempotencyKey, signal, findSubscription, () => {
      const found = this.subscriptions.get(order.subscriptionReference);
      if (!found) throw new Error('the gateway was asked to change what it does not have');
      found.status = statusAfter(order.verb, found.status);
      if (order.tokenReference !== null) found.tokenReference = order.tokenReference;
      if (found.status === 'cancelled') found.nextChargeDate = null;
      return shown(found);
    });
  }

  read(reference: string, signal: AbortSignal): Promise<GatewayReply<SubscriptionGrant>> {
    const found = this.subscriptions.get(reference);
    return this.#serve('read', `read-${this.arrivals.length}`, signal, findSubscription, () =>
      found ? shown(found) : {},
    );
  }

  async lookUp(order: LookUpOrder, signal: AbortSignal): Promise<LookUpReply> {
    await this.#arrive('look_up', order.idempotencyKey);
    if (this.lookUps === 'hang') await sleep(this.#clock, 3_600_000, signal);
    if (this.lookUps !== 'answered') {
      return { kind: this.lookUps === 'unable' ? 'unable' : 'unanswered' };
    }
    const { direct } = this.capabilities;
    if (order.kind === 'tokenise' && direct === 'by_token') return this.#lookUpToken(order);
    const keys = [`${order.idempotencyKey}.verify`, order.idempotencyKey];
    const stored = keys.map((key) => this.#answers.get(key)).find((answer) => answer !== undefined);
    if (!stored) return { kind: 'absent' };
    const exchange = answered(stored.status, stored.body, 0);
    if (order.kind === 'tokenise') {
      return { kind: 'token', reply: readExchange(exchange, findToken) };
    }
    return order.kind === 'charge'
      ? { kind: 'charge', reply: readExchange(exchange, findCharge) }
      : { kind: 'subscription', reply: readExchange(exchange, findSubscription) };
  }

  /** As Stripe: a card that nobody has verified is found by its token alone. */
  #lookUpToken({ idempotencyKey: key, gatewayTransactionId: token }: LookUpOrder): LookUpReply {
    const verified = this.#answers.get(`${key}.verify`);
    const own = token !== null && this.tokens.get(token)?.key === key;
    const stored = own ? this.#answers.get(key) : verified;
    if (!stored) return { kind: 'absent' };
    return {
      kind: 'token',
      reply: readExchange(answered(stored.status, stored.body, 0), findToken),
    };
  }

  renewCredential(): Promise<boolean> {
    this.renewals += 1;
    return Promise.resolve(this.renewable);
  }

  /** Only where a test sets it, as with a gateway that can charge for a change at once. */
  quote?: NonNullable<GatewayAdapter['quote']>;

  async webhook(
    headers: Readonly<Record<string, string>>,
    rawBody: Uint8Array,
  ): Promise<WebhookReading> {
    if (headers['signature'] !== 'good') return { kind: 'refused', reason: 'wrong' };
    const key = Buffer.from(rawBody).toString('utf8');
    const reference = [...this.subscriptions.keys()].find((candidate) => candidate === key) ?? null;
    const event = { id: 'event', idempotencyKey: key, subscriptionReference: reference };
    return { kind: 'events', events: [event] };
  }

  async #arrive(step: Arrival['step'], key: string): Promise<void> {
    const arrival = { step, key, atMs: this.#clock.monotonicMs() };
    this.arrivals.push(arrival);
    await this.onArrival(arrival);
  }

  async #serve<T>(
    step: Step,
    key: string,
    signal: AbortSignal,
    find: (body: unknown) => Found<T> | null,
    effect: () => object,
  ): Promise<GatewayReply<T>> {
    const startedMs = this.#clock.monotonicMs();
    await this.#arrive(step, key);
    const exchange = await this.#exchange(step, key, signal, effect);
    return readExchange({ ...exchange, latencyMs: this.#clock.monotonicMs() - startedMs }, find);
  }

  async #exchange(
    step: Step,
    key: string,
    signal: AbortSignal,
    effect: () => object,
  ): Promise<Exchange> {
    const behaviour = this.#script.get(step)?.shift() ?? { does: 'approve' };
    if (behaviour.does === 'unreachable') {
      return { kind: 'not_sent', reason: 'connect', latencyMs: 0 };
    }
    // A request whose key is known gets the first one's answer; one that is running gets none yet.
    const known = this.#answers.get(key);
    // A key that has had its effect has no other, whatever becomes of the answer.
    if (known && step === 'charge' && behaviour.does === 'lose') return lost('reset');
    const kept = step === 'charge' && behaviour.does === 'decline';
    if (known && (kept || behaviour.does === 'approve')) {
      return answered(known.status, known.body, 0);
    }
    if (this.#running.has(key)) return answered(409, { code: 'key_in_use' }, 0);
    const takeEffect = (): Stored => this.#takeEffect(step, key, effect);
    switch (behaviour.does) {
      case 'approve': {
        this.#running.add(key);
        if (behaviour.afterMs) await sleep(this.#clock, behaviour.afterMs, signal);
        this.#running.delete(key);
        const stored = takeEffect();
        return signal.aborted ? lost('aborted') : answered(stored.status, stored.body, 0);
      }
      case 'pending':
        this.#keep(key, 200, { pending: true, transaction: `transaction-of-${key}` });
        if (behaviour.afterMs !== undefined) this.#later(behaviour.afterMs, key, takeEffect);
        return answered(200, { pending: true }, 0);
      case 'decline': {
        const { code, advice = null } = behaviour;
        const stored = this.#keep(key, 402, { declined: code, advice });
        return answered(stored.status, stored.body, 0);
      }
      case 'status': {
        if (behaviour.effect === true) takeEffect();
        const headers =
          behaviour.retryAfterS === undefined ? {} : { 'retry-after': `${behaviour.retryAfterS}` };
        return answered(behaviour.status, {}, 0, headers);
      }
      case 'lose':
        this.#later(behaviour.effectAfterMs, key, takeEffect);
        return lost('reset');
      case 'hang':
        this.#later(behaviour.effectAfterMs, key, takeEffect);
        await sleep(this.#clock, 3_600_000, signal);
        return lost('aborted');
    }
  }

  #later(afterMs: number | null, key: string, takeEffect: () => Stored): void {
    if (afterMs === null) return;
    if (afterMs === 0) return void takeEffect();
    this.#running.add(key);
    this.#clock.after(afterMs, () => {
      this.#running.delete(key);
      this.#answers.delete(key);
      takeEffect();
    });
  }

  #takeEffect(step: Step, key: string, effect: () => object): Stored {
    const known = this.#answers.get(key);
    if (known) return known;
    if (step !== 'read') this.effects.push({ step, key, atMs: this.#clock.monotonicMs() });
    const body = { ...effect(), transaction: `transaction-of-${key}` };
    return step === 'read' ? { status: 200, body } : this.#keep(key, 200, body);
  }

  #keep(key: string, status: number, body: object): Stored {
    const stored = { status, body };
    this.#answers.set(key, stored);
    return stored;
  }
}

function shown(subscription: GatewaySubscription): object {
  const { reference, status, nextChargeDate } = subscription;
  return { subscription: reference, status, next: nextChargeDate };
}
