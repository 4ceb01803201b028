import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceOf, type EvidenceFile } from '../../src/contract/evidence.ts';
import { storyOf } from '../../src/cli/audit-query.ts';
import { verifyFile } from '../../src/cli/audit-verify.ts';
import type { LedgerRow } from '../../src/store/ledger.ts';
import { EVIDENCE_KINDS } from './evidence-kinds.ts';
import { clientOver, undone, type SealedLedger } from './ledger.ts';
import type { Tally } from './tally.ts';

/** `tokenline audit export` about the time of so many rows. */
async function exported(ledger: SealedLedger, rows: readonly LedgerRow[]): Promise<EvidenceFile> {
  const { store, clock } = ledger.world;
  return undone(store, async (owner) => {
    const selectors = { from: rows[0]?.entry.at ?? '', to: rows.at(-1)?.entry.at ?? '' };
    const story = await storyOf(clientOver(ledger, owner), selectors);
    const source = 'http://bridge.test';
    return evidenceOf(story, { askedFor: selectors, source, takenAtMs: clock.now() });
  });
}

/** Every kind on some entries of one file. */
export async function tamperEvidence(
  ledger: SealedLedger,
  rows: readonly LedgerRow[],
  targets: number,
  tally: Tally,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tl-tamper-'));
  const file = join(directory, 'evidence.json');
  const trust = { keys: ledger.world.keys, said: 'ledger.pub.pem' };
  try {
    const evidence = await exported(ledger, rows.slice(20, 61));
    const original = JSON.stringify(evidence);
    const verdict = (draft: unknown) => {
      writeFileSync(file, JSON.stringify(draft));
      return verifyFile(file, trust).report;
    };
    const untouched = verdict(evidence);
    const { length } = evidence.entries;
    tally.untouched(
      'exported evidence',
      untouched.findings.length === 0 && untouched.proved === length && length >= targets,
    );
    for (const kind of EVIDENCE_KINDS) {
      for (let n = 0; n < targets; n += 1) {
        const at = Math.floor((n * length) / targets);
        const draft = JSON.parse(original) as EvidenceFile & Parameters<typeof kind.apply>[0];
        kind.apply(draft, at);
        const { findings, proved } = verdict(draft);
        const seq = evidence.entries[at]?.seq ?? 0;
        const id = draft.entries[at]?.id;
        const isNamed = findings.some(
          (finding) => Math.abs(finding.seq - seq) <= 1 || finding.entryId === id,
        );
        const isDetected = findings.length > 0 && proved < length;
        tally.one(kind.name, seq, isDetected, isDetected && isNamed);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
