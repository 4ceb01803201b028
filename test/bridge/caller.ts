import assert from 'node:assert/strict';
import type { TSchema, Static } from 'typebox';
import { Value } from 'typebox/value';
import type { BeginReply, BeginRequest, FinishRequest } from '../../src/contract/internal.ts';
import * as schemas from '../../src/contract/schemas.ts';
import type { GatewayReply, TokenGrant } from '../../src/gateway/gateway.ts';
import { joinReplies } from '../../src/gateway/reading.ts';
import { errorCodeOf } from '../../src/payment/outcome.ts';
import type { SubscriptionVerb } from '../../src/payment/subscription.ts';
import { Deadline } from '../../src/resilience/deadline.ts';
import { withRetry } from '../../src/resilience/retry.ts';
import { CLIENT, keyed, type World } from './world.ts';

export type TokenAnswer = Static<typeof schemas.TokenAnswer>;
export type SubscriptionAnswer = Static<typeof schemas.SubscriptionAnswer>;
export type OperationAnswer = Static<typeof schemas.OperationAnswer>;

/** Reads an answer and holds it to its schema: every one that a test sees. */
export function read<S extends TSchema>(schema: S, text: string): Static<S> {
  const body: unknown = JSON.parse(text);
  const problems = Value.Errors(schema, body).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
  assert.deepEqual(problems, [], text);
  return body as Static<S>;
}

export interface CallerOptions {
  readonly interaction?: string;
  readonly customer?: string;
  readonly ani?: string;
  readonly language?: 'en-us' | 'es-us';
  readonly plan?: string;
}

export const PREMIUM = 'recurring_monthly_premium';
export const BASIC = 'recurring_monthly_basic';

/** A caller on the line: what a flow would ask, step by step. */
export class Caller {
  readonly world: World;
  readonly interaction: string;
  readonly customer: string;
  readonly ani: string | undefined;
  readonly language: 'en-us' | 'es-us';
  readonly plan: string;

  constructor(world: World, options: CallerOptions = {}) {
    this.world = world;
    this.interaction = options.interaction ?? world.name('call');
    this.customer = options.customer ?? world.name('customer');
    this.ani = options.ani;
    this.language = options.language ?? 'en-us';
    this.plan = options.plan ?? PREMIUM;
  }

  async availability(): Promise<Static<typeof schemas.AvailabilityAnswer>> {
    const { ani, language } = this;
    const request = { interaction_id: this.interaction, language, ...(ani && { ani }) };
    const text = this.world.verbs.availability(keyed(request));
    return read(schemas.AvailabilityAnswer, await this.world.run(text));
  }

  async lookup(by: 'ani' | 'customer' = 'customer'): Promise<Static<typeof schemas.LookupAnswer>> {
    const who = by === 'ani' ? { ani: this.ani ?? '' } : { customer_id: this.customer };
    const text = this.world.verbs.lookup(keyed({ interaction_id: this.interaction, ...who }));
    return read(schemas.LookupAnswer, await this.world.run(text));
  }

  /** @param changed the subscription whose plan would change. */
  async disclose(
    plan = this.plan,
    changed?: string,
  ): Promise<Static<typeof schemas.DisclosureAnswer>> {
    const request = {
      interaction_id: this.interaction,
      customer_id: this.customer,
      plan_id: plan,
      ...(changed === undefined ? {} : { subscription_id: changed }),
      language: this.language,
    };
    const text = await this.world.run(this.world.verbs.disclose(keyed(request)));
    return read(schemas.DisclosureAnswer, text);
  }

  async press(disclosureId: string, key: string): Promise<Static<typeof schemas.ConsentAnswer>> {
    const request = {
      interaction_id: this.interaction,
      disclosure_id: disclosureId,
      key_pressed: key,
    };
    const text = await this.world.run(this.world.verbs.consent(keyed(request)));
    return read(schemas.ConsentAnswer, text);
  }

  /** Hears the disclosure and agrees. */
  async consent(plan = this.plan): Promise<string> {
    const { disclosure_id: disclosureId } = await this.disclose(plan);
    return (await this.press(disclosureId, '1')).consent_id;
  }

  beginRequest(changes: Partial<BeginRequest> = {}): BeginRequest {
    return {
      client_id: CLIENT.clientId,
      origin: 'tokenizer 192.0.2.8',
      key: null,
      interaction_id: this.interaction,
      customer_id: this.customer,
      call_id: null,
      attempt: null,
      language: this.language,
      amount: null,
      currency: null,
      body_hash: 'hash-of-the-redacted-request',
      card_mac: `mac-of-${this.interaction}`,
      pan_mac: `pan-of-${this.interaction}`,
      bin_mac: `bin-of-${this.interaction}`,
      card_mac_key: 'mac-key-one',
      card_brand: 'visa',
      card_last4: '4242',
      fault: null,
      ...changes,
    };
  }

  begin(changes: Partial<BeginRequest> = {}): Promise<BeginReply> {
    return this.world.run(this.world.verbs.begin(this.beginRequest(changes)));
  }

  /** Gives a card, as the card process does it: begin, send with retries, finish. */
  async card(changes: Partial<BeginRequest> = {}): Promise<TokenAnswer> {
    const text = await this.world.run(this.#cardText(changes));
    return read(schemas.TokenAnswer, text);
  }

  async #cardText(changes: Partial<BeginRequest>): Promise<string> {
    const { verbs } = this.world;
    const begun = await verbs.begin(this.beginRequest(changes));
    if (begun.kind === 'answer') return begun.answer;
    const startedMs = this.world.clock.monotonicMs();
    const reply = await this.send(begun.operation_id, begun.budget_ms - 2_000);
    const spentMs = this.world.clock.monotonicMs() - startedMs;
    return verbs.finish(begun.operation_id, finishOf(reply, begun.budget_ms - spentMs));
  }

  send(operationId: string, budgetMs: number): Promise<GatewayReply<TokenGrant>> {
    const { gateway, clock, bridge } = this.world;
    const order = {
      idempotencyKey: operationId,
      operationId,
      interactionId: this.interaction,
      customerId: this.customer,
    };
    return withRetry(
      {
        clock,
        randomness: bridge.randomness,
        deadline: new Deadline(clock, budgetMs),
        policy: bridge.limits.retry,
        renewCredential: () => gateway.renewCredential(),
      },
      (signal) => gateway.tokenise(order, signal),
      joinReplies,
    );
  }

  subscribeRequest(
    token: string,
    changes: Partial<Static<typeof schemas.SubscribeRequest>> = {},
  ): Static<typeof schemas.SubscribeRequest> {
    return {
      customer_id: this.customer,
      payment_method_token: token,
      plan_id: this.plan,
      metadata: { ivr_session_id: this.interaction },
      ...changes,
    };
  }

  subscribeText(
    token: string,
    changes: Partial<Static<typeof schemas.SubscribeRequest>> = {},
    key: string | null = null,
  ): Promise<string> {
    return this.world.verbs.subscribe(keyed(this.subscribeRequest(token, changes), key));
  }

  async subscribe(
    token: string,
    changes: Partial<Static<typeof schemas.SubscribeRequest>> = {},
    key: string | null = null,
  ): Promise<SubscriptionAnswer> {
    const text = await this.world.run(this.subscribeText(token, changes, key));
    return read(schemas.SubscriptionAnswer, text);
  }

  /** Everything up to the subscription: consent and card. */
  async ready(): Promise<string> {
    await this.consent();
    return (await this.card()).token_id;
  }

  /** The whole enrolment. */
  async enrol(): Promise<SubscriptionAnswer> {
    const answer = await this.subscribe(await this.ready());
    assert.equal(answer.outcome, 'approved', JSON.stringify(answer));
    return answer;
  }

  async change(
    verb: SubscriptionVerb,
    subscriptionId: string,
    extra: Readonly<Record<string, string>> = {},
    key: string | null = null,
  ): Promise<SubscriptionAnswer> {
    const request = { interaction_id: this.interaction, ...extra };
    const text = this.world.verbs.changeSubscription(verb, subscriptionId, keyed(request, key));
    return read(schemas.SubscriptionAnswer, await this.world.run(text));
  }

  async operation(id: string): Promise<OperationAnswer> {
    const text = await this.world.run(this.world.verbs.readOperation(CLIENT, id));
    return read(schemas.OperationAnswer, text);
  }

  async handOff(
    reason: Static<typeof schemas.HandoffRequest>['reason'],
  ): Promise<Static<typeof schemas.HandoffAnswer>> {
    const request = { interaction_id: this.interaction, reason };
    const text = await this.world.run(this.world.verbs.handOff(keyed(request)));
    return read(schemas.HandoffAnswer, text);
  }
}

/** A gateway's reply as the card process hands it on. */
export function finishOf(reply: GatewayReply<TokenGrant>, budgetMs: number): FinishRequest {
  const grant = reply.outcome.kind === 'approved' ? reply.outcome.value : null;
  return {
    outcome: reply.outcome.kind,
    error_code: errorCodeOf(reply.outcome),
    token_reference: grant?.tokenReference ?? null,
    network_transaction_id: grant?.networkTransactionId ?? null,
    gateway_transaction_id: reply.gatewayTransactionId,
    status_code: reply.statusCode,
    raw_code: reply.rawCode,
    latency_ms: reply.latencyMs,
    healthy: reply.healthy,
    budget_ms: Math.max(0, budgetMs),
  };
}

export function enrol(world: World, options: CallerOptions = {}): Promise<SubscriptionAnswer> {
  return new Caller(world, options).enrol();
}
