import { evaluate } from '../architect/expression/evaluate.ts';
import { EvaluationError, type Scope } from '../architect/expression/evaluation.ts';
import { NOT_SET, type ArchitectType, type Value } from '../architect/expression/value.ts';
import type { Literal, Setting, Written } from '../architect/model.ts';
import type { FlowRun } from './flow-run.ts';
import { ActionError } from './step.ts';
import { fromJson, isNamed, typeName, typeOfJson } from './values.ts';

/** What an expression of a flow may ask. Secure variables refuse to be read. */
export function scopeOf(run: FlowRun): Scope {
  return {
    read: (scope, name) => run.variables.read(scope, name),
    typeOf: (scope, name) => run.variables.typeOf(`${scope}.${name}`) ?? undefined,
    language: run.language,
    now: () => run.call.setup.clock.now(),
  };
}

/** @throws ActionError where Architect has an error event, with the place of the expression. */
export function evaluated(run: FlowRun, written: Written): Value {
  return located(written, () => evaluate(written.expression, scopeOf(run)));
}

/** Does something with an expression, whose errors say which one it was. */
export function located<T>(written: Written, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof ActionError) {
      throw new ActionError(`${error.message} in "${written.text}"`, written.position);
    }
    throw error;
  }
}

function literalValue(literal: Literal, type: ArchitectType | null, what: string): Value {
  switch (literal.kind) {
    case 'duration':
      return { type: 'duration', value: literal.durationMs };
    case 'named':
      return typeof type === 'string' && isNamed(type)
        ? { type, name: literal.name }
        : { type: 'string', value: literal.name };
    case 'json':
      return fromJson(literal.value, type ?? 'json', what);
    case 'plain': {
      // YAML reads `lit: 12` as a number where the flow means a text.
      const plain = type === 'string' ? String(literal.value) : literal.value;
      return fromJson(plain, type ?? typeOfJson(plain), what);
    }
  }
}

/**
 * The value of a setting.
 *
 * @param type what it is for; `null` takes what it is.
 */
export function settingValue(
  run: FlowRun,
  setting: Setting,
  type: ArchitectType | null = null,
  what = 'the setting',
): Value {
  if (setting.kind === 'none') return NOT_SET;
  if (setting.kind === 'literal') return literalValue(setting.literal, type, what);
  return evaluated(run, setting);
}

function wrongType(setting: Setting, what: string, wanted: string, value: Value): ActionError {
  const found = value.type === 'collection' ? typeName({ collectionOf: value.of }) : value.type;
  return new ActionError(`${what} has to be ${wanted} and is ${found}`, setting.position);
}

/** A text; the name of a queue, user and the like counts as one. `null` where it is not set. */
export function settingText(run: FlowRun, setting: Setting, what: string): string | null {
  const value = settingValue(run, setting);
  if (value.type === 'not_set') return null;
  if (value.type === 'string' || value.type === 'phonenumber') return value.value;
  if ('name' in value) return value.name;
  throw wrongType(setting, what, 'a text', value);
}

/** As {@link settingText}, where there has to be one. */
export function neededText(run: FlowRun, setting: Setting, what: string): string {
  const text = settingText(run, setting, what);
  if (text === null) throw new ActionError(`${what} is not set`, setting.position);
  return text;
}

export function settingBoolean(run: FlowRun, setting: Setting, what: string): boolean | null {
  const value = settingValue(run, setting);
  if (value.type === 'not_set') return null;
  if (value.type === 'boolean') return value.value;
  throw wrongType(setting, what, 'true or false', value);
}

export function settingInteger(run: FlowRun, setting: Setting, what: string): number | null {
  const value = settingValue(run, setting);
  if (value.type === 'not_set') return null;
  if (value.type === 'integer') return value.value;
  throw wrongType(setting, what, 'a whole number', value);
}

/** Milliseconds of the first setting that is set. */
export function settingDurationMs(
  run: FlowRun,
  settings: readonly Setting[],
  what: string,
): number | null {
  for (const setting of settings) {
    const value = settingValue(run, setting);
    if (value.type === 'duration') return value.value;
    if (value.type !== 'not_set') throw wrongType(setting, what, 'a duration', value);
  }
  return null;
}
