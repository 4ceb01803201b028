import { ExpressionError } from '../expression/ast.ts';
import type { TextNode, TreeNode } from '../document.ts';
import { parseExpression } from '../expression/parse.ts';
import { printExpression } from '../expression/print.ts';
import { itemsOf, member, only, textOf } from './tree.ts';

/** `same` to the letter, `rewritten` with the same meaning, or `changed`. */
export type Likeness = 'same' | 'rewritten' | 'changed';

/**
 * @param key under which both stand: `exp` is an expression, and a key that ends with `Ref` names a
 *   task or a menu.
 * @param references what the export calls a task or menu, by what it is called here.
 */
export function likeness(
  ours: TextNode,
  theirs: TextNode,
  key: string,
  references: ReadonlyMap<string, string>,
): Likeness {
  if (ours.value === theirs.value) return 'same';
  if (ours.source === theirs.source) return 'rewritten';
  if (key === 'refId') return 'rewritten';
  if (key.endsWith('Ref')) {
    return referred(ours.source, references) === withoutRoot(theirs.source)
      ? 'rewritten'
      : 'changed';
  }
  if (key === 'exp' && printed(ours.source) === printed(theirs.source)) return 'rewritten';
  return ours.source.trim() === theirs.source.trim() ? 'rewritten' : 'changed';
}

/** With the same spaces and parentheses everywhere; as it is where it cannot be read. */
function printed(text: string): string {
  try {
    return printExpression(parseExpression(text));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return text;
  }
}

/** `/inboundCall/tasks/task[Start_10]` and `./tasks/task[Start_10]` name the same task. */
const withoutRoot = (path: string): string => path.replace(/^(\.|\/\w+)\//, '/');

function referred(path: string, references: ReadonlyMap<string, string>): string {
  return withoutRoot(path).replace(
    /\[([^\]]*)\]$/,
    (_all, refId: string) => `[${references.get(refId) ?? refId}]`,
  );
}

/**
 * `refId`s of tasks, menus and choices that go by the same name, ours to theirs: Genesys numbers them
 * anew.
 */
export function referencesBetween(
  ours: TreeNode | null,
  theirs: TreeNode | null,
): ReadonlyMap<string, string> {
  const other = new Map(refIdsOf(theirs, ''));
  return new Map(refIdsOf(ours, '').map(([name, refId]) => [refId, other.get(name) ?? refId]));
}

/** By the names that lead there; without a `refId`, the name is it. */
function refIdsOf(node: TreeNode | null, within: string): (readonly [string, string])[] {
  if (node?.kind === 'map') return node.entries.flatMap(({ value }) => refIdsOf(value, within));
  return itemsOf(node).flatMap((item) => {
    const entry = only(item);
    const name = textOf(member(entry?.value ?? null, 'name'));
    if (entry === null || name === null) return refIdsOf(item, within);
    const where = `${within}/${entry.key} ${name}`;
    const refId = textOf(member(entry.value, 'refId')) ?? name;
    return [[where, refId] as const, ...refIdsOf(entry.value, where)];
  });
}

const UNIT_MS: Readonly<Record<string, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  ms: 1,
};

/** Of `{minutes: 1, seconds: 30}`; `null` for what is no duration. */
export function durationMs(node: TreeNode): number | null {
  if (node.kind !== 'map' || node.entries.length === 0) return null;
  let all = 0;
  for (const { key, value } of node.entries) {
    const unit = UNIT_MS[key];
    if (unit === undefined || value.kind !== 'text' || typeof value.value !== 'number') return null;
    all += unit * value.value;
  }
  return all;
}
