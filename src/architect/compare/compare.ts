import type { ListNode, MapNode, TreeNode } from '../document.ts';
import type { Position } from '../position.ts';
import { durationMs, likeness, referencesBetween } from './equal-text.ts';
import { bodyOf, isDefault, member, nameOf, only, shown } from './tree.ts';

/** One place where an export differs from what was deployed. */
export interface Difference {
  /** In words, from the outside in: `task Card Number > Ask For It (collectInput) > digits.exact`. */
  readonly where: string;
  readonly what: 'changed' | 'missing' | 'added' | 'moved' | 'renamed';
  /** In one line; `null` where there is nothing. */
  readonly ours: string | null;
  readonly theirs: string | null;
  /** In the export where it has a place there, otherwise in our file. */
  readonly position: Position;
}

export interface Comparison {
  /** Somebody changed it, or Genesys understood it otherwise. */
  readonly matters: readonly Difference[];
  /** Only in the export, and saying nothing of its own: what Genesys writes where nothing was set. */
  readonly genesysAdds: readonly Difference[];
  /** Only here, and saying nothing of its own. */
  readonly genesysLeavesOut: readonly Difference[];
  /** Another text with the same meaning: a number of a `refId`, a duration in another unit, spaces. */
  readonly rewritten: readonly Difference[];
}

/**
 * Compares two flows as documents: order of keys, quotes and comments do not count.
 *
 * @param ours as it was deployed.
 * @param theirs as Genesys exports it.
 */
export function compareFlows(ours: TreeNode, theirs: TreeNode): Comparison {
  const comparer = new Comparer(referencesBetween(bodyOf(ours), bodyOf(theirs)));
  comparer.nodes(ours, theirs, [], '');
  return comparer.found;
}

type Path = readonly string[];

class Comparer {
  readonly found = {
    matters: [] as Difference[],
    genesysAdds: [] as Difference[],
    genesysLeavesOut: [] as Difference[],
    rewritten: [] as Difference[],
  };
  readonly #references: ReadonlyMap<string, string>;

  constructor(references: ReadonlyMap<string, string>) {
    this.#references = references;
  }

  nodes(ours: TreeNode, theirs: TreeNode, path: Path, key: string): void {
    const changed = { what: 'changed', path, ours, theirs } as const;
    if (ours.kind === 'text' && theirs.kind === 'text') {
      const like = likeness(ours, theirs, key, this.#references);
      if (like !== 'same') this.#add(like === 'changed' ? 'matters' : 'rewritten', changed);
    } else if (ours.kind === 'map' && theirs.kind === 'map') {
      this.#maps(ours, theirs, path);
    } else if (ours.kind === 'list' && theirs.kind === 'list') {
      this.#lists(ours, theirs, path, key);
    } else {
      const nothing = isDefault(ours) && isDefault(theirs);
      this.#add(nothing ? 'rewritten' : 'matters', changed);
    }
  }

  #maps(ours: MapNode, theirs: MapNode, path: Path): void {
    const durations = [durationMs(ours), durationMs(theirs)];
    if (durations[0] !== null && durations[1] !== null) {
      if (shown(ours) === shown(theirs)) return;
      const same = durations[0] === durations[1];
      this.#add(same ? 'rewritten' : 'matters', { what: 'changed', path, ours, theirs });
      return;
    }
    for (const { key, value } of ours.entries) {
      const other = member(theirs, key);
      const inner = [...path, key];
      if (other !== null) this.nodes(value, other, inner, key);
      else {
        const list = isDefault(value) ? 'genesysLeavesOut' : 'matters';
        this.#add(list, { what: 'missing', path: inner, ours: value, theirs: null });
      }
    }
    for (const { key, value } of theirs.entries) {
      if (member(ours, key) !== null) continue;
      // What we leave to Genesys it fills with its own; settings of a flow are all written out.
      const inSettings = [...path, key].some((part) => part.startsWith('settings'));
      const apart = isDefault(value) || inSettings || OF_EXPORTS.has(key);
      this.#add(apart ? 'genesysAdds' : 'matters', {
        what: 'added',
        path: [...path, key],
        ours: null,
        theirs: value,
      });
    }
  }

  #lists(ours: ListNode, theirs: ListNode, path: Path, key: string): void {
    const pairs = paired(ours.items, theirs.items);
    const places: number[] = [];
    for (const { mine, other, place } of pairs) {
      if (mine !== null && other !== null) {
        places.push(place);
        this.#items(mine, other, path);
      } else if (mine !== null) {
        const list = isDefault(mine) ? 'genesysLeavesOut' : 'matters';
        this.#add(list, { what: 'missing', path: inList(path, mine), ours: mine, theirs: null });
      } else if (other !== null) {
        const list = isDefault(other) ? 'genesysAdds' : 'matters';
        this.#add(list, { what: 'added', path: inList(path, other), ours: null, theirs: other });
      }
    }
    const inOrder = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
    if (inOrder || !IN_ORDER.has(key)) return;
    this.#add('matters', { what: 'moved', path, ours: names(ours), theirs: names(theirs) });
  }

  /** Items that belong together; another type of action under the same name is another spelling. */
  #items(ours: TreeNode, theirs: TreeNode, path: Path): void {
    const [mine, other] = [only(ours), only(theirs)];
    const inner = inList(path, ours);
    if (mine === null || other === null || nameOf(ours) === null) {
      this.nodes(ours, theirs, inner, '');
      return;
    }
    if (mine.key !== other.key) {
      const types = {
        ours: { ...mine.value, kind: 'text', value: mine.key, source: mine.key },
        theirs: { ...other.value, kind: 'text', value: other.key, source: other.key },
      } as const;
      this.#add('matters', { what: 'renamed', path: inner, ...types });
    }
    this.nodes(mine.value, other.value, inner, mine.key);
  }

  #add(list: keyof Comparison, difference: Found): void {
    const { what, path, ours, theirs } = difference;
    const at = theirs ?? ours;
    if (at === null) return;
    this.found[list].push({
      where: inWords(path),
      what,
      ours: ours === null ? null : shown(ours),
      theirs: theirs === null ? null : shown(theirs),
      position: at.position,
    });
  }
}

interface Found {
  readonly what: Difference['what'];
  readonly path: Path;
  readonly ours: TreeNode | null;
  readonly theirs: TreeNode | null;
}

/** Keys that exports write for their own use. */
const OF_EXPORTS: ReadonlySet<string> = new Set(['refId', 'referencedObjects']);

/** Lists whose order is their meaning. */
const IN_ORDER: ReadonlySet<string> = new Set(['actions', 'cases', 'statements']);

interface Paired {
  readonly mine: TreeNode | null;
  readonly other: TreeNode | null;
  /** Where the other one stands in its list. */
  readonly place: number;
}

/** Items by name, the second of a name with the second; those without a name by their place. */
function paired(ours: readonly TreeNode[], theirs: readonly TreeNode[]): Paired[] {
  const keys = keysOf(theirs);
  const left = new Map(theirs.map((other, place) => [keys[place] ?? '', { other, place }]));
  const pairs = keysOf(ours).map((key, at): Paired => {
    const found = left.get(key);
    left.delete(key);
    const mine = ours[at] ?? null;
    return found === undefined ? { mine, other: null, place: -1 } : { mine, ...found };
  });
  return [...pairs, ...[...left.values()].map((one) => ({ mine: null, ...one }))];
}

function keysOf(items: readonly TreeNode[]): string[] {
  const counts = new Map<string, number>();
  return items.map((item) => {
    const name = nameOf(item) ?? '';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return `${name} ${count}`;
  });
}

/** Things that are known by their kind rather than by a type of action. */
const KINDS: ReadonlySet<string> = new Set(['task', 'menu', 'attribute', 'case']);

function inList(path: Path, item: TreeNode): Path {
  const name = nameOf(item);
  const entry = only(item);
  if (entry === null) return path;
  const { key } = entry;
  if (name === null) return [...path, ` ${key}`];
  if (KINDS.has(key)) return [...path, ` ${key} ${name}`];
  if (key.endsWith('Variable')) return [...path, ` variable ${name}`];
  return [...path, ` ${name} (${key})`];
}

/** A part that begins with a space is a thing by itself; what only holds such things is left out. */
function inWords(path: Path): string {
  const things: string[] = [];
  let keys: string[] = [];
  for (const part of path.slice(1)) {
    if (part.startsWith(' ')) {
      things.push(...branchOf(keys), part.trim());
      keys = [];
    } else {
      keys.push(part);
    }
  }
  if (keys.length > 0) things.push(keys.join('.'));
  return things.length === 0 ? (path[0] ?? 'the whole file') : things.join(' > ');
}

/** `outputs.failure.actions` is told as `failure`; the lists of a flow need no word. */
function branchOf(keys: readonly string[]): string[] {
  const words = keys.filter((key) => !LISTS.has(key));
  return words.length === 0 ? [] : [words.join('.')];
}

const LISTS: ReadonlySet<string> = new Set([
  'actions',
  'attributes',
  'cases',
  'choices',
  'menus',
  'outputs',
  'statements',
  'tasks',
  'variables',
]);

/** The names of a list, as one text. */
function names(list: ListNode): TreeNode {
  const source = list.items.map((item) => nameOf(item) ?? only(item)?.key ?? '?').join(', ');
  return { kind: 'text', value: source, source, position: list.position };
}
