import type { SqlValue } from './store.ts';

/** A piece of SQL with its values; pieces nest, and `$n` is numbered at the end. */
export interface Piece {
  readonly parts: readonly string[];
  readonly values: readonly (SqlValue | Piece)[];
}

function isPiece(value: SqlValue | Piece): value is Piece {
  return typeof value === 'object' && value !== null && 'parts' in value;
}

/** Writes SQL with values in their places: sql`select ${id}::text`. */
export function sql(parts: TemplateStringsArray, ...values: readonly (SqlValue | Piece)[]): Piece {
  return { parts, values };
}

/** Pieces one after the other, such as a list of CTEs. */
export function joined(pieces: readonly Piece[], separator: string): Piece {
  const parts = pieces.map((_, index) => (index === 0 ? '' : separator));
  return { parts: [...parts, ''], values: pieces };
}

/** The text with `$1, $2, …` and the values in that order. */
export function rendered(piece: Piece): { text: string; values: SqlValue[] } {
  const values: SqlValue[] = [];
  const text = (current: Piece): string =>
    current.parts
      .map((part, index) => {
        if (index >= current.values.length) return part;
        const value = current.values[index] ?? null;
        if (isPiece(value)) return part + text(value);
        values.push(value);
        return `${part}$${values.length}`;
      })
      .join('');
  return { text: text(piece), values };
}

/** {@link moment}, where there may be none. */
export function optionalMoment(epochMs: number | null): string | null {
  return epochMs === null ? null : moment(epochMs);
}

/** A moment as the parameter of a `timestamptz`. */
export function moment(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
