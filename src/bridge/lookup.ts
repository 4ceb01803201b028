import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { languageOf } from '../payment/language.ts';
import { amountText } from '../payment/money.ts';
import { dateIn } from '../payment/plan.ts';
import { fill } from '../payment/prompt.ts';
import { intervalText } from '../payment/consent.ts';
import type { Subscription } from '../payment/subscription.ts';
import { seeCall } from '../store/calls.ts';
import { findCurrent, noteNextCharge } from '../store/subscriptions.ts';
import { Deadline } from '../resilience/deadline.ts';
import { answerText, plainCommon, subscriptionFacts } from './answer.ts';
import { plainNumber } from './availability.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { isOwn } from './own.ts';
import type { Customer } from './directory.ts';

/** A caller does not wait longer for a date. */
const REFRESH_BUDGET_MS = 3_000;

/** 1 to 9: one key a plan, and 0 is a person. */
const KEYS_FOR_PLANS = 9;

/**
 * Who is calling, and what they have. The merchant's directory knows who a number belongs to; a
 * customer id that it does not know is taken as it is, because an authorised client gave it. A
 * language that the caller chose in this call goes before the customer's own.
 */
export async function lookup(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.LookupRequest>>,
): Promise<AnswerText> {
  const { request, actor } = ask;
  const { store, clock, gateway, directory } = bridge;
  const call = {
    interactionId: request.interaction_id,
    clientId: actor.clientId,
    ani: plainNumber(request.ani),
    dnis: null,
    language: request.language === undefined ? null : languageOf(request.language),
    customerId: request.customer_id ?? null,
  };
  const seen = await seeCall(store, call, gateway.name, clock.now());
  const customer = await identify(directory, request.customer_id, seen.call.ani);
  const customerId = customer?.customerId ?? null;
  const language = call.language ?? customer?.language ?? seen.call.language;
  if (customerId !== seen.call.customerId || language !== seen.call.language) {
    await seeCall(store, { ...call, customerId, language }, gateway.name, clock.now());
  }
  const table = bridge.prompts[language];
  const found = customerId === null ? null : await findCurrent(store, customerId);
  const current = found && (await withFreshDate(bridge, found));
  const live = current !== null && current.status !== 'cancelled';
  const facts = subscriptionFacts(current, bridge.plans, language);
  const values = {
    plan: facts.plan,
    amount: facts.amount,
    status: facts.status,
    next_charge_date: facts.next,
    card_last4: facts.last4,
  };
  const common =
    customerId === null
      ? plainCommon(table, 'customer_unknown', 'continue')
      : live
        ? plainCommon(table, 'welcome_subscriber', 'continue', values)
        : plainCommon(table, 'welcome_new_caller', 'continue');
  return answerText({
    ...common,
    customer_id: customerId ?? '',
    is_subscriber: live,
    subscription_id: current?.id ?? '',
    plan_id: current?.planId ?? '',
    plan_name: facts.plan,
    status: facts.status,
    amount_text: facts.amount,
    next_charge_date: facts.next,
    card_brand: facts.brand,
    card_last4: facts.last4,
    language,
  });
}

async function identify(
  directory: Bridge['directory'],
  customerId: string | undefined,
  ani: string | null,
): Promise<Customer | null> {
  if (customerId !== undefined) {
    const known = await directory.byCustomerId(customerId);
    return known ?? { customerId, language: null, spokenName: null };
  }
  return ani === null ? null : directory.byAni(ani);
}

/**
 * A date that has passed is not told: the gateway has charged since then and knows the next one.
 * Where it cannot be asked in time, no date is told.
 */
export async function withFreshDate(
  bridge: Bridge,
  subscription: Subscription,
): Promise<Subscription> {
  const { nextChargeDate, status } = subscription;
  const today = dateIn(bridge.merchant.timeZone, bridge.clock.now());
  if (nextChargeDate === null || nextChargeDate >= today || status !== 'active') {
    return subscription;
  }
  if (isOwn(subscription)) return { ...subscription, nextChargeDate: null };
  const deadline = new Deadline(bridge.clock, REFRESH_BUDGET_MS);
  const { outcome } = await deadline.within((signal) =>
    bridge.gateway.read(subscription.gatewayReference, signal),
  );
  const next = outcome.kind === 'approved' ? outcome.value.nextChargeDate : null;
  const fresh = next !== null && next >= today ? next : null;
  if (fresh !== null) {
    await noteNextCharge(bridge.store, subscription.id, subscription.version, fresh);
  }
  return { ...subscription, nextChargeDate: fresh };
}

/** The catalogue as it is offered. */
export async function plans(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.PlansRequest>>,
): Promise<AnswerText> {
  const { request, actor } = ask;
  const { store, clock, gateway } = bridge;
  const { call } = await seeCall(
    store,
    {
      interactionId: request.interaction_id,
      clientId: actor.clientId,
      ani: null,
      dnis: null,
      language: request.language === undefined ? null : languageOf(request.language),
      customerId: null,
    },
    gateway.name,
    clock.now(),
  );
  const table = bridge.prompts[call.language];
  const spoken = bridge.plans.map((plan) => ({
    plan: plan.name[call.language],
    amount: amountText(plan.price, call.language),
    interval: intervalText(table, plan.interval),
  }));
  const choices = spoken
    .slice(0, KEYS_FOR_PLANS)
    .map((values, index) => fill(table.plain.plan_choice, { ...values, key: String(index + 1) }));
  return answerText({
    ...plainCommon(table, 'plans', 'continue'),
    plan_ids: bridge.plans.map((plan) => plan.id),
    plan_texts: spoken.map(({ plan, amount, interval }) => `${plan}, ${amount} ${interval}`),
    plan_count: bridge.plans.length,
    menu_text: choices.join(' '),
  });
}
