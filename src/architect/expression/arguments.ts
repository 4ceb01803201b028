import type { Span } from './ast.ts';
import { EvaluationError, type Scope } from './evaluation.ts';
import type { Audio, JsonValue, ScalarType, Value } from './value.ts';

export type ListValue = Extract<Value, { type: 'collection' }>;
export type CurrencyValue = Extract<Value, { type: 'currency' }>;

/**
 * The arguments of one call, evaluated, with the types that its signature promises. A value that
 * breaks the promise is an error of the flow, never of this program.
 */
export class Arguments {
  readonly values: readonly Value[];
  readonly scope: Scope;
  readonly #span: Span;

  constructor(values: readonly Value[], scope: Scope, span: Span) {
    this.values = values;
    this.scope = scope;
    this.#span = span;
  }

  at(index: number): Value {
    const value = this.values[index];
    return value ?? this.#wrong(`argument ${index + 1}`);
  }

  isSet(index: number): boolean {
    return this.at(index).type !== 'not_set';
  }

  text(index: number): string {
    const value = this.at(index);
    return value.type === 'string' ? value.value : this.#wrong('a String');
  }

  /** The text, or `instead` for NOT_SET. */
  textOr(index: number, instead: string): string {
    return this.isSet(index) ? this.text(index) : instead;
  }

  /** An Integer or a Decimal. */
  number(index: number): number {
    const value = this.at(index);
    if (value.type === 'integer' || value.type === 'decimal') return value.value;
    return this.#wrong('a number');
  }

  flag(index: number): boolean {
    const value = this.at(index);
    return value.type === 'boolean' ? value.value : this.#wrong('a Boolean');
  }

  /** Milliseconds: of a Duration, or of a DateTime since 1970. */
  milliseconds(index: number): number {
    const value = this.at(index);
    if (value.type === 'duration' || value.type === 'datetime') return value.value;
    return this.#wrong('a Duration or DateTime');
  }

  currency(index: number): CurrencyValue {
    const value = this.at(index);
    return value.type === 'currency' ? value : this.#wrong('a Currency');
  }

  list(index: number): ListValue {
    const value = this.at(index);
    return value.type === 'collection' ? value : this.#wrong('a collection');
  }

  json(index: number): JsonValue {
    const value = this.at(index);
    return value.type === 'json' ? value.value : this.#wrong('JSON');
  }

  audio(index: number): Audio {
    const value = this.at(index);
    if (value.type === 'audio') return value.value;
    if (value.type === 'not_set') return { sounds: [], bargeIn: true };
    if (value.type !== 'prompt') return this.#wrong('Audio');
    const { language } = this.scope;
    return { sounds: [{ kind: 'prompt', name: value.name, language }], bargeIn: true };
  }

  /** The type of the items of a new list: of the first that has a value. */
  itemType(): ScalarType {
    const first = this.values.find((value) => value.type !== 'not_set');
    return first === undefined || first.type === 'collection' ? 'string' : first.type;
  }

  fail(message: string): never {
    throw new EvaluationError('value', message, this.#span);
  }

  #wrong(wanted: string): never {
    throw new EvaluationError('type', `${wanted} was expected here`, this.#span);
  }
}
