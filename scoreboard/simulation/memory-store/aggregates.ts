import { onlyKnown, refuse, type Node, type Part } from './parse.ts';
import { NO_SLOTS, type Compilation, type Env, type Expression, type Scope } from './scope.ts';
import { comparator, sortKeys, type SortKey } from './sort.ts';
import { coerced, condition, holds } from './types.ts';
import {
  compareValues,
  isNumber,
  jsonArray,
  jsonObject,
  jsonOf,
  textOf,
  type Json,
  type SqlType,
  type Value,
} from './values.ts';

type Call = Part<'FuncCall'>;

/** An aggregate over the values that were taken, in their order. */
interface Kind {
  readonly args: number;
  readonly type: (args: readonly SqlType[]) => SqlType;
  readonly value: (rows: readonly (readonly Value[])[], types: readonly SqlType[]) => Value;
}

function present(rows: readonly (readonly Value[])[]): Value[] {
  return rows.map((row) => row[0]!).filter((value) => value !== null);
}

function best(sign: 1 | -1): Kind {
  return {
    args: 1,
    type: ([type = 'text']) => type,
    value: (rows) =>
      present(rows).reduce<Value>(
        (found, value) =>
          found === null || compareValues(value, found) * sign > 0 ? value : found,
        null,
      ),
  };
}

function total(values: readonly Value[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

const KINDS: Readonly<Record<string, Kind>> = {
  count: { args: 1, type: () => 'int8', value: (rows) => present(rows).length },
  min: best(-1),
  max: best(1),
  sum: {
    args: 1,
    type: ([type]) => (type === 'int8' ? 'numeric' : 'int8'),
    value: (rows) => (present(rows).length === 0 ? null : total(present(rows))),
  },
  avg: {
    args: 1,
    type: () => 'numeric',
    value: (rows) => {
      const values = present(rows);
      return values.length === 0 ? null : total(values) / values.length;
    },
  },
  json_agg: {
    args: 1,
    type: () => 'json',
    value: (rows, [type = 'text']) =>
      rows.length === 0
        ? null
        : jsonArray(
            rows.map(([value]) => jsonOf(type, value!)),
            ', ',
          ),
  },
  json_object_agg: {
    args: 2,
    type: () => 'json',
    value: (rows, [keyType = 'text', type = 'text']) => {
      if (rows.length === 0) return null;
      const entries = rows.map(([key = null, value = null]): readonly [string, Json] => [
        key === null ? refuse('a key that is null', 'json_object_agg') : textOf(keyType, key),
        jsonOf(type, value),
      ]);
      return jsonObject(entries, ['{ ', ' : ', ', ', ' }']);
    },
  },
};

/** Compiles the aggregate of this name where one may stand; `null` where the name is none. */
export function aggregate(
  name: string,
  node: Call,
  scope: Scope,
  compile: (node: Node) => Expression,
): Expression | null {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind === undefined) return null;
  onlyKnown(
    'an aggregate',
    node,
    'funcname',
    'args',
    'agg_order',
    'agg_filter',
    'agg_star',
    'funcformat',
  );
  const { aggregates, compilation } = scope;
  if (aggregates === null) return refuse('an aggregate in this place', node);
  // Inside an aggregate there is none.
  scope.aggregates = null;
  const args = (node.args ?? []).map((arg) => known(compile(arg), compilation));
  const filter = node.agg_filter && condition(compile(node.agg_filter), compilation);
  const order = sortKeys(node.agg_order ?? [], (key) => known(compile(key), compilation));
  scope.aggregates = aggregates;
  const star = node.agg_star === true && name === 'count';
  if (!star && args.length !== kind.args) return refuse('these arguments', node);
  const types = args.map((arg) => arg.type);
  if ((name === 'sum' || name === 'avg') && !types.every(isWhole)) return refuse('this', node);
  const place = compilation.aggregate();
  const taken = star ? [TRUE] : args;
  aggregates.push({ place, begin: () => group(kind, taken, types, filter ?? null, order) });
  return { type: kind.type(types), run: (env) => env.aggregates[place]!, slots: NO_SLOTS };
}

const TRUE: Expression = { type: 'bool', run: () => true, slots: NO_SLOTS };

/** Sums of decimal fractions are not reckoned with doubles. */
function isWhole(type: SqlType): boolean {
  return isNumber(type) && type.startsWith('int');
}

function known(expression: Expression, compilation: Compilation): Expression {
  return expression.type === 'unknown' ? coerced(expression, 'text', compilation) : expression;
}

function group(
  kind: Kind,
  args: readonly Expression[],
  types: readonly SqlType[],
  filter: Expression | null,
  order: readonly SortKey[],
): { take: (env: Env) => void; value: () => Value } {
  const rows: { readonly values: readonly Value[]; readonly keys: readonly Value[] }[] = [];
  return {
    take: (env) => {
      if (!holds(filter, env)) return;
      const values = args.map((arg) => arg.run(env));
      rows.push({ values, keys: order.map((key) => key.by.run(env)) });
    },
    value: () => {
      if (order.length > 0) {
        const compare = comparator(order);
        rows.sort((a, b) => compare(a.keys, b.keys));
      }
      return kind.value(
        rows.map((row) => row.values),
        types,
      );
    },
  };
}
