import { setTimeout as wait } from 'node:timers/promises';
import { newId, systemRandomness } from '../../../src/system/randomness.ts';
import { CARDS } from '../../../test/whole/caller.ts';
import type { Answer } from '../../../test/whole/http.ts';
import type { Lane } from './lane.ts';
import type { Verb } from './points.ts';

/** A promise that a caller found broken. */
export class Broken extends Error {
  readonly promise: string;

  constructor(promise: string, what: string) {
    super(what);
    this.name = 'Broken';
    this.promise = promise;
  }
}

/** The last word about one request. */
export interface Heard {
  readonly operationId: string;
  readonly kind: 'tokenise' | 'subscribe' | 'cancel' | 'change_card';
  readonly outcome: string;
}

interface Asked {
  readonly role: 'bridge' | 'tokenizer';
  readonly path: string;
  readonly body: (attempt: number) => Record<string, unknown>;
  readonly kind: Heard['kind'];
}

const PLAN = 'recurring_monthly_premium';
const FINAL: ReadonlySet<unknown> = new Set(['approved', 'declined', 'failed']);

/** Generous: a machine may be busy with other things. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 25;

/** A caller with a client that never gives up and never changes a request. */
export class Call {
  readonly lane: Lane;
  readonly customerId = newId('cust', systemRandomness).replace('_', '-');
  /** Every call that this customer made. */
  readonly interactionIds: string[] = [];
  readonly heard: Heard[] = [];
  tokenId = '';
  subscriptionId = '';

  constructor(lane: Lane) {
    this.lane = lane;
    this.hangUpAndCall();
  }

  get interactionId(): string {
    return this.interactionIds.at(-1) ?? '';
  }

  /** What comes next belongs to another call. */
  hangUpAndCall(): void {
    this.interactionIds.push(newId('call', systemRandomness).replace('_', '-'));
  }

  /** What a caller has to be before the verb: a subscriber, or nobody. */
  async prepare(verb: Verb): Promise<void> {
    if (verb === 'enrol') return;
    await this.enrol();
    this.hangUpAndCall();
  }

  /** What the caller came for, to its end. */
  async make(verb: Verb): Promise<void> {
    if (verb === 'enrol') return this.enrol();
    if (verb === 'change-card') await this.#card(CARDS[2]);
    const path = `/v1/subscriptions/${this.subscriptionId}/${verb}`;
    await this.#obtain({
      role: 'bridge',
      kind: verb === 'cancel' ? 'cancel' : 'change_card',
      path,
      body: (attempt) => ({
        interaction_id: this.interactionId,
        attempt,
        ...(verb === 'change-card' && { payment_method_token: this.tokenId }),
      }),
    });
  }

  async enrol(): Promise<void> {
    const consentId = await this.#consent();
    await this.#card(CARDS[0]);
    await this.#obtain({
      role: 'bridge',
      kind: 'subscribe',
      path: '/v1/subscriptions',
      body: (attempt) => ({
        customer_id: this.customerId,
        payment_method_token: this.tokenId,
        plan_id: PLAN,
        interval_count: 1,
        interval_unit: 'month',
        metadata: { ivr_session_id: this.interactionId },
        consent_id: consentId,
        attempt,
      }),
    });
  }

  async #consent(): Promise<string> {
    const interaction_id = this.interactionId;
    const customer_id = this.customerId;
    const disclosure = { interaction_id, customer_id, plan_id: PLAN, language: 'en-us' };
    const disclosed = await this.#persist('bridge', '/v1/disclosures', disclosure);
    const { disclosure_id } = disclosed.body;
    const given = { interaction_id, disclosure_id, key_pressed: '1' };
    return String((await this.#persist('bridge', '/v1/consents', given)).body['consent_id']);
  }

  #card(pan: string): Promise<void> {
    return this.#obtain({
      role: 'tokenizer',
      kind: 'tokenise',
      path: '/v1/tokens',
      body: (attempt) => ({
        card_number: pan,
        cvv: '123',
        expiry_month: '12',
        expiry_year: '2034',
        customer_id: this.customerId,
        metadata: { interaction_id: this.interactionId, source: 'ivr_payment_flow' },
        attempt,
      }),
    });
  }

  /** Asks, waits for the end of what is in doubt, and asks under a new attempt for what came to nothing. */
  async #obtain(asked: Asked): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    for (let attempt = 1; performance.now() < endMs; attempt += 1) {
      const body = asked.body(attempt);
      const first = await this.#persist(asked.role, asked.path, body);
      const last = await this.#ended(first);
      const outcome = String(last.body['outcome']);
      const operationId = String(last.body['operation_id']);
      this.heard.push({ operationId, kind: asked.kind, outcome });
      await this.#repeat(asked, body, last);
      if (outcome === 'declined') throw new Broken('I5', `${asked.path}: a good card was declined`);
      if (outcome !== 'approved') continue;
      const { token_id: token, subscription_id: subscription } = last.body;
      if (asked.kind === 'tokenise') this.tokenId = String(token);
      else this.subscriptionId = String(subscription);
      return;
    }
    throw new Broken('I4', `${asked.path} came to nothing for ${PATIENCE_MS} ms`);
  }

  /** Polls as a waiting flow does, until the end is known. */
  async #ended(first: Answer): Promise<Answer> {
    if (FINAL.has(first.body['outcome'])) return first;
    const path = `/v1/operations/${String(first.body['operation_id'])}`;
    const endMs = performance.now() + PATIENCE_MS;
    while (performance.now() < endMs) {
      const polled = await this.lane.ask('bridge', 'GET', path).catch(() => null);
      if (polled?.status === 200 && FINAL.has(polled.body['outcome'])) return polled;
      await wait(AGAIN_MS);
    }
    throw new Broken('I4', `${path} had no end within ${PATIENCE_MS} ms`);
  }

  /** What was said is said again, and the key is not another request's. */
  async #repeat(asked: Asked, body: Record<string, unknown>, last: Answer): Promise<void> {
    const [once, twice] = [
      await this.#persist(asked.role, asked.path, body),
      await this.#persist(asked.role, asked.path, body),
    ];
    const said = [last, once, twice].map((answer) => String(answer.body['outcome']));
    if (new Set(said).size > 1 || once.text !== twice.text) {
      throw new Broken('I9', `${asked.path}: the same request got ${said.join(', ')}`);
    }
    const changed = { ...body, customer_id: `${this.customerId}-x` };
    if (asked.kind === 'cancel' || asked.kind === 'change_card') return;
    const other = await this.lane.ask(asked.role, 'POST', asked.path, changed).catch(() => null);
    if (other !== null && other.status < 500 && other.status !== 422 && other.status !== 429) {
      throw new Broken('I9', `${asked.path}: another body under a used key got ${other.status}`);
    }
  }

  /** Repeats a request until it is answered, whatever falls in between. */
  async #persist(role: Asked['role'], path: string, body: object): Promise<Answer> {
    const endMs = performance.now() + PATIENCE_MS;
    let seen = 'nothing';
    while (performance.now() < endMs) {
      const answer = await this.lane.ask(role, 'POST', path, body).catch(() => null);
      if (answer?.status === 200) return answer;
      if (answer !== null) seen = `${answer.status} ${answer.text}`;
      const patient = answer === null || answer.status >= 500 || [409, 429].includes(answer.status);
      if (!patient) throw new Broken('I9', `${path}: ${seen}`);
      await wait(AGAIN_MS);
    }
    throw new Broken('I4', `${path} was not answered within ${PATIENCE_MS} ms: ${seen}`);
  }
}
