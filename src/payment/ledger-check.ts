import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
  chainHash,
  checkpointText,
  entryHash,
  GENESIS,
  type Checkpoint,
  type LedgerEntry,
} from './ledger.ts';

/** One entry with the hashes that were written beside it. */
export interface LedgerLine {
  readonly entry: LedgerEntry;
  readonly entryHash: string;
  /** Its place, from 1; `null` until it is sealed. */
  readonly seq: number | null;
  /** Empty until it is sealed. */
  readonly chainHash: string;
}

/** A place in the chain without its entry. */
export interface LedgerLink {
  readonly seq: number;
  readonly entryHash: string;
  readonly chainHash: string;
}

/** A key that checkpoints may be signed with. */
export interface LedgerKey {
  readonly keyId: string;
  /** Ed25519, PEM, SubjectPublicKeyInfo. */
  readonly pem: string;
}

export const FINDINGS = [
  'content_changed',
  'chain_broken',
  'entry_missing',
  'out_of_order',
  'tail_missing',
  'checkpoint_differs',
  'signature_wrong',
  'key_unknown',
  'not_covered',
] as const;
export type FindingKind = (typeof FINDINGS)[number];

/** Something that does not add up, and the row where it shows. */
export interface Finding {
  readonly kind: FindingKind;
  /** The place in the chain; 0 where the row has none. */
  readonly seq: number;
  readonly entryId: string | null;
  /** For a person: what is wrong and what that means. */
  readonly sentence: string;
}

export interface ChainReport {
  readonly findings: readonly Finding[];
  /** Entries that were checked. */
  readonly rows: number;
  /** Checkpoints whose signature and chain are right. */
  readonly checkpoints: number;
  /** The last entry that a good checkpoint covers: what comes after it is not proved yet. */
  readonly coveredSeq: number;
  readonly head: { readonly seq: number; readonly chainHash: string };
}

type Keys = ReadonlyMap<string, KeyObject>;

function keysOf(keys: readonly LedgerKey[]): Keys {
  return new Map(keys.map(({ keyId, pem }) => [keyId, createPublicKey(pem)]));
}

/** What is wrong with a checkpoint's signature, or `null`. */
function signatureFinding(checkpoint: Checkpoint, keys: Keys): Finding | null {
  const { seq, keyId, signature } = checkpoint;
  const found = { seq, entryId: null };
  const key = keys.get(keyId);
  if (key === undefined) {
    const sentence = `the checkpoint at ${seq} is signed with the key ${keyId}, which is not known`;
    return { kind: 'key_unknown', ...found, sentence };
  }
  const text = Buffer.from(checkpointText(checkpoint), 'utf8');
  if (verify(null, text, key, Buffer.from(signature, 'base64url'))) return null;
  const sentence = `the signature of the checkpoint at ${seq} is wrong: it was not made by the holder of the key`;
  return { kind: 'signature_wrong', ...found, sentence };
}

/** True when the content still has the hash that was written beside it. */
function isUnchanged(line: LedgerLine): boolean {
  return entryHash(line.entry) === line.entryHash;
}

function contentFinding(line: LedgerLine): Finding {
  const { seq, entry } = line;
  const place = seq === null ? 'an entry without a place yet' : `entry ${seq}`;
  return {
    kind: 'content_changed',
    seq: seq ?? 0,
    entryId: entry.id,
    sentence: `${place} (${entry.id}) was changed after it was written: its content has another hash`,
  };
}

/**
 * Walks the whole ledger, a page at a time: every hash and every link is computed anew, and
 * compared with signed checkpoints. A chain alone does not show that its end was cut off, or that
 * all of it was written anew; checkpoints that were kept elsewhere do (RFC 9162 §2.1 has the same
 * split between log and signed tree head).
 */
export class ChainCheck {
  readonly #keys: Keys;
  readonly #findings: Finding[] = [];
  /** Signed checkpoints by place, waiting for the walk to arrive. */
  readonly #waiting = new Map<number, Checkpoint[]>();
  readonly #seen = new Set<string>();
  #seq = 0;
  #chain = GENESIS;
  #rows = 0;
  #checkpoints = 0;
  #coveredSeq = 0;

  /**
   * @param after where the walk begins: the checkpoint of the entry before the first one; `null` for
   *   the beginning. One whose signature is wrong is a finding.
   */
  constructor(keys: readonly LedgerKey[], after: Checkpoint | null = null) {
    this.#keys = keysOf(keys);
    if (after === null) return;
    this.#seq = after.seq;
    this.#chain = after.chainHash;
    this.expect(after);
  }

  /** A checkpoint from the ledger itself or, better, from where it was shipped to. */
  expect(checkpoint: Checkpoint): void {
    const name = JSON.stringify(checkpoint);
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const wrong = signatureFinding(checkpoint, this.#keys);
    if (wrong !== null) {
      this.#findings.push(wrong);
      return;
    }
    const here = [...(this.#waiting.get(checkpoint.seq) ?? []), checkpoint];
    this.#waiting.set(checkpoint.seq, here);
    if (checkpoint.seq === this.#seq) this.#compare(this.#seq);
  }

  /** The next entry, in the order of the chain. */
  add(line: LedgerLine): void {
    const seq = line.seq ?? 0;
    this.#rows += 1;
    if (!isUnchanged(line)) this.#findings.push(contentFinding(line));
    if (seq <= this.#seq) {
      this.#say('out_of_order', seq, line, `entry ${seq} comes after entry ${this.#seq}`);
      return;
    }
    if (seq > this.#seq + 1) {
      const gap = seq === this.#seq + 2 ? `${seq - 1} is` : `${this.#seq + 1} to ${seq - 1} are`;
      this.#say('entry_missing', seq, line, `entry ${gap} missing before entry ${seq}`);
    } else if (chainHash(this.#chain, line.entryHash) !== line.chainHash) {
      this.#say(
        'chain_broken',
        seq,
        line,
        `entry ${seq} does not follow from the one before it: something was inserted, removed, ` +
          'replaced or moved here',
      );
    }
    // From here on as it stands, so that each break is named once.
    this.#seq = seq;
    this.#chain = line.chainHash;
    this.#compare(seq);
  }

  #say(kind: FindingKind, seq: number, line: LedgerLine, sentence: string): void {
    this.#findings.push({ kind, seq, entryId: line.entry.id, sentence });
  }

  #compare(seq: number): void {
    for (const checkpoint of this.#waiting.get(seq) ?? []) {
      if (checkpoint.chainHash === this.#chain) {
        this.#checkpoints += 1;
        this.#coveredSeq = seq;
      } else {
        this.#findings.push({
          kind: 'checkpoint_differs',
          seq,
          entryId: null,
          sentence: `the checkpoint of ${checkpoint.at} saw another chain at entry ${seq}: the ledger was written anew at or before it`,
        });
      }
    }
    this.#waiting.delete(seq);
  }

  /** After the last entry. */
  end(): ChainReport {
    for (const checkpoint of [...this.#waiting.values()].flat()) {
      const { seq, at } = checkpoint;
      const beyond = seq > this.#seq;
      const sentence = beyond
        ? `the checkpoint of ${at} saw ${seq} entries, the ledger ends at ${this.#seq}: its end was cut off`
        : `the checkpoint of ${at} is about entry ${seq}, which is missing`;
      const kind = beyond ? 'tail_missing' : 'entry_missing';
      this.#findings.push({ kind, seq, entryId: null, sentence });
    }
    this.#waiting.clear();
    return {
      findings: this.#findings,
      rows: this.#rows,
      checkpoints: this.#checkpoints,
      coveredSeq: this.#coveredSeq,
      head: { seq: this.#seq, chainHash: this.#chain },
    };
  }
}

/** Some entries, with all that proves that they are in the ledger. */
export interface Evidence {
  readonly lines: readonly LedgerLine[];
  /** The places from before each entry to the checkpoint that covers it. */
  readonly links: readonly LedgerLink[];
  readonly checkpoints: readonly Checkpoint[];
}

export interface EvidenceReport {
  readonly findings: readonly Finding[];
  /** Entries that are proved: unchanged, linked, and covered by a signed checkpoint. */
  readonly proved: number;
}

/**
 * Checks entries that were taken out of the ledger, without the rest of it: each is unchanged, and
 * its place leads, link by link, to a checkpoint that the key's holder signed.
 */
export function checkEvidence(evidence: Evidence, keys: readonly LedgerKey[]): EvidenceReport {
  const known = keysOf(keys);
  const findings: Finding[] = [];
  const good = new Map<number, Checkpoint>();
  for (const checkpoint of evidence.checkpoints) {
    const wrong = signatureFinding(checkpoint, known);
    if (wrong === null) good.set(checkpoint.seq, checkpoint);
    else findings.push(wrong);
  }
  const links = new Map(evidence.links.map((link) => [link.seq, link]));
  const covered = coveredPlaces(links, good, findings);
  let proved = 0;
  for (const line of evidence.lines) {
    if (!isUnchanged(line)) {
      findings.push(contentFinding(line));
      continue;
    }
    const link = line.seq === null ? undefined : links.get(line.seq);
    const same = link?.entryHash === line.entryHash && link.chainHash === line.chainHash;
    if (link !== undefined && !same) {
      findings.push({
        kind: 'chain_broken',
        seq: link.seq,
        entryId: line.entry.id,
        sentence: `entry ${link.seq} (${line.entry.id}) is not the one that has this place in the chain`,
      });
    } else if (link === undefined || !covered.has(link.seq)) {
      findings.push(uncovered(line));
    } else {
      proved += 1;
    }
  }
  return { findings, proved };
}

function uncovered({ seq, entry }: LedgerLine): Finding {
  const why =
    seq === null
      ? 'has no place in the chain yet'
      : `has the place ${seq}, which no good checkpoint covers`;
  const sentence = `the entry ${entry.id} ${why}: take the evidence again in a minute`;
  return { kind: 'not_covered', seq: seq ?? 0, entryId: entry.id, sentence };
}

/**
 * Places whose entry is certain: the chain after it is certified, by a checkpoint or by the place
 * that follows, and it follows itself from the place before. Without the latter, the hash of the
 * entry could be anything.
 */
function coveredPlaces(
  links: ReadonlyMap<number, LedgerLink>,
  good: ReadonlyMap<number, Checkpoint>,
  findings: Finding[],
): ReadonlySet<number> {
  const covered = new Set<number>();
  /** The chain that is certified at the place below the one that was looked at last. */
  let certified: { readonly seq: number; readonly chain: string } | null = null;
  for (const link of [...links.values()].sort((a, b) => b.seq - a.seq)) {
    const { seq } = link;
    const saw = good.get(seq)?.chainHash ?? (certified?.seq === seq ? certified.chain : null);
    if (saw !== null && saw !== link.chainHash) {
      const sentence = `entry ${seq}: what comes after it was sealed on another chain`;
      findings.push({ kind: 'checkpoint_differs', seq, entryId: null, sentence });
    }
    const before = seq === 1 ? GENESIS : links.get(seq - 1)?.chainHash;
    certified = null;
    if (before === undefined) continue;
    if (chainHash(before, link.entryHash) !== link.chainHash) {
      const sentence = `entry ${seq} does not follow from the one before it`;
      findings.push({ kind: 'chain_broken', seq, entryId: null, sentence });
    } else if (saw === link.chainHash) {
      covered.add(seq);
      certified = { seq: seq - 1, chain: before };
    }
  }
  return covered;
}
