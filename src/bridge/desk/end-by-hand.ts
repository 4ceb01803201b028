import type { ChargeGrant, GatewayReply, SubscriptionGrant } from '../../gateway/gateway.ts';
import { unasked } from '../../gateway/reading.ts';
import { Fault } from '../../payment/fault.ts';
import type { SubscriptionStatus } from '../../payment/subscription.ts';
import { statusAfter } from '../../payment/subscription.ts';
import { Deadline } from '../../resilience/deadline.ts';
import type { Operation } from '../../store/operations.ts';
import type { Proposal } from '../../store/proposals.ts';
import { findScheduled } from '../../store/scheduled.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { endChange, type Change } from '../change.ts';
import { endCharge } from '../charge-end.ts';
import { nothingHappened } from '../proof.ts';
import { ownChargeOf } from '../settle-own.ts';
import { changeOf, enrolmentOf } from '../settle-subscription.ts';
import { endSubscribe } from '../subscribe.ts';
import { endOwnSubscribe } from '../subscribe-own.ts';
import { concludeTokenise, restoreContext, verified } from '../tokenise.ts';

/** What the ledger shows as the gateway's code of an operation that people have ended. */
const BY_HAND = 'by_hand';

/**
 * Commits what was proposed, by the functions by which `settle` commits what it finds. What the gateway
 * can still be asked about is asked first: a proposal that it contradicts ends nothing.
 *
 * @param actor who confirms it.
 * @throws {Fault} `not_resolvable` where the gateway contradicts it.
 */
export async function endByHand(
  bridge: Bridge,
  actor: Actor,
  operation: Operation,
  proposal: Proposal,
): Promise<void> {
  if (operation.kind === 'tokenise') return endToken(bridge, actor, operation, proposal);
  if ((await ownChargeOf(bridge, operation)) !== null) {
    return endOwnCharge(bridge, actor, operation, proposal);
  }
  if (operation.kind === 'subscribe') {
    const { enrolment } = await enrolmentOf(bridge, operation);
    const reply = await enrolmentReply(bridge, operation, proposal);
    await endSubscribe(bridge, actor, operation, enrolment, reply, proposal);
    return;
  }
  const change = await changeOf(bridge, operation);
  const reply = await changeReply(bridge, operation, change, proposal);
  await endChange(bridge, actor, operation, change, reply, proposal);
}

function approved<T>(value: T, gatewayTransactionId: string | null): GatewayReply<T> {
  return { ...unasked({ kind: 'approved', value }, BY_HAND), gatewayTransactionId };
}

function nothing(): GatewayReply<never> {
  return { ...nothingHappened(), rawCode: BY_HAND };
}

/** The gateway's own name for what it has done, without which nothing is approved. */
function referenceOf({ gatewayReference }: Proposal): string {
  if (gatewayReference === null) throw new Error('an approval was proposed without an id');
  return gatewayReference;
}

function contradicted(detail: string): Fault {
  return new Fault('not_resolvable', `${detail} Nothing was ended: refuse the proposal.`);
}

async function endToken(
  bridge: Bridge,
  actor: Actor,
  operation: Operation,
  proposal: Proposal,
): Promise<void> {
  const context = { ...(await restoreContext(bridge, operation)), actor };
  if (proposal.ending === 'failed') {
    await concludeTokenise(bridge, context, nothing(), proposal);
    return;
  }
  const tokenReference = referenceOf(proposal);
  const stored = approved({ tokenReference, networkTransactionId: null }, null);
  // Another gateway than the one that was asked cannot tell.
  const asked = operation.gateway === bridge.gateway.name;
  const reply = asked ? await verified(bridge, operation, stored, bridge.limits.lookMsMax) : stored;
  if (reply.outcome.kind !== 'approved') {
    throw contradicted('The gateway does not say that this card is stored and good.');
  }
  await concludeTokenise(bridge, context, reply, proposal);
}

async function endOwnCharge(
  bridge: Bridge,
  actor: Actor,
  operation: Operation,
  proposal: Proposal,
): Promise<void> {
  const reply = chargeReply(proposal);
  if (operation.kind === 'subscribe') {
    const { enrolment } = await enrolmentOf(bridge, operation);
    await endOwnSubscribe(bridge, actor, operation, enrolment, reply, proposal);
    return;
  }
  const found = await findScheduled(bridge.store, operation.subscriptionId ?? '');
  if (!found) throw new Error('a charge in doubt has lost its subscription');
  await endCharge(bridge, actor, operation, found, reply, proposal);
}

function chargeReply(proposal: Proposal): GatewayReply<ChargeGrant> {
  if (proposal.ending === 'failed') return nothing();
  const chargeReference = referenceOf(proposal);
  return approved({ chargeReference, networkTransactionId: null }, chargeReference);
}

/** A subscription as the gateway has it; `null` where it cannot be asked now. */
async function readAt(
  bridge: Bridge,
  operation: Operation,
  reference: string,
): Promise<SubscriptionGrant | null> {
  const { gateway, clock, limits } = bridge;
  if (operation.gateway !== gateway.name) return null;
  const deadline = new Deadline(clock, limits.lookMsMax);
  const reply = await deadline.within((signal) => gateway.read(reference, signal));
  if (reply.statusCode === 404) throw contradicted('The gateway knows nothing by this id.');
  return reply.outcome.kind === 'approved' ? reply.outcome.value : null;
}

async function enrolmentReply(
  bridge: Bridge,
  operation: Operation,
  proposal: Proposal,
): Promise<GatewayReply<SubscriptionGrant>> {
  if (proposal.ending === 'failed') return nothing();
  const subscriptionReference = referenceOf(proposal);
  const read = await readAt(bridge, operation, subscriptionReference);
  // A date that nobody knows is not told; the next look at the gateway brings it.
  const grant = read ?? { status: 'active' as const, nextChargeDate: null };
  return approved({ ...grant, subscriptionReference }, operation.gatewayTransactionId);
}

/** What a subscription is once the change is made; `null` where its status does not tell. */
function statusOf({ verb, subscription }: Change): SubscriptionStatus | null {
  if (verb === 'change_plan' || verb === 'change_card') return null;
  return statusAfter(verb, subscription.status);
}

async function changeReply(
  bridge: Bridge,
  operation: Operation,
  change: Change,
  proposal: Proposal,
): Promise<GatewayReply<SubscriptionGrant>> {
  const { subscription } = change;
  const read = await readAt(bridge, operation, subscription.gatewayReference);
  const wanted = statusOf(change);
  if (read !== null && wanted !== null) {
    const made = read.status === wanted;
    if (made !== (proposal.ending === 'approved')) {
      throw contradicted(`The gateway says that the subscription is ${read.status}.`);
    }
  }
  if (proposal.ending === 'failed') return nothing();
  const { gatewayReference: subscriptionReference, nextChargeDate } = subscription;
  const status = wanted ?? statusAfter(change.verb, subscription.status);
  const grant = read ?? { subscriptionReference, status, nextChargeDate };
  return approved(grant, referenceOf(proposal));
}
