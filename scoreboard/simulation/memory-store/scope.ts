import type { Database, Schema } from './database.ts';
import { SqlError } from './errors.ts';
import { refuse, type Node } from './parse.ts';
import type { Change, Table } from './tables.ts';
import type { Row, SqlType, Value } from './values.ts';

/** What one run of a statement knows. Every place in it has been given out when it was compiled. */
export class Env {
  readonly database: Database;
  readonly nowMs: number;
  readonly params: readonly Value[];
  /** The present row of each table, join side or subselect in the statement. */
  readonly rows: Row[] = [];
  /** The rows of each CTE. */
  readonly ctes: (readonly Row[])[] = [];
  readonly aggregates: Value[] = [];
  /** Subselects that say the same for every row, once they have been asked. */
  readonly answers: (readonly Row[] | undefined)[] = [];
  /** What the statement does; all of it is done at its end, so that every part sees its beginning. */
  readonly changes: Change[] = [];
  /** Rows that the statement has changed or removed. */
  readonly touched = new Set<Row>();

  constructor(database: Database, nowMs: number, params: readonly Value[]) {
    this.database = database;
    this.nowMs = nowMs;
    this.params = params;
  }

  /** Two changes of one row by one statement: PostgreSQL does not say which of them holds. */
  change(table: Table, removed: Row | null, added: Row | null): void {
    if (removed !== null) {
      if (this.touched.has(removed)) {
        throw new Error(`two parts of one statement change the same row of ${table.shape.name}`);
      }
      this.touched.add(removed);
    }
    this.changes.push({ table, removed, added });
  }
}

/** An expression, ready to run. */
export interface Expression {
  readonly type: SqlType;
  readonly run: (env: Env) => Value;
  /** The places in `Env.rows` that it reads. */
  readonly slots: ReadonlySet<number>;
  /** A parameter whose type is still open. */
  readonly param?: number;
  /** A literal whose type is still open; `null` is the null. */
  readonly literal?: string | null;
  readonly column?: { readonly slot: number; readonly index: number };
  /** The two sides of an equality. */
  readonly equal?: readonly [Expression, Expression];
  /** The parts of a conjunction. */
  readonly all?: readonly Expression[];
}

export interface NamedColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** Something in a FROM list. */
export interface Entry {
  readonly alias: string;
  readonly columns: readonly NamedColumn[];
  readonly slot: number;
}

/** A subselect, ready to run. */
export interface Selection {
  readonly columns: readonly NamedColumn[];
  readonly rows: (env: Env) => readonly Row[];
  readonly exists: (env: Env) => boolean;
  /** Places outside of it that it reads. */
  readonly outer: ReadonlySet<number>;
}

export interface Cte {
  readonly columns: readonly NamedColumn[];
  readonly place: number;
}

export interface Aggregate {
  readonly place: number;
  /** A new count for one group: taken a row at a time, then asked for its value. */
  readonly begin: () => { readonly take: (env: Env) => void; readonly value: () => Value };
}

/** What is being compiled: one statement against one schema. */
export class Compilation {
  readonly schema: Schema;
  /** By their number less one; undefined while nothing has given it a type. */
  readonly paramTypes: (SqlType | undefined)[] = [];
  /** Compiles a subselect; given from outside, because selecting and expressions need each other. */
  readonly select: (node: Node, scope: Scope) => Selection;
  #slots = 0;
  #ctes = 0;
  #aggregates = 0;
  #answers = 0;

  constructor(schema: Schema, select: Compilation['select']) {
    this.schema = schema;
    this.select = select;
  }

  slot(): number {
    return this.#slots++;
  }

  cte(): number {
    return this.#ctes++;
  }

  aggregate(): number {
    return this.#aggregates++;
  }

  answer(): number {
    return this.#answers++;
  }
}

/** The names that an expression can use: those of its own FROM list, then of the query around it. */
export class Scope {
  readonly compilation: Compilation;
  readonly parent: Scope | null;
  readonly entries: Entry[] = [];
  readonly ctes = new Map<string, Cte>();
  /** Places of queries around this one that it reads. */
  readonly outer = new Set<number>();
  /** Where aggregates may stand, those that were found. */
  aggregates: Aggregate[] | null = null;

  constructor(compilation: Compilation, parent: Scope | null) {
    this.compilation = compilation;
    this.parent = parent;
  }

  cte(name: string): Cte | null {
    return this.ctes.get(name) ?? this.parent?.cte(name) ?? null;
  }

  add(alias: string, columns: readonly NamedColumn[]): Entry {
    if (this.entries.some((entry) => entry.alias === alias)) {
      throw new SqlError('42712', `table name "${alias}" specified more than once`);
    }
    const entry = { alias, columns, slot: this.compilation.slot() };
    this.entries.push(entry);
    return entry;
  }

  entry(alias: string): Entry | null {
    const found = this.entries.find((entry) => entry.alias === alias) ?? null;
    if (found !== null || this.parent === null) return found;
    return this.#fromOutside(this.parent.entry(alias));
  }

  #fromOutside(entry: Entry | null): Entry | null {
    if (entry !== null) this.outer.add(entry.slot);
    return entry;
  }

  /** The entry that has a column of this name, the nearest query first. */
  #owner(name: string): Entry | null {
    const owners = this.entries.filter(({ columns }) => columns.some((one) => one.name === name));
    if (owners.length > 1) throw new SqlError('42702', `column reference "${name}" is ambiguous`);
    if (owners[0] !== undefined || this.parent === null) return owners[0] ?? null;
    return this.#fromOutside(this.parent.#owner(name));
  }

  /** @throws {SqlError} 42703 where there is none. */
  column(table: string | null, name: string): Expression {
    const entry = table === null ? this.#owner(name) : this.entry(table);
    const index = entry?.columns.findIndex((one) => one.name === name) ?? -1;
    const column = entry?.columns[index];
    if (!entry || !column) {
      throw new SqlError(
        '42703',
        `column "${table === null ? '' : `${table}.`}${name}" does not exist`,
      );
    }
    const { slot } = entry;
    return {
      type: column.type,
      run: (env) => env.rows[slot]![index]!,
      slots: new Set([slot]),
      column: { slot, index },
    };
  }
}

/** The fields of a column's name: `[table, column]`, the table may be left out. */
export function columnName(fields: readonly Node[] | undefined): {
  readonly table: string | null;
  readonly name: string | null;
} {
  const names = (fields ?? []).map((field) => {
    if ('String' in field) return field.String.sval ?? '';
    return 'A_Star' in field ? null : refuse('this column', field);
  });
  if (names.length === 1) return { table: null, name: names[0] ?? null };
  if (names.length === 2) return { table: names[0] ?? null, name: names[1] ?? null };
  return refuse('this column', names);
}

export const NO_SLOTS: ReadonlySet<number> = new Set();

export function slotsOf(expressions: readonly Expression[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (const { slots } of expressions) for (const slot of slots) all.add(slot);
  return all;
}
