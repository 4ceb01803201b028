import { GATEWAY_KINDS, isFinal, type GatewayKind } from '../payment/operation.ts';
import type { LookUpReply } from '../gateway/gateway.ts';
import { Deadline } from '../resilience/deadline.ts';
import {
  claimSettles,
  dropJob,
  hurryUnanswered,
  postponeJob,
  UNANSWERED,
  type Job,
} from '../store/jobs.ts';
import { findOperation, noteUnderWay, type Operation } from '../store/operations.ts';
import { findSubscription } from '../store/subscriptions.ts';
import type { Bridge } from './bridge.ts';
import { absenceProves, nothingHappened, provedAtMs } from './proof.ts';
import { settleLink } from './settle-link.ts';
import { endChargeByLookUp, endOwn, ownChargeOf } from './settle-own.ts';
import { endByLookUp, endRefused } from './settle-subscription.ts';
import { endTokenise, restoreContext } from './tokenise.ts';

/** A look, then a repeat or a verification, and some air: two processes never look at once. */
const LEASE_LOOKS = 3;
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
  const leaseMs = bridge.limits.lookMsMax * LEASE_LOOKS;
  const jobs = await claimSettles(bridge.store, bridge.clock.now(), leaseMs, CLAIM_LIMIT);
  await Promise.all(jobs.map((job) => settleJob(bridge, job)));
  return jobs.length;
}

/** One that cannot be settled does not keep the others; its lease runs out and it is tried again. */
async function settleJob(bridge: Bridge, job: Job): Promise<void> {
  try {
    await settleOne(bridge, job);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    bridge.log.alarm('settle.failed', { operationId: job.subject, error: name });
  }
}

async function settleOne(bridge: Bridge, job: Job): Promise<void> {
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
  const { gateway, clock, limits } = bridge;
  if (await endRefused(bridge, operation)) return settled(bridge, operation);
  const own = await endOwn(bridge, operation);
  if (own !== null) return own === 'open' ? own : settled(bridge, operation);
  if (operation.gateway !== gateway.name) {
    // That this gateway has nothing of it proves nothing. Only the one that was asked can tell.
    bridge.log.alarm('settle.other_gateway', {
      operationId: operation.id,
      gateway: operation.gateway,
    });
    return 'open';
  }
  if (operation.kind === 'link') {
    const look = await settleLink(bridge, operation);
    return look === 'ended' ? settled(bridge, operation) : look;
  }
  const charge = await ownChargeOf(bridge, operation);
  const subscription =
    operation.subscriptionId === null
      ? null
      : await findSubscription(bridge.store, operation.subscriptionId);
  const lookedAtMs = clock.now();
  const found = await new Deadline(clock, limits.lookMsMax).within((signal) =>
    gateway.lookUp(
      {
        kind: charge === null ? gatewayKind(operation) : 'charge',
        idempotencyKey: operation.id,
        operationId: operation.id,
        customerId: operation.customerId ?? '',
        subscriptionReference: subscription?.gatewayReference ?? null,
        gatewayTransactionId: operation.gatewayTransactionId,
        charge,
      },
      signal,
    ),
  );
  if (found.kind === 'unanswered') return 'unanswered';
  if (found.kind === 'under_way') {
    await noteUnderWay(bridge.store, operation.id, Infinity);
    return 'open';
  }
  const seen = found.kind === 'absent' ? await notFound(bridge, operation) : operation;
  const ended =
    operation.kind === 'tokenise'
      ? await settleTokenise(bridge, seen, found, lookedAtMs)
      : charge === null
        ? await endByLookUp(bridge, seen, found, lookedAtMs)
        : await endChargeByLookUp(bridge, seen, charge, found, lookedAtMs);
  return ended ? settled(bridge, operation) : 'open';
}

/**
 * What was under way and is not found is over, and the gateway's index may not show yet how: its
 * absence becomes proof as long after this look as that takes. What another settler has found under
 * way meanwhile is not absent.
 */
async function notFound({ store, clock }: Bridge, operation: Operation): Promise<Operation> {
  const { id, underWayUntilMs: before } = operation;
  const underWayUntilMs = (await findOperation(store, id))?.underWayUntilMs ?? null;
  if (before !== Infinity || underWayUntilMs !== Infinity) return { ...operation, underWayUntilMs };
  const untilMs = clock.now();
  await noteUnderWay(store, id, untilMs);
  return { ...operation, underWayUntilMs: untilMs };
}

function gatewayKind({ kind }: Operation): GatewayKind {
  const known = GATEWAY_KINDS.find((candidate) => candidate === kind);
  if (!known) throw new Error(`a ${kind} operation has nothing to settle`);
  return known;
}

/** @returns false where it is still open. */
async function settleTokenise(
  bridge: Bridge,
  operation: Operation,
  found: LookUpReply,
  lookedAtMs: number,
): Promise<boolean> {
  // The card is gone: nothing can be sent again, and what cannot be asked stays for a person.
  if (found.kind === 'unable') return false;
  if (found.kind === 'absent' && !absenceProves(bridge, operation, lookedAtMs)) return false;
  const reply = found.kind === 'token' ? found.reply : nothingHappened();
  if (reply.outcome.kind === 'pending' || reply.outcome.kind === 'in_doubt') return false;
  const context = await restoreContext(bridge, operation);
  await endTokenise(bridge, context, reply, bridge.limits.lookMsMax, 'by_look_up');
  return true;
}

/** Reads back what the operation came to; `open` where even its second step is in doubt. */
async function settled(bridge: Bridge, operation: Operation): Promise<Look> {
  const now = await findOperation(bridge.store, operation.id);
  const state = now?.state ?? 'in_doubt';
  if (!isFinal(state)) return 'open';
  bridge.metrics.settled(state);
  return 'ended';
}
