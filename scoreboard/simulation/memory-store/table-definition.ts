import { Database, type Schema } from './database.ts';
import { SqlError } from './errors.ts';
import { compileExpression } from './expressions.ts';
import { onlyKnown, refuse, words, type Node, type Part } from './parse.ts';
import { Compilation, Env, Scope, type NamedColumn } from './scope.ts';
import { compileSelect } from './select.ts';
import { coerced, condition } from './types.ts';
import type { Check, Column, ForeignKey, TableShape, UniqueKey } from './tables.ts';
import { typeNamed, type Row, type SqlType, type Value } from './values.ts';

type Constraint = Part<'Constraint'>;

const SCRATCH = new Database();

/** A condition on one row, such as a CHECK. */
export function ofRow(
  node: Node | undefined,
  columns: readonly NamedColumn[],
  schema: Schema,
): (row: Row) => Value {
  const compilation = new Compilation(schema, (inner, scope) => compileSelect(inner, scope));
  const scope = new Scope(compilation, null);
  const { slot } = scope.add('', columns);
  const { run } = condition(compileExpression(node, scope), compilation);
  const env = new Env(SCRATCH, 0, []);
  return (row) => {
    env.rows[slot] = row;
    return run(env);
  };
}

function defaultOf(node: Node | undefined, type: SqlType, schema: Schema): Value {
  if (node === undefined || !('A_Const' in node)) return refuse('this default', node ?? '');
  const compilation = new Compilation(schema, (inner, scope) => compileSelect(inner, scope));
  const scope = new Scope(compilation, null);
  const value = coerced(compileExpression(node, scope), type, compilation);
  return value.run(new Env(SCRATCH, 0, []));
}

/** PostgreSQL cuts a name that is longer; then the one that is made here would be another. */
function named(...parts: readonly string[]): string {
  const name = parts.join('_');
  return name.length <= 63 ? name : refuse('a name of more than 63 characters', name);
}

interface Draft {
  readonly name: string;
  readonly columns: Column[];
  readonly uniques: UniqueKey[];
  readonly checks: { readonly name: string; readonly node: Node | undefined }[];
  readonly foreignKeys: { readonly columns: readonly string[]; readonly node: Constraint }[];
}

export function placeOf(columns: readonly NamedColumn[], name: string): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at < 0) throw new SqlError('42703', `column "${name}" does not exist`);
  return at;
}

/** What each kind of constraint adds; `column` is `null` for one of the whole table. */
const CONSTRAINTS: Readonly<
  Partial<Record<string, (draft: Draft, node: Constraint, column: string | null) => void>>
> = {
  CONSTR_PRIMARY: (draft, node, column) => {
    onlyKnown('a primary key', node, 'contype', 'keys');
    const columns = keyColumns(draft, node, column);
    draft.uniques.unshift({ name: named(draft.name, 'pkey'), columns, holds: null, whole: true });
    for (const at of columns) draft.columns[at] = { ...draft.columns[at]!, notNull: true };
  },
  CONSTR_UNIQUE: (draft, node, column) => {
    onlyKnown('a unique key', node, 'contype', 'keys');
    const columns = keyColumns(draft, node, column);
    const names = columns.map((at) => draft.columns[at]!.name);
    const name = named(draft.name, ...names, 'key');
    draft.uniques.push({ name, columns, holds: null, whole: true });
  },
  CONSTR_CHECK: (draft, node, column) => {
    onlyKnown('a check', node, 'contype', 'raw_expr', 'is_enforced', 'initially_valid');
    if (column === null) return refuse('a check of a table', node);
    draft.checks.push({ name: named(draft.name, column, 'check'), node: node.raw_expr });
  },
  CONSTR_FOREIGN: (draft, node, column) => {
    if (column === null) return refuse('a foreign key of a table', node);
    draft.foreignKeys.push({ columns: [column], node });
  },
};

function keyColumns(draft: Draft, node: Constraint, column: string | null): number[] {
  const names = column === null ? words(node.keys) : [column];
  return names.map((name) => placeOf(draft.columns, name));
}

function addConstraint(draft: Draft, node: Constraint, column: string | null): void {
  const add = CONSTRAINTS[node.contype ?? ''] ?? refuse('this constraint', node);
  add(draft, node, column);
}

function addColumn(draft: Draft, node: Part<'ColumnDef'>, schema: Schema): void {
  const {
    colname = '',
    typeName,
    constraints = [],
  } = onlyKnown('a column', node, 'colname', 'typeName', 'constraints', 'is_local');
  const type = typeNamed(typeName && { TypeName: typeName }, node);
  let column: Column = { name: colname, type, notNull: false, absent: null, identity: false };
  const others: Constraint[] = [];
  for (const one of constraints) {
    if (!('Constraint' in one)) return refuse('this constraint', one);
    const { Constraint: constraint } = one;
    if (constraint.contype === 'CONSTR_NOTNULL') column = { ...column, notNull: true };
    else if (constraint.contype === 'CONSTR_DEFAULT') {
      column = { ...column, absent: defaultOf(constraint.raw_expr, type, schema) };
    } else if (constraint.contype === 'CONSTR_IDENTITY') {
      if (constraint.generated_when !== 'a' || constraint.options) return refuse('this', node);
      column = { ...column, identity: true, notNull: true };
    } else others.push(constraint);
  }
  draft.columns.push(column);
  for (const constraint of others) addConstraint(draft, constraint, colname);
}

function foreignKey(
  draft: Draft,
  { columns, node }: Draft['foreignKeys'][number],
  schema: Schema,
): ForeignKey {
  const { pktable, pk_attrs } = onlyKnown(
    'a foreign key',
    node,
    'contype',
    'pktable',
    'pk_attrs',
    'fk_matchtype',
    'fk_upd_action',
    'fk_del_action',
    'is_enforced',
    'initially_valid',
  );
  const acts = [node.fk_upd_action, node.fk_del_action].some((action) => action !== 'a');
  const parent = schema.tables.get(pktable?.relname ?? '');
  if (acts || !parent) return refuse('this foreign key', node);
  const wanted = words(pk_attrs).map((one) => placeOf(parent.columns, one));
  const key = parent.uniques.findIndex(
    (unique) => unique.whole && unique.columns.join() === wanted.join(),
  );
  if (key < 0) return refuse('a foreign key to what is not unique', node);
  return {
    name: named(draft.name, ...columns, 'fkey'),
    columns: columns.map((one) => placeOf(draft.columns, one)),
    parent: parent.name,
    key,
  };
}

/** The shape that a CREATE TABLE declares. */
export function createdTable(node: Part<'CreateStmt'>, name: string, schema: Schema): TableShape {
  const { tableElts = [] } = onlyKnown(
    'CREATE TABLE',
    node,
    'relation',
    'tableElts',
    'if_not_exists',
    'oncommit',
  );
  const draft: Draft = { name, columns: [], uniques: [], checks: [], foreignKeys: [] };
  for (const element of tableElts) {
    if ('ColumnDef' in element) addColumn(draft, element.ColumnDef, schema);
  }
  for (const element of tableElts) {
    if ('ColumnDef' in element) continue;
    if (!('Constraint' in element)) return refuse('this in a table', element);
    addConstraint(draft, element.Constraint, null);
  }
  const { columns, uniques } = draft;
  const checks: Check[] = draft.checks.map((check) => ({
    name: check.name,
    test: ofRow(check.node, columns, schema),
  }));
  const foreignKeys = draft.foreignKeys.map((key) => foreignKey(draft, key, schema));
  return { id: schema.places, name, columns, uniques, checks, foreignKeys, triggers: [] };
}

/** The columns of a table, and one more that has no rules. */
export function columnsWith(
  columns: readonly Column[],
  node: Part<'ColumnDef'>,
  schema: Schema,
): readonly Column[] {
  const draft: Draft = {
    name: '',
    columns: [...columns],
    uniques: [],
    checks: [],
    foreignKeys: [],
  };
  addColumn(draft, node, schema);
  const rules = draft.uniques.length + draft.checks.length + draft.foreignKeys.length;
  return rules === 0 ? draft.columns : refuse('a new column with a rule', node);
}
