import { chainHash, entryHash, GENESIS, type LedgerEntry } from '../../src/payment/ledger.ts';
import type { LedgerRow } from '../../src/store/ledger.ts';
import type { Sql } from '../../src/store/store.ts';

/** Something that is done to single rows; every row is its target once. */
export interface RowKind {
  readonly name: string;
  /**
   * Every so many rows one target, so that each finding can be told to belong to one; 1 where a
   * change cannot touch the row beside it.
   */
  readonly every: number;
  /** Behind the last row it would be an entry like any other, which no checkpoint covers yet. */
  readonly notLast?: true;
  /**
   * @param targets places, ascending.
   * @returns where each is to be looked for afterwards.
   */
  apply(owner: Sql, targets: readonly number[], rows: readonly LedgerRow[]): Promise<number[]>;
}

/** Targets of one walk lie so far apart that a finding cannot be about two of them. */
const APART = 6;

const TARGET = `id in (select entry_id from ledger_seal where seq = any($1))`;

/** What each field is changed into. */
const EDITS: Readonly<Record<string, string>> = {
  at: `at = replace(at, '2026', '2027')`,
  'at, by a millisecond': `at = (case right(at, 2) when '0Z' then left(at, -2) || '1Z' else left(at, -2) || '0Z' end)`,
  actor: `actor = actor || ' '`,
  action: `action = 'subscribe.declined'`,
  result: `result = case result when 'success' then 'failure' else 'success' end`,
  origin: `origin = 'api 192.0.2.1'`,
  resource: `resource = resource || 'x'`,
  'operation id': `operation_id = 'op_other'`,
  'interaction id, taken away': `interaction_id = null`,
  'subscription id': `subscription_id = upper(subscription_id)`,
  'gateway transaction id': `gateway_transaction_id = 'txn_other'`,
  'a fact of the detail': `detail = detail || '{"raw_code": "no"}'`,
  'a fact more in the detail': `detail = detail || '{"more": ""}'`,
  'a fact less in the detail': `detail = detail - 'gateway'`,
  'the entry hash alone': `entry_hash = reverse(entry_hash)`,
};

const edits: RowKind[] = Object.entries(EDITS).map(([name, set]) => ({
  name: `edited: ${name}`,
  every: 1,
  async apply(owner, targets) {
    await owner.query(`update ledger set ${set} where ${TARGET}`, [targets]);
    return [...targets];
  },
}));

const id: RowKind = {
  name: 'edited: id',
  every: 1,
  async apply(owner, targets) {
    await owner.query('alter table ledger_seal drop constraint ledger_seal_entry_id_fkey');
    await owner.query(`update ledger set id = id || 'x' where ${TARGET}`, [targets]);
    await owner.query(`update ledger_seal set entry_id = entry_id || 'x' where seq = any($1)`, [
      targets,
    ]);
    return [...targets];
  },
};

function forged(row: LedgerRow | undefined): LedgerEntry {
  if (row === undefined) throw new Error('there is no such row');
  return { ...row.entry, actor: 'somebody' };
}

async function setHashes(owner: Sql, places: readonly number[], hashes: readonly string[]) {
  await owner.query(
    `update ledger l set actor = 'somebody', entry_hash = v.hash
     from unnest($1::bigint[], $2::text[]) v (seq, hash) join ledger_seal s on s.seq = v.seq
     where l.id = s.entry_id`,
    [places, hashes],
  );
}

const refitted: RowKind = {
  name: 'edited, with its hash made to fit',
  every: 1,
  async apply(owner, targets, rows) {
    const hashes = targets.map((seq) => entryHash(forged(rows[seq - 1])));
    await setHashes(owner, targets, hashes);
    return [...targets];
  },
};

const relinked: RowKind = {
  name: 'edited, with its hash and its link made to fit',
  every: APART,
  async apply(owner, targets, rows) {
    const hashes = targets.map((seq) => entryHash(forged(rows[seq - 1])));
    await setHashes(owner, targets, hashes);
    const chains = targets.map((seq, n) =>
      chainHash(rows[seq - 2]?.chainHash ?? GENESIS, hashes[n] ?? ''),
    );
    await owner.query(
      `update ledger_seal s set chain_hash = v.chain
       from unnest($1::bigint[], $2::text[]) v (seq, chain) where s.seq = v.seq`,
      [targets, chains],
    );
    return [...targets];
  },
};

const GONE = `create temporary table gone on commit drop as
  select entry_id from ledger_seal where seq = any($1)`;

async function deleteRows(owner: Sql, targets: readonly number[]): Promise<void> {
  await owner.query(GONE, [targets]);
  await owner.query('delete from ledger_seal where entry_id in (select entry_id from gone)');
  await owner.query('delete from ledger where id in (select entry_id from gone)');
}

/** Gives every place a new number, in an order of the caller's. */
async function renumber(owner: Sql, order: string): Promise<void> {
  await owner.query(
    `create temporary table places on commit drop as
     select row_number() over (order by ${order}) as seq, entry_id, chain_hash from ledger_seal`,
  );
  await owner.query('delete from ledger_seal');
  await owner.query('insert into ledger_seal select seq, entry_id, chain_hash from places');
}

const deleted: RowKind = {
  name: 'deleted',
  every: APART,
  async apply(owner, targets) {
    await deleteRows(owner, targets);
    return [...targets];
  },
};

const closedUp: RowKind = {
  name: 'deleted, and the others closed up',
  every: APART,
  async apply(owner, targets) {
    await deleteRows(owner, targets);
    await renumber(owner, 'seq');
    // The row after it has moved to its place.
    return targets.map((seq, before) => seq - before);
  },
};

/** A copy of each target behind it, under another id; `chain` is what is written beside it. */
async function insert(owner: Sql, targets: readonly number[], chain: string): Promise<number[]> {
  await owner.query(
    `insert into ledger select l.id || 'copy', l.at, l.actor, l.action, l.result, l.origin,
       l.resource, l.operation_id, l.interaction_id, l.subscription_id, l.gateway_transaction_id,
       l.detail, l.entry_hash
     from ledger l join ledger_seal s on s.entry_id = l.id where s.seq = any($1)`,
    [targets],
  );
  await owner.query(
    `create temporary table grown on commit drop as
     select row_number() over (order by seq, n) as seq, entry_id, chain_hash from (
       select seq, 0 as n, entry_id, chain_hash from ledger_seal union all
       select seq, 1, entry_id || 'copy', ${chain} from ledger_seal where seq = any($1)) both_of_them`,
    [targets],
  );
  await owner.query('delete from ledger_seal');
  await owner.query('insert into ledger_seal select seq, entry_id, chain_hash from grown');
  return targets.map((seq, before) => seq + before + 1);
}

const inserted: RowKind = {
  name: 'inserted, and the others moved up',
  every: APART,
  notLast: true,
  async apply(owner, targets, rows) {
    const places = await insert(owner, targets, 'chain_hash');
    const entries = targets.map((seq) => {
      const entry = forged(rows[seq - 1]);
      return { ...entry, id: `${entry.id}copy` };
    });
    const hashes = entries.map(entryHash);
    await setHashes(owner, places, hashes);
    const chains = targets.map((seq, n) =>
      chainHash(rows[seq - 1]?.chainHash ?? '', hashes[n] ?? ''),
    );
    await owner.query(
      `update ledger_seal s set chain_hash = v.chain
       from unnest($1::bigint[], $2::text[]) v (seq, chain) where s.seq = v.seq`,
      [places, chains],
    );
    return places;
  },
};

const doubled: RowKind = {
  name: 'inserted: a copy of a row, its hashes left alone',
  every: APART,
  apply: (owner, targets) => insert(owner, targets, 'chain_hash'),
};

/** Exchanges the entries of places that lie so far apart. */
async function exchange(owner: Sql, targets: readonly number[], by: number, rowCount: number) {
  const others = targets.map((seq) => (seq + by <= rowCount ? seq + by : seq - by));
  await owner.query('alter table ledger_seal drop constraint ledger_seal_entry_id_key');
  await owner.query(
    `update ledger_seal s set entry_id = o.entry_id
     from unnest($1::bigint[], $2::bigint[]) v (seq, other) join ledger_seal o on o.seq = v.other
     where s.seq = v.seq`,
    [
      [...targets, ...others],
      [...others, ...targets],
    ],
  );
  return [...targets];
}

const exchanged: RowKind[] = [1, 2].map((by) => ({
  name: by === 1 ? 'exchanged with its neighbour' : 'exchanged with the row after the next',
  every: APART,
  apply: (owner, targets, rows) => exchange(owner, targets, by, rows.length),
}));

export const ROW_KINDS: readonly RowKind[] = [
  ...edits,
  id,
  refitted,
  relinked,
  deleted,
  closedUp,
  inserted,
  doubled,
  ...exchanged,
];
