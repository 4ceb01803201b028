import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { walkLedger } from '../bridge/desk/audit-verify.ts';
import type { Checkpoint } from '../payment/ledger.ts';
import {
  ChainCheck,
  type ChainReport,
  type EvidenceReport,
  type LedgerKey,
} from '../payment/ledger-check.ts';
import { keyIdOf } from '../system/keys.ts';
import { readText } from '../system/yaml-file.ts';
import { keysIn } from '../contract/audit-page.ts';
import { checkProof, isEvidence, type EvidenceFile } from '../contract/evidence.ts';
import { pageAfter } from './audit-query.ts';
import type { BridgeClient } from './bridge-client.ts';
import { LEDGER_PUBLIC_KEY } from './data-dir.ts';
import { CommandFailed } from './exit.ts';

export interface Trust {
  readonly keys: readonly LedgerKey[];
  /** For the reader: which files, or that nothing independent was at hand. */
  readonly said: string;
}

/**
 * The keys to verify with: files that the auditor names, or the one in a data directory on this
 * machine. `null` where there is none: then only the bridge itself can say, which proves less.
 */
export function trustedKeys(files: readonly string[], data: string): Trust | null {
  const local = join(data, LEDGER_PUBLIC_KEY);
  const chosen = files.length > 0 ? files : existsSync(local) ? [local] : [];
  if (chosen.length === 0) return null;
  const keys = chosen.map((file) => {
    const pem = readText(file);
    try {
      return { keyId: keyIdOf(pem), pem };
    } catch {
      throw new CommandFailed(`${file}: this is no Ed25519 public key in PEM`);
    }
  });
  return { keys, said: chosen.join(', ') };
}

/**
 * Walks the whole ledger of a running bridge.
 *
 * @param trust `null` takes the keys that the bridge itself names.
 * @param progress hears how many entries have been checked, after every page.
 */
export async function verifyLedger(
  client: BridgeClient,
  trust: Trust | null,
  shipped: readonly Checkpoint[],
  progress: (rows: number) => void,
): Promise<ChainReport> {
  return walkLedger(
    (seq) => pageAfter(client, seq),
    (first) => {
      const check = new ChainCheck(trust?.keys ?? keysIn(first));
      for (const checkpoint of shipped) check.expect(checkpoint);
      return check;
    },
    (rows) => {
      progress(rows);
      return true;
    },
  );
}

export interface FileVerdict {
  readonly report: EvidenceReport;
  readonly entries: number;
  readonly takenAt: string;
  /** False where the file's own keys were used. */
  readonly independent: boolean;
}

function readEvidence(file: string): EvidenceFile {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandFailed(`${file}: this is no JSON`);
    throw error;
  }
  if (isEvidence(value)) return value;
  throw new CommandFailed(`${file}: this is no evidence file of "tokenline audit export"`);
}

/** Checks a file of `audit export` without any connection. */
export function verifyFile(file: string, trust: Trust | null): FileVerdict {
  const evidence = readEvidence(file);
  const report = checkProof(evidence, trust?.keys ?? keysIn(evidence));
  return {
    report,
    entries: evidence.entries.length,
    takenAt: evidence.taken_at,
    independent: trust !== null,
  };
}
