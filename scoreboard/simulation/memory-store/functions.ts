import { aggregate } from './aggregates.ts';
import { same } from './operators.ts';
import { onlyKnown, plainName, refuse, type Node, type Part } from './parse.ts';
import { slotsOf, type Compilation, type Env, type Expression, type Scope } from './scope.ts';
import { alike, coerced, comparable } from './types.ts';
import {
  compareValues,
  elementOf,
  jsonArray,
  jsonObject,
  jsonOf,
  stringOf,
  type SqlType,
  type Value,
} from './values.ts';

export function coalesce(args: readonly Expression[], compilation: Compilation): Expression {
  const { type, expressions } = alike(args, compilation);
  const runs = expressions.map((one) => one.run);
  return {
    type,
    slots: slotsOf(expressions),
    run: (env) => {
      for (const run of runs) {
        const value = run(env);
        if (value !== null) return value;
      }
      return null;
    },
  };
}

/** GREATEST and LEAST pass nulls over. */
export function extreme(
  args: readonly Expression[],
  sign: 1 | -1,
  compilation: Compilation,
): Expression {
  const { type, expressions } = alike(args, compilation);
  return {
    type,
    slots: slotsOf(expressions),
    run: (env) => {
      let best: Value = null;
      for (const one of expressions) {
        const value = one.run(env);
        if (value === null) continue;
        if (best === null || compareValues(value, best) * sign > 0) best = value;
      }
      return best;
    },
  };
}

export function nullIf(left: Expression, right: Expression, compilation: Compilation): Expression {
  const [a, b] = comparable(left, right, compilation);
  return {
    type: a.type,
    slots: slotsOf([a, b]),
    run: (env) => {
      const value = a.run(env);
      const other = b.run(env);
      return value !== null && other !== null && same(value, other) ? null : value;
    },
  };
}

interface PlainFunction {
  /** The type that each argument is taken in; `null` takes it as it is. */
  readonly args: readonly (SqlType | null)[];
  readonly type: SqlType;
  /** Only called where no argument is null. */
  readonly run: (values: readonly Value[], env: Env) => Value;
}

const FUNCTIONS: Readonly<Record<string, PlainFunction>> = {
  now: { args: [], type: 'timestamptz', run: (_values, env) => env.nowMs },
  length: { args: ['text'], type: 'int4', run: ([text]) => Array.from(stringOf(text!)).length },
  cardinality: {
    args: [null],
    type: 'int4',
    run: ([array]) => (Array.isArray(array) ? array.length : refuse('cardinality of this', '')),
  },
};

type Call = Part<'FuncCall'>;

function jsonBuildArray(args: readonly Expression[], compilation: Compilation): Expression {
  const items = args.map((arg) =>
    arg.type === 'unknown' ? coerced(arg, 'text', compilation) : arg,
  );
  return {
    type: 'json',
    slots: slotsOf(items),
    run: (env) =>
      jsonArray(
        items.map((item) => jsonOf(item.type, item.run(env))),
        ', ',
      ),
  };
}

/** `row_to_json(alias)`: the whole row of something in the FROM list. */
function rowToJson({ args = [] }: Call, scope: Scope): Expression {
  const [node] = args;
  const field = node && 'ColumnRef' in node ? node.ColumnRef.fields?.[0] : undefined;
  const alias = field && 'String' in field ? (field.String.sval ?? '') : '';
  const entry = args.length === 1 ? scope.entry(alias) : null;
  if (entry === null) return refuse('row_to_json of this', args);
  const { slot, columns } = entry;
  return {
    type: 'json',
    slots: new Set([slot]),
    run: (env) => {
      const row = env.rows[slot]!;
      const entries = columns.map(({ name, type }, at) => [name, jsonOf(type, row[at]!)] as const);
      return jsonObject(entries, ['{', ':', ',', '}']);
    },
  };
}

/** A call of a function or an aggregate. */
export function functionCall(
  node: Call,
  scope: Scope,
  compile: (node: Node) => Expression,
): Expression {
  const name = plainName(node.funcname);
  const counted = aggregate(name, node, scope, compile);
  if (counted !== null) return counted;
  const { args = [] } = onlyKnown('a function', node, 'funcname', 'args', 'funcformat');
  if (name === 'row_to_json') return rowToJson(node, scope);
  const compiled = args.map(compile);
  if (name === 'json_build_array') return jsonBuildArray(compiled, scope.compilation);
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined || known.args.length !== args.length)
    return refuse('this function', node);
  const typed = compiled.map((one, at) => {
    const type = known.args[at] ?? null;
    if (type !== null) return coerced(one, type, scope.compilation);
    return elementOf(one.type) === null ? refuse('this argument', args[at] ?? '') : one;
  });
  return {
    type: known.type,
    slots: slotsOf(typed),
    run: (env) => {
      const values = typed.map((one) => one.run(env));
      return values.includes(null) ? null : known.run(values, env);
    },
  };
}
