import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import type { GatewayReply, SubscriptionGrant } from '../gateway/gateway.ts';
import { CONSENT_KEY } from '../payment/consent.ts';
import { sameMoney } from '../payment/money.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { dateIn, type Plan } from '../payment/plan.ts';
import { Deadline } from '../resilience/deadline.ts';
import { callOf, type StoredCall } from '../store/calls.ts';
import { findConsent, type GivenConsent } from '../store/consents.ts';
import type { CardToken } from '../store/finish.ts';
import { findOpenEnrolment } from '../store/operations.ts';
import { UniqueViolation } from '../store/store.ts';
import { findLive, findToken } from '../store/subscriptions.ts';
import { newId } from '../system/randomness.ts';
import { refusal } from './admit.ts';
import type { AnswerText, Bridge, Keyed } from './bridge.ts';
import { cardTriesOrder } from './card-tries.ts';
import { claim, repeated, type Claim, type ClaimedOperation, type Draft } from './claim.ts';
import { conclude, endingOf, refusedEnding, refusedOr, type Learnt } from './conclude.ts';
import { createdBy, subscribeOrder, type Enrolment } from './enrolment.ts';
import { subscriptionEvent } from './event.ts';
import { attemptOf, operationKey } from './key.ts';
import { enrolmentOrder, ownFactsOf } from './own.ts';
import { committedOr, perform } from './perform.ts';
import { subscribeOwn } from './subscribe-own.ts';
import { lostSubscriptionAnswer, subscriptionAnswer, untold } from './subscription-answer.ts';
import { orderOf } from './terms.ts';

type Ask = Keyed<Body<typeof schemas.SubscribeRequest>>;

/** What an enrolment stands on; a part that is missing is what refuses it. */
interface Ground {
  readonly token: CardToken | null;
  readonly plan: Plan | null;
  readonly consent: GivenConsent | null;
  readonly call: StoredCall | null;
}

async function groundOf(bridge: Bridge, ask: Ask): Promise<Ground> {
  const { store, plans } = bridge;
  const { request } = ask;
  const interactionId = request.metadata.ivr_session_id;
  const [token, consent, call] = await Promise.all([
    findToken(store, request.payment_method_token),
    findConsent(store, {
      id: request.consent_id ?? null,
      interactionId,
      planId: request.plan_id,
    }),
    callOf(store, interactionId),
  ]);
  const plan = plans.find((candidate) => candidate.id === request.plan_id) ?? null;
  return { token, plan, consent, call };
}

function refusesRequest(bridge: Bridge, ask: Ask, ground: Ground): ErrorCode | null {
  const { request } = ask;
  const { token, plan, consent } = ground;
  if (!token || !plan) return 'not_found';
  const { interval } = plan;
  const count =
    request.interval_count === undefined ? interval.count : Number(request.interval_count);
  const unit = request.interval_unit ?? interval.unit;
  const consents =
    consent !== null &&
    consent.keyPressed === CONSENT_KEY &&
    consent.interactionId === request.metadata.ivr_session_id &&
    consent.customerId === request.customer_id &&
    consent.planId === plan.id &&
    sameMoney(consent.price, plan.price);
  const agrees = count === interval.count && unit === interval.unit;
  const owned = token.customerId === request.customer_id && token.gateway === bridge.gateway.name;
  return consents && agrees && owned ? null : 'not_allowed';
}

function draftOf(bridge: Bridge, ask: Ask, ground: Ground, refused: ErrorCode | null): Draft {
  const { request } = ask;
  const today = dateIn(bridge.merchant.timeZone, bridge.clock.now());
  const first = ground.consent?.firstChargeDate ?? null;
  const attempt = attemptOf(request.attempt);
  return {
    kind: 'subscribe',
    key: operationKey({
      header: ask.key,
      interactionId: request.metadata.ivr_session_id,
      step: 'subscribe',
      attempt,
      content: ask.bodyHash,
    }),
    bodyHash: ask.bodyHash,
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    interactionId: request.metadata.ivr_session_id,
    customerId: request.customer_id,
    subscriptionId: null,
    consentId: ground.consent?.id ?? null,
    tokenId: request.payment_method_token,
    planId: request.plan_id,
    attempt: attempt ?? 1,
    // The caller heard the disclosure in this language.
    language: ground.consent?.language ?? null,
    order: {
      ...orderOf(ground.plan, refused),
      ...enrolmentOrder(bridge, first, today),
      ...cardTriesOrder(ground.call),
    },
  };
}

/**
 * Creates the subscription: the one step that may move money for the first time.
 *
 * @param linkId of the link whose card it is, where the caller has hung up.
 */
export async function subscribe(
  bridge: Bridge,
  ask: Ask,
  linkId: string | null = null,
): Promise<AnswerText> {
  const deadline = new Deadline(bridge.clock, bridge.limits.deadlineMs);
  const ground = await groundOf(bridge, ask);
  const unfounded = refusesRequest(bridge, ask, ground);
  const draft = draftOf(bridge, ask, ground, unfounded);
  const claimed = await claimEnrolment(bridge, ask, {
    ...draft,
    order: { ...draft.order, ...(linkId === null ? {} : { link_id: linkId }) },
  });
  if (claimed.kind === 'earlier') {
    const { operation } = claimed;
    return repeated(bridge, operation, () => lostSubscriptionAnswer(bridge, operation));
  }
  const { operation, begun } = claimed;
  // Read once the claim stands in the way of every other enrolment: one that ended meanwhile shows.
  const { customer_id: customerId, plan_id: planId } = ask.request;
  const live = await findLive(bridge.store, customerId, planId);
  const refused =
    unfounded ?? (live === null ? await refusal(bridge, begun, operation) : 'not_allowed');
  const { token, plan, consent } = ground;
  const inDoubt = (): AnswerText =>
    subscriptionAnswer(bridge, operation, untold({ kind: 'in_doubt' }), null, 'in_doubt');
  if (refused !== null || !token || !plan || !consent) {
    const errorCode = refused ?? 'not_found';
    const reply = untold({ kind: 'failed', errorCode });
    const answer = subscriptionAnswer(bridge, operation, reply, live, errorCode);
    const ending = { ...refusedEnding('failed', errorCode), answer };
    return refusedOr(() => conclude(bridge, ask.actor, operation, ending), inDoubt);
  }
  const enrolment = { token, plan, consent };
  if (ownFactsOf(operation) !== null) {
    return subscribeOwn(bridge, ask.actor, operation, enrolment, deadline);
  }
  const reply = await perform(bridge, deadline, (signal) =>
    bridge.gateway.subscribe(subscribeOrder(operation, enrolment), signal),
  );
  return committedOr(
    bridge,
    operation.id,
    () => endSubscribe(bridge, ask.actor, operation, enrolment, reply, 'by_call'),
    inDoubt,
  );
}

/** Another enrolment of this customer into this plan that is still open is this one, as far as money goes. */
async function claimEnrolment(bridge: Bridge, ask: Ask, draft: Draft): Promise<Claim> {
  try {
    return await claim(bridge, ask.actor, draft, null);
  } catch (error) {
    if (!(error instanceof UniqueViolation) || error.constraint !== 'operation_enrolment')
      throw error;
    const { customer_id: customerId, plan_id: planId } = ask.request;
    const operation = await findOpenEnrolment(bridge.store, customerId, planId);
    if (operation) return { kind: 'earlier', operation };
    // It has ended between the two statements: this time there is nothing in the way.
    return claim(bridge, ask.actor, draft, null);
  }
}

/** Commits an enrolment's outcome with the subscription and its event. Used by `settle` as well. */
export function endSubscribe(
  bridge: Bridge,
  actor: Ask['actor'],
  operation: ClaimedOperation,
  enrolment: Enrolment,
  reply: GatewayReply<SubscriptionGrant>,
  learnt: Learnt,
): Promise<AnswerText> {
  const ending = endingOf(reply, learnt);
  if (reply.outcome.kind !== 'approved') {
    const answer = subscriptionAnswer(bridge, operation, reply, null, ending.errorCode);
    return conclude(bridge, actor, operation, { ...ending, answer });
  }
  const grant = reply.outcome.value;
  const created = createdBy(bridge, operation, enrolment, grant, newId('sub', bridge.randomness));
  const { gatewayTransactionId } = reply;
  const source = { operation, gatewayTransactionId };
  const event = subscriptionEvent(bridge, 'subscription.created', created, source);
  const answer = subscriptionAnswer(bridge, operation, reply, created, null);
  return conclude(bridge, actor, operation, { ...ending, created, events: [event], answer });
}
