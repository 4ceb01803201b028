import {
  NOT_SET,
  type ArchitectType,
  type JsonValue,
  type ScalarType,
  type Value,
} from '../architect/expression/value.ts';
import { ActionError } from './step.ts';

type Named = Extract<Value, { readonly name: string }>['type'];

const NAMED: ReadonlySet<string> = new Set<Named>([
  'queue',
  'skill',
  'language',
  'user',
  'group',
  'schedulegroup',
  'prompt',
]);

export function isNamed(type: ScalarType): type is Named {
  return NAMED.has(type);
}

export function typeName(type: ArchitectType): string {
  return typeof type === 'string' ? type : `${type.collectionOf} collection`;
}

function typeOf(value: Exclude<Value, { type: 'not_set' }>): ArchitectType {
  return value.type === 'collection' ? { collectionOf: value.of } : value.type;
}

/**
 * A value as a variable of a type takes it. Architect converts an Integer to a Decimal and nothing
 * else; its editor refuses the rest.
 *
 * @param what names the variable in the error.
 */
export function assigned(value: Value, type: ArchitectType, what: string): Value {
  if (value.type === 'not_set') return NOT_SET;
  const found = typeName(typeOf(value));
  if (found === typeName(type)) return value;
  if (value.type === 'integer' && type === 'decimal') return { ...value, type };
  throw new ActionError(`${what} is a ${typeName(type)} and cannot take a ${found}`);
}

/** The type that a variable has which no flow declares: that of its first value. */
export function inferredType(value: Value): ArchitectType | null {
  return value.type === 'not_set' ? null : typeOf(value);
}

/**
 * What came back from outside, as a variable of a type takes it. `null` and a missing member leave
 * the variable NOT_SET.
 */
export function fromJson(json: JsonValue | undefined, type: ArchitectType, what: string): Value {
  if (json === null || json === undefined) return NOT_SET;
  if (typeof type !== 'string') {
    if (!Array.isArray(json)) throw mismatch(what, type);
    const items = (json as readonly JsonValue[]).map((item) =>
      fromJson(item, type.collectionOf, what),
    );
    return { type: 'collection', of: type.collectionOf, items };
  }
  const value = scalarFromJson(json, type);
  if (value === null) throw mismatch(what, type);
  return value;
}

function mismatch(what: string, type: ArchitectType): ActionError {
  return new ActionError(`${what} is a ${typeName(type)}, and what came for it is something else`);
}

function scalarFromJson(json: JsonValue, type: ScalarType): Value | null {
  if (type === 'json') return { type, value: json };
  if (type === 'boolean') return typeof json === 'boolean' ? { type, value: json } : null;
  if (type === 'string' || type === 'phonenumber' || type === 'date' || type === 'time') {
    return typeof json === 'string' ? { type, value: json } : null;
  }
  if (isNamed(type)) return typeof json === 'string' ? { type, name: json } : null;
  if (type === 'datetime') {
    const at = typeof json === 'string' ? Date.parse(json) : Number.NaN;
    return Number.isNaN(at) ? null : { type, value: at };
  }
  if (typeof json !== 'number') return null;
  if (type === 'integer') return Number.isInteger(json) ? { type, value: json } : null;
  if (type === 'decimal' || type === 'duration') return { type, value: json };
  return null;
}

/** The type that fits what came back from outside, for a variable that no flow declares. */
export function typeOfJson(json: JsonValue): ArchitectType {
  if (typeof json === 'string') return 'string';
  if (typeof json === 'boolean') return 'boolean';
  if (typeof json === 'number') return Number.isInteger(json) ? 'integer' : 'decimal';
  return 'json';
}

/** A value as it goes to a data action; `undefined` for NOT_SET, which is not sent. */
export function toJson(value: Value): JsonValue | undefined {
  if (value.type === 'not_set') return undefined;
  if (value.type === 'collection') return value.items.map((item) => toJson(item) ?? null);
  if (value.type === 'datetime') return new Date(value.value).toISOString();
  if (value.type === 'audio') throw new ActionError('an audio cannot be sent to a data action');
  return 'name' in value ? value.name : value.value;
}
