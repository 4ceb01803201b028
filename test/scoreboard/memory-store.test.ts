import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openMemoryStore } from '../../scoreboard/simulation/memory-store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { openMigrated, type Opened } from '../database.ts';
import { World } from '../bridge/world.ts';
import { act, Draw, type Known } from './random-acts.ts';
import { described, randomStatement } from './random-rows.ts';
import { TwinStore } from './twin-store.ts';

/** Sequences of each kind; more with `TOKENLINE_TWINS`, from the seed `TOKENLINE_TWIN_SEED`. */
const TWINS = Number(process.env['TOKENLINE_TWINS'] ?? 3);
const SEED = Number(process.env['TOKENLINE_TWIN_SEED'] ?? 1);
const ACTS = 60;
const STATEMENTS = 400;

describe('the store in memory answers as PostgreSQL does', () => {
  const opened: Opened[] = [];
  let twin: TwinStore;
  const all = new Map<string, number>();
  const refused = new Map<string, number>();

  async function begun(): Promise<readonly [TwinStore, Store]> {
    const one = await openMigrated('postgres');
    opened.push(one);
    twin = new TwinStore(one.store, openMemoryStore());
    return [twin, one.store];
  }

  function counted(): void {
    for (const [text, n] of twin.compared) all.set(text, (all.get(text) ?? 0) + n);
    for (const [error, n] of twin.refused) refused.set(error, (refused.get(error) ?? 0) + n);
  }

  after(async () => {
    for (const one of opened) await one.drop();
  });

  for (let seed = SEED; seed < SEED + TWINS; seed++) {
    for (const subscriptions of [true, false]) {
      const who = subscriptions ? 'the gateway' : 'Tokenline';
      test(`statement by statement, while ${who} charges (seed ${seed})`, async () => {
        const [store] = await begun();
        const world = await World.open(store, { seed, subscriptions });
        const draw = new Draw(seed);
        const known: Known = {
          tokens: ['none'],
          consents: ['none'],
          subscriptions: ['none'],
          operations: ['none'],
        };
        for (let n = 0; n < ACTS; n++) await act(world, draw, known);
        assert.ok((await twin.assertSame()) > 50);
        counted();
      });
    }

    test(`with random rows in every table (seed ${seed})`, async () => {
      const draw = new Draw(seed);
      const [store, truth] = await begun();
      const tables = await described(truth);
      for (let n = 0; n < STATEMENTS; n++) await randomStatement(store, draw, tables);
      assert.ok((await twin.assertSame()) > 10);
      counted();
    });
  }

  test('many statements were compared, and every kind of refusal was met', () => {
    const count = [...all.values()].reduce((sum, n) => sum + n, 0);
    assert.ok(count > 600 * TWINS, `${count} statements`);
    const fixed = [...all.keys()].filter((text) => /\$\d/.test(text));
    assert.ok(fixed.length > 50, `${fixed.length} texts`);
    const kinds = new Set([...refused.keys()].map((error) => error.replace(/ of .*/, '')));
    for (const kind of ['unique violation', '23502', '23503', '23514', 'P0001']) {
      assert.ok(kinds.has(kind), `${kind} was not met: ${[...kinds].join(', ')}`);
    }
    if (process.env['TOKENLINE_TWINS'] !== undefined) console.log(count, fixed.length, refused);
  });
});
