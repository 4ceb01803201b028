import { assertAllowed } from './database.ts';
import { SqlError } from './errors.ts';
import { compileExpression } from './expressions.ts';
import { compileFrom, lookUpBy, stored, tableNamed, type Source } from './from.ts';
import { insertConflict, type Conflict } from './conflict.ts';
import { onlyKnown, refuse, type Node, type Part } from './parse.ts';
import { compileSelect, compileTargets } from './select.ts';
import { Scope, type Env, type Expression, type NamedColumn } from './scope.ts';
import { assertRow, type TableShape } from './tables.ts';
import { coerced, condition, holds } from './types.ts';
import type { Row, SqlType, Value } from './values.ts';

/** A statement that gives rows, and may change some. */
export interface Step {
  readonly columns: readonly NamedColumn[];
  readonly run: (env: Env) => readonly Row[];
}

interface Returning {
  readonly columns: readonly NamedColumn[];
  /** The returned row, with `row` in the place of the table; `null` where nothing is returned. */
  readonly of: ((env: Env, row: Row) => Row) | null;
}

function returning(
  clause: Part<'InsertStmt'>['returningClause'],
  scope: Scope,
  slot: number,
): Returning {
  if (clause === undefined) return { columns: [], of: null };
  const { exprs } = onlyKnown('RETURNING', clause, 'exprs');
  const targets = compileTargets(exprs, scope).map(({ name, value }) => ({
    name,
    value: value.type === 'unknown' ? coerced(value, 'text', scope.compilation) : value,
  }));
  return {
    columns: targets.map(({ name, value }) => ({ name, type: value.type })),
    of: (env, row) => {
      const before = env.rows[slot];
      env.rows[slot] = row;
      const values = targets.map(({ value }) => value.run(env));
      if (before !== undefined) env.rows[slot] = before;
      return values;
    },
  };
}

/** The table that a statement changes; no other schema, no inheritance. */
function changed(node: Part<'RangeVar'> | undefined, scope: Scope): readonly [TableShape, string] {
  if (node === undefined) return refuse('a statement without a table', '');
  const known = onlyKnown('a table', node, 'relname', 'alias', 'inh', 'relpersistence');
  const { relname = '', alias } = known;
  return [tableNamed(relname, scope), alias?.aliasname ?? relname];
}

function columnAt(shape: TableShape, name: string | undefined): number {
  const at = shape.columns.findIndex((column) => column.name === name);
  if (at >= 0) return at;
  throw new SqlError('42703', `column "${name}" of relation "${shape.name}" does not exist`);
}

/** `set a = …, b = …`, as a function from the row before to the row after. */
export function assignments(
  nodes: readonly Node[] | undefined,
  shape: TableShape,
  scope: Scope,
): (env: Env, row: Row) => Row {
  const sets = (nodes ?? []).map((node) => {
    if (!('ResTarget' in node)) return refuse('this SET', node);
    const { name, val } = onlyKnown('a SET', node.ResTarget, 'name', 'val');
    const at = columnAt(shape, name);
    const { type, identity } = shape.columns[at]!;
    if (identity) return refuse('a SET of an identity', node);
    return { at, run: coerced(compileExpression(val, scope), type, scope.compilation).run };
  });
  return (env, row) => {
    const next = [...row];
    for (const { at, run } of sets) next[at] = run(env);
    assertRow(shape, next);
    return next;
  };
}

/** Where rows to be inserted come from: the values of the named columns. */
function insertSource(
  node: Node | undefined,
  scope: Scope,
  types: readonly SqlType[],
): (env: Env) => readonly Row[] {
  if (node === undefined) return refuse('an INSERT of defaults', '');
  const { columns, rows } = compileSelect(node, scope, types);
  if (columns.length !== types.length) return refuse('an INSERT of this many values', node);
  return rows;
}

function proposed(shape: TableShape, at: readonly number[]): (env: Env, values: Row) => Row {
  const places = shape.columns.map((_, index) => at.indexOf(index));
  return (env, values) =>
    shape.columns.map(({ absent, identity }, index): Value => {
      const place = places[index]!;
      if (place >= 0) return values[place]!;
      return identity ? env.database.table(shape).nextIdentity++ : absent;
    });
}

export function compileInsert(node: Part<'InsertStmt'>, parent: Scope): Step {
  const insert = onlyKnown(
    'INSERT',
    node,
    'relation',
    'cols',
    'selectStmt',
    'onConflictClause',
    'returningClause',
    'override',
  );
  if (insert.override !== 'OVERRIDING_NOT_SET') return refuse('OVERRIDING', node);
  const [shape, alias] = changed(insert.relation, parent);
  const named = insert.cols?.map((col) =>
    columnAt(shape, 'ResTarget' in col ? col.ResTarget.name : undefined),
  );
  const at =
    named ?? shape.columns.map((_, index) => index).slice(0, widthOf(insert.selectStmt, shape));
  if (at.some((index) => shape.columns[index]!.identity)) {
    return refuse('a value for an identity', node);
  }
  const types = at.map((index) => shape.columns[index]!.type);
  const rows = insertSource(insert.selectStmt, parent, types);
  const scope = new Scope(parent.compilation, parent);
  const { slot } = scope.add(alias, shape.columns);
  const returned = returning(insert.returningClause, scope, slot);
  const conflict = insertConflict(insert.onConflictClause, shape, parent, alias, assignments);
  return {
    columns: returned.columns,
    run: inserting(shape, proposed(shape, at), rows, conflict, returned),
  };
}

/** An INSERT without a list of columns fills as many of the first ones as it has values. */
function widthOf(node: Node | undefined, shape: TableShape): number {
  const select = node && 'SelectStmt' in node ? node.SelectStmt : undefined;
  const [list] = select?.valuesLists ?? [];
  return list && 'List' in list ? (list.List.items?.length ?? 0) : shape.columns.length;
}

function inserting(
  shape: TableShape,
  complete: (env: Env, values: Row) => Row,
  rows: (env: Env) => readonly Row[],
  conflict: Conflict | null,
  returned: Returning,
): Step['run'] {
  return (env) => {
    const table = env.database.table(shape);
    assertAllowed(table, 'insert');
    if (conflict?.updates === true) assertAllowed(table, 'update');
    const results: Row[] = [];
    for (const values of rows(env)) {
      const row = complete(env, values);
      assertRow(shape, row);
      const settled = conflict === null ? 'free' : conflict.settle(env, table, row);
      if (settled === 'free') env.change(table, null, row);
      const result = settled === 'free' ? row : settled;
      if (result !== null && returned.of !== null) results.push(returned.of(env, result));
    }
    return results;
  };
}

interface Affecting {
  readonly shape: TableShape;
  readonly slot: number;
  readonly source: Source;
  readonly where: Expression | null;
  readonly returned: Returning;
  /** The row afterwards; `null` removes it. */
  readonly after: (env: Env, row: Row) => Row | null;
}

/** Changes or removes each row that the condition holds for, once, however often it is met. */
function affecting(event: 'update' | 'delete', plan: Affecting): Step['run'] {
  const { shape, slot, source, where, returned, after } = plan;
  return (env) => {
    const table = env.database.table(shape);
    assertAllowed(table, event);
    const results: Row[] = [];
    const met = new Set<Row>();
    source.scan(env, () => {
      const row = env.rows[slot]!;
      if (!holds(where, env) || met.has(row)) return false;
      met.add(row);
      const next = after(env, row);
      env.change(table, row, next);
      if (returned.of !== null) results.push(returned.of(env, next ?? row));
      return false;
    });
    return results;
  };
}

/** The rows that are changed, after those that decide about them, so that they can be looked up. */
function affected(
  relation: Part<'RangeVar'> | undefined,
  from: readonly Node[] | undefined,
  where: Node | undefined,
  parent: Scope,
): Omit<Affecting, 'returned' | 'after'> & { readonly scope: Scope } {
  const scope = new Scope(parent.compilation, parent);
  const [shape, alias] = changed(relation, parent);
  const others = compileFrom(from ?? [], scope);
  const target = stored(shape, scope, alias);
  const source: Source = {
    scan: (env, next) => others.scan(env, () => target.scan(env, next)),
    entries: [...others.entries, ...target.entries],
    tables: [...others.tables, ...target.tables],
  };
  const filter = where ? condition(compileExpression(where, scope), parent.compilation) : null;
  lookUpBy(filter, source.tables);
  return { scope, shape, source, slot: target.entries[0]!.slot, where: filter };
}

/** `returning *` beside another table would have to give the columns in another order. */
function assertNoStar(node: object, others: readonly Node[] | undefined): void {
  if ((others?.length ?? 0) > 0 && JSON.stringify(node).includes('"A_Star"')) {
    refuse('RETURNING * of several tables', node);
  }
}

export function compileUpdate(node: Part<'UpdateStmt'>, parent: Scope): Step {
  const { relation, targetList, whereClause, fromClause, returningClause } = onlyKnown(
    'UPDATE',
    node,
    'relation',
    'targetList',
    'whereClause',
    'fromClause',
    'returningClause',
  );
  const { scope, ...found } = affected(relation, fromClause, whereClause, parent);
  if (returningClause) assertNoStar(returningClause, fromClause);
  const returned = returning(returningClause, scope, found.slot);
  const after = assignments(targetList, found.shape, scope);
  return { columns: returned.columns, run: affecting('update', { ...found, returned, after }) };
}

export function compileDelete(node: Part<'DeleteStmt'>, parent: Scope): Step {
  const { relation, usingClause, whereClause, returningClause } = onlyKnown(
    'DELETE',
    node,
    'relation',
    'usingClause',
    'whereClause',
    'returningClause',
  );
  const { scope, ...found } = affected(relation, usingClause, whereClause, parent);
  if (returningClause) assertNoStar(returningClause, usingClause);
  const returned = returning(returningClause, scope, found.slot);
  const run = affecting('delete', { ...found, returned, after: () => null });
  return { columns: returned.columns, run };
}
