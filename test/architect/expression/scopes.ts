import { typeOfValue } from '../../../src/architect/expression/static-type.ts';
import type { Scope } from '../../../src/architect/expression/evaluation.ts';
import type { ArchitectType, Value } from '../../../src/architect/expression/value.ts';
import { NOT_SET } from '../../../src/architect/expression/value.ts';

/** 2026-11-25T13:30:00Z. */
export const NOW_MS = Date.UTC(2026, 10, 25, 13, 30);

/** A scope of variables by their full name, in any case; declared ones may be NOT_SET. */
export function scopeOf(
  variables: Readonly<Record<string, Value>> = {},
  declared: Readonly<Record<string, ArchitectType>> = {},
  language = 'en-us',
): Scope {
  const values = new Map(
    Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const types = new Map(Object.entries(declared).map(([name, type]) => [name.toLowerCase(), type]));
  return {
    read: (scope, name) => {
      const key = `${scope}.${name}`.toLowerCase();
      return values.get(key) ?? (types.has(key) ? NOT_SET : undefined);
    },
    typeOf: (scope, name) => {
      const key = `${scope}.${name}`.toLowerCase();
      const value = values.get(key);
      const type = value === undefined ? undefined : typeOfValue(value);
      return types.get(key) ?? (type === 'not_set' ? undefined : type);
    },
    language,
    now: () => NOW_MS,
  };
}
