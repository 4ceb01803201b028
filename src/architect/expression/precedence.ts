import type { BinaryOperator } from './ast.ts';

/** How tightly a binary operator binds, from Architect's grammar; see `parseExpression`. */
export const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  '|': 3,
  '&': 4,
  '==': 5,
  '!=': 5,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '+': 7,
  '-': 7,
  '*': 8,
  '/': 8,
  '%': 8,
  '^': 9,
};

/** `!` and `~`. */
export const NOT_PRECEDENCE = 10;
/** Unary minus. */
export const MINUS_PRECEDENCE = 11;

export function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(PRECEDENCE, text);
}
