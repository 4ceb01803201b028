import type { GatewayReply, LookUpReply, SubscriptionGrant } from '../gateway/gateway.ts';
import { isRefused } from '../gateway/reading.ts';
import { mayApply, SUBSCRIPTION_VERBS } from '../payment/subscription.ts';
import { Deadline } from '../resilience/deadline.ts';
import { findConsent } from '../store/consents.ts';
import { noteSentAgain, type Operation } from '../store/operations.ts';
import {
  findLive,
  findSubscription,
  findToken,
  holderOf,
  takeTurn,
} from '../store/subscriptions.ts';
import { readSwitch } from '../store/switch.ts';
import type { Bridge } from './bridge.ts';
import { changeOrder, endChange, type Change } from './change.ts';
import { alarmRejected, conclude, refusedEnding } from './conclude.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { absenceProves, nothingHappened } from './proof.ts';
import { subscribeOrder, type Enrolment } from './enrolment.ts';
import { endSubscribe } from './subscribe.ts';
import { subscriptionAnswer, untold } from './subscription-answer.ts';
import { refusedBefore, termsOf } from './terms.ts';

/** How an operation can come to its end. */
export interface Ender<T> {
  /** Sends it once more, under the same key; `null` where it may not be sent. */
  readonly repeat: ((signal: AbortSignal) => Promise<GatewayReply<T>>) | null;
  readonly commit: (reply: GatewayReply<T>) => Promise<unknown>;
  /** True where it is another operation's turn: it is sent when that one has ended. */
  readonly waits?: boolean;
}

/** Ends an operation that was refused while its process died: it has never been sent. */
export async function endRefused(bridge: Bridge, operation: Operation): Promise<boolean> {
  const refused = refusedBefore(operation);
  if (refused === null) return false;
  const { subscriptionId } = operation;
  const subscription =
    subscriptionId === null ? null : await findSubscription(bridge.store, subscriptionId);
  const reply = untold({ kind: 'failed', errorCode: refused });
  const answer = subscriptionAnswer(bridge, operation, reply, subscription, refused);
  const ending = { ...refusedEnding('failed', refused), answer };
  await conclude(bridge, SYSTEM_ACTOR, operation, ending);
  return true;
}

/**
 * Ends an enrolment or a change by what a look-up found, where that is enough.
 *
 * @returns false where it is still open.
 */
export async function endByLookUp(
  bridge: Bridge,
  operation: Operation,
  found: LookUpReply,
  lookedAtMs: number,
): Promise<boolean> {
  const seen = found.kind === 'subscription' ? found.reply : found.kind;
  return endSeen(bridge, operation, { seen, lookedAtMs }, await enderOf(bridge, operation));
}

/** What a look-up has seen, and when it began. */
export interface Sight<T> {
  /** A reply, or a word for why there is none. */
  readonly seen: GatewayReply<T> | LookUpReply['kind'];
  readonly lookedAtMs: number;
}

/** @returns false where the operation is still open. */
export async function endSeen<T>(
  bridge: Bridge,
  operation: Operation,
  sight: Sight<T>,
  ender: Ender<T>,
): Promise<boolean> {
  const reply = await replyFor(bridge, operation, sight, ender);
  if (reply === null || reply.outcome.kind === 'pending' || reply.outcome.kind === 'in_doubt') {
    return false;
  }
  await ender.commit(reply);
  return true;
}

/**
 * What to go by. An operation that the gateway does not know is sent again under its own key while
 * the caller may still be waiting (what was consented to runs to its end, design §6.12); a change to
 * a subscription always, because a requested cancel has to end cancelled. An enrolment that is older
 * has come to nothing once its absence is proof.
 */
async function replyFor<T>(
  bridge: Bridge,
  operation: Operation,
  { seen, lookedAtMs }: Sight<T>,
  { repeat, waits }: Ender<T>,
): Promise<GatewayReply<T> | null> {
  if (typeof seen === 'object') return seen;
  if (seen !== 'absent' && seen !== 'unable') return null;
  const proved = absenceProves(bridge, operation, lookedAtMs);
  if (waits === true) return null;
  if (repeat === null) return proved && seen === 'absent' ? nothingHappened() : null;
  const { store, clock } = bridge;
  // Begins before the note: who stood still behind it must not send when its proof has run out.
  const deadline = new Deadline(clock, bridge.limits.lookMsMax);
  const { id, sentAgainAtMs } = operation;
  const sentAtMs = clock.now();
  if (!(await noteSentAgain(store, id, sentAgainAtMs, sentAtMs)) || deadline.over()) return null;
  const reply = await deadline.within(repeat);
  if (reply.outcome.kind !== 'failed') return reply;
  const { errorCode } = reply.outcome;
  if (errorCode === 'gateway_rejected') alarmRejected(bridge, operation, reply.rawCode);
  // It is certain that this one is not on its way, so the proof need not wait for it.
  await noteSentAgain(store, id, sentAtMs, sentAgainAtMs);
  // That this one came to nothing says nothing about the first one, as long as it may be on its way;
  // and a gateway that only asks for patience has not refused.
  return proved && isRefused(reply) ? reply : null;
}

function enderOf(bridge: Bridge, operation: Operation): Promise<Ender<SubscriptionGrant>> {
  return operation.kind === 'subscribe'
    ? enrolmentEnder(bridge, operation)
    : changeEnder(bridge, operation);
}

async function enrolmentEnder(
  bridge: Bridge,
  operation: Operation,
): Promise<Ender<SubscriptionGrant>> {
  const { enrolment, mayRepeat } = await enrolmentOf(bridge, operation);
  return {
    repeat: mayRepeat
      ? (signal) => bridge.gateway.subscribe(subscribeOrder(operation, enrolment), signal)
      : null,
    commit: (reply) =>
      endSubscribe(bridge, SYSTEM_ACTOR, operation, enrolment, reply, 'by_look_up'),
  };
}

/** What an enrolment stands on, and whether it may be sent once more. */
export async function enrolmentOf(
  bridge: Bridge,
  operation: Operation,
): Promise<{ readonly enrolment: Enrolment; readonly mayRepeat: boolean }> {
  const { store, gateway, limits, clock } = bridge;
  const { interactionId, consentId, customerId } = operation;
  const plan = termsOf(operation);
  const [token, consent, live] = await Promise.all([
    findToken(store, operation.tokenId ?? ''),
    consentId === null
      ? null
      : findConsent(store, { id: consentId, interactionId, planId: plan?.id ?? '' }),
    findLive(store, customerId ?? '', plan?.id ?? ''),
  ]);
  if (!token || !plan || !consent) {
    throw new Error('an enrolment in doubt has lost its token, terms or consent');
  }
  const mayRepeat =
    consent.usedBy === operation.id &&
    live === null &&
    // Without its key a second one could be a second subscription.
    clock.now() - operation.startedAtMs <
      Math.min(limits.waitMsMax, gateway.capabilities.keyRetentionMs) &&
    (await mayBeSent(bridge));
  return { enrolment: { token, plan, consent }, mayRepeat };
}

/** What an operator has switched off is not sent again; looking it up goes on. */
export async function mayBeSent(bridge: Bridge): Promise<boolean> {
  return (await readSwitch(bridge.store)).state === 'on';
}

async function changeEnder(
  bridge: Bridge,
  operation: Operation,
): Promise<Ender<SubscriptionGrant>> {
  const { store, gateway, clock } = bridge;
  const { interactionId, consentId } = operation;
  const change = await changeOf(bridge, operation);
  const plan = change.plan;
  const [holder, consent] = await Promise.all([
    holderOf(store, change.subscription.id),
    consentId === null || plan === null
      ? null
      : findConsent(store, { id: consentId, interactionId, planId: plan.id }),
  ]);
  // Who cancels is cancelled: one whose refusal was lost takes its turn when the other has ended, and
  // the switch is for payments.
  const cancels = change.verb === 'cancel';
  const takes = cancels && holder === null && mayApply(change.verb, change.subscription.status);
  const held = takes ? await takeTurn(store, change.subscription.id, operation.id) : holder;
  const holds = held === operation.id && (plan === null || consent?.usedBy === operation.id);
  // A cancellation that is made twice is made once, with or without its key.
  const isKept = clock.now() - operation.startedAtMs < gateway.capabilities.keyRetentionMs;
  const mayRepeat =
    holds &&
    mayApply(change.verb, change.subscription.status) &&
    (cancels || (isKept && (await mayBeSent(bridge))));
  return {
    waits: cancels && held !== null && held !== operation.id,
    repeat: mayRepeat ? (signal) => gateway.change(changeOrder(operation, change), signal) : null,
    commit: (reply) => endChange(bridge, SYSTEM_ACTOR, operation, change, reply, 'by_look_up'),
  };
}

/** What a change in doubt was about. */
export async function changeOf(bridge: Bridge, operation: Operation): Promise<Change> {
  const { store } = bridge;
  const verb = SUBSCRIPTION_VERBS.find((candidate) => candidate === operation.kind);
  if (!verb) throw new Error(`a ${operation.kind} operation is no change`);
  const subscription = await findSubscription(store, operation.subscriptionId ?? '');
  if (!subscription) throw new Error('a change in doubt has lost its subscription');
  const token = verb === 'change_card' ? await findToken(store, operation.tokenId ?? '') : null;
  return { verb, subscription, plan: termsOf(operation), token };
}
