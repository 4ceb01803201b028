import type { LedgerEntry } from '../payment/ledger.ts';
import type { NewOperation } from '../store/operations.ts';
import type { Confirmation, NewProposal } from '../store/proposals.ts';
import type { Actor, Bridge } from './bridge.ts';
import { ledgerEntry } from './entry.ts';

/** What becomes of a proposal, as the ledger names it. */
export type ProposalAct = 'made' | 'confirmed' | 'refused' | 'withdrawn';

/** What the ledger keeps of a proposal: the proof on which an operation in doubt was ended by hand. */
export function proposalFacts(proposal: NewProposal): Readonly<Record<string, string>> {
  const { ending, gatewayReference, reason, evidence, proposedBy, id } = proposal;
  return {
    proposal_id: id,
    ending,
    reason,
    evidence,
    proposed_by: proposedBy,
    ...(gatewayReference !== null && { gateway_reference: gatewayReference }),
  };
}

/** @param why for one that was refused. */
export function proposalEntry(
  bridge: Bridge,
  actor: Actor,
  operation: NewOperation,
  proposal: NewProposal,
  act: ProposalAct,
  why: string | null = null,
): LedgerEntry {
  return ledgerEntry(bridge, actor, {
    action: `proposal.${act}`,
    result: 'success',
    resource: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    subscriptionId: operation.subscriptionId,
    detail: { ...proposalFacts(proposal), ...(why !== null && { refused_because: why }) },
  });
}

/** The confirmation that ends an operation: whoever ends it is the second person. */
export function confirmationOf(
  bridge: Bridge,
  actor: Actor,
  operation: NewOperation,
  proposal: NewProposal,
): Confirmation {
  const entry = proposalEntry(bridge, actor, operation, proposal, 'confirmed');
  return { proposalId: proposal.id, answeredBy: actor.clientId, entry };
}
