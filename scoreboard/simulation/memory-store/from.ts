import type { TableShape } from './tables.ts';
import { compileExpression } from './expressions.ts';
import { SqlError } from './errors.ts';
import { onlyKnown, plainName, refuse, words, type Node, type Part } from './parse.ts';
import { Scope, type Entry, type Env, type Expression, type NamedColumn } from './scope.ts';
import { condition, holds } from './types.ts';
import { elementOf, keyOf, type Row, type Value } from './values.ts';

/** Puts one combination of rows after the other into the environment; `next` says when to stop. */
export type Scan = (env: Env, next: () => boolean) => boolean;

/** A stored table that is walked, or asked for one row where its key is known. */
export interface TableScan {
  readonly slot: number;
  readonly shape: TableShape;
  /** The row that can match, found by a unique key; `null` walks them all. */
  lookUp: ((env: Env) => Row | null) | null;
}

export interface Source {
  readonly scan: Scan;
  readonly entries: readonly Entry[];
  /** Those in which a condition of WHERE may look rows up: all that no outer join fills with nulls. */
  readonly tables: readonly TableScan[];
}

type Alias = NonNullable<Part<'RangeVar'>['alias']>;

/** One row without columns: a query without FROM. */
export const NOTHING: Source = { scan: (_env, next) => next(), entries: [], tables: [] };

export function compileFrom(nodes: readonly Node[], scope: Scope): Source {
  return nodes.reduce<Source>((left, node) => crossed(left, fromItem(node, scope)), NOTHING);
}

function crossed(left: Source, right: Source): Source {
  if (left === NOTHING) return right;
  return {
    scan: (env, next) => left.scan(env, () => right.scan(env, next)),
    entries: [...left.entries, ...right.entries],
    tables: [...left.tables, ...right.tables],
  };
}

function fromItem(node: Node, scope: Scope): Source {
  if ('RangeVar' in node) return named(node.RangeVar, scope);
  if ('JoinExpr' in node) return join(node.JoinExpr, scope);
  if ('RangeSubselect' in node) return subselect(node.RangeSubselect, scope);
  if ('RangeFunction' in node) return unnest(node.RangeFunction, scope);
  return refuse('this in a FROM list', node);
}

function renamed(columns: readonly NamedColumn[], alias: Alias | undefined): NamedColumn[] {
  const names = words(alias?.colnames);
  return columns.map(({ name, type }, at) => ({ name: names[at] ?? name, type }));
}

function listed(entry: Entry, rows: (env: Env) => Iterable<Row>): Source {
  const { slot } = entry;
  const scan: Scan = (env, next) => {
    for (const row of rows(env)) {
      env.rows[slot] = row;
      if (next()) return true;
    }
    return false;
  };
  return { scan, entries: [entry], tables: [] };
}

const TABLES_OF_SCHEMA: readonly NamedColumn[] = [
  { name: 'table_schema', type: 'text' },
  { name: 'table_name', type: 'text' },
];

function named(node: Part<'RangeVar'>, scope: Scope): Source {
  const {
    schemaname,
    relname = '',
    alias,
  } = onlyKnown('a table', node, 'schemaname', 'relname', 'alias', 'inh', 'relpersistence');
  const as = alias?.aliasname ?? relname;
  if (schemaname === 'information_schema' && relname === 'tables') {
    const { schema } = scope.compilation;
    const rows = [...schema.tables.keys()].map((name) => ['public', name] as const);
    return listed(scope.add(as, TABLES_OF_SCHEMA), () => rows);
  }
  if (schemaname !== undefined && schemaname !== 'public') return refuse('this schema', node);
  const cte = schemaname === undefined ? scope.cte(relname) : null;
  if (cte !== null) {
    const { columns, place } = cte;
    return listed(scope.add(as, renamed(columns, alias)), (env) => env.ctes[place]!);
  }
  return stored(tableNamed(relname, scope), scope, as, alias);
}

/** @throws {SqlError} 42P01 */
export function tableNamed(name: string, { compilation }: Scope): TableShape {
  const shape = compilation.schema.tables.get(name);
  if (!shape) throw new SqlError('42P01', `relation "${name}" does not exist`);
  return shape;
}

export function stored(shape: TableShape, scope: Scope, as: string, alias?: Alias): Source {
  const entry = scope.add(as, renamed(shape.columns, alias));
  const { slot } = entry;
  const table: TableScan = { slot, shape, lookUp: null };
  const scan: Scan = (env, next) => {
    if (table.lookUp !== null) {
      const row = table.lookUp(env);
      if (row === null) return false;
      env.rows[slot] = row;
      return next();
    }
    for (const row of env.database.table(shape).rows) {
      env.rows[slot] = row;
      if (next()) return true;
    }
    return false;
  };
  return { scan, entries: [entry], tables: [table] };
}

/** The values that a condition wants of a table's columns, where they are known before it is walked. */
function wantedValues(
  conditions: readonly Expression[],
  slot: number,
): ReadonlyMap<number, Expression> {
  const wanted = new Map<number, Expression>();
  for (const { equal } of conditions) {
    if (equal === undefined) continue;
    for (const [side, other] of [equal, [equal[1], equal[0]] as const]) {
      // Places are given out in the order in which the FROM list is walked.
      const known = [...other.slots].every((read) => read < slot);
      if (side.column?.slot === slot && known) wanted.set(side.column.index, other);
    }
  }
  return wanted;
}

/** Lets the tables find the row by a unique key where the condition names all of its columns. */
export function lookUpBy(filter: Expression | null, tables: readonly TableScan[]): void {
  if (filter === null) return;
  const conditions = filter.all ?? [filter];
  for (const table of tables) {
    if (table.lookUp !== null) continue;
    const { slot, shape } = table;
    const wanted = wantedValues(conditions, slot);
    if (wanted.size === 0) continue;
    const at = shape.uniques.findIndex(
      ({ whole, columns }) => whole && columns.every((column) => wanted.has(column)),
    );
    const unique = shape.uniques[at];
    if (unique === undefined) continue;
    const values = unique.columns.map((column) => wanted.get(column)!.run);
    table.lookUp = (env) => {
      const key = values.length === 1 ? values[0]!(env) : compositeKey(values, env);
      return key === null ? null : env.database.table(shape).find(at, key);
    };
  }
}

function compositeKey(values: readonly Expression['run'][], env: Env): Value {
  const key = values.map((value) => value(env));
  return key.includes(null) ? null : keyOf(key);
}

function join(node: Part<'JoinExpr'>, scope: Scope): Source {
  const { jointype, larg, rarg, quals } = onlyKnown(
    'a join',
    node,
    'jointype',
    'larg',
    'rarg',
    'quals',
  );
  if (larg === undefined || rarg === undefined) return refuse('this join', node);
  const left = fromItem(larg, scope);
  const right = fromItem(rarg, scope);
  const on = quals ? condition(compileExpression(quals, scope), scope.compilation) : null;
  const both = crossed(left, right);
  if (jointype === 'JOIN_INNER') {
    lookUpBy(on, both.tables);
    return { ...both, scan: (env, next) => both.scan(env, () => holds(on, env) && next()) };
  }
  if (jointype !== 'JOIN_LEFT' || on === null) return refuse('this join', node);
  lookUpBy(on, right.tables);
  return { ...both, scan: outerScan(left, right, on), tables: left.tables };
}

function outerScan(left: Source, right: Source, on: Expression): Scan {
  const nulls = right.entries.map(({ slot, columns }) => ({ slot, row: columns.map(() => null) }));
  // A condition that says nothing of the right side decides before it is walked.
  const ahead = !right.entries.some(({ slot }) => on.slots.has(slot));
  return (env, next) =>
    left.scan(env, () => {
      let matched = false;
      const whenMatched = (): boolean => {
        if (!holds(on, env)) return false;
        matched = true;
        return next();
      };
      if ((!ahead || holds(on, env)) && right.scan(env, whenMatched)) return true;
      if (matched) return false;
      for (const { slot, row } of nulls) env.rows[slot] = row;
      return next();
    });
}

function subselect(node: Part<'RangeSubselect'>, scope: Scope): Source {
  const { lateral, subquery, alias } = onlyKnown(
    'a subselect',
    node,
    'lateral',
    'subquery',
    'alias',
  );
  if (subquery === undefined) return refuse('this subselect', node);
  // Without LATERAL it does not see its neighbours.
  const around = new Scope(scope.compilation, scope.parent);
  for (const [name, cte] of scope.ctes) around.ctes.set(name, cte);
  const selection = scope.compilation.select(subquery, lateral === true ? scope : around);
  for (const slot of around.outer) scope.outer.add(slot);
  const columns = renamed(selection.columns, alias);
  return listed(scope.add(alias?.aliasname ?? '', columns), selection.rows);
}

/** `unnest(array, …)`: the arrays side by side, the shorter ones filled with nulls. */
function unnest(node: Part<'RangeFunction'>, scope: Scope): Source {
  const { functions = [], alias } = onlyKnown('a function', node, 'functions', 'alias', 'lateral');
  const [first] = functions;
  const call = first && 'List' in first ? first.List.items?.[0] : undefined;
  if (functions.length !== 1 || !call || !('FuncCall' in call)) return refuse('this', node);
  const { funcname, args = [] } = onlyKnown(
    'a call',
    call.FuncCall,
    'funcname',
    'args',
    'funcformat',
  );
  if (plainName(funcname) !== 'unnest') return refuse('this function in a FROM list', node);
  const arrays = args.map((arg) => compileExpression(arg, scope));
  const own = args.length === 1 ? (alias?.aliasname ?? 'unnest') : 'unnest';
  const columns = arrays.map(({ type }) => ({
    name: own,
    type: elementOf(type) ?? refuse('unnest of what is no array', node),
  }));
  const entry = scope.add(alias?.aliasname ?? 'unnest', renamed(columns, alias));
  return listed(entry, (env) => {
    const lists = arrays.map(({ run }) => (run(env) ?? []) as readonly Value[]);
    const length = Math.max(0, ...lists.map((list) => list.length));
    return Array.from({ length }, (_, at) => lists.map((list) => list[at] ?? null));
  });
}
