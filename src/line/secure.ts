import { NOT_SET, type Value } from '../architect/expression/value.ts';
import type { Expression } from '../architect/expression/ast.ts';
import type { Written } from '../architect/model.ts';
import type { SecretBytes } from '../card/secret.ts';
import type { FlowRun } from './flow-run.ts';
import { evaluated } from './settings.ts';
import { ActionError } from './step.ts';
import { secureUse } from './variables.ts';

/** Functions that may cut a secure variable. */
const CUTS: ReadonlySet<string> = new Set(['left', 'right', 'substring']);

/** `Task.Pan` where the expression is a secure variable and nothing else. */
function secureName(run: FlowRun, expression: Expression): string | null {
  if (expression.kind !== 'variable') return null;
  const name = `${expression.scope}.${expression.name}`;
  return run.variables.isSecure(name) ? name : null;
}

/**
 * The secret that an input of Call Secure Data Action asks for: a secure variable, or a part of one
 * by `Left(v, n)`, `Right(v, n)` or `Substring(v, start, length)`. It is cut on bytes, and no other
 * function gets to see them.
 *
 * @returns a copy that the caller zeroes; NOT_SET where nothing was keyed; `null` for an expression
 *   that begins with no secure variable.
 * @throws ActionError for any other use of a secure variable.
 */
export function secureInput(run: FlowRun, written: Written): SecretBytes | Value | null {
  const { expression } = written;
  const whole = secureName(run, expression);
  if (whole !== null) {
    const secret = run.variables.secretOf(whole);
    return secret === null ? NOT_SET : secret.copyOfRange(0, secret.length);
  }
  if (expression.kind !== 'call') return null;
  const [subject, ...rest] = expression.args;
  const cut = subject === undefined ? null : secureName(run, subject);
  if (cut === null) return null;
  if (!CUTS.has(expression.name.toLowerCase())) throw secureUse(cut);
  const secret = run.variables.secretOf(cut);
  if (secret === null) throw new ActionError(`${cut} is not set`, written.position);
  const numbers = rest.map((argument) => wholeNumber(run, argument, written));
  const [start, end] = range(expression.name.toLowerCase(), numbers, secret.length, written);
  return secret.copyOfRange(start, end);
}

function wholeNumber(run: FlowRun, expression: Expression, written: Written): number {
  const value = evaluated(run, { ...written, expression });
  if (value.type === 'integer' && value.value >= 0) return value.value;
  throw new ActionError('a part of a secure variable is given by whole numbers', written.position);
}

/** Start and end of a part, which may lie beyond what was keyed. */
function range(
  cut: string,
  numbers: readonly number[],
  length: number,
  { position, text }: Written,
): readonly [number, number] {
  const [first, second] = numbers;
  if (first !== undefined && second === undefined) {
    if (cut === 'left') return [0, first];
    if (cut === 'right') return [Math.max(0, length - first), length];
  }
  if (first !== undefined && second !== undefined && cut === 'substring') {
    if (numbers.length === 2) return [first, first + second];
  }
  throw new ActionError(`"${text}" has other arguments than ${cut} takes`, position);
}
