import assert from 'node:assert/strict';
import { UniqueViolation, type Sql, type SqlRow, type Store } from '../../src/store/store.ts';
import { sqlStateOf } from '../../src/store/error.ts';

type Query = Sql['query'];

type Outcome = { readonly rows: readonly SqlRow[] } | { readonly error: unknown };

async function outcomeOf(query: () => ReturnType<Query>): Promise<Outcome> {
  try {
    return { rows: await query() };
  } catch (error) {
    return { error };
  }
}

/** Calls that ended in one millisecond have no order among each other. */
function samplesInOrder(key: string, value: unknown): unknown {
  if (key !== 'samples' || !Array.isArray(value)) return value;
  return value.map((sample) => JSON.stringify(sample)).sort();
}

/** Rows that come in no order that was asked for are compared in one of their own. */
function shownRows(rows: readonly SqlRow[], ordered: boolean): string[] {
  const texts = rows.map((row) => JSON.stringify(row, samplesInOrder));
  return ordered ? texts : texts.sort();
}

function shown(outcome: Outcome, ordered: boolean): unknown {
  if ('rows' in outcome) return shownRows(outcome.rows, ordered);
  const { error } = outcome;
  if (error instanceof UniqueViolation) return `unique violation of ${error.constraint}`;
  return sqlStateOf(error) ?? String(error);
}

const ORDERED = /\border by [^()]*$/;

/**
 * A store that asks two: every statement runs on both, and has to give the same rows or the same
 * error. One statement runs at a time, so that both see them in one order.
 */
export class TwinStore implements Store {
  readonly engine = 'postgres';
  readonly durable = true;
  /** Statements that were compared, by their text. */
  readonly compared = new Map<string, number>();
  /** Errors that both have given. */
  readonly refused = new Map<string, number>();
  readonly #truth: Store;
  readonly #tested: Store;
  #last: Promise<unknown> = Promise.resolve();

  constructor(truth: Store, tested: Store) {
    this.#truth = truth;
    this.#tested = tested;
  }

  query(...[text, values]: Parameters<Query>): ReturnType<Query> {
    return this.#inTurn(() => this.#both(this.#truth, this.#tested, text, values));
  }

  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn(() =>
      this.#truth.tx((truth) =>
        this.#tested.tx((tested) =>
          work({ query: (text, values) => this.#both(truth, tested, text, values) }),
        ),
      ),
    );
  }

  async close(): Promise<void> {
    await this.#truth.close();
    await this.#tested.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #both(truth: Sql, tested: Sql, ...[text, values]: Parameters<Query>): ReturnType<Query> {
    const real = await outcomeOf(() => truth.query(text, values));
    const made = await outcomeOf(() => tested.query(text, values));
    const ordered = ORDERED.test(text);
    const seen = shown(real, ordered);
    assert.deepEqual(shown(made, ordered), seen, `${text}\n${JSON.stringify(values)}`);
    this.compared.set(text, (this.compared.get(text) ?? 0) + 1);
    if ('rows' in real) return real.rows;
    this.refused.set(String(seen), (this.refused.get(String(seen)) ?? 0) + 1);
    throw real.error;
  }

  /** Every row of every table is the same in both. @returns how many rows there are. */
  async assertSame(): Promise<number> {
    const tables = await this.#truth.query(
      `select table_name from information_schema.tables where table_schema = 'public'
       and table_name not in ('schema_version', 'schema_lease')`,
    );
    let count = 0;
    for (const { table_name: table } of tables) {
      const text = `select * from ${String(table)}`;
      const [real, made] = await Promise.all([this.#truth.query(text), this.#tested.query(text)]);
      assert.deepEqual(ranked(made), ranked(real), String(table));
      count += real.length;
    }
    return count;
  }
}

/** A number of a sequence says only who was first: a statement that failed has used some up. */
function ranked(rows: readonly SqlRow[]): string[] {
  const sorted = [...rows].sort((a, b) => Number(a['n'] ?? 0) - Number(b['n'] ?? 0));
  const isQueue = rows.length > 0 && rows.every((row) => 'entry_id' in row && 'n' in row);
  return shownRows(
    sorted.map((row, index) => (isQueue ? { ...row, n: index } : row)),
    isQueue,
  );
}
