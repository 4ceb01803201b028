import { SqlError } from './errors.ts';
import { compileExpression } from './expressions.ts';
import { onlyKnown, refuse, type Node, type Part } from './parse.ts';
import { Scope, type Env } from './scope.ts';
import { uniqueKeyOf, type Table, type TableShape } from './tables.ts';
import { condition, holds } from './types.ts';
import type { Row } from './values.ts';

type Clause = NonNullable<Part<'InsertStmt'>['onConflictClause']>;

/** What an INSERT does with a row whose key exists. */
export interface Conflict {
  readonly updates: boolean;
  /** `free` where nothing stands against the row; the row that was changed instead; or `null`. */
  readonly settle: (env: Env, table: Table, row: Row) => Row | null | 'free';
}

type Assignments = (
  nodes: readonly Node[] | undefined,
  shape: TableShape,
  scope: Scope,
) => (env: Env, row: Row) => Row;

/** The places of the keys that decide: the one whose columns are named, or all. */
function arbiters(infer: Clause['infer'], shape: TableShape): readonly number[] {
  if (infer === undefined) return shape.uniques.map((_, at) => at);
  const { indexElems = [] } = onlyKnown('ON CONFLICT', infer, 'indexElems');
  const columns = indexElems.map((elem) => {
    if (!('IndexElem' in elem)) return refuse('this ON CONFLICT', infer);
    onlyKnown('a column', elem.IndexElem, 'name', 'ordering', 'nulls_ordering');
    return shape.columns.findIndex(({ name }) => name === elem.IndexElem.name);
  });
  const at = shape.uniques.findIndex(
    (unique) =>
      unique.whole &&
      unique.columns.length === columns.length &&
      unique.columns.every((column) => columns.includes(column)),
  );
  if (at >= 0) return [at];
  throw new SqlError('42P10', 'no unique constraint matches the ON CONFLICT specification');
}

/** The row that has the key: as it was when the statement began, or written by this statement. */
function holder(
  env: Env,
  table: Table,
  keys: readonly number[],
  row: Row,
): { readonly row: Row; readonly own: boolean } | null {
  for (const at of keys) {
    const unique = table.shape.uniques[at]!;
    const key = uniqueKeyOf(unique, row);
    if (key === null) continue;
    const before = table.find(at, key);
    if (before !== null) return { row: before, own: false };
    for (const change of env.changes) {
      const { added } = change;
      if (change.table === table && added !== null && uniqueKeyOf(unique, added) === key) {
        return { row: added, own: true };
      }
    }
  }
  return null;
}

export function insertConflict(
  clause: Clause | undefined,
  shape: TableShape,
  parent: Scope,
  alias: string,
  assignments: Assignments,
): Conflict | null {
  if (clause === undefined) return null;
  const { action, infer, targetList, whereClause } = onlyKnown(
    'ON CONFLICT',
    clause,
    'action',
    'infer',
    'targetList',
    'whereClause',
  );
  const keys = arbiters(infer, shape);
  if (action === 'ONCONFLICT_NOTHING') {
    const settle: Conflict['settle'] = (env, table, row) =>
      holder(env, table, keys, row) === null ? 'free' : null;
    return { updates: false, settle };
  }
  if (action !== 'ONCONFLICT_UPDATE' || infer === undefined) return refuse('this', clause);
  const scope = new Scope(parent.compilation, parent);
  const target = scope.add(alias, shape.columns);
  const excluded = scope.add('excluded', shape.columns);
  const assign = assignments(targetList, shape, scope);
  const where = whereClause
    ? condition(compileExpression(whereClause, scope), scope.compilation)
    : null;
  const settle: Conflict['settle'] = (env, table, row) => {
    const found = holder(env, table, keys, row);
    if (found === null) return 'free';
    if (found.own) {
      throw new SqlError('21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time');
    }
    env.rows[target.slot] = found.row;
    env.rows[excluded.slot] = row;
    if (!holds(where, env)) return null;
    const next = assign(env, found.row);
    env.change(table, found.row, next);
    return next;
  };
  return { updates: true, settle };
}
