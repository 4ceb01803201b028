import type { Static, TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import { Fault } from '../payment/fault.ts';
import { canonicalJson, fingerprint } from '../payment/fingerprint.ts';

/** Violations that are told at once. */
const TOLD_MAX = 5;

/** A name that may be repeated to its sender: no digits, so no card. */
const HARMLESS_NAME = /^[A-Za-z_]{1,40}$/;

interface Violation {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function namesIn(params: object, key: string): string[] {
  const found: unknown = Object.entries(params).find(([name]) => name === key)?.[1];
  if (!Array.isArray(found)) return [];
  return found.map((name) =>
    typeof name === 'string' && HARMLESS_NAME.test(name) ? name : 'a name that is not repeated',
  );
}

function sentence(violation: Violation): string | null {
  const path = violation.instancePath.slice(1).replaceAll('/', '.');
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  switch (violation.keyword) {
    case 'required':
      return namesIn(violation.params, 'requiredProperties')
        .map((name) => `${at(name)} is missing`)
        .join('; ');
    case 'additionalProperties':
      return namesIn(violation.params, 'additionalProperties')
        .map((name) => `${at(name)} is not known`)
        .join('; ');
    // They say once more what others say better; the paths of `boolean` are the sender's names.
    case 'boolean':
    case 'anyOf':
      return null;
    default:
      return `${path === '' ? 'the whole' : path} ${violation.message}`;
  }
}

/** Field paths and rules, never a value. */
function detailOf(what: string, violations: readonly Violation[]): string {
  const sentences = violations.flatMap((violation) => sentence(violation) ?? []);
  const told = [...new Set(sentences)].slice(0, TOLD_MAX);
  return `The ${what} does not fit: ${told.join('; ')}.`;
}

/** Checks a value as it is: nothing is converted, filled in or taken away. */
export type Read<S extends TObject> = (value: unknown) => Static<S>;

/** @param what `body` or `query`, for the sentence that refuses it. */
export function openReader<S extends TObject>(schema: S, what: string): Read<S> {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return value;
    throw new Fault('bad_request', detailOf(what, validator.Errors(value)));
  };
}

/** A query has text only: whole numbers are read where the schema wants them. */
export function typedQuery(schema: TObject, query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  const entries = Object.entries(query).map(([name, value]: [string, unknown]) => {
    const field = schema.properties[name];
    const whole = field !== undefined && 'type' in field && field.type === 'integer';
    const digits = typeof value === 'string' && /^[0-9]{1,15}$/.test(value);
    return [name, whole && digits ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}

/** JSON with its names in order, so that the same request has one text. */
/** What makes two requests the same: route, id in the path, and body. SHA-256, letters. */
export function requestHash(routeId: string, pathId: string, body: unknown): string {
  return fingerprint(canonicalJson([routeId, pathId, body]));
}
