import type { ArchitectType, ScalarType, Value } from './value.ts';

/**
 * The type of an expression: one of Architect's, the bare `NOT_SET`, which fits every type, or a
 * constant of a group such as `Format.Number`.
 */
export type StaticType = ArchitectType | 'not_set' | { readonly constantOf: string };

const NAMES: Readonly<Record<ScalarType | 'not_set', string>> = {
  string: 'String',
  integer: 'Integer',
  decimal: 'Decimal',
  boolean: 'Boolean',
  duration: 'Duration',
  datetime: 'DateTime',
  date: 'Date',
  time: 'Time',
  currency: 'Currency',
  phonenumber: 'PhoneNumber',
  json: 'JSON',
  audio: 'Audio',
  prompt: 'Prompt',
  queue: 'Queue',
  skill: 'Skill',
  language: 'Language Skill',
  user: 'User',
  group: 'Group',
  schedulegroup: 'Schedule Group',
  not_set: 'NOT_SET',
};

/** A type as Architect writes it: `Integer`, `String Collection`. */
export function typeText(type: StaticType): string {
  if (typeof type === 'string') return NAMES[type];
  if ('constantOf' in type) return type.constantOf;
  return `${NAMES[type.collectionOf]} Collection`;
}

export function isScalarType(text: string): text is ScalarType {
  return Object.hasOwn(NAMES, text) && text !== 'not_set';
}

export function sameType(one: StaticType, other: StaticType): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  if ('constantOf' in one) return 'constantOf' in other && one.constantOf === other.constantOf;
  return 'collectionOf' in other && one.collectionOf === other.collectionOf;
}

export function typeOfValue(value: Value): ArchitectType | 'not_set' {
  return value.type === 'collection' ? { collectionOf: value.of } : value.type;
}

/**
 * What Architect plays without a `ToAudio…` around it: the functions that its help data (SDK 0.0.18)
 * does not exclude from being a default cast.
 */
const PLAYED_AS_THEY_ARE: readonly StaticType[] = [
  'audio',
  'prompt',
  'string',
  'integer',
  'decimal',
  'boolean',
  'currency',
  'duration',
  'datetime',
];

/**
 * True when an expression of type `from` may be put where `to` is wanted: a variable, an input, an
 * audio. An Integer becomes a Decimal (unchecked for variables: Architect's operators do it).
 */
export function isAssignable(from: StaticType, to: ArchitectType): boolean {
  if (from === 'not_set' || sameType(from, to)) return true;
  if (to === 'audio') return PLAYED_AS_THEY_ARE.some((type) => sameType(type, from));
  return to === 'decimal' && from === 'integer';
}
