import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { AuditAnswer } from '../contract/schemas.ts';
import { readText } from '../system/yaml-file.ts';
import type { AuditPage } from './audit-lines.ts';
import type { Selectors } from './audit-query.ts';
import { CommandFailed } from './exit.ts';

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
  asked_for: Type.Record(Type.String(), Type.String()),
  entries,
  links,
  checkpoints,
  public_keys,
});

export interface EvidenceFile {
  readonly format: string;
  readonly taken_at: string;
  readonly source: string;
  readonly asked_for: Readonly<Record<string, string>>;
  readonly entries: AuditPage['entries'];
  readonly links: AuditPage['links'];
  readonly checkpoints: AuditPage['checkpoints'];
  readonly public_keys: AuditPage['public_keys'];
}

export function evidenceOf(
  page: AuditPage,
  selectors: Selectors,
  source: string,
  takenAtMs: number,
): EvidenceFile {
  return {
    format: FORMAT,
    taken_at: new Date(takenAtMs).toISOString(),
    source,
    asked_for: Object.fromEntries(Object.entries(selectors)),
    entries: page.entries,
    links: page.links,
    checkpoints: page.checkpoints,
    public_keys: page.public_keys,
  };
}

function isEvidence(value: unknown): value is EvidenceFile {
  return Value.Check(Evidence, value);
}

export function readEvidence(file: string): EvidenceFile {
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
