import { SqlError } from './errors.ts';
import { refuse } from './parse.ts';
import { slotsOf, type Compilation, type Expression } from './scope.ts';
import { alike, coerced, commonType, comparable } from './types.ts';
import {
  compareValues,
  elementOf,
  inRange,
  isNumber,
  isText,
  Json,
  scalarOf,
  stringOf,
  textOf,
  type SqlType,
  type Value,
} from './values.ts';

/** Equality of two values of one type, neither of them null. */
export function same(a: Value, b: Value): boolean {
  return a instanceof Json && b instanceof Json ? a.text === b.text : a === b;
}

const COMPARISONS: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '=': same,
  '<>': (a, b) => !same(a, b),
  '<': (a, b) => compareValues(a, b) < 0,
  '<=': (a, b) => compareValues(a, b) <= 0,
  '>': (a, b) => compareValues(a, b) > 0,
  '>=': (a, b) => compareValues(a, b) >= 0,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number, whole: boolean) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b, whole) => {
    if (b === 0) throw new SqlError('22012', 'division by zero');
    return whole ? Math.trunc(a / b) : a / b;
  },
};

/** Runs only where both sides are not null. */
function strict(
  type: SqlType,
  [left, right]: readonly [Expression, Expression],
  apply: (a: Exclude<Value, null>, b: Exclude<Value, null>) => Value,
): Expression {
  const a = left.run;
  const b = right.run;
  return {
    type,
    slots: slotsOf([left, right]),
    run: (env) => {
      const x = a(env);
      if (x === null) return null;
      const y = b(env);
      return y === null ? null : apply(x, y);
    },
  };
}

/** `left operator right`. @throws {SqlError} 42883 where PostgreSQL has no such operator. */
export function operation(
  operator: string,
  left: Expression,
  right: Expression,
  compilation: Compilation,
): Expression {
  const compare = COMPARISONS[operator];
  if (compare !== undefined) {
    const sides = comparable(left, right, compilation);
    const result = strict('bool', sides, compare);
    return operator === '=' ? { ...result, equal: sides } : result;
  }
  if (operator === '||') return concatenation(left, right, compilation);
  const apply = ARITHMETIC[operator];
  if (apply === undefined) return refuse('this operator', operator);
  return arithmetic(operator, apply, [left, right], compilation);
}

function concatenation(left: Expression, right: Expression, compilation: Compilation): Expression {
  const sides = [left, right].map((side) =>
    side.type === 'unknown' ? coerced(side, 'text', compilation) : side,
  ) as [Expression, Expression];
  if (!sides.some((side) => isText(side.type)) || sides.some((side) => elementOf(side.type))) {
    return refuse('|| of these types', [left.type, right.type]);
  }
  const [a, b] = sides;
  return strict('text', sides, (x, y) => textOf(a.type, x) + textOf(b.type, y));
}

function arithmetic(
  operator: string,
  apply: (a: number, b: number, whole: boolean) => number,
  sides: readonly [Expression, Expression],
  compilation: Compilation,
): Expression {
  const [left, right] = sides;
  if (left.type === 'timestamptz' && right.type === 'interval' && /[+-]/.test(operator)) {
    return strict('timestamptz', sides, (x, y) => apply(Number(x), Number(y), false));
  }
  if (operator === '*' && isNumber(left.type) && right.type === 'interval') {
    return strict('interval', sides, (x, y) => Number(x) * Number(y));
  }
  const type = commonType([left.type, right.type]);
  if (!isNumber(type)) return refuse(`${operator} of these types`, [left.type, right.type]);
  // A decimal fraction is a double here, which is exact only as long as nobody reckons with it.
  if (!type.startsWith('int') && !type.startsWith('float')) {
    return refuse('reckoning with decimal fractions', operator);
  }
  const whole = type.startsWith('int');
  const numbers = alike(sides, compilation).expressions as [Expression, Expression];
  return strict(type, numbers, (x, y) => inRange(type, apply(Number(x), Number(y), whole)));
}

/** `IS [NOT] DISTINCT FROM`: null is a value like any other. */
export function distinct(
  left: Expression,
  right: Expression,
  compilation: Compilation,
  wanted: boolean,
): Expression {
  const [a, b] = comparable(left, right, compilation);
  return {
    type: 'bool',
    slots: slotsOf([a, b]),
    run: (env) => {
      const x = a.run(env);
      const y = b.run(env);
      return (x === null || y === null ? x !== y : !same(x, y)) === wanted;
    },
  };
}

/** `LIKE` with `%`, `_` and the backslash that takes their meaning. */
export function like(
  left: Expression,
  right: Expression,
  compilation: Compilation,
  wanted: boolean,
): Expression {
  const sides = [left, right].map((side) => coerced(side, 'text', compilation));
  return strict('bool', sides as [Expression, Expression], (text, pattern) => {
    const source = stringOf(pattern).replaceAll(/\\(.)|[%_]|[^%_\\]/gs, (part, escaped: string) => {
      if (part === '%') return '.*';
      if (part === '_') return '.';
      return (escaped ?? part).replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`);
    });
    return new RegExp(`^${source}$`, 's').test(stringOf(text)) === wanted;
  });
}

/** `left = any (array)`. */
export function equalsAny(
  left: Expression,
  array: Expression,
  compilation: Compilation,
): Expression {
  const scalar = left.type === 'unknown' ? null : scalarOf(left.type);
  if (scalar === null && array.type === 'unknown')
    return refuse('ANY of nothing that is known', '');
  const list =
    array.type === 'unknown' ? coerced(array, `${scalar ?? 'text'}[]`, compilation) : array;
  const inside = elementOf(list.type) ?? refuse('ANY of what is no array', list.type);
  const [one] = comparable(left, { ...array, type: inside }, compilation);
  return strict('bool', [one, list], (value, values) => {
    let unknown = false;
    for (const other of values as readonly Value[]) {
      if (other === null) unknown = true;
      else if (same(value, other)) return true;
    }
    return unknown ? null : false;
  });
}

/** `left in (…)`, and with `wanted` false `not in`. */
export function amongThese(
  left: Expression,
  list: readonly Expression[],
  compilation: Compilation,
  wanted: boolean,
): Expression {
  const { expressions } = alike([left, ...list], compilation);
  const [one, ...others] = expressions as [Expression, ...Expression[]];
  return {
    type: 'bool',
    slots: slotsOf(expressions),
    run: (env) => {
      const value = one.run(env);
      if (value === null) return null;
      let unknown = false;
      for (const other of others) {
        const candidate = other.run(env);
        if (candidate === null) unknown = true;
        else if (same(value, candidate)) return wanted;
      }
      return unknown ? null : !wanted;
    },
  };
}
