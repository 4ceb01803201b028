import type { GatewayReply, LookUpReply, SubscriptionGrant } from '../gateway/gateway.ts';
import { isFinal } from '../payment/operation.ts';
import { SUBSCRIPTION_VERBS } from '../payment/subscription.ts';
import { Deadline } from '../resilience/deadline.ts';
import { findConsent } from '../store/consents.ts';
import {
  claimSettles,
  dropJob,
  hurryUnanswered,
  postponeJob,
  UNANSWERED,
  type Job,
} from '../store/jobs.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { findSubscription, findToken } from '../store/subscriptions.ts';
import type { Bridge } from './bridge.ts';
import { changeOrder, endChange, type Change } from './change.ts';
import { SYSTEM_ACTOR } from './entry.ts';
import { endSubscribe, subscribeOrder, type Enrolment } from './subscribe.ts';
import { endTokenise, restoreContext } from './tokenise.ts';

/** A look may take this long; the caller who waits is polling meanwhile. */
const LOOK_BUDGET_MS = 10_000;
/** Longer than a look can take, so that two processes never look at once. */
const LEASE_MS = 30_000;
/** A gateway that did not answer at all has told us nothing: ask again soon, it may be back. */
const UNANSWERED_DELAY_MS = 15_000;
const CLAIM_LIMIT = 16;

/** What a look led to. */
type Look = 'ended' | 'open' | 'unanswered';

/**
 * Asks the gateway again about every operation whose time has come: those in doubt, those it called
 * pending, and those whose process died (design §6.5). Looks come 2, 5, 15 and then every 60 s; one
 * that got no answer at all does not count and is repeated after 15 s at the most.
 *
 * @returns how many operations were looked at.
 */
export async function settleDue(bridge: Bridge): Promise<number> {
  const jobs = await claimSettles(bridge.store, bridge.clock.now(), LEASE_MS, CLAIM_LIMIT);
  await Promise.all(jobs.map((job) => settleJob(bridge, job)));
  return jobs.length;
}

async function settleJob(bridge: Bridge, job: Job): Promise<void> {
  const { store, limits, clock } = bridge;
  const operation = await findOperation(store, job.subject);
  if (!operation || isFinal(operation.state)) return dropJob(store, job);
  const look = await lookAt(bridge, operation);
  if (look === 'ended') {
    // One that ended shows that the gateway answers: the others need not wait for their turn.
    return hurryUnanswered(store, clock.now());
  }
  const { settleDelaysMs } = limits;
  const last = settleDelaysMs.at(-1) ?? UNANSWERED_DELAY_MS;
  const nowMs = clock.now();
  if (look === 'unanswered') {
    const delayMs = Math.min(settleDelaysMs[job.step] ?? last, UNANSWERED_DELAY_MS);
    return postponeJob(store, job, nowMs + delayMs, job.step, UNANSWERED);
  }
  const step = job.step + 1;
  const nextMs = nowMs + (settleDelaysMs[step] ?? last);
  const proofMs = provedAtMs(bridge, operation);
  // Once absence is proof there is something to be learnt at once.
  const dueMs = proofMs > nowMs ? Math.min(nextMs, proofMs) : nextMs;
  await postponeJob(store, job, dueMs, step, look);
}

async function lookAt(bridge: Bridge, operation: Operation): Promise<Look> {
  const { gateway, clock } = bridge;
  const subscription =
    operation.subscriptionId === null
      ? null
      : await findSubscription(bridge.store, operation.subscriptionId);
  const found = await new Deadline(clock, LOOK_BUDGET_MS).within((signal) =>
    gateway.lookUp(
      {
        kind: tokenOrSubscription(operation),
        idempotencyKey: operation.id,
        operationId: operation.id,
        customerId: operation.customerId ?? '',
        subscriptionReference: subscription?.gatewayReference ?? null,
      },
      signal,
    ),
  );
  if (found.kind === 'unanswered') return 'unanswered';
  if (operation.kind === 'tokenise') return settleTokenise(bridge, operation, found);
  return settleSubscription(bridge, operation, found);
}

function tokenOrSubscription(operation: Operation): 'tokenise' | 'subscribe' | Change['verb'] {
  if (operation.kind === 'tokenise' || operation.kind === 'subscribe') return operation.kind;
  const verb = SUBSCRIPTION_VERBS.find((candidate) => candidate === operation.kind);
  if (!verb) throw new Error(`a ${operation.kind} operation has nothing to settle`);
  return verb;
}

/**
 * When finding nothing becomes proof: no request of ours can be on its way any more, and the
 * gateway's own index has caught up. An enrolment may have been sent again while the caller waited.
 */
function provedAtMs(bridge: Bridge, operation: Operation): number {
  const { limits, gateway } = bridge;
  const { startedAtMs, finishedAtMs } = operation;
  const lastSentMs =
    operation.kind === 'tokenise'
      ? Math.min(finishedAtMs ?? Infinity, startedAtMs + limits.deadlineMs)
      : startedAtMs + Math.max(limits.deadlineMs, limits.waitMsMax + LOOK_BUDGET_MS);
  return lastSentMs + gateway.capabilities.absenceIsProofAfterMs;
}

function absenceProves(bridge: Bridge, operation: Operation): boolean {
  return bridge.clock.now() >= provedAtMs(bridge, operation);
}

/** Nothing happened, and that is certain. */
function nothingHappened<T>(): GatewayReply<T> {
  return {
    outcome: { kind: 'failed', errorCode: 'gateway_timeout' },
    again: { kind: 'never' },
    latencyMs: 0,
    healthy: true,
    statusCode: null,
    rawCode: 'absent',
    gatewayTransactionId: null,
  };
}

async function settleTokenise(
  bridge: Bridge,
  operation: Operation,
  found: LookUpReply,
): Promise<Look> {
  if (found.kind === 'absent' && !absenceProves(bridge, operation)) return 'open';
  const reply = found.kind === 'token' ? found.reply : nothingHappened<never>();
  if (reply.outcome.kind === 'pending' || reply.outcome.kind === 'in_doubt') return 'open';
  const context = await restoreContext(bridge, operation);
  await endTokenise(bridge, context, reply, LOOK_BUDGET_MS, 'by_look_up');
  return settled(bridge, operation);
}

/** Reads back what the operation came to; `open` where even its second step is in doubt. */
async function settled(bridge: Bridge, operation: Operation): Promise<Look> {
  const now = await findOperation(bridge.store, operation.id);
  const state = now?.state ?? 'in_doubt';
  if (!isFinal(state)) return 'open';
  bridge.metrics.settled(state);
  return 'ended';
}

async function settleSubscription(
  bridge: Bridge,
  operation: Operation,
  found: LookUpReply,
): Promise<Look> {
  const end = await enderOf(bridge, operation);
  const reply = await replyFor(bridge, operation, found, end.repeat);
  if (reply === null || reply.outcome.kind === 'pending' || reply.outcome.kind === 'in_doubt') {
    return 'open';
  }
  await end.commit(reply);
  return settled(bridge, operation);
}

/**
 * What to go by. An operation that the gateway does not know is sent again under its own key while
 * the caller may still be waiting (what was consented to runs to its end, design §6.12); a change to
 * a subscription always, because a requested cancel has to end cancelled. An enrolment that is older
 * has come to nothing once its absence is proof.
 */
async function replyFor(
  bridge: Bridge,
  operation: Operation,
  found: LookUpReply,
  repeat: ((signal: AbortSignal) => Promise<GatewayReply<SubscriptionGrant>>) | null,
): Promise<GatewayReply<SubscriptionGrant> | null> {
  if (found.kind === 'subscription') return found.reply;
  if (found.kind !== 'absent') return null;
  const ageMs = bridge.clock.now() - operation.startedAtMs;
  const runsOn = operation.kind !== 'subscribe' || ageMs < bridge.limits.waitMsMax;
  if (repeat && runsOn && ageMs < bridge.gateway.capabilities.keyRetentionMs) {
    return new Deadline(bridge.clock, LOOK_BUDGET_MS).within(repeat);
  }
  return absenceProves(bridge, operation) ? nothingHappened() : null;
}

interface Ender {
  /** Sends it once more, under the same key; `null` where what it needs is gone. */
  readonly repeat: ((signal: AbortSignal) => Promise<GatewayReply<SubscriptionGrant>>) | null;
  readonly commit: (reply: GatewayReply<SubscriptionGrant>) => Promise<unknown>;
}

async function enderOf(bridge: Bridge, operation: Operation): Promise<Ender> {
  const { gateway } = bridge;
  if (operation.kind === 'subscribe') {
    const enrolment = await enrolmentOf(bridge, operation);
    return {
      repeat: (signal) => gateway.subscribe(subscribeOrder(operation, enrolment), signal),
      commit: (reply) =>
        endSubscribe(bridge, SYSTEM_ACTOR, operation, enrolment, reply, 'by_look_up'),
    };
  }
  const change = await changeOf(bridge, operation);
  return {
    repeat: (signal) => gateway.change(changeOrder(operation, change), signal),
    commit: (reply) => endChange(bridge, SYSTEM_ACTOR, operation, change, reply, 'by_look_up'),
  };
}

async function enrolmentOf(bridge: Bridge, operation: Operation): Promise<Enrolment> {
  const { store, plans } = bridge;
  const planId = operation.planId ?? '';
  const { interactionId, consentId } = operation;
  const [token, consent] = await Promise.all([
    findToken(store, operation.tokenId ?? ''),
    findConsent(store, { id: consentId, interactionId, planId }),
  ]);
  const plan = plans.find((candidate) => candidate.id === planId);
  if (!token || !plan || !consent) {
    throw new Error('an enrolment in doubt has lost its token, plan or consent');
  }
  return { token, plan, consent };
}

async function changeOf(bridge: Bridge, operation: Operation): Promise<Change> {
  const { store, plans } = bridge;
  const subscription = await findSubscription(store, operation.subscriptionId ?? '');
  if (!subscription) throw new Error('a change in doubt has lost its subscription');
  const verb = tokenOrSubscription(operation);
  if (verb === 'tokenise' || verb === 'subscribe') throw new Error('this is no change');
  const token = verb === 'change_card' ? await findToken(store, operation.tokenId ?? '') : null;
  const plan =
    verb === 'change_plan'
      ? (plans.find((candidate) => candidate.id === operation.planId) ?? null)
      : null;
  return { verb, subscription, plan, token };
}
