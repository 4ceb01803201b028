import type { ArchitectType, ScalarType } from './expression/value.ts';

/** The words of the YAML: `stringVariable`, `phoneNumberCollectionVariable`, and `string:` in updateData. */
const TYPES: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  duration: 'duration',
  dateTime: 'datetime',
  date: 'date',
  time: 'time',
  currency: 'currency',
  phoneNumber: 'phonenumber',
  json: 'json',
  audio: 'audio',
  prompt: 'prompt',
  queue: 'queue',
  skill: 'skill',
  languageSkill: 'language',
  user: 'user',
  group: 'group',
  scheduleGroup: 'schedulegroup',
};

export const TYPE_WORDS = Object.keys(TYPES);

/** @param word such as `string` or `stringCollection`. */
export function architectType(word: string): ArchitectType | null {
  const collection = /^(\w+)Collection$/.exec(word)?.[1];
  const scalar = Object.hasOwn(TYPES, collection ?? word) ? TYPES[collection ?? word] : undefined;
  if (scalar === undefined) return null;
  return collection === undefined ? scalar : { collectionOf: scalar };
}
