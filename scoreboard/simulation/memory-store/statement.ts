import type { SqlRow, SqlValue } from '../../../src/store/store.ts';
import type { Database, Schema } from './database.ts';
import { SqlError } from './errors.ts';
import { compileDelete, compileInsert, compileUpdate, type Step } from './modify.ts';
import { onlyKnown, refuse, type Node, type Part } from './parse.ts';
import { Compilation, Env, Scope } from './scope.ts';
import { compileSelect } from './select.ts';
import { output, readParameter, type Row, type SqlType, type Value } from './values.ts';

/** A statement that has been compiled, to be run on any database with the schema. */
export type Compiled = (
  database: Database,
  values: readonly SqlValue[],
  nowMs: number,
) => readonly SqlRow[];

type With = Part<'SelectStmt'>['withClause'];

function step(node: Node, scope: Scope): Step {
  if ('SelectStmt' in node) {
    const { columns, rows } = compileSelect(node, scope);
    return { columns, run: rows };
  }
  if ('InsertStmt' in node) return compileInsert(node.InsertStmt, scope);
  if ('UpdateStmt' in node) return compileUpdate(node.UpdateStmt, scope);
  if ('DeleteStmt' in node) return compileDelete(node.DeleteStmt, scope);
  return refuse('this statement', node);
}

/** The statement without its WITH, and that. */
function parted(node: Node): readonly [Node, With] {
  if ('SelectStmt' in node) {
    const { withClause, ...rest } = node.SelectStmt;
    return [{ SelectStmt: rest }, withClause];
  }
  if ('InsertStmt' in node) {
    const { withClause, ...rest } = node.InsertStmt;
    return [{ InsertStmt: rest }, withClause];
  }
  if ('UpdateStmt' in node) {
    const { withClause, ...rest } = node.UpdateStmt;
    return [{ UpdateStmt: rest }, withClause];
  }
  if ('DeleteStmt' in node) {
    const { withClause, ...rest } = node.DeleteStmt;
    return [{ DeleteStmt: rest }, withClause];
  }
  return refuse('this statement', node);
}

/** Compiles the parts of a WITH in their order; each sees those before it. */
function withSteps(clause: With, scope: Scope): readonly { run: Step['run']; place: number }[] {
  if (clause === undefined) return [];
  const { ctes = [] } = onlyKnown('WITH', clause, 'ctes');
  return ctes.map((node) => {
    if (!('CommonTableExpr' in node)) return refuse('this WITH', node);
    const {
      ctename = '',
      ctequery,
      aliascolnames,
    } = onlyKnown(
      'WITH',
      node.CommonTableExpr,
      'ctename',
      'ctequery',
      'aliascolnames',
      'ctematerialized',
    );
    if (ctequery === undefined) return refuse('this WITH', node);
    const { columns, run } = step(ctequery, scope);
    const names = (aliascolnames ?? []).map((name) => ('String' in name ? name.String.sval : ''));
    const place = scope.compilation.cte();
    const named = columns.map(({ name, type }, at) => ({ name: names[at] ?? name, type }));
    scope.ctes.set(ctename, { columns: named, place });
    return { run, place };
  });
}

export function isQuery(node: Node): boolean {
  return ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt'].some((kind) => kind in node);
}

/** Compiles a SELECT, INSERT, UPDATE or DELETE against a schema. */
export function compileQuery(node: Node, schema: Schema): Compiled {
  const compilation = new Compilation(schema, (inner, scope) => compileSelect(inner, scope));
  const scope = new Scope(compilation, null);
  const [main, clause] = parted(node);
  const steps = withSteps(clause, scope);
  const { columns, run } = step(main, scope);
  const types = compilation.paramTypes.map((type, at) => {
    if (type !== undefined) return type;
    throw new SqlError('42P18', `could not determine data type of parameter $${at + 1}`);
  });
  const answer = answerOf(columns);
  return (database, values, nowMs) => {
    const env = new Env(database, nowMs, parametersOf(types, values));
    // All parts see the rows as they are now: what they change is changed when the last has ended.
    for (const { run: part, place } of steps) env.ctes[place] = part(env);
    const rows = run(env);
    if (env.changes.length > 0) database.apply(env.changes);
    return rows.map(answer);
  };
}

function parametersOf(types: readonly SqlType[], values: readonly SqlValue[]): readonly Value[] {
  if (types.length !== values.length) {
    throw new SqlError('08P01', `${values.length} parameters for a statement of ${types.length}`);
  }
  return types.map((type, at) => readParameter(type, values[at] ?? null));
}

function answerOf(columns: Step['columns']): (row: Row) => SqlRow {
  return (row) => {
    const answer: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at++) {
      const { name, type } = columns[at]!;
      answer[name] = output(type, row[at]!);
    }
    return answer;
  };
}
