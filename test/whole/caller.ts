import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import type { Answer } from './http.ts';
import { until, type ScriptEntry } from './system.ts';

/** Published numbers that the sandbox approves (https://docs.stripe.com/testing and others). */
export const CARDS = [
  '4242424242424242',
  '4012888888881881',
  '5555555555554444',
  '5105105105105100',
] as const;

/** The guide's payload for a card (guide, "Tokenization Request"). */
export function cardPayload(card: {
  readonly number: string;
  readonly cvv: string;
  readonly customerId: string;
  readonly interactionId: string;
}): Record<string, unknown> {
  return {
    card_number: card.number,
    cvv: card.cvv,
    expiry_month: '12',
    expiry_year: '2034',
    customer_id: card.customerId,
    amount: 29.99,
    currency: 'USD',
    recurring_flag: true,
    metadata: {
      call_id: card.interactionId,
      interaction_id: card.interactionId,
      source: 'ivr_payment_flow',
    },
  };
}

export const PLAN = 'recurring_monthly_premium';

const FINAL: ReadonlySet<unknown> = new Set(['approved', 'declined', 'failed']);

export function isFinal(answer: Answer): boolean {
  return FINAL.has(answer.body['outcome']);
}

/** Where calls are made: a whole system, or replicas of one. */
export interface CallPlace {
  /** Card numbers that were sent. */
  readonly pans: Set<string>;
  ask(role: 'bridge' | 'tokenizer', method: string, path: string, body?: unknown): Promise<Answer>;
  script(entries: readonly ScriptEntry[]): Promise<void>;
}

/** What is told before a caller agrees. */
export interface Terms {
  readonly planId?: string | undefined;
  readonly language?: string | undefined;
}

/** One call: everything that a flow does for it, over HTTP. */
export class Caller {
  readonly system: CallPlace;
  readonly interactionId: string;
  readonly customerId: string;
  consentId = '';
  tokenId = '';
  subscriptionId = '';

  constructor(system: CallPlace, interactionId?: string) {
    this.system = system;
    this.interactionId = interactionId ?? newId('call', systemRandomness).replace('_', '-');
    this.customerId = newId('cust', systemRandomness).replace('_', '-');
  }

  /** Tells the gateway how to treat this call. */
  script(operation: string, behaves: readonly string[]): Promise<void> {
    const interaction_id = this.interactionId;
    const entries = behaves.map((behave): ScriptEntry => ({ operation, behave, interaction_id }));
    return this.system.script(entries);
  }

  availability(language = 'en-us'): Promise<Answer> {
    const body = { interaction_id: this.interactionId, language };
    return this.system.ask('bridge', 'POST', '/v1/availability', body);
  }

  disclose({ planId = PLAN, language = 'en-us' }: Terms = {}): Promise<Answer> {
    return this.#done('/v1/disclosures', {
      interaction_id: this.interactionId,
      customer_id: this.customerId,
      plan_id: planId,
      language,
    });
  }

  async consent(terms: Terms = {}): Promise<void> {
    const disclosed = await this.disclose(terms);
    const consented = await this.#done('/v1/consents', {
      interaction_id: this.interactionId,
      disclosure_id: disclosed.body['disclosure_id'],
      key_pressed: '1',
    });
    this.consentId = String(consented.body['consent_id']);
  }

  tokenBody(attempt: number | null, pan: string = CARDS[0]): Record<string, unknown> {
    this.system.pans.add(pan);
    const { customerId, interactionId } = this;
    const payload = cardPayload({ number: pan, cvv: '123', customerId, interactionId });
    return { ...payload, ...(attempt === null ? {} : { attempt }) };
  }

  subscribeBody(): Record<string, unknown> {
    return {
      customer_id: this.customerId,
      payment_method_token: this.tokenId,
      plan_id: PLAN,
      interval_count: 1,
      interval_unit: 'month',
      metadata: { ivr_session_id: this.interactionId },
      consent_id: this.consentId,
    };
  }

  async tokenise(attempt: number | null = 1, pan: string = CARDS[0]): Promise<Answer> {
    const body = this.tokenBody(attempt, pan);
    return this.#kept(await this.system.ask('tokenizer', 'POST', '/v1/tokens', body));
  }

  async subscribe(): Promise<Answer> {
    const body = this.subscribeBody();
    return this.#kept(await this.system.ask('bridge', 'POST', '/v1/subscriptions', body));
  }

  async cancel(): Promise<Answer> {
    const path = `/v1/subscriptions/${this.subscriptionId}/cancel`;
    const body = { interaction_id: this.interactionId };
    return this.#kept(await this.system.ask('bridge', 'POST', path, body));
  }

  async handOff(reason: string): Promise<void> {
    const body = { interaction_id: this.interactionId, reason };
    const answer = await this.system.ask('bridge', 'POST', '/v1/handoffs', body);
    assert.equal(answer.status, 200, answer.text);
  }

  /** Consent, card and subscription, with nothing in the way. */
  async enrol(): Promise<Answer> {
    await this.consent();
    approved(await this.tokenise());
    return approved(await this.subscribe());
  }

  /** Polls as a waiting flow does, and checks that no poll takes back what one before it has said. */
  async ended(first: Answer, patienceMs?: number): Promise<Answer> {
    if (isFinal(first)) return first;
    const path = `/v1/operations/${String(first.body['operation_id'])}`;
    const last = await until(
      `the end of ${path}`,
      async () => {
        const polled = await this.system.ask('bridge', 'GET', path).catch(() => null);
        if (polled?.status === 200 && isFinal(polled)) return polled;
        await wait(75);
        return null;
      },
      patienceMs,
    );
    const again = await this.persist(path, () => this.system.ask('bridge', 'GET', path));
    assert.equal(again.text, last.text, 'an operation that has ended is always told the same');
    return this.#kept(last);
  }

  /** Repeats a step with the same request until it is answered, whatever falls in between. */
  persist(what: string, step: () => Promise<Answer>): Promise<Answer> {
    return until(what, async () => {
      const answer = await step().catch(() => null);
      if (answer?.status === 200) return answer;
      if (answer !== null && answer.status < 500) {
        assert.ok([409, 429].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
      }
      await wait(100);
      return null;
    });
  }

  #kept(answer: Answer): Answer {
    const { outcome, token_id: token, subscription_id: subscription } = answer.body;
    if (outcome !== 'approved') return answer;
    if (typeof token === 'string' && token !== '') this.tokenId = token;
    if (typeof subscription === 'string' && subscription !== '') this.subscriptionId = subscription;
    return answer;
  }

  async #done(path: string, body: object): Promise<Answer> {
    return approved(await this.persist(path, () => this.system.ask('bridge', 'POST', path, body)));
  }
}

export function approved(answer: Answer): Answer {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body['outcome'], 'approved', answer.text);
  return answer;
}
