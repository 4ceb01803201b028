import assert from 'node:assert/strict';
import * as schemas from '../../src/contract/schemas.ts';
import { ChainCheck, type ChainReport, type LedgerLine } from '../../src/payment/ledger-check.ts';
import type { LedgerEntry } from '../../src/payment/ledger.ts';
import type { Static } from 'typebox';
import { enrol, read } from './caller.ts';
import { AUDITOR, type World } from './world.ts';

export type AuditAnswer = Static<typeof schemas.AuditAnswer>;

export async function ask(
  world: World,
  query: Static<typeof schemas.AuditQuery>,
): Promise<AuditAnswer> {
  return read(schemas.AuditAnswer, await world.run(world.verbs.audit(AUDITOR, query)));
}

/** Entries of an answer as they are checked: with the hashes of the answer, and none of ours. */
export function linesOf(answer: AuditAnswer): LedgerLine[] {
  const orNull = (text: string): string | null => (text === '' ? null : text);
  return answer.entries.map((shown) => {
    const entry: LedgerEntry = {
      id: shown.id,
      at: shown.at,
      actor: shown.actor,
      action: shown.action,
      result: shown.result,
      origin: shown.origin,
      resource: shown.resource,
      operationId: orNull(shown.operation_id),
      interactionId: orNull(shown.interaction_id),
      subscriptionId: orNull(shown.subscription_id),
      gatewayTransactionId: orNull(shown.gateway_transaction_id),
      detail: shown.detail,
    };
    const { seq, entry_hash: entryHash, chain_hash: chainHash } = shown;
    return { entry, entryHash, seq, chainHash };
  });
}

/** Walks the whole ledger, page by page, against the checkpoints that were shipped. */
export async function walk(world: World): Promise<ChainReport> {
  const check = new ChainCheck(world.keys);
  for (const checkpoint of world.shipped) check.expect(checkpoint);
  for (let after = 0; ;) {
    const page = await ask(world, { after_seq: after, limit: 7 });
    const lines = linesOf(page);
    for (const line of lines) check.add(line);
    const last = lines.at(-1)?.seq;
    if (typeof last !== 'number') return check.end();
    after = last;
  }
}

/** What a walk finds, in short. */
export async function findings(world: World): Promise<string[]> {
  return (await walk(world)).findings.map(({ kind, seq }) => `${kind} ${seq}`);
}

/** Two enrolments, sealed, with a checkpoint at the end: 12 entries. */
export async function sealedWorld(world: World): Promise<void> {
  await enrol(world);
  await enrol(world);
  assert.equal(await world.seal(), 12);
  assert.equal(world.shipped.length, 1);
  assert.deepEqual(await findings(world), []);
}
