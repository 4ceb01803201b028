/** What the console's page Audit shows. As `console.ts`: both sides take the types from here. */

/** What an id can be of; one id may be of several things. */
export const ID_KINDS = [
  'gateway_transaction',
  'interaction',
  'subscription',
  'operation',
  'event',
  'customer',
] as const;
export type IdKind = (typeof ID_KINDS)[number];

/** `GET /console/api/audit/find`, `…/evidence` and `…/print`: an id, a time, or both. */
export interface AuditQuestion {
  readonly id?: string;
  /** UTC, ISO 8601, inclusive. */
  readonly from?: string;
  /** UTC, ISO 8601, exclusive. */
  readonly to?: string;
}

/**
 * How far an entry is proved. `proved`: unchanged, in its place, and the chain leads to a signed
 * checkpoint. `waiting`: unchanged, and no checkpoint covers it yet. `wrong`: it was changed, or is not
 * the one that has this place. `unproved`: unchanged, but the chain after it is broken elsewhere.
 */
export const PROOF_STATES = ['proved', 'waiting', 'wrong', 'unproved'] as const;
export type ProofState = (typeof PROOF_STATES)[number];

export interface EntryProof {
  readonly state: ProofState;
  /** The state in a word or three. */
  readonly word: string;
  /** For a person: what is so, or what is wrong; a whole sentence. */
  readonly sentence: string;
  /** The checkpoint that covers it; `null` where there is none yet. */
  readonly checkpoint: {
    readonly seq: number;
    readonly at: string;
    readonly key_id: string;
  } | null;
}

/** One entry of the ledger: who, what, when, with which result, from where, on what (PCI DSS 10.2.2). */
export interface AuditRow {
  readonly id: string;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  /** The action as a sentence. */
  readonly text: string;
  readonly result: 'success' | 'failure' | 'unknown';
  readonly origin: string;
  readonly resource: string;
  /** Empty where there is none, and so the three below. */
  readonly operation_id: string;
  readonly interaction_id: string;
  readonly subscription_id: string;
  readonly gateway_transaction_id: string;
  /** Further facts, such as the gateway’s raw code. */
  readonly facts: Readonly<Record<string, string>>;
  /** Its place in the chain, from 1; `null` until it is sealed. */
  readonly seq: number | null;
  readonly entry_hash: string;
  /** Empty until it is sealed. */
  readonly chain_hash: string;
  readonly proof: EntryProof;
}

export interface AuditView {
  readonly asked: AuditQuestion;
  /** What the id was found to be; empty for a time alone, and where nothing has this id. */
  readonly found_as: readonly IdKind[];
  readonly taken_at: string;
  /** `staff:` and the person who asked. */
  readonly taken_by: string;
  /** In the order of the chain; what waits for its place comes last. */
  readonly entries: readonly AuditRow[];
  readonly counts: Readonly<Record<ProofState, number>>;
  /** There is more than one answer holds: a time narrows it. */
  readonly cut: boolean;
  /** Of the keys that checkpoints are signed with. */
  readonly key_ids: readonly string[];
}

/** `POST /console/api/audit/verify`: a time, or all of it. */
export interface VerifyOrder {
  readonly from?: string;
  readonly to?: string;
}

/** Something that does not add up. */
export interface VerifyFinding {
  readonly kind: string;
  /** The place in the chain; 0 where the row has none. */
  readonly seq: number;
  readonly sentence: string;
}

export interface VerifyVerdict {
  readonly kind: 'verdict';
  readonly holds: boolean;
  /** What was found, for a person, a sentence each. */
  readonly sentences: readonly string[];
  /** At most a hundred. */
  readonly findings: readonly VerifyFinding[];
  readonly finding_count: number;
  readonly entries: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

/** A line of the answer while the ledger is walked; the last one is the verdict. */
export type VerifyLine =
  | { readonly kind: 'progress'; readonly checked: number; readonly of: number }
  | { readonly kind: 'broken_off'; readonly sentence: string }
  | VerifyVerdict;
