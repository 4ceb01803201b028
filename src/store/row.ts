import type { SqlRow } from './store.ts';

/**
 * Reads columns out of a row. A column of another type than the schema says is a bug of ours or a
 * database that is not ours: it is not carried on.
 */
export class Row {
  readonly #row: SqlRow;

  constructor(row: SqlRow) {
    this.#row = row;
  }

  #empty(column: string): boolean {
    return this.#row[column] === null || this.#row[column] === undefined;
  }

  text(column: string): string {
    const value = this.#row[column];
    if (typeof value !== 'string') throw new TypeError(`column ${column} is not text`);
    return value;
  }

  textOrNull(column: string): string | null {
    return this.#empty(column) ? null : this.text(column);
  }

  number(column: string): number {
    const value = this.#row[column];
    if (typeof value !== 'number') throw new TypeError(`column ${column} is not a number`);
    return value;
  }

  numberOrNull(column: string): number | null {
    return this.#empty(column) ? null : this.number(column);
  }

  flag(column: string): boolean {
    return this.#row[column] === true;
  }

  json(column: string): unknown {
    return this.#row[column];
  }

  /** One of the words that the column may hold. */
  word<T extends string>(column: string, words: readonly T[]): T {
    const value = this.text(column);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new TypeError(`column ${column} holds an unknown word`);
    return word;
  }
}

/** The first row, or `null`. */
export function firstRow(rows: readonly SqlRow[]): Row | null {
  const [row] = rows;
  return row === undefined ? null : new Row(row);
}
