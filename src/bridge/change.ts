import type { ChangeOrder, GatewayReply, SubscriptionGrant } from '../gateway/gateway.ts';
import { isRefused } from '../gateway/reading.ts';
import { CONSENT_KEY } from '../payment/consent.ts';
import { sameMoney } from '../payment/money.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { Plan } from '../payment/plan.ts';
import {
  EVENT_OF_VERB,
  mayApply,
  statusAfter,
  type Subscription,
  type SubscriptionVerb,
} from '../payment/subscription.ts';
import { Deadline } from '../resilience/deadline.ts';
import type { Begun } from '../store/begin.ts';
import { callOf, type StoredCall } from '../store/calls.ts';
import { findConsent, type GivenConsent } from '../store/consents.ts';
import type { CardToken } from '../store/finish.ts';
import { findSubscription, findToken } from '../store/subscriptions.ts';
import { refusal, switchStops } from './admit.ts';
import type { Actor, AnswerText, Bridge, Keyed } from './bridge.ts';
import { cardTriesOrder } from './card-tries.ts';
import { changeOwn, type Wish } from './change-own.ts';
import { claim, repeated, type ClaimedOperation, type Draft } from './claim.ts';
import {
  alarmRejected,
  conclude,
  endingOf,
  refusedEnding,
  refusedOr,
  type Learnt,
} from './conclude.ts';
import { subscriptionEvent } from './event.ts';
import { attemptOf, operationKey } from './key.ts';
import { isOwn, ownOrder } from './own.ts';
import { committedOr, NOT_SENT, perform } from './perform.ts';
import { lostSubscriptionAnswer, subscriptionAnswer, untold } from './subscription-answer.ts';
import { orderOf } from './terms.ts';
import type { VerbBody } from './verbs.ts';

type Ask = Keyed<VerbBody>;

/** What a change stands on. */
interface Ground {
  readonly subscription: Subscription | null;
  readonly call: StoredCall | null;
  readonly plan: Plan | null;
  readonly consent: GivenConsent | null;
  readonly token: CardToken | null;
}

/** What a change needs of it. */
export interface Change extends Wish {
  readonly subscription: Subscription;
}

async function groundOf(bridge: Bridge, subscriptionId: string, ask: Ask): Promise<Ground> {
  const { store, plans } = bridge;
  const { request } = ask;
  const planId = 'plan_id' in request ? request.plan_id : null;
  const tokenId = 'payment_method_token' in request ? request.payment_method_token : null;
  const consentId = 'consent_id' in request ? (request.consent_id ?? null) : null;
  const interactionId = request.interaction_id;
  const [subscription, call, token, consent] = await Promise.all([
    findSubscription(store, subscriptionId),
    callOf(store, interactionId),
    tokenId === null ? null : findToken(store, tokenId),
    planId === null ? null : findConsent(store, { id: consentId, interactionId, planId }),
  ]);
  const plan = plans.find((candidate) => candidate.id === planId) ?? null;
  return { subscription, call, plan, consent, token };
}

function capable(bridge: Bridge, verb: SubscriptionVerb): boolean {
  const { capabilities } = bridge.gateway;
  switch (verb) {
    case 'cancel':
      return true;
    case 'pause':
    case 'resume':
      return capabilities.pause;
    case 'change_plan':
      return capabilities.changePlan;
    case 'change_card':
      return capabilities.changeCard;
  }
}

function refusesRequest(
  bridge: Bridge,
  verb: SubscriptionVerb,
  ask: Ask,
  ground: Ground,
): ErrorCode | null {
  const { subscription, call, plan, consent, token } = ground;
  if (!subscription) return 'not_found';
  // A call that is known to be of one customer cannot change another one's subscription.
  const stranger = call?.customerId && call.customerId !== subscription.customerId;
  const { gateway } = bridge;
  const able = own(ground) || (subscription.gateway === gateway.name && capable(bridge, verb));
  if (stranger || !mayApply(verb, subscription.status) || !able) return 'not_allowed';
  if (verb === 'change_plan') {
    if (!plan) return 'not_found';
    const consents =
      consent !== null &&
      consent.keyPressed === CONSENT_KEY &&
      consent.interactionId === ask.request.interaction_id &&
      consent.customerId === subscription.customerId &&
      consent.planId === plan.id &&
      sameMoney(consent.price, plan.price);
    if (!consents || plan.id === subscription.planId) return 'not_allowed';
  }
  if (verb === 'change_card') {
    if (!token) return 'not_found';
    if (token.customerId !== subscription.customerId || token.gateway !== gateway.name) {
      return 'not_allowed';
    }
  }
  return null;
}

const CHARGES_NOTHING = { use: 'none', dueDate: null, networkTransactionId: null } as const;

/** True where Tokenline charges, so that no gateway has to be asked. */
function own({ subscription }: Ground): boolean {
  return subscription !== null && isOwn(subscription);
}

function draftOf(
  verb: SubscriptionVerb,
  subscriptionId: string,
  ask: Ask,
  ground: Ground,
  refused: ErrorCode | null,
): Draft {
  const { request } = ask;
  const attempt = attemptOf(request.attempt);
  return {
    kind: verb,
    key: operationKey({
      header: ask.key,
      interactionId: request.interaction_id,
      step: `${verb}:${subscriptionId}`,
      attempt,
      content: ask.bodyHash,
    }),
    bodyHash: ask.bodyHash,
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    interactionId: request.interaction_id,
    customerId: ground.subscription?.customerId ?? null,
    subscriptionId,
    consentId: ground.consent?.id ?? null,
    tokenId: ground.token?.id ?? null,
    planId: ground.plan?.id ?? null,
    attempt: attempt ?? 1,
    language: ground.consent?.language ?? null,
    order: {
      ...orderOf(ground.plan, refused),
      ...(own(ground) && ownOrder(CHARGES_NOTHING)),
      ...(verb === 'change_card' && cardTriesOrder(ground.call)),
    },
  };
}

/** Cancels, pauses, resumes, or changes plan or card: one way for all of them. */
export async function changeSubscription(
  bridge: Bridge,
  verb: SubscriptionVerb,
  subscriptionId: string,
  ask: Ask,
): Promise<AnswerText> {
  const deadline = new Deadline(bridge.clock, bridge.limits.deadlineMs);
  const seen = await groundOf(bridge, subscriptionId, ask);
  const unfounded = refusesRequest(bridge, verb, ask, seen);
  const draft = draftOf(verb, subscriptionId, ask, seen, unfounded);
  const claimed = await claim(bridge, ask.actor, draft, null);
  if (claimed.kind === 'earlier') {
    const { operation } = claimed;
    return repeated(bridge, operation, () => lostSubscriptionAnswer(bridge, operation));
  }
  const { operation, begun } = claimed;
  // As it stands now that no other operation may change it: one may have ended meanwhile.
  const ground = { ...seen, subscription: await findSubscription(bridge.store, subscriptionId) };
  // What was refused as it stood before stays so: `settle` ends it by what the intent says, and may
  // have done that already.
  const refused =
    unfounded ??
    refusesRequest(bridge, verb, ask, ground) ??
    (own(ground) ? ownRefusal(begun, verb) : await refusal(bridge, begun, operation));
  const { subscription, plan, token } = ground;
  const inDoubt = (): AnswerText =>
    subscriptionAnswer(bridge, operation, untold({ kind: 'in_doubt' }), subscription, 'in_doubt');
  const waits = verb === 'cancel' && refused === 'breaker_open';
  if ((refused !== null && !waits) || !subscription) {
    const errorCode = refused ?? 'not_found';
    const reply = untold({ kind: 'failed', errorCode });
    const answer = subscriptionAnswer(bridge, operation, reply, subscription, errorCode);
    const ending = { ...refusedEnding('failed', errorCode), answer };
    return refusedOr(() => conclude(bridge, ask.actor, operation, ending), inDoubt);
  }
  const change = { verb, subscription, plan, token };
  if (own(ground)) {
    return committedOr(
      bridge,
      operation.id,
      () => changeOwn(bridge, ask.actor, operation, change),
      inDoubt,
    );
  }
  const reply = waits
    ? NOT_SENT
    : await perform(bridge, deadline, (signal) =>
        bridge.gateway.change(changeOrder(operation, change), signal),
      );
  const taken = verb === 'cancel' ? takenOn(bridge, operation, reply) : reply;
  return committedOr(
    bridge,
    operation.id,
    () => endChange(bridge, ask.actor, operation, change, taken, 'by_call'),
    inDoubt,
  );
}

/**
 * Who cancels is cancelled, also where the gateway cannot be reached now or does not let us in: then
 * it is open, and `settle` sends it until the gateway has done or refused it (design I10). Nobody has
 * to call again because the gateway was away, and nobody is told that it is off their hands before it
 * is.
 */
function takenOn<T>(
  bridge: Bridge,
  operation: ClaimedOperation,
  reply: GatewayReply<T>,
): GatewayReply<T> {
  const { outcome } = reply;
  if (outcome.kind !== 'failed' || isRefused(reply)) return reply;
  if (outcome.errorCode === 'gateway_rejected') alarmRejected(bridge, operation, reply.rawCode);
  return { ...reply, outcome: { kind: 'in_doubt' } };
}

/** A change of our own asks no gateway, so that its breaker does not matter. */
function ownRefusal(begun: Begun, verb: SubscriptionVerb): ErrorCode | null {
  if (switchStops(begun, verb)) return 'switched_off';
  return begun.claimed ? null : 'not_allowed';
}

export function changeOrder(operation: ClaimedOperation, change: Change): ChangeOrder {
  const { verb, subscription, plan, token } = change;
  return {
    idempotencyKey: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    customerId: subscription.customerId,
    subscriptionReference: subscription.gatewayReference,
    verb,
    status: subscription.status,
    plan: plan && { id: plan.id, price: plan.price, interval: plan.interval },
    tokenReference: token?.reference ?? null,
  };
}

/** The subscription after a change that the gateway has made. */
function changedBy(change: Change, grant: SubscriptionGrant): Subscription {
  const { verb, subscription, plan, token } = change;
  const status =
    verb === 'cancel' || verb === 'pause' || verb === 'resume'
      ? statusAfter(verb, subscription.status)
      : grant.status;
  // Another card is charged on the same day, also where the gateway does not say so.
  const kept = verb === 'change_card' ? subscription.nextChargeDate : null;
  const nextDate = grant.nextChargeDate ?? kept;
  return {
    ...subscription,
    ...(plan ? { planId: plan.id, price: plan.price, interval: plan.interval } : {}),
    ...(token ? { tokenId: token.id, cardBrand: token.brand, cardLast4: token.last4 } : {}),
    status,
    nextChargeDate: status === 'cancelled' || status === 'paused' ? null : nextDate,
    version: subscription.version + 1,
  };
}

/** Commits a change's outcome with the subscription and its event. Used by `settle` as well. */
export function endChange(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
  change: Change,
  reply: GatewayReply<SubscriptionGrant>,
  learnt: Learnt,
): Promise<AnswerText> {
  const ending = endingOf(reply, learnt);
  if (reply.outcome.kind !== 'approved') {
    const { subscription } = change;
    const answer = subscriptionAnswer(bridge, operation, reply, subscription, ending.errorCode);
    return conclude(bridge, actor, operation, { ...ending, answer });
  }
  const changed = changedBy(change, reply.outcome.value);
  const source = { operation, gatewayTransactionId: reply.gatewayTransactionId };
  const { endsOn } = reply.outcome.value;
  const facts = endsOn === undefined ? {} : { ends_on: endsOn };
  const event = subscriptionEvent(bridge, EVENT_OF_VERB[change.verb], changed, source, facts);
  const answer = subscriptionAnswer(bridge, operation, reply, changed, null);
  return conclude(bridge, actor, operation, { ...ending, changed, events: [event], answer });
}
