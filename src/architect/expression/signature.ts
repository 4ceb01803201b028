import type { Arguments } from './arguments.ts';
import { isScalarType } from './static-type.ts';
import type { ScalarType, Value } from './value.ts';

/** What a parameter takes. */
export type ParameterType =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'collection'; readonly of: ScalarType }
  /** Audio or a prompt. */
  | { readonly kind: 'sound' }
  /** Anything that is no collection; `any[]` is any collection. */
  | { readonly kind: 'any'; readonly collection: boolean }
  /** The same type wherever it stands in one signature: `T`, or a collection of it: `T[]`. */
  | { readonly kind: 'same'; readonly collection: boolean }
  /** A constant of a group: `Format.Number`. */
  | { readonly kind: 'constant'; readonly group: string };

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** May be NOT_SET; otherwise NOT_SET is Architect's error event. */
  readonly notSet: boolean;
  /** The last parameter may be given any number of times, also never. */
  readonly repeated: boolean;
}

export interface Overload {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly returns: ParameterType;
  /** Given what the parameters promise, returns what `returns` promises, or NOT_SET. */
  readonly run: (args: Arguments) => Value;
}

/** A function of Architect. */
export interface ArchitectFunction {
  readonly name: string;
  /** One sentence, for people. */
  readonly sentence: string;
  readonly overloads: readonly Overload[];
}

export type Runs = Readonly<Record<string, (args: Arguments) => Value>>;

/**
 * A function from its signatures.
 *
 * `(text: string, more...: string?): string`: a `?` means that NOT_SET may be given, `...` that the
 * parameter repeats, `T` the same type everywhere, `sound` audio or a prompt. The first signature
 * that fits is taken, so narrow ones stand before wide ones.
 */
export function defineFunction(name: string, sentence: string, runs: Runs): ArchitectFunction {
  const overloads = Object.entries(runs).map(([text, run]) => overloadOf(text, run));
  return { name, sentence, overloads };
}

const SIGNATURE = /^\(([^)]*)\): ([\w.[\]]+)$/;
const PARAMETER = /^(\w+)(\.\.\.)?: ([\w.[\]]+)(\?)?$/;

export function overloadOf(text: string, run: (args: Arguments) => Value): Overload {
  const [, inside = '', returns = ''] = SIGNATURE.exec(text) ?? mistake(text);
  const parameters = inside === '' ? [] : inside.split(', ').map(parameterOf);
  return { text, parameters, returns: typeOf(returns), run };
}

function parameterOf(text: string): Parameter {
  const [, name = '', dots, type = '', mark] = PARAMETER.exec(text) ?? mistake(text);
  return { name, type: typeOf(type), notSet: mark !== undefined, repeated: dots !== undefined };
}

function typeOf(text: string): ParameterType {
  const collection = text.endsWith('[]');
  const word = collection ? text.slice(0, -2) : text;
  if (word === 'T') return { kind: 'same', collection };
  if (word === 'any') return { kind: 'any', collection };
  if (word === 'sound') return { kind: 'sound' };
  if (word.includes('.')) return { kind: 'constant', group: word };
  if (!isScalarType(word)) return mistake(text);
  return collection ? { kind: 'collection', of: word } : { kind: 'scalar', type: word };
}

/** A table of ours that cannot be read is a bug, found when it is loaded. */
function mistake(text: string): never {
  throw new Error(`the signature ${text} cannot be read`);
}
