import { onlyKnown, refuse, type Node } from './parse.ts';
import type { Expression } from './scope.ts';
import { compareValues, type Value } from './values.ts';

export interface SortKey {
  readonly by: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The keys of an ORDER BY. Nulls are larger than everything else, where it does not say. */
export function sortKeys(
  nodes: readonly Node[],
  compile: (node: Node) => Expression,
): readonly SortKey[] {
  return nodes.map((node) => {
    if (!('SortBy' in node)) return refuse('this order', node);
    const sort = onlyKnown('an order', node.SortBy, 'node', 'sortby_dir', 'sortby_nulls');
    const descending = sort.sortby_dir === 'SORTBY_DESC';
    if (sort.node === undefined || sort.sortby_dir === 'SORTBY_USING') return refuse('this', node);
    const nullsFirst =
      sort.sortby_nulls === 'SORTBY_NULLS_FIRST' ||
      (descending && sort.sortby_nulls !== 'SORTBY_NULLS_LAST');
    return { by: compile(sort.node), descending, nullsFirst };
  });
}

/** Compares two rows by the values of their keys. */
export function comparator(
  keys: readonly SortKey[],
): (a: readonly Value[], b: readonly Value[]) => number {
  return (a, b) => {
    for (let at = 0; at < keys.length; at++) {
      const { descending, nullsFirst } = keys[at]!;
      const x = a[at]!;
      const y = b[at]!;
      if (x === null || y === null) {
        if (x === y) continue;
        return (x === null) === nullsFirst ? -1 : 1;
      }
      const order = compareValues(x, y);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}
