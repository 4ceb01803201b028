import * as fc from 'fast-check';
import type { Expression } from '../../../src/architect/expression/ast.ts';

const SPAN = { start: 0, end: 0 };

const plainName = fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_]{0,8}$/);
const notReserved = plainName.filter((name) => !/^(and|or|true|false|not_set)$/i.test(name));

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((value): Expression => ({ kind: 'text', value, span: SPAN })),
  fc
    .integer({ min: 0, max: 999_999_999_999_999 })
    .map((value): Expression => ({ kind: 'number', value, decimal: false, span: SPAN })),
  fc
    .double({ min: 0, max: 1e30, noNaN: true })
    .filter((value) => !Object.is(value, -0) && (value === 0 || value > 1e-20))
    .map((value): Expression => ({ kind: 'number', value, decimal: true, span: SPAN })),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value, span: SPAN })),
  fc.constant<Expression>({ kind: 'not_set', span: SPAN }),
  fc
    .tuple(notReserved, fc.oneof(plainName, fc.string()))
    .map(([scope, name]): Expression => ({ kind: 'variable', scope, name, span: SPAN })),
);

const BINARY = [
  ...(['+', '-', '*', '/', '%', '^', '==', '!=', '<', '<='] as const),
  ...(['>', '>=', 'and', 'or', '&', '|'] as const),
] as const;

/** Any tree that can be written, with spans that say nothing. */
export const anyTree: fc.Arbitrary<Expression> = fc.letrec<{
  tree: Expression;
  accessible: Expression;
}>((tie) => ({
  accessible: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(notReserved, notReserved)
      .map(([scope, name]): Expression => ({ kind: 'variable', scope, name, span: SPAN })),
    fc
      .tuple(notReserved, fc.array(tie('tree'), { maxLength: 3 }))
      .map(([name, args]): Expression => ({ kind: 'call', name, args, span: SPAN })),
    fc
      .tuple(tie('accessible').filter(isCall), fc.oneof(plainName, fc.string()))
      .map(([of, name]): Expression => ({ kind: 'member', of, name, span: SPAN })),
    fc
      .tuple(tie('accessible'), tie('tree'))
      .map(([of, index]): Expression => ({ kind: 'index', of, index, span: SPAN })),
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('accessible'),
    fc
      .tuple(fc.constantFrom('-' as const, 'not' as const, '~' as const), tie('tree'))
      .map(([operator, of]): Expression => ({ kind: 'unary', operator, of, span: SPAN })),
    fc
      .tuple(fc.constantFrom(...BINARY), tie('tree'), tie('tree'))
      .map(([operator, left, right]): Expression => ({
        kind: 'binary',
        operator,
        left,
        right,
        span: SPAN,
      })),
    fc
      .tuple(tie('tree'), tie('tree'), tie('tree'))
      .map(([condition, whenTrue, whenFalse]): Expression => ({
        kind: 'choice',
        condition,
        whenTrue,
        whenFalse,
        span: SPAN,
      })),
  ),
})).tree;

/** A member may also stand behind a variable, but then its first one is the variable's name. */
function isCall(expression: Expression): boolean {
  return expression.kind === 'call' || expression.kind === 'index' || expression.kind === 'member';
}

/** The tree without its spans, to compare what was written with what was read. */
export function bare(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression, (key, value: unknown) => (key === 'span' ? undefined : value)),
  );
}
