import { SqlError } from './errors.ts';
import { assertAllowed, type Database, type Schema } from './database.ts';
import { onlyKnown, plainName, refuse, words, type Node, type Part } from './parse.ts';
import { createdTable, columnsWith, ofRow, placeOf } from './table-definition.ts';
import { Table, type TableShape, type TriggerEvent } from './tables.ts';
import type { Row } from './values.ts';

/** A schema with other tables; what was compiled against the old one is not its. */
function withTable(schema: Schema, shape: TableShape): Schema {
  const tables = new Map(schema.tables).set(shape.name, shape);
  return { ...schema, tables, compiled: new Map() };
}

function createTable(node: Part<'CreateStmt'>, database: Database): void {
  const { schema } = database;
  const name = node.relation?.relname ?? refuse('this table', node);
  if (schema.tables.has(name)) {
    if (node.if_not_exists === true) return;
    throw new SqlError('42P07', `relation "${name}" already exists`);
  }
  const shape = createdTable(node, name, schema);
  database.declare({ ...withTable(schema, shape), places: schema.places + 1 });
}

function existing(name: string | undefined, { tables }: Schema): TableShape {
  const shape = tables.get(name ?? '');
  if (!shape) throw new SqlError('42P01', `relation "${name}" does not exist`);
  return shape;
}

/** The table with another shape and the same rows, or with the rows that `map` makes of them. */
function reshape(
  database: Database,
  shape: TableShape,
  map: (row: Row) => Row = (row) => row,
): void {
  const before = database.table(existing(shape.name, database.schema));
  const table = new Table(shape);
  for (const row of before.rows) table.add(map(row));
  table.nextIdentity = before.nextIdentity;
  table.triggersOff = before.triggersOff;
  database.replace(shape, table);
  database.declare(withTable(database.schema, shape));
}

function createIndex(node: Part<'IndexStmt'>, database: Database): void {
  const index = onlyKnown(
    'an index',
    node,
    'idxname',
    'relation',
    'accessMethod',
    'indexParams',
    'whereClause',
    'unique',
  );
  const shape = existing(index.relation?.relname, database.schema);
  const columns = (index.indexParams ?? []).map((param) => {
    if (!('IndexElem' in param)) return refuse('this index', node);
    onlyKnown('an index', param.IndexElem, 'name', 'ordering', 'nulls_ordering');
    return placeOf(shape.columns, param.IndexElem.name ?? '');
  });
  const { whereClause } = index;
  const test = whereClause ? ofRow(whereClause, shape.columns, database.schema) : null;
  // One that is not unique only makes PostgreSQL faster.
  if (index.unique !== true) return;
  const holds = test === null ? null : (row: Row): boolean => test(row) === true;
  const unique = { name: index.idxname ?? '', columns, holds, whole: holds === null };
  reshape(database, { ...shape, uniques: [...shape.uniques, unique] });
}

/** A function may do one thing: refuse, in the words that it has. */
function createFunction(node: Part<'CreateFunctionStmt'>, database: Database): void {
  const { funcname, options = [] } = onlyKnown(
    'a function',
    node,
    'funcname',
    'returnType',
    'options',
  );
  const body = options
    .map((option) => ('DefElem' in option ? option.DefElem : refuse('this', node)))
    .find((option) => option.defname === 'as')?.arg;
  const text = body && 'List' in body ? words(body.List.items).join('') : '';
  const [, message] =
    /^\s*begin\s+raise exception '([^'%]*)';\s*end\s*;?\s*$/i.exec(text) ??
    refuse('a function that does more than refuse', text);
  const { schema } = database;
  const refusals = new Map(schema.refusals).set(plainName(funcname), message ?? '');
  database.declare({ ...schema, refusals, compiled: new Map() });
}

/** Bits of `events`, https://doxygen.postgresql.org/pg__trigger_8h.html. */
const EVENTS: readonly (readonly [TriggerEvent, number])[] = [
  ['insert', 4],
  ['delete', 8],
  ['update', 16],
  ['truncate', 32],
];
const BEFORE = 2;

function createTrigger(node: Part<'CreateTrigStmt'>, database: Database): void {
  const trigger = onlyKnown(
    'a trigger',
    node,
    'trigname',
    'relation',
    'funcname',
    'timing',
    'events',
  );
  const { schema } = database;
  const shape = existing(trigger.relation?.relname, schema);
  const message = schema.refusals.get(plainName(trigger.funcname));
  if (message === undefined || trigger.timing !== BEFORE) return refuse('this trigger', node);
  const events = EVENTS.filter(([, bit]) => ((trigger.events ?? 0) & bit) !== 0);
  const made = {
    name: trigger.trigname ?? '',
    message,
    events: new Set(events.map(([one]) => one)),
  };
  reshape(database, { ...shape, triggers: [...shape.triggers, made] });
}

function alterTable(node: Part<'AlterTableStmt'>, database: Database): void {
  const { relation, cmds = [] } = onlyKnown('ALTER TABLE', node, 'relation', 'cmds', 'objtype');
  for (const command of cmds) {
    if (!('AlterTableCmd' in command)) return refuse('this ALTER TABLE', node);
    const { subtype, name, def } = onlyKnown(
      'ALTER TABLE',
      command.AlterTableCmd,
      'subtype',
      'name',
      'def',
      'behavior',
    );
    const shape = existing(relation?.relname, database.schema);
    if (subtype === 'AT_EnableTrigUser' || subtype === 'AT_DisableTrigUser') {
      database.switchTriggers(database.table(shape), subtype === 'AT_DisableTrigUser');
    } else if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) {
      const columns = columnsWith(shape.columns, def.ColumnDef, database.schema);
      const { absent = null, notNull = false } = columns.at(-1) ?? {};
      if (notNull) return refuse('a column that is never null', node);
      reshape(database, { ...shape, columns }, (row) => [...row, absent]);
    } else if (subtype === 'AT_DropNotNull') {
      const at = placeOf(shape.columns, name ?? '');
      const columns = shape.columns.map((one, place) =>
        place === at ? { ...one, notNull: false } : one,
      );
      reshape(database, { ...shape, columns });
    } else return refuse('this ALTER TABLE', node);
  }
}

function truncate(node: Part<'TruncateStmt'>, database: Database): void {
  const { relations = [] } = onlyKnown('TRUNCATE', node, 'relations', 'behavior');
  for (const relation of relations) {
    if (!('RangeVar' in relation)) return refuse('this TRUNCATE', node);
    const table = database.table(existing(relation.RangeVar.relname, database.schema));
    assertAllowed(table, 'truncate');
    // With CASCADE PostgreSQL empties what refers to it; this only empties what nothing refers to.
    database.apply([...table.rows].map((row) => ({ table, removed: row, added: null })));
  }
}

/** Runs a statement that declares something. */
export function define(node: Node, database: Database): void {
  if ('CreateStmt' in node) return createTable(node.CreateStmt, database);
  if ('IndexStmt' in node) return createIndex(node.IndexStmt, database);
  if ('CreateFunctionStmt' in node) return createFunction(node.CreateFunctionStmt, database);
  if ('CreateTrigStmt' in node) return createTrigger(node.CreateTrigStmt, database);
  if ('AlterTableStmt' in node) return alterTable(node.AlterTableStmt, database);
  if ('TruncateStmt' in node) return truncate(node.TruncateStmt, database);
  return refuse('this statement', node);
}
