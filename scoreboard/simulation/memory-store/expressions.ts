import { coalesce, extreme, functionCall, nullIf } from './functions.ts';
import { amongThese, distinct, equalsAny, like, operation, same } from './operators.ts';
import { onlyKnown, plainName, refuse, type Node, type Part } from './parse.ts';
import {
  columnName,
  NO_SLOTS,
  slotsOf,
  type Compilation,
  type Expression,
  type Scope,
  type Selection,
} from './scope.ts';
import { alike, coerced, comparable, condition, constant } from './types.ts';
import { typeNamed, type Row, type Value } from './values.ts';

/** Compiles an expression where its names are known. What it does not know it refuses. */
export function compileExpression(node: Node | undefined, scope: Scope): Expression {
  if (node === undefined) return refuse('an expression that is missing', '');
  if ('ColumnRef' in node) return columnReference(node.ColumnRef, scope);
  if ('ParamRef' in node) return parameterReference(node.ParamRef, scope);
  if ('A_Const' in node) return literal(node.A_Const);
  if ('TypeCast' in node) return cast(node.TypeCast, scope);
  if ('A_Expr' in node) return operatorExpression(node.A_Expr, scope);
  if ('BoolExpr' in node) return logic(node.BoolExpr, scope);
  if ('NullTest' in node) return nullTest(node.NullTest, scope);
  if ('BooleanTest' in node) return booleanTest(node.BooleanTest, scope);
  if ('CaseExpr' in node) return caseExpression(node.CaseExpr, scope);
  if ('SubLink' in node) return sublink(node.SubLink, scope);
  const compile = (inner: Node): Expression => compileExpression(inner, scope);
  if ('CoalesceExpr' in node) {
    const { args = [] } = onlyKnown('COALESCE', node.CoalesceExpr, 'args');
    return coalesce(args.map(compile), scope.compilation);
  }
  if ('MinMaxExpr' in node) {
    const { args = [], op } = onlyKnown('GREATEST', node.MinMaxExpr, 'args', 'op');
    return extreme(args.map(compile), op === 'IS_GREATEST' ? 1 : -1, scope.compilation);
  }
  if ('FuncCall' in node) return functionCall(node.FuncCall, scope, compile);
  return refuse('this expression', node);
}

function columnReference(node: Part<'ColumnRef'>, scope: Scope): Expression {
  const { table, name } = columnName(onlyKnown('a column', node, 'fields').fields);
  return name === null ? refuse('* in an expression', node) : scope.column(table, name);
}

function parameterReference(node: Part<'ParamRef'>, { compilation }: Scope): Expression {
  const at = (onlyKnown('a parameter', node, 'number').number ?? 0) - 1;
  if (at < 0) return refuse('a parameter without a number', node);
  const known = compilation.paramTypes[at];
  // So that the list is as long as the highest number, even when nothing gives it a type.
  compilation.paramTypes[at] = known;
  const run: Expression['run'] = (env) => env.params[at]!;
  if (known !== undefined) return { type: known, run, slots: NO_SLOTS };
  return { type: 'unknown', run, slots: NO_SLOTS, param: at };
}

function literal(node: Part<'A_Const'>): Expression {
  onlyKnown('a literal', node, 'ival', 'fval', 'boolval', 'sval', 'isnull');
  if (node.isnull === true) return { ...constant('unknown', null), literal: null };
  if (node.sval !== undefined) {
    const text = node.sval.sval ?? '';
    return { ...constant('unknown', text), literal: text };
  }
  if (node.ival !== undefined) return constant('int4', node.ival.ival ?? 0);
  if (node.boolval !== undefined) return constant('bool', node.boolval.boolval ?? false);
  const digits = node.fval?.fval ?? refuse('this literal', node);
  return constant(/^\d+$/.test(digits) ? 'int8' : 'numeric', Number(digits));
}

function cast(node: Part<'TypeCast'>, scope: Scope): Expression {
  const { arg, typeName } = onlyKnown('a cast', node, 'arg', 'typeName');
  const type = typeNamed(typeName && { TypeName: typeName }, node);
  return coerced(compileExpression(arg, scope), type, scope.compilation, true);
}

/** The operators that look like none, by the word that the grammar has for them. */
const OPERATORS: Readonly<
  Partial<
    Record<
      string,
      (left: Expression, right: Expression, compilation: Compilation, name: string) => Expression
    >
  >
> = {
  AEXPR_OP: (left, right, compilation, name) => operation(name, left, right, compilation),
  AEXPR_OP_ANY: (left, right, compilation, name) =>
    name === '=' ? equalsAny(left, right, compilation) : refuse('this ANY', name),
  AEXPR_DISTINCT: (left, right, compilation) => distinct(left, right, compilation, true),
  AEXPR_NOT_DISTINCT: (left, right, compilation) => distinct(left, right, compilation, false),
  AEXPR_NULLIF: nullIf,
  AEXPR_LIKE: (left, right, compilation, name) => like(left, right, compilation, name === '~~'),
};

function operatorExpression(node: Part<'A_Expr'>, scope: Scope): Expression {
  onlyKnown('an operator', node, 'kind', 'name', 'lexpr', 'rexpr');
  const { kind = '', name, lexpr, rexpr } = node;
  const { compilation } = scope;
  const left = compileExpression(lexpr, scope);
  if (kind === 'AEXPR_IN' || kind === 'AEXPR_BETWEEN') {
    if (rexpr === undefined || !('List' in rexpr)) return refuse('this list', node);
    const list = (rexpr.List.items ?? []).map((item) => compileExpression(item, scope));
    if (kind === 'AEXPR_IN') {
      return amongThese(left, list, compilation, plainName(name) === '=');
    }
    const [from, to] = list as [Expression, Expression];
    return conjunction([
      operation('>=', left, from, compilation),
      operation('<=', left, to, compilation),
    ]);
  }
  const compile = OPERATORS[kind] ?? refuse('this operator', node);
  return compile(left, compileExpression(rexpr, scope), compilation, plainName(name));
}

function conjunction(parts: readonly Expression[]): Expression {
  const all = parts.flatMap((part) => part.all ?? [part]);
  const runs = all.map((part) => part.run);
  return {
    type: 'bool',
    slots: slotsOf(all),
    all,
    run: (env) => {
      let result: Value = true;
      for (const run of runs) {
        const value = run(env);
        if (value === false) return false;
        if (value === null) result = null;
      }
      return result;
    },
  };
}

function logic(node: Part<'BoolExpr'>, scope: Scope): Expression {
  const { boolop, args = [] } = onlyKnown('a condition', node, 'boolop', 'args');
  const parts = args.map((arg) => condition(compileExpression(arg, scope), scope.compilation));
  if (boolop === 'AND_EXPR') return conjunction(parts);
  const runs = parts.map((part) => part.run);
  const slots = slotsOf(parts);
  if (boolop === 'OR_EXPR') {
    const run: Expression['run'] = (env) => {
      let result: Value = false;
      for (const part of runs) {
        const value = part(env);
        if (value === true) return true;
        if (value === null) result = null;
      }
      return result;
    };
    return { type: 'bool', slots, run };
  }
  const [one] = runs;
  if (boolop !== 'NOT_EXPR' || one === undefined) return refuse('this condition', node);
  const run: Expression['run'] = (env) => {
    const value = one(env);
    return value === null ? null : value !== true;
  };
  return { type: 'bool', slots, run };
}

function nullTest(node: Part<'NullTest'>, scope: Scope): Expression {
  const { arg, nulltesttype } = onlyKnown('IS NULL', node, 'arg', 'nulltesttype');
  const inner = compileExpression(arg, scope);
  // A parameter that is only asked whether it is null is a text, as it is to PostgreSQL.
  const one = inner.type === 'unknown' ? coerced(inner, 'text', scope.compilation) : inner;
  const wanted = nulltesttype === 'IS_NULL';
  return { type: 'bool', slots: one.slots, run: (env) => (one.run(env) === null) === wanted };
}

const BOOLEAN_TESTS: Readonly<Record<string, (value: Value) => boolean>> = {
  IS_TRUE: (value) => value === true,
  IS_NOT_TRUE: (value) => value !== true,
  IS_FALSE: (value) => value === false,
  IS_NOT_FALSE: (value) => value !== false,
};

function booleanTest(node: Part<'BooleanTest'>, scope: Scope): Expression {
  const { arg, booltesttype } = onlyKnown('IS TRUE', node, 'arg', 'booltesttype');
  const one = condition(compileExpression(arg, scope), scope.compilation);
  const test = BOOLEAN_TESTS[booltesttype ?? ''] ?? refuse('this test', node);
  return { type: 'bool', slots: one.slots, run: (env) => test(one.run(env)) };
}

function caseExpression(node: Part<'CaseExpr'>, scope: Scope): Expression {
  const { args = [], defresult } = onlyKnown('CASE', node, 'args', 'defresult');
  const compile = (inner: Node | undefined): Expression => compileExpression(inner, scope);
  const whens = args.map((arg) => {
    if (!('CaseWhen' in arg)) return refuse('this CASE', node);
    const { expr, result } = onlyKnown('WHEN', arg.CaseWhen, 'expr', 'result');
    return { test: condition(compile(expr), scope.compilation), result: compile(result) };
  });
  const otherwise =
    defresult === undefined ? { ...constant('unknown', null), literal: null } : compile(defresult);
  const results = alike([...whens.map((when) => when.result), otherwise], scope.compilation);
  const tests = whens.map((when) => when.test);
  return {
    type: results.type,
    slots: slotsOf([...tests, ...results.expressions]),
    run: (env) => {
      const at = tests.findIndex((test) => test.run(env) === true);
      return results.expressions.at(at)!.run(env);
    },
  };
}

/** The rows of a subselect; asked once where it reads nothing of what is around it. */
function answers({ rows, outer }: Selection, scope: Scope): Selection['rows'] {
  if (outer.size > 0) return rows;
  const place = scope.compilation.answer();
  return (env) => (env.answers[place] ??= rows(env));
}

function sublink(node: Part<'SubLink'>, scope: Scope): Expression {
  const { subLinkType, subselect, testexpr } = onlyKnown(
    'a subselect',
    node,
    'subLinkType',
    'subselect',
    'testexpr',
  );
  if (subselect === undefined) return refuse('this subselect', node);
  const selection = scope.compilation.select(subselect, scope);
  const slots = selection.outer;
  if (subLinkType === 'EXISTS_SUBLINK') return { type: 'bool', slots, run: selection.exists };
  const rows = answers(selection, scope);
  const [column] = selection.columns;
  if (selection.columns.length !== 1 || !column) return refuse('a subselect of columns', node);
  if (subLinkType === 'EXPR_SUBLINK') {
    const run: Expression['run'] = (env) => {
      const found = rows(env);
      if (found.length > 1) return refuse('a value from several rows', node);
      return found[0]?.[0] ?? null;
    };
    return { type: column.type, slots, run };
  }
  if (subLinkType !== 'ANY_SUBLINK') return refuse('this subselect', node);
  const left = compileExpression(testexpr, scope);
  const [one] = comparable(left, constant(column.type, null), scope.compilation);
  return {
    type: 'bool',
    slots: new Set([...slots, ...one.slots]),
    run: (env) => {
      const value = one.run(env);
      const found = rows(env);
      return found.length === 0 ? false : value === null ? null : amongRows(value, found);
    },
  };
}

function amongRows(value: Value, rows: readonly Row[]): Value {
  let unknown = false;
  for (const [other = null] of rows) {
    if (other === null) unknown = true;
    else if (same(value, other)) return true;
  }
  return unknown ? null : false;
}
