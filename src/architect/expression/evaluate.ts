import type { Expression, Span } from './ast.ts';
import { Elaborator } from './elaborate.ts';
import { EvaluationError, type Scope } from './evaluation.ts';
import { functionNamed } from './functions/table.ts';
import { resolve } from './resolve.ts';
import { Arguments } from './arguments.ts';
import { typeOfValue, typeText } from './static-type.ts';
import type { Audio, Value } from './value.ts';

/**
 * The value of an expression.
 *
 * @throws {EvaluationError} and nothing else: the flow's error handling takes over.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  const elaborator = new Elaborator((name, variable) => {
    const declared = scope.typeOf?.(name, variable);
    if (declared !== undefined) return declared;
    const value = scope.read(name, variable);
    return value === undefined ? undefined : typeOfValue(value);
  });
  const elaborated = elaborator.of(expression);
  if (elaborated !== null) return elaborated.run(scope);
  const [problem] = elaborator.problems;
  throw new EvaluationError(
    'type',
    problem?.message ?? 'the expression has no type',
    problem?.span ?? expression.span,
  );
}

/** The function that turns a value into audio where audio is wanted (help data: "default cast"). */
const DEFAULT_CASTS: Readonly<Partial<Record<Value['type'], string>>> = {
  string: 'ToAudioTTS',
  integer: 'ToAudioNumber',
  decimal: 'ToAudioNumber',
  boolean: 'ToAudioBool',
  currency: 'ToAudioCurrency',
  duration: 'ToAudioDuration',
  datetime: 'ToAudioDateTime',
};

/**
 * What is heard where an audio is wanted: Play Audio, a menu, a transfer's announcement. NOT_SET is
 * nothing. Throws {@link EvaluationError} for what cannot be played.
 */
export function playable(value: Value, scope: Scope, span: Span): Audio {
  const args = new Arguments([value], scope, span);
  const cast = functionNamed(DEFAULT_CASTS[value.type] ?? '');
  if (cast === undefined) {
    if (['audio', 'prompt', 'not_set'].includes(value.type)) return args.audio(0);
    const message = `${typeText(typeOfValue(value))} cannot be played`;
    throw new EvaluationError('type', message, span);
  }
  const found = resolve(cast.overloads, [typeOfValue(value)]);
  const spoken = found?.overload.run(args);
  return new Arguments(spoken === undefined ? [] : [spoken], scope, span).audio(0);
}
