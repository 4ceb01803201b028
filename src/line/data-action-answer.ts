import { JSONPath } from 'jsonpath-plus';
import type { JsonValue } from '../architect/expression/value.ts';
import type { HttpResponse } from '../system/http-client.ts';
import type { FlatSchema, ResponseTemplates } from './data-action-file.ts';
import { renderedAnswer } from './data-action-template.ts';

type Outputs = Readonly<Record<string, JsonValue>>;

/** Outputs, or why there are none. A reason names members and never repeats a value. */
export type Translated =
  | { readonly kind: 'outputs'; readonly outputs: Outputs }
  | { readonly kind: 'refused'; readonly reason: string };

function refused(reason: string): Translated {
  return { kind: 'refused', reason };
}

/** A path that may find any number of values gives a list, as Jayway's JsonPath does in Genesys. */
const INDEFINITE = /\.\.|\*|\?\(|\[[^\]'"]*[,:]/;

function found(path: string, answer: object): JsonValue | undefined {
  const wrap = INDEFINITE.test(path);
  // `safe` has an evaluator of its own for filters: nothing of a file is executed.
  const value = JSONPath<JsonValue | undefined>({ path, json: answer, wrap, eval: 'safe' });
  return wrap && Array.isArray(value) && value.length === 0 ? undefined : value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What Genesys makes of an answer: every path of the translation map to JSON text, its default where
 * it finds nothing, and the success template over them.
 */
export function translate(
  response: HttpResponse,
  { translationMap, translationMapDefaults, successTemplate }: ResponseTemplates,
): Translated {
  if (response.status < 200 || response.status > 299) {
    return refused(`the answer was HTTP ${response.status}`);
  }
  const raw = response.body.toString('utf8');
  const answer = raw.trim() === '' ? {} : parsed(raw);
  if (typeof answer !== 'object' || answer === null) return refused('the answer was not JSON');
  const values: Record<string, string> = {};
  for (const [name, path] of Object.entries(translationMap)) {
    const value = found(path, answer);
    const json = value === undefined ? translationMapDefaults[name] : JSON.stringify(value);
    if (json === undefined) return refused(`the answer had nothing for ${name}, and no default`);
    values[name] = json;
  }
  const outputs = parsed(renderedAnswer(successTemplate, values, raw));
  if (!isObject(outputs)) return refused('the success template did not give a JSON object');
  return { kind: 'outputs', outputs };
}

const IS_TYPE: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => isObject(value),
};

/** True for what a contract says of one member, and for a type that is not known here. */
export function fits(type: string | undefined, value: JsonValue): boolean {
  return type === undefined || (IS_TYPE[type]?.(value) ?? true);
}

/** @returns what is wrong by the contract, or `null`. */
export function contractProblem(
  { required, properties }: FlatSchema,
  values: Readonly<Record<string, JsonValue | undefined>>,
): string | null {
  const missing = required.find((name) => values[name] === undefined || values[name] === null);
  if (missing !== undefined) return `${missing} is missing`;
  for (const [name, { type }] of Object.entries(properties)) {
    const value = values[name];
    if (value !== undefined && value !== null && !fits(type, value)) {
      return `${name} has to be ${type ?? 'something else'}`;
    }
  }
  return null;
}
