import type { Arguments } from '../arguments.ts';
import { equals } from '../equality.ts';
import { integer, list } from '../results.ts';
import { defineFunction } from '../signature.ts';
import type { Value } from '../value.ts';

/** Outside of a collection is Architect's error event, as for `[ ]`. */
export function itemAt(args: Arguments): Value {
  const { items } = args.list(0);
  const index = args.number(1);
  const item = items[index];
  if (item === undefined) {
    return args.fail(`there is no item ${index}: the collection has ${items.length}, from 0`);
  }
  return item;
}

function positions(args: Arguments): readonly number[] {
  const wanted = args.at(1);
  return args.list(0).items.flatMap((item, index) => (equals(item, wanted) ? [index] : []));
}

export const LIST_FUNCTIONS = [
  defineFunction('GetAt', 'The item at a position of a collection, counted from 0.', {
    '(list: T[], index: integer): T': itemAt,
  }),
  defineFunction('Count', 'The number of items, those that are NOT_SET included.', {
    '(list: any[]): integer': (args) => integer(args, args.list(0).items.length),
  }),
  defineFunction('Find', 'All positions at which an item stands in a collection.', {
    '(list: T[], item: T?): integer[]': (args) =>
      list(
        'integer',
        positions(args).map((position) => integer(args, position)),
      ),
  }),
  defineFunction('FindFirst', 'The first position of an item in a collection, or -1.', {
    '(list: T[], item: T?): integer': (args) => integer(args, positions(args)[0] ?? -1),
  }),
  defineFunction('MakeList', 'A collection of values of one type.', {
    '(first: T?, more...: T?): T[]': (args) => list(args.itemType(), args.values),
  }),
  defineFunction('MakeEmptyList', 'An empty collection of the type of a value.', {
    '(item: T?): T[]': (args) => list(args.itemType(), []),
  }),
];
