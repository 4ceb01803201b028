import { UniqueViolation } from '../../../src/store/store.ts';
import { SqlError } from './errors.ts';
import { keyOf, type Row, type SqlType, type Value } from './values.ts';

export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly notNull: boolean;
  /** The value where a statement gives none. */
  readonly absent: Value;
  /** True where the value is always the next of a sequence. */
  readonly identity: boolean;
}

export interface UniqueKey {
  readonly name: string;
  readonly columns: readonly number[];
  /** Which rows it holds for; `null` for all. */
  readonly holds: ((row: Row) => boolean) | null;
  /** True for a key that a foreign key may name: the whole table, no predicate. */
  readonly whole: boolean;
}

export interface Check {
  readonly name: string;
  /** False is a violation; null is none. */
  readonly test: (row: Row) => Value;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly number[];
  readonly parent: string;
  /** The place of the parent's unique key in its list. */
  readonly key: number;
}

export type TriggerEvent = 'insert' | 'update' | 'delete' | 'truncate';

/** A trigger that forbids: the only kind there is. */
export interface Trigger {
  readonly name: string;
  readonly events: ReadonlySet<TriggerEvent>;
  readonly message: string;
}

/** A table as it was declared; shared by every database with this schema. */
export interface TableShape {
  /** Its place in a database. */
  readonly id: number;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly uniques: readonly UniqueKey[];
  readonly checks: readonly Check[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly triggers: readonly Trigger[];
}

/** The values of a unique key, or `null` where the row is not held by it. */
export function uniqueKeyOf(unique: UniqueKey, row: Row): Value {
  if (unique.holds !== null && !unique.holds(row)) return null;
  const [first, second] = unique.columns;
  if (second === undefined) return row[first ?? 0] ?? null;
  const values: Value[] = [];
  for (const column of unique.columns) {
    const value = row[column] ?? null;
    if (value === null) return null;
    values.push(value);
  }
  return keyOf(values);
}

/** The rows of one table in one database. */
export class Table {
  readonly shape: TableShape;
  /** In the order in which they were written. */
  readonly rows = new Set<Row>();
  readonly byKey: readonly Map<Value, Row>[];
  nextIdentity = 1;
  triggersOff = false;

  constructor(shape: TableShape) {
    this.shape = shape;
    this.byKey = shape.uniques.map(() => new Map());
  }

  /** @throws {UniqueViolation}, and nothing is changed then. */
  add(row: Row): void {
    const { uniques } = this.shape;
    for (let at = 0; at < uniques.length; at++) {
      const unique = uniques[at]!;
      const key = uniqueKeyOf(unique, row);
      if (key === null) continue;
      const byKey = this.byKey[at]!;
      if (byKey.has(key)) {
        for (let before = 0; before < at; before++) this.#forget(before, row);
        throw new UniqueViolation(unique.name);
      }
      byKey.set(key, row);
    }
    this.rows.add(row);
  }

  remove(row: Row): void {
    this.rows.delete(row);
    for (let at = 0; at < this.byKey.length; at++) this.#forget(at, row);
  }

  #forget(at: number, row: Row): void {
    const key = uniqueKeyOf(this.shape.uniques[at]!, row);
    if (key !== null) this.byKey[at]!.delete(key);
  }

  /** The row that holds the key, by the values of its columns. */
  find(unique: number, key: Value): Row | null {
    return this.byKey[unique]!.get(key) ?? null;
  }
}

/** @throws {SqlError} where the row breaks a rule of its own: null, a check. */
export function assertRow(shape: TableShape, row: Row): void {
  for (let at = 0; at < shape.columns.length; at++) {
    const column = shape.columns[at]!;
    if (column.notNull && row[at] === null) {
      throw new SqlError(
        '23502',
        `null value in column "${column.name}" of relation "${shape.name}" violates not-null constraint`,
      );
    }
  }
  for (const { name, test } of shape.checks) {
    if (test(row) === false) {
      throw new SqlError(
        '23514',
        `new row for relation "${shape.name}" violates check constraint "${name}"`,
      );
    }
  }
}

/** One step of what a statement does to the rows. */
export interface Change {
  readonly table: Table;
  readonly removed: Row | null;
  readonly added: Row | null;
}
