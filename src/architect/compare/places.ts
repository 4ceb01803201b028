import type { MapNode, TreeNode } from '../document.ts';
import type { Position } from '../position.ts';
import { bodyOf, itemsOf, member, only, textOf } from './tree.ts';

/** A named thing of a flow: an action, a choice of a menu, or a variable. */
export interface Place {
  /** `task Card > Card For A Token`; a variable is its own name. */
  readonly where: string;
  /** The key that it stands under, such as `callDataSecure` or `stringVariable`. */
  readonly type: string;
  readonly body: MapNode;
  readonly position: Position;
}

/** Everything with a name, however deep, by where it is; of a name that stands twice, the first. */
export function placesOf(root: TreeNode | null): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const body = bodyOf(root);
  for (const variable of itemsOf(member(body, 'variables'))) add(places, '', variable);
  for (const list of ['tasks', 'menus']) {
    for (const item of itemsOf(member(body, list))) {
      const inside = only(item);
      const name = textOf(member(inside?.value ?? null, 'name'));
      if (inside !== null && name !== null) visit(places, `${inside.key} ${name} > `, inside.value);
    }
  }
  return places;
}

function add(places: Map<string, Place>, within: string, item: TreeNode): void {
  const entry = only(item);
  const name = textOf(member(entry?.value ?? null, 'name'));
  if (entry?.value.kind !== 'map' || name === null) return;
  const where = `${within}${name}`;
  if (places.has(where)) return;
  places.set(where, { where, type: entry.key, body: entry.value, position: entry.keyPosition });
}

function visit(places: Map<string, Place>, within: string, node: TreeNode): void {
  if (node.kind === 'list') {
    for (const item of node.items) {
      add(places, within, item);
      visit(places, within, item);
    }
  } else if (node.kind === 'map') {
    for (const { value } of node.entries) visit(places, within, value);
  }
}
