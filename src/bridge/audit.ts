import type { AuditEntry, AuditPage } from '../contract/audit-page.ts';
import type { Body } from '../contract/schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import { Fault } from '../payment/fault.ts';
import { holdsCardNumber } from '../system/digit-run.ts';
import {
  appendEntry,
  EVERY_ENTRY,
  readCheckpoints,
  readLedger,
  readLinks,
  type LedgerFilter,
  type LedgerRow,
} from '../store/ledger.ts';
import { answerText, plainCommon } from './answer.ts';
import { isoTime } from './asked-time.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { ledgerEntry } from './entry.ts';

type Query = Body<typeof schemas.AuditQuery>;

/** Public keys that checkpoints are signed with, so that a reader can check them. */
export type CheckpointKeys = readonly { readonly key_id: string; readonly pem: string }[];

const LIMIT = 500;

function shown(row: LedgerRow): AuditEntry {
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
    detail: { ...entry.detail },
    entry_hash: row.entryHash,
    chain_hash: row.chainHash ?? '',
  };
}

/**
 * Entries by any id, with what proves them: the chain from each to the checkpoint that covers it.
 *
 * @param wanted what it leaves out does not narrow the answer.
 */
export async function ledgerPage(
  bridge: Bridge,
  keys: CheckpointKeys,
  wanted: Partial<LedgerFilter>,
): Promise<AuditPage> {
  const { store } = bridge;
  const filter = { ...EVERY_ENTRY, limit: LIMIT, ...wanted };
  const rows = await readLedger(store, filter);
  const seqs = rows.flatMap((row) => (row.seq === null ? [] : [row.seq]));
  // Who pages through the whole chain has every link in the entries themselves.
  const [links, checkpoints] = await Promise.all([
    filter.afterSeq === null ? readLinks(store, seqs) : [],
    readCheckpoints(store, seqs),
  ]);
  return {
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
    public_keys: [...keys],
    unsealed: rows.filter((row) => row.seq === null).length,
  };
}

/** Whoever asks for a card number gets no answer, and the number no place in the ledger. */
export function assertNoCard(texts: readonly unknown[]): void {
  if (texts.some((text) => typeof text === 'string' && holdsCardNumber(text))) {
    throw new Fault('card_number_in_wrong_place', 'The ledger has no card numbers: ask by an id.');
  }
}

/** The auditor's question by HTTP. Asking is itself an entry (PCI DSS 10.2.1.3). */
export async function audit(
  bridge: Bridge,
  keys: CheckpointKeys,
  actor: Actor,
  query: Query,
): Promise<AnswerText> {
  const { store } = bridge;
  const { after_seq: afterSeq, limit: _, ...selectors } = query;
  assertNoCard(Object.values(selectors));
  const page = await ledgerPage(bridge, keys, {
    gatewayTransactionId: query.gateway_transaction_id ?? null,
    interactionId: query.interaction_id ?? null,
    subscriptionId: query.subscription_id ?? null,
    operationId: query.operation_id ?? null,
    from: isoTime(query.from, 'from'),
    to: isoTime(query.to, 'to'),
    afterSeq: afterSeq ?? null,
    limit: query.limit ?? LIMIT,
  });
  // Every page: who begins with the second one has read the ledger as well.
  const entry = ledgerEntry(bridge, actor, {
    action: 'audit.read',
    result: 'success',
    resource: Object.keys(selectors).join(' ') || 'ledger',
    interactionId: null,
    detail: {
      ...selectors,
      ...(afterSeq !== undefined && { after_seq: String(afterSeq) }),
      entries: String(page.entries.length),
    },
  });
  await appendEntry(store, entry);
  return answerText(page);
}
