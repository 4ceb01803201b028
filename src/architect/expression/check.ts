import type { Expression, Span } from './ast.ts';
import { Elaborator, type ExpressionProblem, type TypeOf } from './elaborate.ts';
import { isConstantScope } from './members.ts';
import type { StaticType } from './static-type.ts';

/** The type of an expression and all that is wrong with it; `null` where it has no type. */
export interface Checked {
  readonly type: StaticType | null;
  readonly problems: readonly ExpressionProblem[];
}

/**
 * Types an expression without running it.
 *
 * Finds unknown functions and variables, arguments of the wrong number or type, values that cannot
 * be compared, and NOT_SET given where there must be a value. What passes never ends in an error of
 * kind `type` when it runs with variables of the types that `typeOf` told.
 */
export function checkExpression(expression: Expression, typeOf: TypeOf): Checked {
  const elaborator = new Elaborator(typeOf);
  const elaborated = elaborator.of(expression);
  return {
    type: elaborated?.type ?? null,
    problems: [...elaborator.problems, ...elaborator.certainErrors],
  };
}

/** A variable or prompt that an expression names, with its place in the expression's text. */
export interface VariableUse {
  readonly scope: string;
  readonly name: string;
  readonly span: Span;
}

/** Every variable that an expression reads, in order, as often as it stands there. */
export function variablesOf(expression: Expression): readonly VariableUse[] {
  if (expression.kind === 'variable') {
    const { scope, name, span } = expression;
    return isConstantScope(scope) ? [] : [{ scope, name, span }];
  }
  return partsOf(expression).flatMap(variablesOf);
}

/** The expressions that an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'text':
    case 'number':
    case 'boolean':
    case 'not_set':
    case 'variable':
      return [];
    case 'member':
    case 'unary':
      return [expression.of];
    case 'index':
      return [expression.of, expression.index];
    case 'call':
      return expression.args;
    case 'binary':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.condition, expression.whenTrue, expression.whenFalse];
  }
}
