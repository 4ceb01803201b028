import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declinesOf, declinesOfAll, declinesOfBin } from '../../src/store/declines.ts';
import { rendered, sql, type Piece } from '../../src/store/sql.ts';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../database.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const MINUTE_MS = 60_000;

interface Asked {
  readonly state: string;
  readonly minutesAgo: number;
  readonly bin?: string | null;
  readonly kind?: string;
}

let names = 0;

async function operation(store: Store, asked: Asked): Promise<void> {
  const id = `op-${++names}`;
  const calledAt = new Date(NOW_MS - asked.minutesAgo * MINUTE_MS).toISOString();
  await store.query(
    `insert into operation (id, kind, client_id, key, body_hash, bin_mac, interaction_id, attempt,
       language, gateway, state, called_at, order_json, started_at)
     values ($1, $2, 'c', $1, 'h', $3, 'i', 1, 'en-us', 'g', $4, $5::timestamptz, '{}', $6::timestamptz)`,
    [id, asked.kind ?? 'tokenise', asked.bin ?? null, asked.state, calledAt, calledAt],
  );
}

async function answered(store: Store, piece: Piece): Promise<readonly number[]> {
  const { text, values } = rendered(sql`select ${piece} as declines`);
  const [row] = await store.query(text, values);
  const json = row?.['declines'];
  const found = declinesOf(typeof json === 'string' ? JSON.parse(json) : json);
  return [found.answered, found.declined];
}

withStores((name, open) => {
  test('the newest cards of the hour are counted, of one range or of all', async () => {
    const store = await open();
    const all = (window: number): Promise<readonly number[]> =>
      answered(store, declinesOfAll({ window, nowMs: NOW_MS }));
    const bin = (window: number): Promise<readonly number[]> =>
      answered(store, declinesOfBin({ window, nowMs: NOW_MS }, 'one'));
    assert.deepEqual(await all(3), [0, 0]);
    await operation(store, { state: 'declined', minutesAgo: 60, bin: 'one' });
    assert.deepEqual(await all(3), [0, 0], 'an hour ago is over');
    await operation(store, { state: 'declined', minutesAgo: 59, bin: 'one' });
    await operation(store, { state: 'approved', minutesAgo: 30, bin: 'one' });
    await operation(store, { state: 'declined', minutesAgo: 20, bin: 'two' });
    await operation(store, { state: 'declined', minutesAgo: 10 });
    assert.deepEqual(await all(9), [4, 3]);
    assert.deepEqual(await all(3), [3, 2]);
    assert.deepEqual(await bin(9), [2, 1]);
    assert.deepEqual(await bin(1), [1, 0], 'the newest of the range');
    for (const state of ['started', 'pending', 'in_doubt', 'failed']) {
      await operation(store, { state, minutesAgo: 1, bin: 'one' });
    }
    await operation(store, { state: 'declined', minutesAgo: 1, bin: 'one', kind: 'subscribe' });
    assert.deepEqual(
      [await all(9), await bin(9)],
      [
        [4, 3],
        [2, 1],
      ],
    );
  });

  const needsServer = name === 'memory' ? 'in memory there are no indexes' : false;
  test('few rows are read, by an index', { skip: needsServer }, async () => {
    const store = await open();
    // A busy hour, half of it charges; the range that is looked for is one card in five hundred.
    await store.query(
      `insert into operation (id, kind, client_id, key, body_hash, bin_mac, interaction_id, attempt,
         language, gateway, state, called_at, order_json, started_at)
       select 'op' || n, case when n % 2 = 0 then 'tokenise' else 'charge' end, 'c', n::text, 'h',
         'bin' || n % 1000, 'i', 1, 'en-us', 'g', case when n % 3 = 0 then 'declined' else 'approved' end,
         $1::timestamptz - n * interval '300 milliseconds', '{}', $1::timestamptz
       from generate_series(1, 20000) n`,
      [new Date(NOW_MS).toISOString()],
    );
    await store.query('analyze operation');
    for (const [piece, index, read] of [
      [declinesOfAll({ window: 100, nowMs: NOW_MS }), 'operation_card', 100],
      [declinesOfBin({ window: 15, nowMs: NOW_MS }, 'bin10'), 'operation_bin', 12],
    ] as const) {
      const { text, values } = rendered(piece);
      const rows = await store.query(`explain (analyze, timing off) select ${text}`, values);
      const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n');
      assert.match(plan, new RegExp(`Scan (using|on) ${index} `), plan);
      assert.doesNotMatch(plan, /Seq Scan|Rows Removed/, plan);
      const most = [...plan.matchAll(/actual rows=(\d+)/g)].map(([, rows]) => Number(rows));
      assert.equal(Math.max(...most), read, plan);
    }
  });
});
