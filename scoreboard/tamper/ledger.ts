import { audit, type CheckpointKeys } from '../../src/bridge/audit.ts';
import { sealDue } from '../../src/bridge/seal.ts';
import type { BridgeClient } from '../../src/cli/bridge-client.ts';
import { verifyLedger } from '../../src/cli/audit-verify.ts';
import type { ChainReport } from '../../src/payment/ledger-check.ts';
import type { Checkpoint, LedgerEntry } from '../../src/payment/ledger.ts';
import { appendEntries, readLedger, type LedgerRow } from '../../src/store/ledger.ts';
import { rendered, sql } from '../../src/store/sql.ts';
import type { Sql, Store } from '../../src/store/store.ts';
import type { Randomness } from '../../src/system/randomness.ts';
import { newId } from '../../src/system/randomness.ts';
import { GUARDED } from '../../test/bridge/watched-store.ts';
import { AUDITOR, World } from '../../test/bridge/world.ts';
import { EVERY_SEALED_ENTRY } from '../../test/every-entry.ts';

const ACTIONS = ['tokenise.approved', 'subscribe.intent', 'subscribe.approved', 'event.delivered'];
const RESULTS = ['success', 'failure', 'unknown'] as const;
/** Entries of one insert. */
const APPENDED_AT_ONCE = 50;

/** No field is empty, so that each can be changed into something else. */
function entryOf(world: World, random: Randomness, n: number): LedgerEntry {
  const id = (prefix: string): string => newId(prefix, random);
  return {
    id: id('led'),
    at: new Date(world.clock.now() + n * 10).toISOString(),
    actor: 'flows',
    action: ACTIONS[n % ACTIONS.length] ?? '',
    result: RESULTS[Math.floor(random.fraction() * RESULTS.length)] ?? 'success',
    origin: 'api 192.0.2.7',
    resource: id('sub'),
    operationId: id('op'),
    interactionId: id('call'),
    subscriptionId: id('sub'),
    gatewayTransactionId: id('txn'),
    detail: { gateway: 'sandbox', raw_code: 'ok', n: String(n) },
  };
}

export interface SealedLedger {
  readonly world: World;
  readonly rows: number;
  /** What was shipped out of the database's reach. */
  readonly shipped: readonly Checkpoint[];
}

/** Written and sealed as the bridge does it, with a checkpoint after every so many entries. */
export async function sealedLedger(
  store: Store,
  rows: number,
  checkpointEvery: number,
  random: Randomness,
): Promise<SealedLedger> {
  const world = await World.open(store);
  const sealing = { ...world.sealing, checkpointEveryMs: 0 };
  const state = { checkpointedSeq: null, checkpointedAtMs: 0 };
  let sealed = 0;
  for (let written = 0; written < rows;) {
    const goal = Math.min(rows, written + checkpointEvery);
    while (written < goal) {
      const count = Math.min(APPENDED_AT_ONCE, goal - written);
      const entries = Array.from({ length: count }, (_, i) => entryOf(world, random, written + i));
      const { text, values } = rendered(
        sql`with always as (select 1), ${appendEntries(entries, 'always')} select 1`,
      );
      await store.query(text, values);
      written += count;
    }
    sealed += await sealDue(world.bridge, sealing, state);
  }
  if (sealed !== rows) throw new Error(`${sealed} of ${rows} entries were sealed`);
  return { world, rows, shipped: [...world.shipped] };
}

class Undone extends Error {}

/**
 * Lets somebody with every right on the database do something to it, looks at what that has led to,
 * and takes all of it back.
 */
export async function undone<T>(store: Store, work: (owner: Sql) => Promise<T>): Promise<T> {
  const found: T[] = [];
  try {
    await store.tx(async (owner) => {
      for (const table of GUARDED) await owner.query(`alter table ${table} disable trigger user`);
      found.push(await work(owner));
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return found[0] as T;
}

/** The bridge over what a transaction sees, asked as `tokenline audit` asks over HTTP. */
export function clientOver({ world }: SealedLedger, owner: Sql): BridgeClient {
  const { engine, durable } = world.store;
  const store: Store = {
    engine,
    durable,
    query: (text, values) => owner.query(text, values),
    tx: (work) => work(owner),
    close: () => Promise.resolve(),
  };
  const bridge = { ...world.bridge, store };
  const keys: CheckpointKeys = world.keys.map(({ keyId, pem }) => ({ key_id: keyId, pem }));
  return {
    async get(path, isWanted) {
      const { searchParams } = new URL(path, 'http://bridge.test');
      const { after_seq: after, limit, ...rest } = Object.fromEntries(searchParams);
      const query = {
        ...rest,
        ...(after !== undefined && { after_seq: Number(after) }),
        ...(limit !== undefined && { limit: Number(limit) }),
      };
      const answer: unknown = JSON.parse(await audit(bridge, keys, AUDITOR, query));
      if (!isWanted(answer))
        throw new Error('the bridge gave another answer than its contract has');
      return answer;
    },
    close: () => Promise.resolve(),
  };
}

/** `tokenline audit verify`, with the key and the checkpoints that were kept elsewhere. */
export function verified(ledger: SealedLedger, owner: Sql): Promise<ChainReport> {
  const trust = { keys: ledger.world.keys, said: 'ledger.pub.pem' };
  return verifyLedger(clientOver(ledger, owner), trust, ledger.shipped, () => undefined);
}

/** Every sealed row, in the order of the chain. */
export function allRows(owner: Sql): Promise<readonly LedgerRow[]> {
  return readLedger(owner, EVERY_SEALED_ENTRY);
}
