import type { Keyed } from '../../src/bridge/bridge.ts';
import type { Verbs } from '../../src/bridge/verbs.ts';
import { canonicalJson, fingerprint } from '../../src/payment/fingerprint.ts';
import type { SubscriptionVerb } from '../../src/payment/subscription.ts';
import { sleep } from '../../src/system/clock.ts';
import { madeUpCard } from './card.ts';
import { orDead } from './internal-line.ts';
import type { Judge } from './judge.ts';
import type { System } from './system.ts';
import type { Response } from './units.ts';

/** A data action waits no longer (guide, "Timeout Management"). */
const ACTION_MS = 30_000;
const TRIES = 3;
/** Who waits polls; who has had enough hangs up. */
const POLL_MS = [2_000, 5_000] as const;
const PATIENCE_MS = 75_000;
const HANGS_UP = 0.06;
const SENDS_TWICE = 0.15;
const REUSES_KEY = 0.04;
const OWN_KEY = 0.4;
/** Cancels, and enrols again by the consent that was given for the first time. */
const CONSENTS_ONCE = 0.15;

const CLIENT = { clientId: 'flows', origin: 'api 192.0.2.7' };

/** What a flow binds of an answer. */
export interface Answer {
  readonly outcome: string;
  readonly route: string;
  readonly error_code?: string;
  readonly operation_id?: string;
  readonly token_id?: string;
  readonly subscription_id?: string;
  readonly disclosure_id?: string;
  readonly consent_id?: string;
  readonly kind?: string;
}

export function answerIn(text: string): Answer {
  return JSON.parse(text) as Answer;
}

/** Somebody on the telephone, with the flow that asks on their behalf. */
export class Caller {
  readonly interaction: string;
  readonly customer: string;
  readonly #system: System;
  readonly #judge: Judge;
  #keys = 0;
  #cards = 0;

  constructor(system: System, judge: Judge, interaction: string, customer: string) {
    this.#system = system;
    this.#judge = judge;
    this.interaction = interaction;
    this.customer = customer;
  }

  /** Everything up to the subscription; what was heard last, or `null` where the call ended before. */
  async enrol(planId: string): Promise<Answer | null> {
    const { stage } = this.#system;
    if (stage.chance(0.3)) {
      const heard = await this.#ask('availability', (verbs, key) =>
        verbs.availability(this.#keyed({ interaction_id: this.interaction }, key)),
      );
      if (heard?.route === 'agent') return heard;
    }
    const consentId = await this.#consent(planId);
    if (consentId === null || this.#hangsUp()) return null;
    const token = await this.#card();
    if (token === null || this.#hangsUp()) return null;
    const body = {
      customer_id: this.customer,
      payment_method_token: token,
      plan_id: planId,
      consent_id: consentId,
      metadata: { ivr_session_id: this.interaction },
    };
    const heard = await this.#subscribe(body);
    const id = heard?.subscription_id;
    if (id && stage.shuffled && stage.chance(CONSENTS_ONCE)) {
      await this.manage('cancel', id, planId);
      await this.#subscribe({ ...body, attempt: 2 });
    }
    return heard;
  }

  #subscribe(body: object): Promise<Answer | null> {
    return this.#change(
      'subscribe',
      (verbs, key, asked) => verbs.subscribe(this.#keyed(asked, key)),
      body,
    );
  }

  /** One card after the other, as who tries out stolen ones. */
  async tryCards(count: number): Promise<null> {
    for (let n = 0; n < count; n += 1) await this.#card();
    return null;
  }

  /** Changes a subscription: consent or card first, where the change needs one. */
  async manage(
    verb: SubscriptionVerb,
    subscriptionId: string,
    planId: string,
  ): Promise<Answer | null> {
    const base = { interaction_id: this.interaction };
    let body: object = base;
    if (verb === 'change_plan') {
      const consentId = await this.#consent(planId, subscriptionId);
      if (consentId === null || this.#hangsUp()) return null;
      body = { ...base, plan_id: planId, consent_id: consentId };
    }
    if (verb === 'change_card') {
      const token = await this.#card();
      if (token === null || this.#hangsUp()) return null;
      body = { ...base, payment_method_token: token };
    }
    return this.#change(
      verb,
      (verbs, key, asked) =>
        verbs.changeSubscription(verb, subscriptionId, this.#keyed(asked, key)),
      body,
    );
  }

  #hangsUp(): boolean {
    const { stage } = this.#system;
    const hangs = stage.shuffled && stage.chance(HANGS_UP);
    if (hangs) stage.tell(this.interaction, 'hangs up');
    return hangs;
  }

  #keyed<T extends object>(request: T, key: string | null): Keyed<T> {
    return { actor: CLIENT, key, bodyHash: fingerprint(canonicalJson(request)), request };
  }

  async #consent(planId: string, subscriptionId?: string): Promise<string | null> {
    const disclosed = await this.#ask('disclose', (verbs, key) => {
      const request = {
        interaction_id: this.interaction,
        customer_id: this.customer,
        plan_id: planId,
        language: 'en-us' as const,
        ...(subscriptionId !== undefined && { subscription_id: subscriptionId }),
      };
      return verbs.disclose(this.#keyed(request, key));
    });
    const disclosureId = disclosed?.disclosure_id;
    if (!disclosureId || this.#hangsUp()) return null;
    const consented = await this.#ask('consent', (verbs, key) => {
      const request = {
        interaction_id: this.interaction,
        disclosure_id: disclosureId,
        key_pressed: '1',
      };
      return verbs.consent(this.#keyed(request, key));
    });
    return consented?.consent_id || null;
  }

  async #card(): Promise<string | null> {
    const system = this.#system;
    this.#cards += 1;
    const attempt = this.#cards;
    const key = this.#keyMaybe('card');
    const card = madeUpCard(system.stage.random);
    const heard = await this.#repeat('tokenise', async () => {
      const unit = system.tokenizer();
      if (unit === null) return null;
      const { interaction: interactionId, customer: customerId } = this;
      const body = card.body({ interactionId, customerId, attempt });
      return orDead(unit, unit.take(body, key));
    });
    card.wipe();
    const ended = heard?.route === 'wait' ? await this.#poll(heard.operation_id ?? '') : heard;
    return ended?.outcome === 'approved' ? (ended.token_id ?? null) : null;
  }

  /** A request that may move money; it is polled for as long as the caller waits. */
  async #change(
    step: string,
    send: (verbs: Verbs, key: string | null, body: never) => Promise<string>,
    body: object,
  ): Promise<Answer | null> {
    const { stage } = this.#system;
    const key = this.#keyMaybe(step);
    const ask = (asked: object): Promise<Answer | null> =>
      this.#ask(step, (verbs) => send(verbs, key, asked as never));
    const again = stage.shuffled && stage.chance(SENDS_TWICE) ? ask(body) : null;
    const other =
      key !== null && stage.shuffled && stage.chance(REUSES_KEY) ? this.#reuse(key, step) : null;
    const heard = await ask(body);
    await again;
    await other;
    return heard?.route === 'wait' ? this.#poll(heard.operation_id ?? '') : heard;
  }

  /** A program that uses one key for two requests. */
  async #reuse(key: string, step: string): Promise<void> {
    const request = { interaction_id: this.interaction, reason: `${step} again` };
    const unit = this.#system.bridge();
    if (unit === null) return;
    const foreign = step === 'cancel' ? 'pause' : 'cancel';
    const response = await orDead(
      unit,
      unit.serve((verbs) =>
        verbs.changeSubscription(foreign, 'sub_nobody', this.#keyed(request, key)),
      ),
    );
    // Whoever comes first owns the key; the verdict sees whether an answer is that of another request.
    if (response?.status === 200) await this.#judge.answered(foreign, response.text);
  }

  #keyMaybe(step: string): string | null {
    if (!this.#system.stage.chance(OWN_KEY)) return null;
    this.#keys += 1;
    return `${this.interaction} ${step} ${this.#keys}`;
  }

  async #poll(operationId: string): Promise<Answer | null> {
    const { stage } = this.#system;
    const endMs = stage.clock.monotonicMs() + PATIENCE_MS;
    let last: Answer | null = null;
    while (stage.clock.monotonicMs() < endMs && !this.#hangsUp()) {
      await sleep(stage.clock, stage.between(...POLL_MS));
      last = await this.#once('poll', () =>
        this.#bridge((verbs) => verbs.readOperation(CLIENT, operationId)),
      );
      if (last !== null && last.route !== 'wait') break;
    }
    return last;
  }

  #ask(
    step: string,
    send: (verbs: Verbs, key: string | null) => Promise<string>,
  ): Promise<Answer | null> {
    return this.#repeat(step, () => this.#bridge((verbs) => send(verbs, null)));
  }

  async #bridge(ask: (verbs: Verbs) => Promise<string>): Promise<Response | null> {
    const unit = this.#system.bridge();
    return unit === null ? null : orDead(unit, unit.serve(ask));
  }

  /** The same request again where nothing came of it, as a flow that is told to. */
  async #repeat(step: string, send: () => Promise<Response | null>): Promise<Answer | null> {
    const { stage } = this.#system;
    for (let tries = 1; ; tries += 1) {
      const heard = await this.#once(step, send);
      if (heard !== null || tries >= TRIES || this.#hangsUp()) return heard;
      await sleep(stage.clock, stage.between(500, 4_000));
    }
  }

  /** One data action: an answer, or nothing that a flow could use. */
  async #once(step: string, send: () => Promise<Response | null>): Promise<Answer | null> {
    const { stage } = this.#system;
    const fault = stage.faults.draw('caller', step);
    stage.tell(this.interaction, `asks ${step}${fault === null ? '' : `: ${fault}`}`);
    if (fault === 'request_lost') {
      await sleep(stage.clock, stage.pick([10, ACTION_MS]));
      return null;
    }
    if (fault === 'delayed') await sleep(stage.clock, stage.between(100, 8_000));
    await stage.turn(step);
    const judged = async (): Promise<Response | null> => {
      const response = await send();
      // What is on its way to a caller counts, whether or not it arrives.
      if (response?.status === 200) await this.#judge.answered(step, response.text);
      return response;
    };
    if (fault === 'request_duplicated') void judged();
    const response = await Promise.race([judged(), timeout(this.#system)]);
    if (fault === 'answer_reordered') await sleep(stage.clock, stage.between(500, 9_000));
    await stage.turn(`${step} answered`);
    if (response === null || fault === 'answer_lost' || response.status !== 200) {
      stage.tell(this.interaction, `hears ${response?.status ?? 'nothing'}`);
      return null;
    }
    const answer = answerIn(response.text);
    stage.tell(
      this.interaction,
      `hears ${answer.outcome} ${answer.error_code ?? ''}, ${answer.route}`,
    );
    return answer;
  }
}

async function timeout({ stage }: System): Promise<null> {
  await sleep(stage.clock, ACTION_MS);
  return null;
}
