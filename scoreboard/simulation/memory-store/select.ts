import { compileExpression } from './expressions.ts';
import { compileFrom, lookUpBy, type Scan } from './from.ts';
import { SqlError } from './errors.ts';
import { onlyKnown, plainName, refuse, words, type Node, type Part } from './parse.ts';
import {
  columnName,
  Scope,
  type Aggregate,
  type Env,
  type Expression,
  type NamedColumn,
  type Selection,
} from './scope.ts';
import { comparator, sortKeys, type SortKey } from './sort.ts';
import { coerced, commonType, condition, holds } from './types.ts';
import { keyOf, type Row, type SqlType, type Value } from './values.ts';

type Select = Part<'SelectStmt'>;

/** One column of what is selected. */
export interface Target {
  readonly name: string;
  readonly value: Expression;
}

/**
 * Compiles a query.
 *
 * @param wanted the types that the columns are to have, such as those of the table they go into;
 *   a literal or a parameter that stands alone takes its type from there.
 */
export function compileSelect(
  node: Node,
  parent: Scope,
  wanted: readonly SqlType[] | null = null,
): Selection {
  if (!('SelectStmt' in node)) return refuse('this subselect', node);
  const select = node.SelectStmt;
  if (select.withClause !== undefined) return refuse('WITH inside of a query', node);
  if (select.valuesLists !== undefined) return valuesLists(select, parent, wanted);
  if (select.op !== undefined && select.op !== 'SETOP_NONE') return union(select, parent);
  return plain(select, parent, wanted);
}

function typed(expression: Expression, type: SqlType | undefined, scope: Scope): Expression {
  if (type !== undefined) return coerced(expression, type, scope.compilation);
  return expression.type === 'unknown'
    ? coerced(expression, 'text', scope.compilation)
    : expression;
}

/** Rows of expressions, such as those of VALUES. */
function valuesLists(node: Select, parent: Scope, wanted: readonly SqlType[] | null): Selection {
  onlyKnown('VALUES', node, 'valuesLists', 'limitOption', 'op');
  const scope = new Scope(parent.compilation, parent);
  const lists = (node.valuesLists ?? []).map((list) =>
    'List' in list
      ? (list.List.items ?? []).map((item) => compileExpression(item, scope))
      : refuse('this list of values', list),
  );
  const types = (lists[0] ?? []).map(
    (_, at) => wanted?.[at] ?? commonType(lists.map((list) => list[at]!.type)),
  );
  const rows = lists.map((list) =>
    list.length === types.length
      ? list.map((value, at) => coerced(value, types[at]!, scope.compilation).run)
      : refuse('VALUES of different lengths', node),
  );
  const columns = types.map((type, at) => ({ name: `column${at + 1}`, type }));
  return {
    columns,
    rows: (env) => rows.map((row) => row.map((value) => value(env))),
    exists: () => rows.length > 0,
    outer: scope.outer,
  };
}

function union(node: Select, parent: Scope): Selection {
  const { larg, rarg, all, op } = onlyKnown(
    'UNION',
    node,
    'larg',
    'rarg',
    'all',
    'op',
    'limitOption',
  );
  if (op !== 'SETOP_UNION' || all !== true || !larg || !rarg) return refuse('this', node);
  const parts = [larg, rarg].map((part) => compileSelect({ SelectStmt: part }, parent));
  const [left, right] = parts as [Selection, Selection];
  const alike = left.columns.every(({ type }, at) => type === right.columns[at]?.type);
  if (!alike || left.columns.length !== right.columns.length) return refuse('this UNION', node);
  return {
    columns: left.columns,
    rows: (env) => [...left.rows(env), ...right.rows(env)],
    exists: (env) => left.exists(env) || right.exists(env),
    outer: new Set([...left.outer, ...right.outer]),
  };
}

function plain(node: Select, parent: Scope, wanted: readonly SqlType[] | null): Selection {
  const select = onlyKnown(
    'SELECT',
    node,
    'distinctClause',
    'targetList',
    'fromClause',
    'whereClause',
    'groupClause',
    'sortClause',
    'limitCount',
    'limitOption',
    // One statement runs at a time and no other transaction is open, so there is nothing to wait for.
    'lockingClause',
    'op',
  );
  const { compilation } = parent;
  const scope = new Scope(compilation, parent);
  const source = compileFrom(select.fromClause ?? [], scope);
  const where = select.whereClause
    ? condition(compileExpression(select.whereClause, scope), compilation)
    : null;
  lookUpBy(where, source.tables);
  const groups = (select.groupClause ?? []).map((key) => compileExpression(key, scope));
  const aggregates: Aggregate[] = [];
  scope.aggregates = aggregates;
  const found = compileTargets(select.targetList, scope);
  const targets = found.map(({ name, value }, at) => ({
    name,
    value: typed(value, wanted?.[at], scope),
  }));
  const order = sortKeys(select.sortClause ?? [], (key) => orderKey(key, targets, scope));
  scope.aggregates = null;
  const grouping = aggregates.length > 0 || select.groupClause !== undefined;
  if (grouping) assertGrouped(targets, order, groups, scope);
  const limit = select.limitCount
    ? coerced(compileExpression(select.limitCount, scope), 'int8', compilation)
    : null;
  const scan: Scan = (env, next) => source.scan(env, () => holds(where, env) && next());
  const distinct = isDistinct(select);
  const grouped = grouping ? groupedBy(groups, aggregates, scan, scope) : scan;
  const rows = collect({ scan: grouped, targets, order, limit, distinct });
  const simple = !grouping && limit === null;
  return {
    columns: targets.map(({ name, value }) => ({ name, type: value.type })),
    rows,
    exists: simple ? (env) => scan(env, () => true) : (env) => rows(env).length > 0,
    outer: scope.outer,
  };
}

function isDistinct({ distinctClause }: Select): boolean {
  if (distinctClause === undefined) return false;
  // `distinct on (…)` has its expressions in the list, plain `distinct` one empty node.
  return Object.keys(distinctClause[0] ?? {}).length === 0 || refuse('DISTINCT ON', distinctClause);
}

/** Beside aggregates a column has a value only where the rows are grouped by it. */
function assertGrouped(
  targets: readonly Target[],
  order: readonly SortKey[],
  groups: readonly Expression[],
  scope: Scope,
): void {
  const own = new Set(scope.entries.map((entry) => entry.slot));
  const keys = new Set(groups.map(placeOf));
  const all = [...targets.map(({ value }) => value), ...order.map(({ by }) => by)];
  for (const value of all) {
    if (keys.has(placeOf(value)) || ![...value.slots].some((slot) => own.has(slot))) continue;
    throw new SqlError('42803', 'a column must appear in the GROUP BY clause');
  }
}

/** Columns are the same where their places are; expressions only where they are the same object. */
function placeOf(expression: Expression): unknown {
  const { column } = expression;
  return column ? `${column.slot}.${column.index}` : expression;
}

interface Group {
  readonly counts: readonly ReturnType<Aggregate['begin']>[];
  /** The rows that it began with: what it is grouped by is the same in all of them. */
  readonly rows: readonly (readonly [slot: number, row: Row | undefined])[];
}

/** All rows with equal keys as one, with the values of the aggregates; without keys all rows. */
function groupedBy(
  keys: readonly Expression[],
  aggregates: readonly Aggregate[],
  scan: Scan,
  scope: Scope,
): Scan {
  const slots = scope.entries.map((entry) => entry.slot);
  const begun = (env: Env): Group => ({
    counts: aggregates.map((aggregate) => aggregate.begin()),
    rows: slots.map((slot) => [slot, env.rows[slot]] as const),
  });
  return (env, next) => {
    const groups = new Map<string, Group>();
    if (keys.length === 0) groups.set('', begun(env));
    scan(env, () => {
      const key = keys.length === 0 ? '' : keyOf(keys.map((one) => one.run(env)));
      const group = groups.get(key) ?? begun(env);
      groups.set(key, group);
      for (const count of group.counts) count.take(env);
      return false;
    });
    for (const { counts, rows } of groups.values()) {
      for (const [slot, row] of rows) if (row !== undefined) env.rows[slot] = row;
      aggregates.forEach(({ place }, at) => (env.aggregates[place] = counts[at]!.value()));
      if (next()) return true;
    }
    return false;
  };
}

interface Plan {
  readonly scan: Scan;
  readonly targets: readonly Target[];
  readonly order: readonly SortKey[];
  readonly limit: Expression | null;
  readonly distinct: boolean;
}

function limitOf(limit: Expression | null, env: Env): number {
  const value = limit === null ? null : limit.run(env);
  return value === null ? Infinity : Number(value);
}

function collect({ scan, targets, order, limit, distinct }: Plan): Selection['rows'] {
  const values = targets.map(({ value }) => value.run);
  const compare = comparator(order);
  const width = values.length;
  return (env) => {
    const most = limitOf(limit, env);
    if (most <= 0) return [];
    const rows: Row[] = [];
    const keys = new Map<Row, readonly Value[]>();
    const seen = distinct ? new Set<string>() : null;
    scan(env, () => {
      const row: Value[] = [];
      for (let at = 0; at < width; at++) row.push(values[at]!(env));
      if (seen !== null) {
        const key = keyOf(row);
        if (seen.has(key)) return false;
        seen.add(key);
      }
      rows.push(row);
      if (order.length === 0) return rows.length >= most;
      keys.set(
        row,
        order.map((key) => key.by.run(env)),
      );
      return false;
    });
    if (order.length > 0) rows.sort((a, b) => compare(keys.get(a)!, keys.get(b)!));
    return rows.length > most ? rows.slice(0, most) : rows;
  };
}

/** What ORDER BY names: a column of the result by its name or place, or an expression. */
function orderKey(node: Node, targets: readonly Target[], scope: Scope): Expression {
  if ('A_Const' in node) {
    const place = node.A_Const.ival?.ival ?? refuse('this order', node);
    return targets[place - 1]?.value ?? refuse('this place in an order', node);
  }
  if ('ColumnRef' in node) {
    const { table, name } = columnName(node.ColumnRef.fields);
    const target = table === null ? targets.find((one) => one.name === name) : undefined;
    if (target) return target.value;
  }
  return typed(compileExpression(node, scope), undefined, scope);
}

function starred(table: string | null, scope: Scope): Target[] {
  const entries = table === null ? scope.entries : [scope.entry(table)];
  return entries.flatMap((entry) => {
    if (entry === null) throw new SqlError('42P01', `missing FROM-clause entry for "${table}"`);
    const { slot } = entry;
    return entry.columns.map(({ name, type }: NamedColumn, index) => ({
      name,
      value: {
        type,
        run: (env: Env) => env.rows[slot]![index]!,
        slots: new Set([slot]),
        column: { slot, index },
      },
    }));
  });
}

/** The columns of a SELECT or a RETURNING. */
export function compileTargets(nodes: readonly Node[] | undefined, scope: Scope): Target[] {
  return (nodes ?? []).flatMap((node): Target[] => {
    if (!('ResTarget' in node)) return refuse('this column', node);
    const { name, val } = onlyKnown('a column', node.ResTarget, 'name', 'val');
    if (val && 'ColumnRef' in val) {
      const reference = columnName(val.ColumnRef.fields);
      if (reference.name === null) return starred(reference.table, scope);
    }
    return [{ name: name ?? nameOf(val), value: compileExpression(val, scope) }];
  });
}

/** The name that PostgreSQL gives a column without one. */
function nameOf(node: Node | undefined): string {
  if (node === undefined) return '?column?';
  if ('ColumnRef' in node) return columnName(node.ColumnRef.fields).name ?? '?column?';
  if ('FuncCall' in node) return plainName(node.FuncCall.funcname);
  if ('CoalesceExpr' in node) return 'coalesce';
  if ('CaseExpr' in node) return 'case';
  if ('MinMaxExpr' in node) return node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least';
  if ('TypeCast' in node) {
    const inner = nameOf(node.TypeCast.arg);
    if (inner !== '?column?') return inner;
    return words(node.TypeCast.typeName?.names).at(-1) ?? inner;
  }
  if ('SubLink' in node) return sublinkName(node);
  return 'A_Expr' in node && node.A_Expr.kind === 'AEXPR_NULLIF' ? 'nullif' : '?column?';
}

function sublinkName({ SubLink: link }: Extract<Node, { SubLink: unknown }>): string {
  if (link.subLinkType === 'EXISTS_SUBLINK') return 'exists';
  const select = link.subselect;
  if (!select || !('SelectStmt' in select)) return '?column?';
  const [target] = select.SelectStmt.targetList ?? [];
  if (!target || !('ResTarget' in target)) return '?column?';
  return target.ResTarget.name ?? nameOf(target.ResTarget.val);
}
