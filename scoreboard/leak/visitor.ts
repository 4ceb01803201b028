import { request } from 'node:http';
import { newId, systemRandomness } from '../../src/system/randomness.ts';
import { cardPayload } from '../../test/whole/caller.ts';
import type { Answer, Outgoing } from '../../test/whole/http.ts';
import { until, type ScriptEntry } from '../../test/whole/system.ts';
import type { Canaries, Canary } from './canary.ts';
import type { ClientName, Place } from './place.ts';

type Json = Readonly<Record<string, unknown>>;

/** Somebody who calls, with a conversation of their own. */
export class Visitor {
  readonly place: Place;
  readonly interactionId = newId('call', systemRandomness).replace('_', '-');
  readonly customerId = newId('cust', systemRandomness).replace('_', '-');
  #attempt = 0;

  constructor(place: Place) {
    this.place = place;
  }

  /** The guide's payload with a canary in it. */
  body(canary: Canary): Json {
    this.#attempt += 1;
    const { customerId, interactionId } = this;
    const { digits: number, cvv } = canary;
    return { ...cardPayload({ number, cvv, customerId, interactionId }), attempt: this.#attempt };
  }

  tokenise(canary: Canary, change: Json = {}): Promise<Answer | null> {
    return this.ask('tokenizer', '/v1/tokens', { ...this.body(canary), ...change });
  }

  async ask(
    role: 'bridge' | 'tokenizer',
    path: string,
    body: unknown,
    client: ClientName = 'flows',
    method = 'POST',
  ): Promise<Answer | null> {
    return this.raw(role, { path, body: JSON.stringify(body), method }, client);
  }

  /** With a token, and otherwise as it is given. */
  async raw(
    role: 'bridge' | 'tokenizer',
    outgoing: Outgoing,
    client: ClientName = 'flows',
  ): Promise<Answer | null> {
    const headers = {
      authorization: `Bearer ${await this.place.token(client)}`,
      ...(outgoing.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...outgoing.headers,
    };
    return this.place.answers.ask(role, this.place.ports[role], { ...outgoing, headers });
  }

  script(operation: string, ...behaves: readonly string[]): Promise<void> {
    const entries = behaves.map((behave): ScriptEntry => ({
      operation,
      behave,
      interaction_id: this.interactionId,
    }));
    return this.place.script(entries);
  }

  /** Consent, card and subscription. @returns the last answer. */
  async enrol(canary: Canary): Promise<Answer | null> {
    const disclosed = await this.ask('bridge', '/v1/disclosures', {
      interaction_id: this.interactionId,
      customer_id: this.customerId,
      plan_id: 'recurring_monthly_premium',
      language: 'en-us',
    });
    const consented = await this.ask('bridge', '/v1/consents', {
      interaction_id: this.interactionId,
      disclosure_id: disclosed?.body['disclosure_id'],
      key_pressed: '1',
    });
    const token = await this.tokenise(canary);
    return this.ask('bridge', '/v1/subscriptions', {
      customer_id: this.customerId,
      payment_method_token: token?.body['token_id'],
      plan_id: 'recurring_monthly_premium',
      interval_count: 1,
      interval_unit: 'month',
      metadata: { ivr_session_id: this.interactionId },
      consent_id: consented?.body['consent_id'],
    });
  }

  /**
   * A client that goes away at the end of the card number, once the tokenizer has the request.
   *
   * @throws Error where it never had it: the fault did not strike.
   */
  async breakOff(canary: Canary): Promise<void> {
    const text = JSON.stringify(this.body(canary));
    const token = await this.place.token();
    await new Promise<void>((gone, failed) => {
      const asked = request({
        host: '127.0.0.1',
        port: this.place.ports.tokenizer,
        path: '/v1/tokens',
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': text.length,
        },
      });
      asked.once('error', () => gone());
      asked.once('close', () => gone());
      asked.write(text.slice(0, text.indexOf(canary.digits) + canary.digits.length));
      void until('the half of a card', () => this.#underWay(1)).then(
        () => asked.destroy(),
        (error: unknown) => {
          failed(error);
          asked.destroy();
        },
      );
    });
  }

  /** True where the tokenizer says that so many card requests are in it; else `null`. */
  async #underWay(count: number): Promise<true | null> {
    const { answers, ports } = this.place;
    const answer = await answers.ask('metrics', ports.tokenizer, { path: '/metrics' });
    const line = /^tokenline_card_requests_in_flight(?:\{[^}]*\})? (\S+)$/m;
    return line.exec(answer?.text ?? '')?.[1] === String(count) ? true : null;
  }
}

/** What a way is played with. */
export interface World {
  readonly place: Place;
  readonly canaries: Canaries;
}
