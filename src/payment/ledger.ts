import { fingerprint } from './fingerprint.ts';

/**
 * One line of the audit ledger: PCI DSS 10.2.2 asks for who, what type, when, with which result,
 * from where, and on what. No field can hold card data.
 */
export interface LedgerEntry {
  readonly id: string;
  /** When: UTC with milliseconds, `2026-11-23T12:00:00.000Z`. */
  readonly at: string;
  /** Who: an OAuth client, `system`, or an operator. */
  readonly actor: string;
  /** What type of event, such as `subscribe.intent`. */
  readonly action: string;
  readonly result: 'success' | 'failure' | 'unknown';
  /** From where: process and peer. */
  readonly origin: string;
  /** On what: the id of the thing that was touched. */
  readonly resource: string;
  readonly operationId: string | null;
  readonly interactionId: string | null;
  readonly subscriptionId: string | null;
  readonly gatewayTransactionId: string | null;
  /** Further facts as flat text, such as the gateway's raw code. */
  readonly detail: Readonly<Record<string, string>>;
}

/** The fields in the order in which they are hashed; the order is part of the format. */
const FIELDS = [
  'id',
  'at',
  'actor',
  'action',
  'result',
  'origin',
  'resource',
  'operationId',
  'interactionId',
  'subscriptionId',
  'gatewayTransactionId',
] as const satisfies readonly (keyof LedgerEntry)[];

/** The chain before its first entry. */
export const GENESIS = 'a'.repeat(64);

/** The text that is hashed: a JSON array of fixed order, `detail` sorted by key. */
export function canonicalEntry(entry: LedgerEntry): string {
  const detail = Object.entries(entry.detail).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(['tokenline-ledger-1', ...FIELDS.map((field) => entry[field]), detail]);
}

/** SHA-256 of an entry, 64 letters ({@link fingerprint}). */
export function entryHash(entry: LedgerEntry): string {
  return fingerprint(canonicalEntry(entry));
}

/** The chain after an entry: every hash depends on all that came before. */
export function chainHash(previous: string, hash: string): string {
  return fingerprint(`${previous}${hash}`);
}

/** A signed statement that the ledger had this many entries and this chain. */
export interface Checkpoint {
  /** The number of the last entry it covers, from 1. */
  readonly seq: number;
  readonly chainHash: string;
  readonly at: string;
  readonly keyId: string;
  /** Ed25519 over {@link checkpointText}, base64url. */
  readonly signature: string;
}

export function checkpointText(checkpoint: Omit<Checkpoint, 'signature'>): string {
  const { seq, chainHash: chain, at, keyId } = checkpoint;
  return JSON.stringify(['tokenline-checkpoint-1', seq, chain, at, keyId]);
}
