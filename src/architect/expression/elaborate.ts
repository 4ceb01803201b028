import { Arguments } from './arguments.ts';
import type { Expression, Span } from './ast.ts';
import { EvaluationError, type Scope } from './evaluation.ts';
import { itemAt } from './functions/list.ts';
import { IF } from './functions/logic.ts';
import { functionNamed } from './functions/table.ts';
import { constantOf, isConstantScope, isPromptScope, memberNames, memberOf } from './members.ts';
import { BINARY_OVERLOADS, UNARY_OVERLOADS } from './operators.ts';
import { parameterAt, resolve, type Resolved } from './resolve.ts';
import { TEXT_LENGTH_MAX } from './results.ts';
import { overloadOf, type Overload } from './signature.ts';
import { sameType, typeOfValue, typeText, type StaticType } from './static-type.ts';
import { suggestFunction } from './suggest.ts';
import { NOT_SET, type ArchitectType, type ScalarType, type Value } from './value.ts';

/** What is wrong with an expression before it runs. */
export interface ExpressionProblem {
  readonly message: string;
  readonly span: Span;
}

/** An expression whose type is known: ready to run. */
export interface Elaborated {
  readonly type: StaticType;
  readonly span: Span;
  /** Throws {@link EvaluationError} alone. */
  readonly run: (scope: Scope) => Value;
}

/** The type of a variable; `undefined` where there is none. */
export type TypeOf = (scope: string, name: string) => ArchitectType | 'not_set' | undefined;

const BOTH_BOOLEAN = overloadOf('(one: boolean, other: boolean): boolean', () => NOT_SET);
const ITEM_AT = [overloadOf('(list: T[], index: integer): T', itemAt)];

/**
 * Types an expression and makes it runnable, in one walk: the checker keeps the problems, the
 * evaluator runs the result, so the two cannot disagree about which form of a function is meant.
 */
export class Elaborator {
  readonly #typeOf: TypeOf;
  /** The expression cannot run. */
  readonly problems: ExpressionProblem[] = [];
  /** NOT_SET is given where a value must be: it runs, and always ends in the error event. */
  readonly certainErrors: ExpressionProblem[] = [];

  constructor(typeOf: TypeOf) {
    this.#typeOf = typeOf;
  }

  /** `null` where there are problems. */
  of(expression: Expression): Elaborated | null {
    const { span } = expression;
    switch (expression.kind) {
      case 'text':
        return constant({ type: 'string', value: expression.value }, span);
      case 'number': {
        const type = expression.decimal ? 'decimal' : 'integer';
        return constant({ type, value: expression.value }, span);
      }
      case 'boolean':
        return constant({ type: 'boolean', value: expression.value }, span);
      case 'not_set':
        return constant(NOT_SET, span);
      case 'variable':
        return this.#variable(expression);
      case 'member':
        return this.#member(expression.of, expression.name, span);
      case 'index':
        return this.#index(expression);
      case 'call':
        return this.#call(expression);
      case 'unary': {
        const name = expression.operator === 'not' ? '!' : expression.operator;
        const overloads = UNARY_OVERLOADS[expression.operator];
        return this.#apply(name, overloads, [expression.of], span);
      }
      case 'binary':
        return this.#binary(expression);
      case 'choice': {
        const { condition, whenTrue, whenFalse } = expression;
        return this.#choose('? :', [condition, whenTrue, whenFalse], span);
      }
    }
  }

  #problem(message: string, span: Span): null {
    this.problems.push({ message, span });
    return null;
  }

  #variable({ scope, name, span }: Expression & { kind: 'variable' }): Elaborated | null {
    if (isPromptScope(scope)) {
      const system = scope.toLowerCase() === 'promptsystem';
      return constant({ type: 'prompt', name: system ? `PromptSystem.${name}` : name }, span);
    }
    if (isConstantScope(scope)) {
      return this.#problem(`${scope}.${name} alone is no value: a constant follows it`, span);
    }
    const type = this.#typeOf(scope, name);
    if (type === undefined) return this.#problem(`unknown variable ${scope}.${name}`, span);
    return {
      type,
      span,
      run: (values) => {
        const value = values.read(scope, name);
        if (value === undefined) {
          throw new EvaluationError('type', `unknown variable ${scope}.${name}`, span);
        }
        return conform(value, type, span);
      },
    };
  }

  #member(of: Expression, name: string, span: Span): Elaborated | null {
    if (of.kind === 'variable' && isConstantScope(of.scope)) {
      const found = constantOf(of.scope, of.name, name);
      if (found === null) {
        return this.#problem(`${of.scope}.${of.name}.${name} is not understood`, span);
      }
      const value: Value = { type: 'string', value: found.name };
      return { type: { constantOf: found.group }, span, run: () => value };
    }
    const base = this.of(of);
    if (base === null) return null;
    if (base.type === 'not_set') return withoutValue(base, name);
    const member = typeof base.type === 'string' ? memberOf(base.type, name) : undefined;
    if (member === undefined) return this.#problem(noMember(base.type, name), span);
    return {
      type: member.type,
      span,
      run: (scope) => {
        const value = base.run(scope);
        if (value.type === 'not_set') throw noValue(`.${name}`, base.span);
        return member.read(value);
      },
    };
  }

  #index({ of, index, span }: Expression & { kind: 'index' }): Elaborated | null {
    // The other way of writing a member: Task.Amount["code"].
    if (index.kind === 'text') return this.#member(of, index.value, span);
    return this.#apply('[ ]', ITEM_AT, [of, index], span);
  }

  #call({ name, args, span }: Expression & { kind: 'call' }): Elaborated | null {
    const found = functionNamed(name);
    if (found === undefined) {
      for (const argument of args) this.of(argument);
      return this.#problem(`unknown function ${name}${suggestFunction(name)}`, span);
    }
    if (found === IF) return this.#choose('If', args, span);
    return this.#apply(found.name, found.overloads, args, span);
  }

  #binary({ operator, left, right, span }: Expression & { kind: 'binary' }): Elaborated | null {
    if (operator !== 'and' && operator !== 'or') {
      return this.#apply(operator, BINARY_OVERLOADS[operator], [left, right], span);
    }
    const typed = this.#typed(operator, [BOTH_BOOLEAN], [left, right], span);
    if (typed === null) return null;
    const [one, other] = typed.args;
    if (one === undefined || other === undefined) return null;
    const decides = operator === 'or';
    return {
      type: 'boolean',
      span,
      run: (scope) => {
        const first = given(typed.resolved, 0, operator, one.run(scope), one.span);
        if (first.type === 'boolean' && first.value === decides) return first;
        return given(typed.resolved, 1, operator, other.run(scope), other.span);
      },
    };
  }

  /** Runs one branch alone. */
  #choose(name: string, args: readonly Expression[], span: Span): Elaborated | null {
    const typed = this.#typed(name, IF.overloads, args, span);
    if (typed === null) return null;
    const [condition, whenTrue, whenFalse] = typed.args;
    if (!condition || !whenTrue || !whenFalse) return null;
    const { type } = typed.resolved;
    return {
      type,
      span,
      run: (scope) => {
        const value = condition.run(scope);
        const chosen = value.type === 'boolean' && value.value ? whenTrue : whenFalse;
        return conform(chosen.run(scope), type, chosen.span);
      },
    };
  }

  #apply(
    name: string,
    overloads: readonly Overload[],
    expressions: readonly Expression[],
    span: Span,
  ): Elaborated | null {
    const typed = this.#typed(name, overloads, expressions, span);
    if (typed === null) return null;
    const { resolved, args } = typed;
    return {
      type: resolved.type,
      span,
      run: (scope) => {
        const values = args.map((argument, index) =>
          given(resolved, index, name, argument.run(scope), argument.span),
        );
        return conform(
          resolved.overload.run(new Arguments(values, scope, span)),
          resolved.type,
          span,
        );
      },
    };
  }

  #typed(
    name: string,
    overloads: readonly Overload[],
    expressions: readonly Expression[],
    span: Span,
  ): { readonly resolved: Resolved; readonly args: readonly Elaborated[] } | null {
    const tried = expressions.map((expression) => this.of(expression));
    const args = tried.filter((argument) => argument !== null);
    if (args.length < tried.length) return null;
    const types = args.map(({ type }) => type);
    const resolved = resolve(overloads, types);
    if (resolved === null) return this.#problem(doesNotTake(name, overloads, types), span);
    for (const [index, argument] of args.entries()) {
      const parameter = parameterAt(resolved.overload, index);
      if (argument.type === 'not_set' && parameter?.notSet === false) {
        const message = `${name} needs a value for ${parameter.name}, and is given NOT_SET`;
        this.certainErrors.push({ message, span: argument.span });
      }
    }
    return { resolved, args };
  }
}

function constant(value: Value, span: Span): Elaborated {
  return { type: typeOfValue(value), span, run: () => value };
}

/** An argument as its parameter takes it. */
function given(resolved: Resolved, index: number, name: string, value: Value, span: Span): Value {
  const parameter = parameterAt(resolved.overload, index);
  if (value.type === 'not_set' && parameter?.notSet === false) throw noValue(name, span);
  if (resolved.widened[index] === true && value.type === 'integer') {
    return { type: 'decimal', value: value.value };
  }
  return value;
}

/** Holds a value to its type, so that a mistake of a table or of a scope stays where it is. */
function conform(value: Value, type: StaticType, span: Span): Value {
  if (value.type === 'not_set') return value;
  if (value.type === 'string' && value.value.length > TEXT_LENGTH_MAX) {
    const message = `the text has more than ${TEXT_LENGTH_MAX} characters`;
    throw new EvaluationError('value', message, span);
  }
  if (value.type === 'datetime' && Number.isNaN(new Date(value.value).getTime())) {
    throw new EvaluationError('value', 'the DateTime is no point in time', span);
  }
  if (value.type === 'currency' && !/^(?:[A-Za-z]{3})?$/.test(value.currency)) {
    throw new EvaluationError('value', 'the Currency has no code of three letters', span);
  }
  if (type === 'decimal' && value.type === 'integer') return { type, value: value.value };
  const found = typeOfValue(value);
  if (sameType(found, type)) return value;
  if (value.type === 'collection' && typeof type === 'object' && 'collectionOf' in type) {
    const of: ScalarType = type.collectionOf;
    if (value.items.every((item) => item.type === 'not_set' || item.type === of)) {
      return { ...value, of };
    }
  }
  const message = `${typeText(type)} was expected and ${typeText(found)} came`;
  throw new EvaluationError('type', message, span);
}

function noValue(name: string, span: Span): EvaluationError {
  return new EvaluationError('not_set', `${name} needs a value, and this is NOT_SET`, span);
}

function withoutValue(base: Elaborated, name: string): Elaborated {
  return {
    type: 'not_set',
    span: base.span,
    run: (scope) => {
      base.run(scope);
      throw noValue(`.${name}`, base.span);
    },
  };
}

function noMember(type: StaticType, name: string): string {
  const names = typeof type === 'string' && type !== 'not_set' ? memberNames(type) : [];
  if (type === 'json') return `JSON is read by GetJsonObjectProperty(…, "${name}")`;
  const known = names.length > 0 ? `; it has ${names.join(', ')}` : '';
  return `${typeText(type)} has no property ${name}${known}`;
}

/** With so few forms all of them are named. */
const FORMS_NAMED_MAX = 3;

function doesNotTake(
  name: string,
  overloads: readonly Overload[],
  types: readonly StaticType[],
): string {
  const found = `(${types.map(typeText).join(', ')})`;
  const forms =
    overloads.length <= FORMS_NAMED_MAX
      ? `; it takes ${overloads.map(({ text }) => text).join(' or ')}`
      : '';
  return `${name} cannot be given ${found}${forms}`;
}
