import { Value } from 'typebox/value';
import type { Checkpoint } from '../payment/ledger.ts';
import type { LedgerKey, LedgerLine, LedgerLink } from '../payment/ledger-check.ts';
import { AuditAnswer, type Body } from './schemas.ts';

/** What `GET /v1/audit` answers: entries, and what proves them. */
export type AuditPage = Body<typeof AuditAnswer>;
export type AuditEntry = AuditPage['entries'][number];

export function isAuditPage(value: unknown): value is AuditPage {
  return Value.Check(AuditAnswer, value);
}

/** An empty text on the wire is a `null` in the entry that was hashed. */
const orNull = (text: string): string | null => (text === '' ? null : text);

/** An entry of the HTTP contract as the entry that was hashed. */
export function lineOf(shown: AuditEntry): LedgerLine {
  const { id, at, actor, action, result, origin, resource, detail } = shown;
  return {
    seq: shown.seq,
    entryHash: shown.entry_hash,
    chainHash: shown.chain_hash,
    entry: {
      id,
      at,
      actor,
      action,
      result,
      origin,
      resource,
      detail,
      operationId: orNull(shown.operation_id),
      interactionId: orNull(shown.interaction_id),
      subscriptionId: orNull(shown.subscription_id),
      gatewayTransactionId: orNull(shown.gateway_transaction_id),
    },
  };
}

export function checkpointOf(shown: AuditPage['checkpoints'][number]): Checkpoint {
  const { seq, at, signature } = shown;
  return { seq, chainHash: shown.chain_hash, at, keyId: shown.key_id, signature };
}

export function linkOf(shown: AuditPage['links'][number]): LedgerLink {
  return { seq: shown.seq, entryHash: shown.entry_hash, chainHash: shown.chain_hash };
}

export function keysIn(page: Pick<AuditPage, 'public_keys'>): LedgerKey[] {
  return page.public_keys.map(({ key_id: keyId, pem }) => ({ keyId, pem }));
}
