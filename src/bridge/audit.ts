import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { Fault } from '../payment/fault.ts';
import {
  appendEntry,
  readCheckpoints,
  readLedger,
  readLinks,
  type LedgerRow,
} from '../store/ledger.ts';
import { answerText, plainCommon } from './answer.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { ledgerEntry } from './entry.ts';

type Query = Body<typeof schemas.AuditQuery>;

/** Public keys that checkpoints are signed with, so that a reader can check them. */
export type CheckpointKeys = readonly { readonly key_id: string; readonly pem: string }[];

const LIMIT = 500;

function isoTime(text: string | undefined, name: string): string | null {
  if (text === undefined) return null;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) {
    throw new Fault('bad_request', `${name} has to be a UTC time such as 2026-11-23T12:00:00Z.`);
  }
  return new Date(epochMs).toISOString();
}

function shown(row: LedgerRow): object {
  const { entry } = row;
  return {
    seq: row.seq,
    id: entry.id,
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    result: entry.result,
    origin: entry.origin,
    resource: entry.resource,
    operation_id: entry.operationId ?? '',
    interaction_id: entry.interactionId ?? '',
    subscription_id: entry.subscriptionId ?? '',
    gateway_transaction_id: entry.gatewayTransactionId ?? '',
    detail: entry.detail,
    entry_hash: row.entryHash,
    chain_hash: row.chainHash ?? '',
  };
}

/**
 * The auditor's question: entries by any id, with what proves them: the chain from each entry to the
 * checkpoint that covers it, and the keys. Asking is itself an entry (PCI DSS 10.2.1.3).
 */
export async function audit(
  bridge: Bridge,
  keys: CheckpointKeys,
  actor: Actor,
  query: Query,
): Promise<AnswerText> {
  const { store } = bridge;
  const rows = await readLedger(store, {
    gatewayTransactionId: query.gateway_transaction_id ?? null,
    interactionId: query.interaction_id ?? null,
    subscriptionId: query.subscription_id ?? null,
    operationId: query.operation_id ?? null,
    from: isoTime(query.from, 'from'),
    to: isoTime(query.to, 'to'),
    afterSeq: query.after_seq ?? null,
    limit: query.limit ?? LIMIT,
  });
  const seqs = rows.flatMap((row) => (row.seq === null ? [] : [row.seq]));
  // Who pages through the whole chain has every link in the entries themselves.
  const [links, checkpoints] = await Promise.all([
    query.after_seq === undefined ? readLinks(store, seqs) : [],
    readCheckpoints(store, seqs),
  ]);
  const { after_seq: afterSeq, limit: _, ...selectors } = query;
  // Every page: who begins with the second one has read the ledger as well.
  const entry = ledgerEntry(bridge, actor, {
    action: 'audit.read',
    result: 'success',
    resource: Object.keys(selectors).join(' ') || 'ledger',
    interactionId: null,
    detail: { ...selectors, ...(afterSeq !== undefined && { after_seq: String(afterSeq) }) },
  });
  await appendEntry(store, entry);
  return answerText({
    ...plainCommon(bridge.prompts['en-us'], 'available', 'continue'),
    entries: rows.map(shown),
    checkpoints: checkpoints.map((c) => ({
      seq: c.seq,
      chain_hash: c.chainHash,
      at: c.at,
      key_id: c.keyId,
      signature: c.signature,
    })),
    links: links.map((l) => ({ seq: l.seq, entry_hash: l.entryHash, chain_hash: l.chainHash })),
    public_keys: keys,
    unsealed: rows.filter((row) => row.seq === null).length,
  });
}
