import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import {
  ChainCheck,
  checkEvidence,
  type ChainReport,
  type Evidence,
  type LedgerKey,
  type LedgerLine,
} from '../../src/payment/ledger-check.ts';
import {
  chainHash,
  checkpointText,
  entryHash,
  GENESIS,
  type Checkpoint,
  type LedgerEntry,
} from '../../src/payment/ledger.ts';

const pair = generateKeyPairSync('ed25519');
const KEY: LedgerKey = { keyId: 'key-a', pem: pemOf(pair.publicKey) };

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function entry(number: number): LedgerEntry {
  return {
    id: `led_${number}`,
    at: `2026-11-23T12:00:${String(number % 60).padStart(2, '0')}.000Z`,
    actor: 'tokenline-sandbox',
    action: number % 2 === 0 ? 'subscribe.outcome' : 'subscribe.intent',
    result: 'success',
    origin: 'api 127.0.0.1',
    resource: `op_${number}`,
    operationId: `op_${number}`,
    interactionId: `call-${Math.floor(number / 10)}`,
    subscriptionId: null,
    gatewayTransactionId: number % 2 === 0 ? `txn_${number}` : null,
    detail: { b: 'two', a: 'one' },
  };
}

function sealed(entries: readonly LedgerEntry[]): LedgerLine[] {
  let chain = GENESIS;
  return entries.map((item, index) => {
    const hash = entryHash(item);
    chain = chainHash(chain, hash);
    return { entry: item, entryHash: hash, seq: index + 1, chainHash: chain };
  });
}

function signed(seq: number, chain: string, key: KeyObject = pair.privateKey): Checkpoint {
  const text = { seq, chainHash: chain, at: '2026-11-23T12:01:00.000Z', keyId: 'key-a' };
  const signature = sign(null, Buffer.from(checkpointText(text)), key).toString('base64url');
  return { ...text, signature };
}

const COUNT = 40;
const LEDGER: readonly LedgerLine[] = sealed(
  Array.from({ length: COUNT }, (_, index) => entry(index + 1)),
);
const at = (seq: number): LedgerLine => LEDGER[seq - 1] as LedgerLine;
const CHECKPOINTS = [10, 20, 30, 40].map((seq) => signed(seq, at(seq).chainHash));

function walk(lines: readonly LedgerLine[], checkpoints = CHECKPOINTS, keys = [KEY]): ChainReport {
  const check = new ChainCheck(keys);
  for (const checkpoint of checkpoints) check.expect(checkpoint);
  for (const line of lines) check.add(line);
  return check.end();
}

function kinds(report: { findings: ChainReport['findings'] }): string[] {
  return report.findings.map((finding) => `${finding.kind}@${finding.seq}`);
}

test('an untouched ledger has no findings, and every checkpoint holds', () => {
  const report = walk(LEDGER);
  assert.deepEqual(report.findings, []);
  assert.deepEqual([report.rows, report.checkpoints, report.coveredSeq], [40, 4, 40]);
  assert.deepEqual(report.head, { seq: 40, chainHash: at(40).chainHash });
});

test('the same checkpoint from two places counts once, also when it comes after its entry', () => {
  const check = new ChainCheck([KEY]);
  for (const line of LEDGER) check.add(line);
  const [, , , last] = CHECKPOINTS;
  assert.ok(last);
  check.expect(last);
  check.expect({ ...last });
  assert.equal(check.end().checkpoints, 1);
});

test('a change of any field of any entry is found, and the entry named', () => {
  const fields = Object.keys(entry(1)) as (keyof LedgerEntry)[];
  for (const [index, field] of fields.entries()) {
    const seq = 1 + ((index * 7) % COUNT);
    const value = field === 'detail' ? { a: 'one', b: 'too' } : 'changed';
    const lines = LEDGER.map((line) =>
      line.seq === seq ? { ...line, entry: { ...line.entry, [field]: value } } : line,
    );
    const report = walk(lines);
    assert.deepEqual(kinds(report), [`content_changed@${seq}`], field);
  }
});

test('an entry whose hash was made to fit breaks the chain', () => {
  const changed = { ...at(15).entry, actor: 'somebody' };
  const lines = LEDGER.map((line) =>
    line.seq === 15 ? { ...line, entry: changed, entryHash: entryHash(changed) } : line,
  );
  assert.deepEqual(kinds(walk(lines)), ['chain_broken@15']);
});

test('a ledger that was written anew from an entry on contradicts the checkpoints', () => {
  const entries = LEDGER.map((line) => line.entry);
  const changed = entries.map((item) =>
    item.id === 'led_15' ? { ...item, result: 'failure' as const } : item,
  );
  assert.deepEqual(kinds(walk(sealed(changed))), [
    'checkpoint_differs@20',
    'checkpoint_differs@30',
    'checkpoint_differs@40',
  ]);
});

test('a deleted entry is missed, an inserted one does not follow, two that changed places are out of order', () => {
  assert.deepEqual(kinds(walk(LEDGER.filter((line) => line.seq !== 15))), ['entry_missing@16']);
  const strange = { ...at(15), entry: entry(99), entryHash: entryHash(entry(99)) };
  const inserted = [...LEDGER.slice(0, 15), strange, ...LEDGER.slice(15)];
  assert.deepEqual(kinds(walk(inserted)), ['out_of_order@15']);
  const swapped = LEDGER.map((line) =>
    line.seq === 15 ? at(16) : line.seq === 16 ? at(15) : line,
  );
  assert.deepEqual(kinds(walk(swapped)), ['entry_missing@16', 'out_of_order@15']);
  const renumbered = LEDGER.filter((line) => line.seq !== 15).map((line, index) => ({
    ...line,
    seq: index + 1,
  }));
  assert.deepEqual(kinds(walk(renumbered)).slice(0, 1), ['chain_broken@15']);
});

test('an end that was cut off is found by the checkpoints that were kept elsewhere, and only by them', () => {
  const short = LEDGER.slice(0, 25);
  assert.deepEqual(kinds(walk(short, CHECKPOINTS)), ['tail_missing@30', 'tail_missing@40']);
  assert.deepEqual(kinds(walk(short, CHECKPOINTS.slice(0, 2))), []);
});

test('a checkpoint of another key, or for other words, is refused', () => {
  const other = generateKeyPairSync('ed25519');
  assert.deepEqual(kinds(walk(LEDGER, [signed(40, at(40).chainHash, other.privateKey)])), [
    'signature_wrong@40',
  ]);
  const [, , , last] = CHECKPOINTS;
  assert.ok(last);
  assert.deepEqual(kinds(walk(LEDGER, [{ ...last, seq: 39 }])), ['signature_wrong@39']);
  const report = walk(LEDGER, [{ ...last, keyId: 'key-b' }]);
  assert.deepEqual(kinds(report), ['key_unknown@40']);
  assert.equal(report.coveredSeq, 0);
});

test('entries after the last checkpoint are sound and not covered', () => {
  const report = walk(LEDGER, CHECKPOINTS.slice(0, 3));
  assert.deepEqual(report.findings, []);
  assert.equal(report.coveredSeq, 30);
});

/** Evidence about some entries, as the bridge gives it. */
function evidenceFor(seqs: readonly number[]): Evidence {
  const links = new Map<number, LedgerLine>();
  for (const seq of seqs) {
    const end = CHECKPOINTS.find((checkpoint) => checkpoint.seq >= seq)?.seq ?? seq;
    for (let place = Math.max(1, seq - 1); place <= end; place += 1) links.set(place, at(place));
  }
  return {
    lines: seqs.map(at),
    links: [...links.values()].map((line) => ({
      seq: line.seq ?? 0,
      entryHash: line.entryHash,
      chainHash: line.chainHash,
    })),
    checkpoints: CHECKPOINTS.filter((checkpoint) =>
      seqs.some((seq) => seq <= checkpoint.seq && seq > checkpoint.seq - 10),
    ),
  };
}

test('evidence about any entries proves them without the rest of the ledger', () => {
  for (const seqs of [[1], [10], [11], [40], [1, 2, 3], [5, 17, 18, 33], [9, 10, 11, 12]]) {
    const report = checkEvidence(evidenceFor(seqs), [KEY]);
    assert.deepEqual(report, { findings: [], proved: seqs.length }, String(seqs));
  }
});

test('evidence whose entry was changed does not prove it, however well the hashes were made to fit', () => {
  for (const seq of [1, 13, 20]) {
    const whole = evidenceFor([seq]);
    const forged = { ...at(seq).entry, result: 'failure' as const };
    const line = { ...at(seq), entry: forged };
    assert.equal(checkEvidence({ ...whole, lines: [line] }, [KEY]).proved, 0);
    const hash = entryHash(forged);
    const fitted = { ...line, entryHash: hash };
    assert.equal(checkEvidence({ ...whole, lines: [fitted] }, [KEY]).proved, 0);
    // The hash of the entry in the links too; the chain stays as it was.
    const links = whole.links.map((link) =>
      link.seq === seq ? { ...link, entryHash: hash } : link,
    );
    const linked = checkEvidence({ ...whole, lines: [fitted], links }, [KEY]);
    assert.equal(linked.proved, 0);
    assert.ok(kinds(linked).includes(`chain_broken@${seq}`));
    // Without the place before, nothing says what the hash has to be.
    const cut = links.filter((link) => link.seq >= seq);
    const shorn = checkEvidence({ ...whole, lines: [fitted], links: cut }, [KEY]);
    assert.equal(shorn.proved, 0);
  }
});

test('evidence that is not sealed, not covered or wrongly signed proves nothing', () => {
  const whole = evidenceFor([13]);
  const fresh = { ...at(13), seq: null, chainHash: '' };
  assert.deepEqual(kinds(checkEvidence({ ...whole, lines: [fresh] }, [KEY])), ['not_covered@0']);
  const bare = checkEvidence({ ...whole, checkpoints: [] }, [KEY]);
  assert.deepEqual([bare.proved, ...kinds(bare)], [0, 'not_covered@13']);
  const other = generateKeyPairSync('ed25519');
  const wrong = checkEvidence(whole, [{ keyId: 'key-a', pem: pemOf(other.publicKey) }]);
  assert.deepEqual([wrong.proved, ...kinds(wrong)], [0, 'signature_wrong@20', 'not_covered@13']);
  const gap = whole.links.filter((link) => link.seq !== 16);
  assert.equal(checkEvidence({ ...whole, links: gap }, [KEY]).proved, 0);
});
