/** A span of the expression's own text, from 0, end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `not` is written `!`; `~` turns the bits of an integer. */
export type UnaryOperator = '-' | 'not' | '~';
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or'
  | '&'
  | '|';

/**
 * An Architect expression as a tree. Names keep the spelling of the flow; functions and variables
 * are found without regard to case.
 */
export type Expression =
  | { readonly kind: 'text'; readonly value: string; readonly span: Span }
  | {
      readonly kind: 'number';
      readonly value: number;
      /** `1` is an Integer, `1.0` is a Decimal. */
      readonly decimal: boolean;
      readonly span: Span;
    }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  /** `NOT_SET`. */
  | { readonly kind: 'not_set'; readonly span: Span }
  /** `Task.PlanId`, `Call.Ani`: scope and name. A further dot is a member. */
  | {
      readonly kind: 'variable';
      readonly scope: string;
      readonly name: string;
      readonly span: Span;
    }
  | {
      readonly kind: 'member';
      readonly of: Expression;
      readonly name: string;
      readonly span: Span;
    }
  | {
      readonly kind: 'index';
      readonly of: Expression;
      readonly index: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly span: Span;
    }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly of: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  /** `condition ? whenTrue : whenFalse`; the same as `If(condition, whenTrue, whenFalse)`. */
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
      readonly span: Span;
    };

/** The text is no expression. The message names what was expected, and the column, from 1. */
export class ExpressionError extends Error {
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.name = 'ExpressionError';
    this.span = span;
  }
}
