import { openMigrated } from '../../test/database.ts';
import { AUDITOR, World } from '../../test/bridge/world.ts';
import type { Violation } from '../board.ts';

/** Each question that an auditor may ask, and the page after the first. */
const QUESTIONS = [
  {},
  { limit: 1 },
  { after_seq: 1 },
  { interaction_id: 'call-one' },
  { operation_id: 'op_abcdefghijkmnpqrstuv' },
  { subscription_id: 'sub_qwertyuiabcdefghijkm' },
  { gateway_transaction_id: 'gtx_efghijkmnpqrstuvwxyz' },
  { from: '2026-11-23T00:00:00Z', to: '2026-11-24T00:00:00Z' },
] as const;

/**
 * Asks a real bridge for the ledger in every way: each reading leaves exactly one entry, with all six
 * facts of PCI DSS 10.2.2.
 *
 * @returns how many readings were made.
 */
export async function auditCells(violations: Violation[]): Promise<number> {
  const opened = await openMigrated('postgres');
  try {
    const world = await World.open(opened.store);
    for (const question of QUESTIONS) {
      const where = `ledger where action = 'audit.read' and actor = 'auditor' and result = 'success'
        and at <> '' and origin = 'api 192.0.2.9' and resource <> ''`;
      const before = await world.count(where);
      await world.run(world.verbs.audit(AUDITOR, question));
      const entries = (await world.count(where)) - before;
      if (entries === 1) continue;
      const what = `reading by ${Object.keys(question).join(', ') || 'nothing'} left ${entries} entries`;
      violations.push({ promise: 'PCI 10.2.1.3', what, replay: '' });
    }
    return QUESTIONS.length;
  } finally {
    await opened.drop();
  }
}
