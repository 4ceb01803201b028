import type { Arguments } from '../arguments.ts';
import { equals } from '../equality.ts';
import { flag } from '../results.ts';
import { defineFunction } from '../signature.ts';
import type { Value } from '../value.ts';

/**
 * Of two branches, which the evaluator runs one of alone: a NOT_SET condition is false (help data of
 * the SDK). `If` and `? :` are both this.
 */
export const IF = defineFunction('If', 'One of two values; a condition that is NOT_SET is false.', {
  '(condition: boolean?, whenTrue: T?, whenFalse: T?): T': choose,
  '(condition: boolean?, whenTrue: T[]?, whenFalse: T[]?): T[]': choose,
});

function choose(args: Arguments): Value {
  return args.isSet(0) && args.flag(0) ? args.at(1) : args.at(2);
}

function isEmpty(value: Value): boolean {
  if (value.type === 'collection') return value.items.length === 0;
  if (value.type === 'json') return value.value === null;
  return value.type === 'not_set' || (value.type === 'string' && value.value === '');
}

function allEqual(args: Arguments, from: number, ignoreCase: boolean): Value {
  const first = args.at(from);
  return flag(args.values.slice(from + 1).every((value) => equals(first, value, ignoreCase)));
}

export const LOGIC_FUNCTIONS = [
  IF,
  defineFunction('IsSet', 'True for everything but NOT_SET; an empty text is set.', {
    '(value: any[]?): boolean': (args) => flag(args.isSet(0)),
    '(value: any?): boolean': (args) => flag(args.isSet(0)),
  }),
  defineFunction('IsNotSetOrEmpty', 'True for NOT_SET, an empty text and an empty collection.', {
    '(value: any[]?): boolean': (args) => flag(isEmpty(args.at(0))),
    '(value: any?): boolean': (args) => flag(isEmpty(args.at(0))),
  }),
  defineFunction('AreEqual', 'True when all values are equal; texts with case, unless told so.', {
    '(one: T?, other: T?, more...: T?): boolean': (args) => allEqual(args, 0, false),
    '(ignoreCase: boolean, one: string?, other: string?, more...: string?): boolean': (args) =>
      allEqual(args, 1, args.flag(0)),
    '(ignoreCase: boolean, one: string[], other: string[]): boolean': (args) =>
      allEqual(args, 1, args.flag(0)),
    '(one: T[], other: T[]): boolean': (args) => allEqual(args, 0, false),
  }),
];
