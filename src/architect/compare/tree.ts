import type { MapEntry, MapNode, TreeNode } from '../document.ts';

export function member(node: TreeNode | null, key: string): TreeNode | null {
  if (node?.kind !== 'map') return null;
  return node.entries.find((entry) => entry.key === key)?.value ?? null;
}

export function textOf(node: TreeNode | null): string | null {
  return node?.kind === 'text' && node.value !== null ? node.source : null;
}

export function itemsOf(node: TreeNode | null): readonly TreeNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** The one entry of a map, as in `- collectInput: {…}`. */
export function only(node: TreeNode): MapEntry | null {
  const [entry, second] = node.kind === 'map' ? node.entries : [];
  return entry !== undefined && second === undefined ? entry : null;
}

/** What an item of a list goes by: `name` as text, or the attribute whose name is a literal. */
export function nameOf(item: TreeNode): string | null {
  const body = only(item)?.value ?? null;
  const name = member(body, 'name');
  return textOf(name) ?? textOf(member(name, 'lit')) ?? textOf(member(body, 'variable'));
}

/**
 * A value that says nothing of its own: what Genesys writes where nothing was set, and what may be left
 * out. `lit: 0` is none of them.
 */
export function isDefault(node: TreeNode): boolean {
  switch (node.kind) {
    case 'text':
      return node.value === null || node.value === '' || node.value === false;
    case 'list':
      return node.items.every(isDefault);
    case 'map':
      return node.entries.every(({ key, value }) => NOTHING.has(key) || isDefault(value));
  }
}

const NOTHING: ReadonlySet<string> = new Set(['noValue', 'none', 'noValueWithNoFallback']);

/** In one line, for a person; long ones are cut. */
export function shown(node: TreeNode): string {
  const text = written(node);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`;
}

const SHOWN_MAX = 90;

function written(node: TreeNode): string {
  switch (node.kind) {
    case 'text':
      return node.value === null ? 'nothing' : node.source;
    case 'list':
      return `[${node.items.map(written).join(', ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${key}: ${written(value)}`).join(', ')}}`;
  }
}

/** The body of a flow: what its one top key holds. */
export function bodyOf(root: TreeNode | null): MapNode | null {
  const [entry] = root?.kind === 'map' ? root.entries : [];
  return entry?.value.kind === 'map' ? entry.value : null;
}
