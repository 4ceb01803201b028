import { FUNCTIONS } from './functions/table.ts';
import { OPERATORS } from './operators.ts';

/** For the generated page: every function with its forms and one sentence, by name. */
export interface FunctionDescription {
  readonly name: string;
  /** `Left(text: string, length: integer): string`; `?` takes NOT_SET, `...` repeats. */
  readonly signatures: readonly string[];
  readonly sentence: string;
}

export function describeFunctions(): readonly FunctionDescription[] {
  return FUNCTIONS.map(({ name, sentence, overloads }) => ({
    name,
    signatures: overloads.map(({ text }) => `${name}${text}`),
    sentence,
  })).sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** The operators, from those that bind tightest. */
export function describeOperators(): typeof OPERATORS {
  return OPERATORS;
}
