import { SqlError } from './errors.ts';
import type { Compiled } from './statement.ts';
import {
  Table,
  uniqueKeyOf,
  type Change,
  type ForeignKey,
  type TableShape,
  type TriggerEvent,
} from './tables.ts';
import type { Row } from './values.ts';

/** What is declared: never changed, so that every database with the same schema shares it. */
export interface Schema {
  readonly tables: ReadonlyMap<string, TableShape>;
  /** What functions that triggers call say when they refuse. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Places of tables that have been given away. */
  readonly places: number;
  /** Statements that have been compiled against it, by their text. */
  readonly compiled: Map<string, Compiled>;
}

export const EMPTY_SCHEMA: Schema = {
  tables: new Map(),
  refusals: new Map(),
  places: 0,
  compiled: new Map(),
};

/** The rows of a whole database, and the way back from what was done to them. */
export class Database {
  schema: Schema;
  readonly #origin: Database | null;
  #tables: (Table | undefined)[] = [];
  #journal: (() => void)[] = [];

  /** @param origin is copied, table by table, as each is first touched; it must not change any more. */
  constructor(origin: Database | null = null) {
    this.#origin = origin;
    this.schema = origin?.schema ?? EMPTY_SCHEMA;
  }

  table(shape: TableShape): Table {
    return this.#tables[shape.id] ?? this.#touched(shape);
  }

  #touched(shape: TableShape): Table {
    const table = new Table(shape);
    this.#tables[shape.id] = table;
    const from = this.#origin?.schema.tables.get(shape.name);
    if (this.#origin && from?.id === shape.id) {
      const origin = this.#origin.table(from);
      for (const row of origin.rows) table.add(row);
      table.nextIdentity = origin.nextIdentity;
    }
    return table;
  }

  /** Puts another table in the place of one, as a change of its shape does. */
  replace(shape: TableShape, table: Table): void {
    const before = this.#tables[shape.id];
    this.#tables[shape.id] = table;
    this.#journal.push(() => (this.#tables[shape.id] = before));
  }

  declare(schema: Schema): void {
    const before = this.schema;
    this.schema = schema;
    this.#journal.push(() => (this.schema = before));
  }

  switchTriggers(table: Table, off: boolean): void {
    const before = table.triggersOff;
    table.triggersOff = off;
    this.#journal.push(() => (table.triggersOff = before));
  }

  /** As it was when it was opened. */
  reset(): void {
    this.#tables = [];
    this.#journal = [];
    this.schema = this.#origin?.schema ?? EMPTY_SCHEMA;
  }

  get mark(): number {
    return this.#journal.length;
  }

  /** Takes back everything since the mark. */
  undoTo(mark: number): void {
    while (this.#journal.length > mark) this.#journal.pop()?.();
  }

  /** What was done since the last commit can no longer be taken back. */
  commit(): void {
    this.#journal.length = 0;
  }

  /**
   * Makes the changes of one statement, in order: all, or none where one of them is refused.
   *
   * @throws {UniqueViolation} @throws {SqlError} 23503
   */
  apply(changes: readonly Change[]): void {
    const { mark } = this;
    try {
      for (const change of changes) this.#apply(change);
      for (const change of changes) this.#assertReferences(change);
    } catch (error) {
      this.undoTo(mark);
      throw error;
    }
  }

  #apply({ table, removed, added }: Change): void {
    if (removed !== null) {
      table.remove(removed);
      this.#journal.push(() => table.add(removed));
    }
    if (added !== null) {
      table.add(added);
      this.#journal.push(() => table.remove(added));
    }
  }

  #assertReferences({ table, removed, added }: Change): void {
    if (added !== null && table.rows.has(added)) {
      for (const key of table.shape.foreignKeys) {
        if (!this.#hasParent(key, added)) {
          throw new SqlError(
            '23503',
            `insert or update on table "${table.shape.name}" violates foreign key constraint "${key.name}"`,
          );
        }
      }
    }
    if (removed !== null) this.#assertNoOrphans(table, removed);
  }

  #parentOf(key: ForeignKey): Table {
    const shape = this.schema.tables.get(key.parent);
    if (!shape) throw new Error(`the table ${key.parent} is gone`);
    return this.table(shape);
  }

  #hasParent(key: ForeignKey, row: Row): boolean {
    const value = uniqueKeyOf({ ...NO_KEY, columns: key.columns }, row);
    return value === null || this.#parentOf(key).find(key.key, value) !== null;
  }

  #assertNoOrphans(parent: Table, removed: Row): void {
    for (const shape of this.schema.tables.values()) {
      for (const key of shape.foreignKeys) {
        if (key.parent !== parent.shape.name) continue;
        const value = uniqueKeyOf(parent.shape.uniques[key.key]!, removed);
        if (value === null || parent.find(key.key, value) !== null) continue;
        const columns = { ...NO_KEY, columns: key.columns };
        for (const row of this.table(shape).rows) {
          if (uniqueKeyOf(columns, row) !== value) continue;
          throw new SqlError(
            '23503',
            `update or delete on table "${parent.shape.name}" violates foreign key constraint "${key.name}" on table "${shape.name}"`,
          );
        }
      }
    }
  }
}

const NO_KEY = { name: '', holds: null, whole: true };

/** @throws {SqlError} P0001 where a trigger forbids the statement. */
export function assertAllowed(table: Table, event: TriggerEvent): void {
  if (table.triggersOff) return;
  for (const trigger of table.shape.triggers) {
    if (trigger.events.has(event)) throw new SqlError('P0001', trigger.message);
  }
}
