import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { StoreUnavailable, UniqueViolation, type Store } from '../../src/store/store.ts';

export interface ConformanceOptions {
  /** Why there is no server behind it, whose settings and refusals could be seen. */
  readonly noServer?: string;
}

/**
 * What every driver of the store keeps. `open` gives a new store with the schema in it; the suite
 * makes a table of its own beside.
 */
export function storeConformance(
  name: string,
  open: () => Promise<Store>,
  { noServer }: ConformanceOptions = {},
): void {
  const ofServer = { skip: noServer ?? false };
  describe(`${name} keeps the contract of the store`, () => {
    let store: Store;
    const opened = (): Store => store;
    before(async () => {
      store = await open();
      await store.query('create table note (id text primary key, body text)');
    });

    columns(opened);
    parameters(opened);
    statements(opened);
    transactions(opened, ofServer);
    conflicts(opened, ofServer);
    ledger(opened);

    test('a closed store says so, and may be closed again', async () => {
      const other = await open();
      await other.close();
      await other.close();
      await assert.rejects(other.query('select 1'), StoreUnavailable);
    });
  });
}

const COLUMNS: readonly (readonly [type: string, text: string, value: unknown])[] = [
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['smallint', '-7', -7],
  ['int', '2147483647', 2147483647],
  ['bigint', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ['numeric', '29.99', 29.99],
  ['real', '0.5', 0.5],
  ['double precision', '1e-3', 0.001],
  ['text', 'añ€𝄞 "\\\' ,{}', 'añ€𝄞 "\\\' ,{}'],
  ['varchar', '', ''],
  ['date', '2026-11-23', '2026-11-23'],
  ['timestamptz', '2026-11-23T12:00:00.123Z', Date.UTC(2026, 10, 23, 12, 0, 0, 123)],
  ['timestamptz', '2026-11-23T12:00:00.123456+05:30', Date.UTC(2026, 10, 23, 6, 30, 0, 123)],
  ['timestamp', '2026-11-23 12:00:00', '2026-11-23 12:00:00'],
  ['json', '{"a":[1,null,"x"]}', { a: [1, null, 'x'] }],
  ['jsonb', '"text"', 'text'],
  ['text[]', '{a,"b c"}', '{a,"b c"}'],
  ['bytea', '\\x00ff', '\\x00ff'],
];

function columns(store: () => Store): void {
  for (const [type, text, value] of COLUMNS) {
    test(`a column of ${type} with ${text || 'nothing'} in it is read`, async () => {
      const rows = await store().query(`select $1::${type} as value`, [text]);
      assert.deepEqual(rows, [{ value }]);
      const plain = await store().query(`select $$${text}$$::${type} as value`);
      assert.deepEqual(plain, [{ value }], 'without parameters it is the same');
    });

    test(`null as ${type} (${text}) is null`, async () => {
      const rows = await store().query(`select $1::${type} as value`, [null]);
      assert.deepEqual(rows, [{ value: null }]);
    });
  }

  test('count and sum are numbers', async () => {
    const rows = await store().query(
      'select count(*) as n, sum(v) as total, avg(v) as mean from (values (1), (2)) as t (v)',
    );
    assert.deepEqual(rows, [{ n: 2, total: 3, mean: 1.5 }]);
  });

  test('a number that no double can hold is refused, not rounded', async () => {
    await assert.rejects(store().query("select '9007199254740993'::bigint as value"), RangeError);
    assert.equal((await store().query('select 1 as one')).length, 1);
  });
}

function parameters(store: () => Store): void {
  test('a parameter is a string, a number, a boolean, null, or a list', async () => {
    const rows = await store().query(
      `select $1::text as a, $2::int as b, $3::boolean as c, $4::text as d,
        'b "quoted" \\ x' = any($5::text[]) as e, 3 = any($6::int[]) as f,
        cardinality($7::text[]) as g, $8::bigint as h, $9::jsonb as i`,
      ['x', 7, false, null, ['a', 'b "quoted" \\ x'], [1, 3], [], 2 ** 40, '{"k":"v"}'],
    );
    assert.deepEqual(rows, [
      { a: 'x', b: 7, c: false, d: null, e: true, f: true, g: 0, h: 2 ** 40, i: { k: 'v' } },
    ]);
  });

  test('a number is no time: both engines refuse it alike', async () => {
    await assert.rejects(store().query('select $1::timestamptz as t', [1_795_435_200_000]));
  });

  test('a parameter that is not a finite number is refused', async () => {
    await assert.rejects(store().query('select $1::float8 as x', [Number.NaN]), RangeError);
  });
}

function statements(store: () => Store): void {
  test('several statements without parameters run in order and give the rows of the last', async () => {
    const rows = await store().query(
      "insert into note values ('several', 'a'); update note set body = 'b' where id = 'several'; select body from note where id = 'several'",
    );
    assert.deepEqual(rows, [{ body: 'b' }]);
  });

  test('a statement that returns nothing gives no rows', async () => {
    assert.deepEqual(await store().query('select 1 where $1::boolean', [false]), []);
    assert.deepEqual(await store().query("delete from note where id = 'nobody'"), []);
  });

  test('a key that exists is a UniqueViolation with the name of its constraint', async () => {
    await store().query('insert into note values ($1)', ['twice']);
    await assert.rejects(store().query('insert into note values ($1)', ['twice']), (error) => {
      assert.ok(error instanceof UniqueViolation);
      assert.equal(error.constraint, 'note_pkey');
      return true;
    });
  });

  test('after an error the store goes on', async () => {
    await assert.rejects(store().query('select nonsense'));
    await assert.rejects(store().query('select 1 / $1::int', [0]));
    await assert.rejects(store().query('not sql at all'));
    assert.deepEqual(await store().query('select $1::int as one', [1]), [{ one: 1 }]);
  });

  test('an error carries no value of a parameter', async () => {
    const error: unknown = await store()
      .query('select $1::int', ['not-a-number-but-secret'])
      .catch((caught: unknown) => caught);
    assert.ok(error instanceof Error);
    const fields = Object.entries(error).filter(([key]) => key !== 'message');
    assert.doesNotMatch(JSON.stringify(fields), /but-secret/);
  });

  test('statements that start together all get their own answer', async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      numbers.map((n) => store().query('select $1::int as n', [n])),
    );
    assert.deepEqual(
      answers,
      numbers.map((n) => [{ n }]),
    );
  });
}

type OfServer = { readonly skip: string | boolean };

function transactions(store: () => Store, ofServer: OfServer): void {
  const bodies = async (id: string): Promise<unknown[]> =>
    (await store().query('select body from note where id = $1', [id])).map((row) => row['body']);

  test('a transaction that ends is committed, and gives what its work gives', async () => {
    const value = await store().tx(async (sql) => {
      await sql.query("insert into note values ('committed', 'a')");
      await sql.query("update note set body = $1 where id = 'committed'", ['b']);
      return 42;
    });
    assert.equal(value, 42);
    assert.deepEqual(await bodies('committed'), ['b']);
  });

  test('a transaction that throws leaves nothing behind, and throws the same', async () => {
    const reason = new Error('changed my mind');
    const work = store().tx(async (sql) => {
      await sql.query("insert into note values ('thrown', 'a')");
      throw reason;
    });
    await assert.rejects(work, (error) => error === reason);
    assert.deepEqual(await bodies('thrown'), []);
  });

  test('a failed statement whose error is swallowed is no commit', async () => {
    const work = store().tx(async (sql) => {
      await sql.query("insert into note values ('swallowed', 'a')");
      await sql.query('select 1 / 0').catch(() => {});
    });
    await assert.rejects(work, /rolled back/);
    assert.deepEqual(await bodies('swallowed'), []);
  });

  test('a UniqueViolation can be told apart inside a transaction', async () => {
    const work = store().tx(async (sql) => {
      await sql.query("insert into note values ('inside')");
      await sql.query("insert into note values ('inside')");
    });
    await assert.rejects(work, UniqueViolation);
    assert.deepEqual(await bodies('inside'), []);
  });

  test('transactions do not nest', async () => {
    const work = store().tx(async () => store().tx(async () => 1));
    await assert.rejects(work, /does not nest/);
  });

  test('the store itself is refused inside a transaction', async () => {
    const work = store().tx(async () => store().query('select 1'));
    await assert.rejects(work, /inside tx\(\)/);
  });

  test('the Sql of a transaction that has ended is refused', async () => {
    const kept = await store().tx(async (sql) => sql);
    await assert.rejects(kept.query('select 1'), /has ended/);
  });

  test('what another has not committed is not seen', async () => {
    const [inside] = await Promise.all([
      store().tx(async (sql) => {
        await sql.query("insert into note values ('unseen', 'a')");
        return sql.query("select body from note where id = 'unseen'");
      }),
      store().query("select body from note where id = 'unseen'"),
    ]);
    assert.deepEqual(inside, [{ body: 'a' }]);
  });

  test('transactions that start together do not mix: no increment is lost', async () => {
    await store().query("insert into note values ('counter', '0')");
    const increment = (): Promise<void> =>
      store().tx(async (sql) => {
        const rows = await sql.query("select body from note where id = 'counter' for update");
        const next = Number(rows[0]?.['body']) + 1;
        await sql.query("update note set body = $1 where id = 'counter'", [String(next)]);
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.deepEqual(await bodies('counter'), ['20']);
  });

  test('the isolation is READ COMMITTED', ofServer, async () => {
    const rows = await store().tx((sql) => sql.query('show transaction_isolation'));
    assert.deepEqual(rows, [{ transaction_isolation: 'read committed' }]);
  });
}

/** Fails with an SQLSTATE, as the engine does when two meet. */
function failing(state: string): string {
  return `do $$ begin raise exception 'met' using errcode = '${state}'; end $$`;
}

function conflicts(store: () => Store, ofServer: OfServer): void {
  for (const state of ['40001', '40P01']) {
    test(`a transaction that meets ${state} is repeated from its beginning`, ofServer, async () => {
      let runs = 0;
      const id = `repeated-${state}`;
      const value = await store().tx(async (sql) => {
        runs += 1;
        await sql.query('insert into note values ($1, $2)', [id, String(runs)]);
        if (runs < 3) await sql.query(failing(state));
        return runs;
      });
      assert.equal(value, 3);
      const rows = await store().query('select body from note where id = $1', [id]);
      assert.deepEqual(rows, [{ body: '3' }], 'of the runs before there is nothing');
    });
  }

  test('a conflict that does not end is given up as StoreUnavailable', ofServer, async () => {
    let runs = 0;
    const work = store().tx(async (sql) => {
      runs += 1;
      await sql.query(failing('40001'));
    });
    await assert.rejects(work, StoreUnavailable);
    assert.ok(runs > 1 && runs < 20, `${runs} runs`);
  });

  test(
    'a single statement that meets a conflict is repeated too, and given up',
    ofServer,
    async () => {
      await assert.rejects(store().query(failing('40P01')), StoreUnavailable);
    },
  );

  for (const state of ['53300', '57014', '57P01', '58030', '08006', '25006']) {
    test(`a server that refuses to work with ${state} is StoreUnavailable`, ofServer, async () => {
      await assert.rejects(store().query(failing(state)), StoreUnavailable);
      assert.equal((await store().query('select 1 as one')).length, 1);
    });
  }
}

const ENTRY = `insert into ledger (id, at, actor, action, result, origin, resource, detail, entry_hash)
  values ('lg_kept', '2026-11-23T12:00:00.000Z', 'system', 'test', 'success', 'test', 'test', '{}', 'x')`;

function ledger(store: () => Store): void {
  const tables = ['ledger', 'ledger_seal', 'ledger_checkpoint'];
  const attempts = tables.flatMap((table) => [
    `delete from ${table}`,
    `truncate ${table} cascade`,
    `update ${table} set ${table === 'ledger' ? 'actor' : 'chain_hash'} = 'forged'`,
  ]);

  test('an entry of the ledger can be added', async () => {
    await store().query(ENTRY);
    await store().query("insert into ledger_seal values (1, 'lg_kept', 'hash')");
  });

  for (const attempt of attempts) {
    test(`the ledger refuses: ${attempt}`, async () => {
      await assert.rejects(store().query(attempt), /append-only/);
      const rows = await store().query("select actor from ledger where id = 'lg_kept'");
      assert.deepEqual(rows, [{ actor: 'system' }]);
    });
  }
}
