import { StoreUnavailable, type Sql, type Store } from '../../src/store/store.ts';
import { sleep } from '../../src/system/clock.ts';
import { never, type Mortal } from './stage.ts';

/** A process that stands still: longer than any deadline, at times. */
const STALL_MS_MAX = 40_000;

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/insert into operation/, 'begin'],
  [/update operation set state/, 'finish'],
  [/update switch set/, 'switch'],
  [/^\s*update job set lease_until/, 'claim job'],
  [/^\s*(?:update|delete from) job/, 'job'],
  [/^\s*select/, 'read'],
  [/^tx$/, 'seal'],
];

const known = new Map<string, string>();

function nameOf(text: string): string {
  let name = known.get(text);
  if (name === undefined) {
    name = NAMES.find(([pattern]) => pattern.test(text))?.[1] ?? 'write';
    known.set(text, name);
  }
  return name;
}

/** A process's line to the database, on which statements and their answers are lost. */
export class StoreLink implements Store {
  readonly engine = 'postgres';
  readonly durable = true;
  readonly #owner: Mortal;
  readonly #store: Store;
  readonly #changed: (statement: string) => void;

  /** @param changed told after every statement that may have made work. */
  constructor(owner: Mortal, store: Store, changed: (statement: string) => void) {
    this.#owner = owner;
    this.#store = store;
    this.#changed = changed;
  }

  query(...[text, values]: Parameters<Sql['query']>): ReturnType<Sql['query']> {
    return this.#suffer(nameOf(text), () => this.#store.query(text, values));
  }

  tx<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#suffer('seal', () => this.#store.tx(work));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #suffer<T>(name: string, run: () => Promise<T>): Promise<T> {
    const owner = this.#owner;
    const { stage } = owner;
    await owner.turn(name);
    const fault = stage.faults.draw('store', name);
    switch (fault) {
      case 'dies_before_statement':
        owner.die(`before the statement ${name}`);
        return never();
      case 'statement_lost_before':
        stage.tell(owner.name, `loses the statement ${name}`);
        throw new StoreUnavailable('the connection was lost');
      case 'statement_stalls':
        stage.tell(owner.name, `stands still before ${name}`);
        await sleep(owner.clock, stage.between(100, STALL_MS_MAX));
        break;
      case 'dies_after_statement':
      case 'statement_lost_after':
      case null:
        break;
    }
    const result = await run();
    if (name !== 'read') this.#changed(name);
    if (fault === 'dies_after_statement') {
      owner.die(`after the statement ${name}`);
      return never();
    }
    if (fault === 'statement_lost_after') {
      stage.tell(owner.name, `loses the answer of ${name}`);
      throw new StoreUnavailable('the answer was lost');
    }
    await owner.turn(name);
    return result;
  }
}
