import type { ListNode, MapNode, TreeNode } from './document.ts';
import { ExpressionError } from './expression/ast.ts';
import { parseExpression } from './expression/parse.ts';
import type { Menu, Reference, Sequence, Written } from './model.ts';
import { positionInside, type Position, type Problem } from './position.ts';
import type { ReadRule } from './rules.ts';
import { openPlaceholder } from './substitute.ts';

/** What readers of a flow's parts share: the problems so far, and what has to be resolved in the end. */
export class Reading {
  readonly problems: Problem[] = [];
  readonly references: Reference[] = [];
  /** Menus that stand inside other menus. */
  readonly subMenus: Menu[] = [];
  /** Reads a list of actions. It is given here because actions hold actions. */
  readonly actions: (node: TreeNode, reading: Reading) => Sequence;

  constructor(actions: (node: TreeNode, reading: Reading) => Sequence) {
    this.actions = actions;
  }

  report(position: Position, rule: ReadRule, message: string): void {
    this.problems.push({ position, rule, message });
  }

  wrongType(node: TreeNode, what: string, wanted: string): void {
    const key = node.kind === 'text' ? openPlaceholder(node.source) : null;
    if (key !== null) {
      this.report(
        node.position,
        'missing-substitution',
        `Give a value for {{${key}}}: ${what} has to be ${wanted}.`,
      );
      return;
    }
    this.report(node.position, 'wrong-type', `Make ${what} ${wanted}; it is ${shown(node)} now.`);
  }

  /** `null`, and a problem, for text that is no expression. */
  expression(text: string, position: Position): Written | null {
    try {
      return { text, expression: parseExpression(text), position };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const key = openPlaceholder(text);
      const hint = key === null ? '' : ` Give a value for {{${key}}} if that is what is missing.`;
      this.report(
        positionInside({ text, position }, error.span),
        'expression',
        `${error.message}${hint}`,
      );
      return null;
    }
  }

  list(node: TreeNode, what: string): readonly TreeNode[] {
    if (node.kind === 'list') return node.items;
    if (!isNothing(node)) this.wrongType(node, what, 'a list');
    return [];
  }

  fields(node: TreeNode, what: string): Fields {
    if (node.kind === 'map') return new Fields(node, what, this);
    if (!isNothing(node)) this.wrongType(node, what, 'a map of keys and values');
    return new Fields({ kind: 'map', entries: [], position: node.position }, what, this);
  }

  /** The one key of a map such as `{task: {…}}`; `null`, and a problem, for anything else. */
  onlyEntry(node: TreeNode, what: string): MapNode['entries'][number] | null {
    const [entry] = node.kind === 'map' ? node.entries : [];
    if (node.kind !== 'map' || entry === undefined || node.entries.length > 1) {
      this.wrongType(node, what, 'a map with one key');
      return null;
    }
    return entry;
  }
}

export function isNothing(node: TreeNode): boolean {
  return node.kind === 'text' && node.value === null;
}

function shown(node: ListNode | TreeNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return `a map with ${node.entries.length} keys`;
  if (node.value === null) return 'empty';
  return `\`${node.source.length > 60 ? `${node.source.slice(0, 60)}…` : node.source}\``;
}

/** The keys of a map, taken one by one. What nobody took is unknown. */
export class Fields {
  readonly position: Position;
  readonly what: string;
  readonly reading: Reading;
  readonly #entries: MapNode['entries'];
  readonly #taken = new Set<string>();

  constructor(node: MapNode, what: string, reading: Reading) {
    this.position = node.position;
    this.what = what;
    this.reading = reading;
    this.#entries = node.entries;
  }

  /** `null` where the key is absent. */
  take(key: string): TreeNode | null {
    this.#taken.add(key);
    return this.#entries.find((entry) => entry.key === key)?.value ?? null;
  }

  /** Everything that nobody has taken yet. */
  takeRest(): MapNode['entries'] {
    const rest = this.#entries.filter(({ key }) => !this.#taken.has(key));
    for (const { key } of rest) this.#taken.add(key);
    return rest;
  }

  missing(key: string, wanted: string): void {
    this.reading.report(this.position, 'missing-key', `Add \`${key}\` to ${this.what}: ${wanted}.`);
  }

  /** Reports the keys that nobody has taken. */
  end(): void {
    const known = [...this.#taken];
    for (const { key, keyPosition } of this.takeRest()) {
      const near = nearest(key, known);
      const hint =
        near === null ? 'take it away, or correct its spelling' : `did you mean \`${near}\``;
      this.reading.report(
        keyPosition,
        'unknown-key',
        `${this.what} has no key \`${key}\`; ${hint}${near === null ? '.' : '?'}`,
      );
    }
  }
}

/** The known word that is at most two letters away. */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > 60) return null;
  for (const candidate of known) {
    if (distance(word.toLowerCase(), candidate.toLowerCase()) <= Math.min(2, word.length - 2)) {
      return candidate;
    }
  }
  return null;
}

/** Letters to add, remove or change (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
