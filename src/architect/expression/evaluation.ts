import type { Span } from './ast.ts';
import type { ArchitectType, Value } from './value.ts';

/** What an expression reads besides its own text. */
export interface Scope {
  /** The value of `Task.PlanId`; `undefined` where there is no such variable. Any case. */
  read(scope: string, name: string): Value | undefined;
  /**
   * The declared type of a variable. Without it the type is that of the value, and a variable that
   * is NOT_SET fits every type.
   */
  typeOf?(scope: string, name: string): ArchitectType | undefined;
  /** Of the call, as Architect writes it: `en-us`. */
  readonly language: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/**
 * Architect's error event: the flow's error handling takes over.
 *
 * - `type`     the expression does not hold together; Architect would not publish it.
 * - `not_set`  something that must have a value has none.
 * - `value`    a division by zero, an index out of range, a text that is no number.
 */
export type EvaluationErrorKind = 'type' | 'not_set' | 'value';

/** The only thing that evaluation throws. */
export class EvaluationError extends Error {
  readonly kind: EvaluationErrorKind;
  /** Of the part of the expression that failed. */
  readonly span: Span;

  constructor(kind: EvaluationErrorKind, message: string, span: Span) {
    super(message);
    this.name = 'EvaluationError';
    this.kind = kind;
    this.span = span;
  }
}
