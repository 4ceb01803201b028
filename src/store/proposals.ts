import type { LedgerEntry } from '../payment/ledger.ts';
import { appendEntries } from './ledger.ts';
import { firstRow, Row } from './row.ts';
import { moment, rendered, sql, type Piece } from './sql.ts';
import type { Sql } from './store.ts';

/** The ends that somebody may propose: that it happened, or that nothing has. */
export const PROPOSED_ENDINGS = ['approved', 'failed'] as const;
export type ProposedEnding = (typeof PROPOSED_ENDINGS)[number];

/** `open` until somebody answers it, also when its time is over or the operation has ended by itself. */
export const PROPOSAL_STATES = ['open', 'confirmed', 'refused', 'withdrawn'] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** How somebody says that an operation in doubt has ended. */
export interface NewProposal {
  readonly id: string;
  readonly operationId: string;
  readonly ending: ProposedEnding;
  /** The gateway's own name for what it has done; `null` where nothing has happened. */
  readonly gatewayReference: string | null;
  readonly reason: string;
  /** What was looked at. */
  readonly evidence: string;
  /** `staff:` and a person. */
  readonly proposedBy: string;
  readonly proposedAtMs: number;
  /** From then on it cannot be confirmed. */
  readonly expiresAtMs: number;
}

export interface Proposal extends NewProposal {
  readonly state: ProposalState;
  /** `null` while it is open. */
  readonly answeredBy: string | null;
  readonly answeredAtMs: number | null;
}

/** What the statement that ends an operation has to know of the proposal that it carries out. */
export interface Confirmation {
  readonly proposalId: string;
  readonly answeredBy: string;
  readonly entry: LedgerEntry;
}

function proposalOf(row: Row): Proposal {
  return {
    id: row.text('id'),
    operationId: row.text('operation_id'),
    ending: row.word('ending', PROPOSED_ENDINGS),
    gatewayReference: row.textOrNull('gateway_reference'),
    reason: row.text('reason'),
    evidence: row.text('evidence'),
    proposedBy: row.text('proposed_by'),
    proposedAtMs: row.number('proposed_at'),
    expiresAtMs: row.number('expires_at'),
    state: row.word('state', PROPOSAL_STATES),
    answeredBy: row.textOrNull('answered_by'),
    answeredAtMs: row.numberOrNull('answered_at'),
  };
}

/** The last proposal for an operation, or `null`. */
export async function findProposal(store: Sql, operationId: string): Promise<Proposal | null> {
  const rows = await store.query('select * from proposal where operation_id = $1', [operationId]);
  const row = firstRow(rows);
  return row && proposalOf(row);
}

/** The last proposals for operations. */
export async function readProposals(
  store: Sql,
  operationIds: readonly string[],
): Promise<readonly Proposal[]> {
  const rows = await store.query('select * from proposal where operation_id = any($1::text[])', [
    operationIds,
  ]);
  return rows.map((raw) => proposalOf(new Row(raw)));
}

/**
 * Keeps a proposal for an operation that is open, with its entry, in one statement. One that was
 * answered, or whose time is over, makes room.
 *
 * @returns false where another one waits for its answer, or the operation has ended.
 */
export async function addProposal(
  store: Sql,
  p: NewProposal,
  entry: LedgerEntry,
): Promise<boolean> {
  const { text, values } = rendered(sql`with op as (
      insert into proposal (operation_id, id, ending, gateway_reference, reason, evidence,
        proposed_by, proposed_at, expires_at, state)
      select o.id, ${p.id}, ${p.ending}, ${p.gatewayReference}, ${p.reason}, ${p.evidence},
        ${p.proposedBy}, ${moment(p.proposedAtMs)}::timestamptz,
        ${moment(p.expiresAtMs)}::timestamptz, 'open'
      from operation o where o.id = ${p.operationId} and o.state in ('started','in_doubt')
      on conflict (operation_id) do update set id = excluded.id, ending = excluded.ending,
        gateway_reference = excluded.gateway_reference, reason = excluded.reason,
        evidence = excluded.evidence, proposed_by = excluded.proposed_by,
        proposed_at = excluded.proposed_at, expires_at = excluded.expires_at,
        state = excluded.state, answered_by = null, answered_at = null
      where proposal.state <> 'open' or proposal.expires_at <= excluded.proposed_at
      returning id
    ), ${appendEntries([entry], 'op')} select id from op`);
  return (await store.query(text, values)).length === 1;
}

/** Turns a proposal down. @returns false where it was answered before, or its time is over. */
export async function turnDownProposal(
  store: Sql,
  proposalId: string,
  answer: { readonly state: 'refused' | 'withdrawn'; readonly by: string; readonly atMs: number },
  entry: LedgerEntry,
): Promise<boolean> {
  const now = moment(answer.atMs);
  const { text, values } = rendered(sql`with op as (
      update proposal set state = ${answer.state}, answered_by = ${answer.by},
        answered_at = ${now}::timestamptz
      where id = ${proposalId} and state = 'open' and expires_at > ${now}::timestamptz
      returning id
    ), ${appendEntries([entry], 'op')} select id from op`);
  return (await store.query(text, values)).length === 1;
}

/**
 * The CTE `held`, before that of the operation: it has a row while the proposal can be confirmed, and
 * whoever answers it otherwise waits for this statement, or this one for them.
 */
export function heldProposal({ proposalId }: Confirmation, now: string): Piece {
  return sql`held as (
      select p.id as proposal_id from proposal p where p.id = ${proposalId} and p.state = 'open'
        and p.expires_at > ${now}::timestamptz for update
    ),`;
}

/** The CTE that notes that the proposal was confirmed, in the statement of `op`. */
export function confirmed({ proposalId, answeredBy }: Confirmation, now: string): Piece {
  return sql`, confirmed as (
    update proposal set state = 'confirmed', answered_by = ${answeredBy},
      answered_at = ${now}::timestamptz
    from op where proposal.operation_id = op.id and proposal.id = ${proposalId}
  )`;
}
