import type {
  ConfirmationOrder,
  ProposalOrder,
  RefusalOrder,
} from '../../contract/console-operations.ts';
import { Fault } from '../../payment/fault.ts';
import { GATEWAY_KINDS, isFinal } from '../../payment/operation.ts';
import { appendEntry } from '../../store/ledger.ts';
import { findOperation, type Operation } from '../../store/operations.ts';
import {
  addProposal,
  findProposal,
  turnDownProposal,
  type NewProposal,
  type Proposal,
} from '../../store/proposals.ts';
import { UniqueViolation } from '../../store/store.ts';
import { findByGatewayReference } from '../../store/subscriptions.ts';
import { newId } from '../../system/randomness.ts';
import type { Actor, Bridge } from '../bridge.ts';
import { CRASH_GRACE_MS } from '../claim.ts';
import { ledgerEntry } from '../entry.ts';
import { ownFactsOf } from '../own.ts';
import { arrivedByMs } from '../proof.ts';
import { proposalEntry } from '../proposal-entry.ts';
import { refusedBefore } from '../terms.ts';
import { endByHand } from './end-by-hand.ts';

/**
 * Resolving by hand: one person proposes how an operation in doubt has ended and says what was looked
 * at, another one confirms it, and only then it is committed, as `settle` would commit it. What they
 * say is the proof, and stands in the ledger with both names.
 */

/** How long a proposal waits for its second person: what was looked at grows old. */
const PROPOSAL_MS = 24 * 3_600_000;

const OTHER_ID = 'The id belongs to another subscription. Look it up at the gateway once more.';

const QUICKER = 'Somebody or something was quicker: look at how it has ended.';

function refused(detail: string): Fault {
  return new Fault('not_resolvable', detail);
}

/** Why an operation cannot be resolved by hand now, in a sentence; `null` where it can. */
export function unresolvable(bridge: Bridge, operation: Operation): string | null {
  const { state, startedAtMs, kind } = operation;
  if (isFinal(state)) return 'The operation has ended.';
  if (state === 'pending') return 'The gateway has it and will tell us itself.';
  const lostAtMs = startedAtMs + bridge.limits.deadlineMs + CRASH_GRACE_MS;
  if (state === 'started' && bridge.clock.now() < lostAtMs) return 'It is being carried out.';
  const asksGateway = GATEWAY_KINDS.some((known) => known === kind);
  if (!asksGateway || ownFactsOf(operation)?.use === 'none' || refusedBefore(operation) !== null) {
    return 'It ends by itself: there is nothing that people know better.';
  }
  return null;
}

async function operationOf(bridge: Bridge, id: string): Promise<Operation> {
  const operation = await findOperation(bridge.store, id);
  if (!operation) throw new Fault('unknown_resource', 'There is no such operation.');
  return operation;
}

/**
 * Proposes how an operation in doubt has ended.
 *
 * @throws {Fault} `not_resolvable` where it is not in doubt, where a request of ours may still take
 *   effect, so that nothing proves that it failed, or where another proposal waits.
 */
export async function propose(bridge: Bridge, actor: Actor, order: ProposalOrder): Promise<void> {
  const { store, clock, randomness } = bridge;
  const operation = await operationOf(bridge, order.operation_id);
  const reason = unresolvable(bridge, operation);
  if (reason !== null) throw refused(reason);
  const nowMs = clock.now();
  const proofMs = arrivedByMs(bridge, operation);
  if (order.ending === 'failed' && nowMs < proofMs) {
    const until = new Date(proofMs).toISOString();
    throw refused(`Until ${until} it may still take effect; look again after that.`);
  }
  const reference = order.gateway_reference?.trim() ?? '';
  if (order.ending === 'approved') await assertFree(bridge, operation, reference);
  const proposal: NewProposal = {
    id: newId('pro', randomness),
    operationId: operation.id,
    ending: order.ending,
    gatewayReference: order.ending === 'approved' ? reference : null,
    reason: order.reason.trim(),
    evidence: order.evidence.trim(),
    proposedBy: actor.clientId,
    proposedAtMs: nowMs,
    expiresAtMs: nowMs + PROPOSAL_MS,
  };
  const entry = proposalEntry(bridge, actor, operation, proposal, 'made');
  if (!(await addProposal(store, proposal, entry))) {
    throw refused('It has ended meanwhile, or another proposal waits for its answer.');
  }
  bridge.log.alarm('proposal.made', { operationId: operation.id, clientId: actor.clientId });
}

async function assertFree(bridge: Bridge, operation: Operation, reference: string): Promise<void> {
  if (reference === '') throw refused('Say by which id the gateway knows it.');
  if (operation.kind !== 'subscribe') return;
  const taken = await findByGatewayReference(bridge.store, operation.gateway, reference);
  if (taken !== null) throw refused(OTHER_ID);
}

/** Why a proposal cannot be answered any more, in a sentence; `null` where it can. */
export function fallenAway(
  bridge: Bridge,
  operation: Operation,
  proposal: Proposal,
): string | null {
  if (proposal.state !== 'open') return 'The proposal has been answered.';
  if (isFinal(operation.state) || operation.state === 'pending') {
    return 'The truth was found meanwhile, and the proposal has fallen away.';
  }
  if (bridge.clock.now() >= proposal.expiresAtMs) {
    return 'The proposal is older than a day. Look at the gateway again and propose it anew.';
  }
  return null;
}

/**
 * True where what was looked at is no proof any more that nothing has happened: it can be refused, and
 * not be confirmed. What has happened, has: its key makes it once.
 */
export function sentSince({ sentAgainAtMs }: Operation, proposal: Proposal): boolean {
  const { ending, proposedAtMs } = proposal;
  return ending === 'failed' && sentAgainAtMs !== null && sentAgainAtMs >= proposedAtMs;
}

interface Asked {
  readonly operation: Operation;
  readonly proposal: Proposal;
}

/** @throws {Fault} where the proposal cannot be answered. */
async function answerable(bridge: Bridge, order: ConfirmationOrder): Promise<Asked> {
  const operation = await operationOf(bridge, order.operation_id);
  const proposal = await findProposal(bridge.store, operation.id);
  if (proposal?.id !== order.proposal_id) {
    throw new Fault('unknown_resource', 'There is no such proposal; another one took its place.');
  }
  const fallen = fallenAway(bridge, operation, proposal);
  if (fallen !== null) throw refused(fallen);
  return { operation, proposal };
}

/**
 * Carries out what another person has proposed.
 *
 * @throws {Fault} `second_person_needed`; `not_resolvable` where the operation has ended meanwhile,
 *   somebody has answered the proposal, its day is over, or the gateway contradicts it.
 */
export async function confirm(
  bridge: Bridge,
  actor: Actor,
  order: ConfirmationOrder,
): Promise<void> {
  const { operation, proposal } = await answerable(bridge, order);
  if (proposal.proposedBy === actor.clientId) {
    await noteOwn(bridge, actor, operation, proposal);
    throw new Fault('second_person_needed', 'You have proposed it: another person has to confirm.');
  }
  if (sentSince(operation, proposal)) {
    throw refused('It was sent again since, so what was looked at is no proof: refuse it.');
  }
  try {
    await endByHand(bridge, actor, operation, proposal);
  } catch (error) {
    if (error instanceof UniqueViolation) throw refused(OTHER_ID);
    throw error;
  }
  const now = await findProposal(bridge.store, operation.id);
  const carriedOut = now?.id === proposal.id && now.state === 'confirmed';
  if (!carriedOut || now.answeredBy !== actor.clientId) throw refused(QUICKER);
  bridge.metrics.settled(proposal.ending);
  bridge.log.alarm('proposal.confirmed', { operationId: operation.id, clientId: actor.clientId });
}

/** That somebody wanted to be the second person as well is an entry (PCI DSS 10.2.1.4). */
async function noteOwn(
  bridge: Bridge,
  actor: Actor,
  operation: Operation,
  proposal: Proposal,
): Promise<void> {
  const entry = ledgerEntry(bridge, actor, {
    action: 'proposal.own_refused',
    result: 'failure',
    resource: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    subscriptionId: operation.subscriptionId,
    detail: { proposal_id: proposal.id },
  });
  await appendEntry(bridge.store, entry);
}

/** Turns a proposal down; whoever has made it takes it back. The operation stays as it is. */
export async function refuse(bridge: Bridge, actor: Actor, order: RefusalOrder): Promise<void> {
  const { operation, proposal } = await answerable(bridge, order);
  const state = proposal.proposedBy === actor.clientId ? 'withdrawn' : 'refused';
  const reason = order.reason.trim();
  const entry = proposalEntry(bridge, actor, operation, proposal, state, reason);
  const answer = { state, by: actor.clientId, atMs: bridge.clock.now() } as const;
  if (!(await turnDownProposal(bridge.store, proposal.id, answer, entry))) throw refused(QUICKER);
}
