import { SqlError } from './errors.ts';
import { refuse } from './parse.ts';
import { NO_SLOTS, type Compilation, type Env, type Expression } from './scope.ts';
import {
  elementOf,
  inRange,
  isNumber,
  isText,
  jsonb,
  stringOf,
  type Json,
  readText,
  textOf,
  type SqlType,
  type Value,
} from './values.ts';

export function constant(type: SqlType, value: Value): Expression {
  return { type, run: () => value, slots: NO_SLOTS };
}

function withType(expression: Expression, type: SqlType, run: Expression['run']): Expression {
  return { type, run, slots: expression.slots };
}

/** A literal or a parameter takes the type that its surroundings want of it. */
function settled(expression: Expression, type: SqlType, compilation: Compilation): Expression {
  const { param, literal } = expression;
  if (param !== undefined) {
    const known = compilation.paramTypes[param];
    compilation.paramTypes[param] = known ?? type;
    if (known === undefined || known === type || (isText(known) && isText(type))) {
      return withType(expression, type, expression.run);
    }
    throw new SqlError('42P08', `inconsistent types deduced for parameter $${param + 1}`);
  }
  if (literal === null) return constant(type, null);
  if (literal !== undefined) return constant(type, readText(type, literal));
  return refuse('a type for this column without a type', type);
}

/** How one type becomes another where the value is not null; `null` where there is no way. */
function conversion(
  from: SqlType,
  to: SqlType,
  explicit: boolean,
): ((value: Exclude<Value, null>) => Value) | null {
  if (isNumber(from) && isNumber(to)) {
    if (!to.startsWith('int')) return (value) => value;
    if (from.startsWith('int')) return (value) => inRange(to, Number(value));
    return null;
  }
  if (isText(from) && isText(to)) return (value) => value;
  if (from === 'json' && to === 'jsonb') return (value) => jsonb((value as Json).value);
  if (from === 'jsonb' && to === 'json') return (value) => value;
  if (!explicit) return null;
  if (isText(to)) return (value) => textOf(from, value);
  if (isText(from)) return (value) => readText(to, stringOf(value));
  return null;
}

/**
 * The expression in another type.
 *
 * @param explicit a cast that is written down may do more than one that the context makes.
 * @throws {SqlError} 42804 where there is no way.
 */
export function coerced(
  expression: Expression,
  type: SqlType,
  compilation: Compilation,
  explicit = false,
): Expression {
  if (expression.type === type) return expression;
  if (expression.type === 'unknown') return settled(expression, type, compilation);
  const convert = conversion(expression.type, type, explicit);
  if (convert === null) {
    throw new SqlError('42804', `there is no way from ${expression.type} to ${type}`);
  }
  const { run } = expression;
  return withType(expression, type, (env) => {
    const value = run(env);
    return value === null ? null : convert(value);
  });
}

const BY_SIZE: readonly SqlType[] = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];

/** The type that several expressions have together, as CASE, COALESCE and UNION want it. */
export function commonType(types: readonly SqlType[]): SqlType {
  const known = types.filter((type) => type !== 'unknown');
  const [first = 'text', ...others] = known;
  let common: SqlType = first;
  for (const type of others) {
    if (type === common) continue;
    if (isNumber(type) && isNumber(common)) {
      common = BY_SIZE[Math.max(BY_SIZE.indexOf(type), BY_SIZE.indexOf(common))] ?? common;
    } else if (!(isText(type) && isText(common))) {
      throw new SqlError('42804', `types ${common} and ${type} cannot be matched`);
    }
  }
  return common;
}

export function alike(
  expressions: readonly Expression[],
  compilation: Compilation,
): { readonly type: SqlType; readonly expressions: readonly Expression[] } {
  const type = commonType(expressions.map((expression) => expression.type));
  return { type, expressions: expressions.map((one) => coerced(one, type, compilation)) };
}

/** Two sides of a comparison in types that can be compared: numbers of any kind with each other. */
export function comparable(
  left: Expression,
  right: Expression,
  compilation: Compilation,
): readonly [Expression, Expression] {
  if (isNumber(left.type) && isNumber(right.type)) return [left, right];
  const type = commonType([left.type, right.type]);
  if (type === 'json' || type === 'record' || elementOf(type) !== null) {
    return refuse('a comparison of this type', type);
  }
  return [coerced(left, type, compilation), coerced(right, type, compilation)];
}

/** An expression that must say yes or no. */
export function condition(expression: Expression, compilation: Compilation): Expression {
  return coerced(expression, 'bool', compilation);
}

export function holds(expression: Expression | null, env: Env): boolean {
  return expression === null || expression.run(env) === true;
}
