import { generateKeyPairSync } from 'node:crypto';
import {
  chainHash,
  checkpointText,
  entryHash,
  type Checkpoint,
  type LedgerEntry,
} from '../../src/payment/ledger.ts';
import type { ChainReport } from '../../src/payment/ledger-check.ts';
import { insertCheckpoint, type LedgerRow } from '../../src/store/ledger.ts';
import type { Sql } from '../../src/store/store.ts';
import { signText } from '../../src/system/keys.ts';

/** Something that is done to the ledger from a place on, or to what is signed about it. */
export interface ChainKind {
  readonly name: string;
  /** How exactly a finding can say where: at the place, or between which two checkpoints. */
  readonly told: 'place' | 'stretch';
  apply(owner: Sql, place: number, ledger: Known): Promise<void>;
}

export interface Known {
  readonly rows: readonly LedgerRow[];
  readonly shipped: readonly Checkpoint[];
}

const STRANGER = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** Takes the end away, and with it every checkpoint in the database that knows of it. */
const truncated: ChainKind = {
  name: 'the end cut off',
  told: 'place',
  async apply(owner, place) {
    await owner.query('delete from ledger_checkpoint where seq >= $1', [place]);
    await owner.query(
      `create temporary table gone on commit drop as select entry_id from ledger_seal where seq >= $1`,
      [place],
    );
    await owner.query('delete from ledger_seal where seq >= $1', [place]);
    await owner.query('delete from ledger where id in (select entry_id from gone)');
  },
};

/** Writes everything anew from a place on, so that each hash fits; then signs it with some key. */
async function fork(owner: Sql, place: number, { rows, shipped }: Known, keyId: string | null) {
  const changed = (entry: LedgerEntry): LedgerEntry => ({ ...entry, actor: 'somebody' });
  let chain = rows[place - 2]?.chainHash ?? 'a'.repeat(64);
  const anew = rows.slice(place - 1).map((row, n) => {
    const hash = n === 0 ? entryHash(changed(row.entry)) : row.entryHash;
    chain = chainHash(chain, hash);
    return { seq: row.seq ?? 0, chain, hash };
  });
  const [first] = anew;
  await owner.query(
    `update ledger set actor = 'somebody', entry_hash = $2
     where id = (select entry_id from ledger_seal where seq = $1)`,
    [place, first?.hash ?? ''],
  );
  await owner.query(
    `update ledger_seal s set chain_hash = v.chain
     from unnest($1::bigint[], $2::text[]) v (seq, chain) where s.seq = v.seq`,
    [anew.map(({ seq }) => seq), anew.map((one) => one.chain)],
  );
  await owner.query('delete from ledger_checkpoint where seq >= $1', [place]);
  if (keyId === null) return;
  for (const checkpoint of shipped.filter(({ seq }) => seq >= place)) {
    const chainThen = anew.find(({ seq }) => seq === checkpoint.seq)?.chain ?? '';
    const text = { ...checkpoint, chainHash: chainThen, keyId };
    await insertCheckpoint(owner, { ...text, signature: signText(STRANGER, checkpointText(text)) });
  }
}

const forks: ChainKind[] = [
  { name: 'written anew, checkpoints removed', key: null },
  { name: 'written anew, checkpoints signed with a key of that name', key: 'ledger-key' },
  { name: 'written anew, checkpoints signed with another key', key: 'key-b' },
].map(({ name, key }) => ({
  name,
  told: 'stretch',
  apply: (owner, place, known) => fork(owner, place, known, key),
}));

const CHECKPOINT_EDITS: Readonly<Record<string, string>> = {
  'its place': 'seq = seq - 1',
  'its chain': `chain_hash = reverse(chain_hash)`,
  'its time': `at = replace(at, '2026', '2027')`,
  'its key': `key_id = 'key-b'`,
  'its signature': `signature = reverse(signature)`,
};

/** The place is that of the checkpoint. */
const checkpointEdits: ChainKind[] = Object.entries(CHECKPOINT_EDITS).map(([name, set]) => ({
  name: `a checkpoint edited: ${name}`,
  told: 'place',
  async apply(owner, place) {
    await owner.query(`update ledger_checkpoint set ${set} where seq = $1`, [place]);
  },
}));

const swapped: ChainKind = {
  name: 'a checkpoint exchanged with another',
  told: 'place',
  async apply(owner, place, { shipped }) {
    const at = shipped.findIndex(({ seq }) => seq === place);
    const other = shipped[at + 1] ?? shipped[at - 1];
    if (other === undefined) throw new Error('there is only one checkpoint');
    await owner.query(
      `update ledger_checkpoint c set chain_hash = o.chain_hash, at = o.at, signature = o.signature
       from ledger_checkpoint o where c.seq in ($1, $2) and o.seq = $1 + $2 - c.seq`,
      [place, other.seq],
    );
  },
};

const strangersOwn: ChainKind = {
  name: 'a checkpoint signed with a key that is not ours',
  told: 'place',
  async apply(owner, place, { shipped }) {
    const checkpoint = shipped.find(({ seq }) => seq === place);
    if (checkpoint === undefined) throw new Error('there is no such checkpoint');
    const signature = signText(STRANGER, checkpointText(checkpoint));
    await owner.query('update ledger_checkpoint set signature = $2 where seq = $1', [
      place,
      signature,
    ]);
  },
};

/** At places of entries. */
export const CHAIN_KINDS: readonly ChainKind[] = [truncated, ...forks];
/** At places of checkpoints. */
export const CHECKPOINT_KINDS: readonly ChainKind[] = [...checkpointEdits, swapped, strangersOwn];

/** True where a finding says where it was: at the place, or in the stretch of the chain around it. */
export function isTold(
  { told }: ChainKind,
  place: number,
  report: ChainReport,
  { shipped }: Known,
): boolean {
  if (told === 'stretch') {
    const first = shipped.find(({ seq }) => seq >= place)?.seq;
    const differing = report.findings.filter(({ kind }) => kind === 'checkpoint_differs');
    return Math.min(...differing.map(({ seq }) => seq)) === first;
  }
  const cutAt = report.findings.some(({ kind }) => kind === 'tail_missing')
    ? [report.head.seq + 1]
    : [];
  return [...cutAt, ...report.findings.map(({ seq }) => seq)].some(
    (seq) => Math.abs(seq - place) <= 1,
  );
}
