import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { checkEvidence, type EvidenceReport, type LedgerKey } from '../payment/ledger-check.ts';
import { checkpointOf, lineOf, linkOf, type AuditPage } from './audit-page.ts';
import { AuditAnswer } from './schemas.ts';

/** Says what a file is, and how its entries are hashed (`payment/ledger.ts`). */
const FORMAT = 'tokenline-evidence-1';

const { entries, links, checkpoints, public_keys } = AuditAnswer.properties;

/** A file that proves its entries by itself, given the public key of the ledger. */
const Evidence = Type.Object({
  format: Type.Literal(FORMAT),
  /** UTC. */
  taken_at: Type.String(),
  /** The bridge that it came from. */
  source: Type.String(),
  /** The person who took it at the console; a command says nothing here. */
  taken_by: Type.Optional(Type.String()),
  asked_for: Type.Record(Type.String(), Type.String()),
  entries,
  links,
  checkpoints,
  public_keys,
});

/** Entries with all that proves them, as they come from one ledger. */
export type Proof = Pick<AuditPage, 'entries' | 'links' | 'checkpoints' | 'public_keys'>;

export interface EvidenceFile extends Proof {
  readonly format: string;
  readonly taken_at: string;
  readonly source: string;
  readonly taken_by?: string;
  readonly asked_for: Readonly<Record<string, string>>;
}

/** Where and how evidence was taken. */
export interface Taking {
  readonly askedFor: object;
  /** Address of the bridge. */
  readonly source: string;
  readonly takenAtMs: number;
  /** `staff:` and a person. */
  readonly takenBy?: string;
}

/** The evidence pack, whoever takes it: `tokenline audit export`, or somebody at the console. */
export function evidenceOf(proof: Proof, taking: Taking): EvidenceFile {
  const { askedFor, source, takenAtMs, takenBy } = taking;
  return {
    format: FORMAT,
    taken_at: new Date(takenAtMs).toISOString(),
    source,
    ...(takenBy !== undefined && { taken_by: takenBy }),
    asked_for: Object.fromEntries(
      Object.entries(askedFor).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    ),
    entries: proof.entries,
    links: proof.links,
    checkpoints: proof.checkpoints,
    public_keys: proof.public_keys,
  };
}

/** The file's text, as it is written and downloaded. */
export function evidenceText(evidence: EvidenceFile): string {
  return `${JSON.stringify(evidence, null, 2)}\n`;
}

export function isEvidence(value: unknown): value is EvidenceFile {
  return Value.Check(Evidence, value);
}

/** Checks entries with what came with them, against keys that the reader trusts. */
export function checkProof(proof: Proof, keys: readonly LedgerKey[]): EvidenceReport {
  return checkEvidence(
    {
      lines: proof.entries.map(lineOf),
      links: proof.links.map(linkOf),
      checkpoints: proof.checkpoints.map(checkpointOf),
    },
    keys,
  );
}
