import {
  chainHash,
  entryHash,
  GENESIS,
  type Checkpoint,
  type LedgerEntry,
} from '../payment/ledger.ts';
import { firstRow, Row } from './row.ts';
import { joined, rendered, sql, type Piece } from './sql.ts';
import type { Sql, Store } from './store.ts';

/** An entry with its own hash and, once it is sealed, its place in the chain. */
export interface LedgerRow {
  readonly entry: LedgerEntry;
  readonly entryHash: string;
  readonly seq: number | null;
  readonly chainHash: string | null;
}

/** A place in the chain without its entry: enough to walk from an entry to a checkpoint. */
export interface LedgerLink {
  readonly seq: number;
  readonly entryHash: string;
  readonly chainHash: string;
}

export interface LedgerFilter {
  readonly gatewayTransactionId: string | null;
  readonly interactionId: string | null;
  readonly subscriptionId: string | null;
  readonly operationId: string | null;
  /** ISO 8601, inclusive. */
  readonly from: string | null;
  /** ISO 8601, exclusive. */
  readonly to: string | null;
  /** Only sealed entries after this number, in the order of the chain. */
  readonly afterSeq: number | null;
  readonly limit: number;
}

/** What leaves nothing out. */
export const EVERY_ENTRY: Omit<LedgerFilter, 'limit'> = {
  gatewayTransactionId: null,
  interactionId: null,
  subscriptionId: null,
  operationId: null,
  from: null,
  to: null,
  afterSeq: null,
};

const RESULTS = ['success', 'failure', 'unknown'] as const;
const COLUMNS = sql`l.id, l.at, l.actor, l.action, l.result, l.origin, l.resource, l.operation_id,
  l.interaction_id, l.subscription_id, l.gateway_transaction_id, l.detail, l.entry_hash`;

/**
 * CTEs that append entries in the statement that changes the state they tell of: `when` is the name
 * of a CTE that has a row exactly when the change was made.
 */
export function appendEntries(entries: readonly LedgerEntry[], when: string): Piece {
  const source: Piece = { parts: [when], values: [] };
  const rows = entries.map(
    (entry) => sql`(${entry.id}::text, ${entry.at}::text, ${entry.actor}::text,
      ${entry.action}::text, ${entry.result}::text, ${entry.origin}::text, ${entry.resource}::text,
      ${entry.operationId}::text, ${entry.interactionId}::text, ${entry.subscriptionId}::text,
      ${entry.gatewayTransactionId}::text, ${JSON.stringify(entry.detail)}::jsonb,
      ${entryHash(entry)}::text)`,
  );
  return sql`entries as (
    insert into ledger (id, at, actor, action, result, origin, resource, operation_id,
      interaction_id, subscription_id, gateway_transaction_id, detail, entry_hash)
    select v.* from (values ${joined(rows, ', ')}) v where exists (select 1 from ${source})
    returning id
  ), entries_waiting as (
    insert into ledger_unsealed (entry_id) select id from entries
  )`;
}

/** Appends an entry that belongs to no operation, such as a look at the audit log. */
export async function appendEntry(store: Sql, entry: LedgerEntry): Promise<void> {
  const { text, values } = rendered(
    sql`with always as (select 1), ${appendEntries([entry], 'always')} select 1`,
  );
  await store.query(text, values);
}

function entryOf(row: Row): LedgerEntry {
  const detail = Object.entries(row.json('detail') ?? {});
  return {
    id: row.text('id'),
    at: row.text('at'),
    actor: row.text('actor'),
    action: row.text('action'),
    result: row.word('result', RESULTS),
    origin: row.text('origin'),
    resource: row.text('resource'),
    operationId: row.textOrNull('operation_id'),
    interactionId: row.textOrNull('interaction_id'),
    subscriptionId: row.textOrNull('subscription_id'),
    gatewayTransactionId: row.textOrNull('gateway_transaction_id'),
    detail: Object.fromEntries(detail.map(([key, value]) => [key, String(value)])),
  };
}

/**
 * Entries in the order of the chain, those that wait for their place last. A gateway transaction
 * brings the whole call that it belongs to: what was disclosed and agreed before it, and what was
 * told to billing after it.
 */
export async function readLedger(store: Sql, filter: LedgerFilter): Promise<readonly LedgerRow[]> {
  const sealedOnly = filter.afterSeq !== null;
  const { text, values } = rendered(sql`
    select ${COLUMNS}, s.seq, s.chain_hash
    from ledger l left join ledger_seal s on s.entry_id = l.id
    left join ledger_unsealed w on w.entry_id = l.id
    where (${filter.gatewayTransactionId}::text is null
        or l.gateway_transaction_id = ${filter.gatewayTransactionId}
        or l.interaction_id in (select o.interaction_id from operation o
             where o.gateway_transaction_id = ${filter.gatewayTransactionId}))
      and (${filter.interactionId}::text is null or l.interaction_id = ${filter.interactionId})
      and (${filter.subscriptionId}::text is null or l.subscription_id = ${filter.subscriptionId})
      and (${filter.operationId}::text is null or l.operation_id = ${filter.operationId})
      and (${filter.from}::text is null or l.at >= ${filter.from})
      and (${filter.to}::text is null or l.at < ${filter.to})
      and (${sealedOnly}::boolean is false or s.seq > ${filter.afterSeq ?? 0}::bigint)
    order by s.seq nulls last, l.at, w.n
    limit ${filter.limit}::int`);
  return (await store.query(text, values)).map((raw) => {
    const row = new Row(raw);
    return {
      entry: entryOf(row),
      entryHash: row.text('entry_hash'),
      seq: row.numberOrNull('seq'),
      chainHash: row.textOrNull('chain_hash'),
    };
  });
}

/** For each place: the one before it, and all up to the checkpoint that covers it. */
export async function readLinks(
  store: Sql,
  seqs: readonly number[],
): Promise<readonly LedgerLink[]> {
  const rows = await store.query(
    `select distinct z.seq, l.entry_hash, z.chain_hash
     from unnest($1::bigint[]) as wanted (seq)
     cross join lateral (
       select coalesce(min(c.seq), wanted.seq) as last from ledger_checkpoint c
       where c.seq >= wanted.seq) cover
     join ledger_seal z on z.seq between wanted.seq - 1 and cover.last
     join ledger l on l.id = z.entry_id
     order by z.seq`,
    [seqs],
  );
  return rows.map((raw) => {
    const row = new Row(raw);
    return {
      seq: row.number('seq'),
      entryHash: row.text('entry_hash'),
      chainHash: row.text('chain_hash'),
    };
  });
}

/** The first checkpoint at or after each place, oldest first. */
export async function readCheckpoints(
  store: Sql,
  seqs: readonly number[],
): Promise<readonly Checkpoint[]> {
  const rows = await store.query(
    `select distinct c.seq, c.chain_hash, c.at, c.key_id, c.signature
     from unnest($1::bigint[]) as wanted (seq)
     join lateral (select * from ledger_checkpoint k where k.seq >= wanted.seq
                   order by k.seq limit 1) c on true
     order by c.seq`,
    [seqs],
  );
  return rows.map((raw) => checkpointOf(new Row(raw)));
}

/** The last checkpoint before a place; `null` where there is none. */
export async function checkpointBefore(store: Sql, seq: number): Promise<Checkpoint | null> {
  const rows = await store.query(
    `select seq, chain_hash, at, key_id, signature from ledger_checkpoint
     where seq < $1::bigint order by seq desc limit 1`,
    [seq],
  );
  const row = firstRow(rows);
  return row === null ? null : checkpointOf(row);
}

function checkpointOf(row: Row): Checkpoint {
  return {
    seq: row.number('seq'),
    chainHash: row.text('chain_hash'),
    at: row.text('at'),
    keyId: row.text('key_id'),
    signature: row.text('signature'),
  };
}

export interface SealResult {
  /** Entries that got their place. */
  readonly sealed: number;
  /** The end of the chain now. */
  readonly head: { readonly seq: number; readonly chainHash: string };
  /** Entries whose content no longer has the hash they were written with. */
  readonly broken: readonly string[];
}

/**
 * Gives waiting entries their place in the chain, oldest first. Two sealers at once are harmless:
 * the number is the primary key, and the one who comes second fails and looks again.
 */
export function sealEntries(store: Store, limit: number): Promise<SealResult> {
  return store.tx(async (tx) => {
    const last = firstRow(
      await tx.query('select seq, chain_hash from ledger_seal order by seq desc limit 1'),
    );
    let seq = last?.number('seq') ?? 0;
    let chain = last?.text('chain_hash') ?? GENESIS;
    const { text, values } = rendered(sql`
      select ${COLUMNS} from ledger_unsealed w join ledger l on l.id = w.entry_id
      order by l.at, w.n limit ${limit}::int`);
    const waiting = (await tx.query(text, values)).map((raw) => new Row(raw));
    const broken: string[] = [];
    const places = waiting.map((row) => {
      const hash = row.text('entry_hash');
      if (entryHash(entryOf(row)) !== hash) broken.push(row.text('id'));
      chain = chainHash(chain, hash);
      return { seq: ++seq, id: row.text('id'), chain };
    });
    if (places.length > 0) {
      await tx.query(
        `with places as (
           insert into ledger_seal (seq, entry_id, chain_hash)
           select * from unnest($1::bigint[], $2::text[], $3::text[]) returning entry_id)
         delete from ledger_unsealed where entry_id in (select entry_id from places)`,
        [places.map((p) => p.seq), places.map((p) => p.id), places.map((p) => p.chain)],
      );
    }
    return { sealed: places.length, head: { seq, chainHash: chain }, broken };
  });
}

/** The last checkpoint's number; 0 before the first. */
export async function lastCheckpointSeq(store: Sql): Promise<number> {
  const rows = await store.query('select coalesce(max(seq), 0) as seq from ledger_checkpoint');
  return firstRow(rows)?.number('seq') ?? 0;
}

export async function insertCheckpoint(store: Sql, checkpoint: Checkpoint): Promise<void> {
  const { seq, chainHash: chain, at, keyId, signature } = checkpoint;
  await store.query(
    `insert into ledger_checkpoint (seq, chain_hash, at, key_id, signature)
     values ($1, $2, $3, $4, $5) on conflict (seq) do nothing`,
    [seq, chain, at, keyId, signature],
  );
}
