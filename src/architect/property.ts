import type { TreeNode } from './document.ts';
import type { Reference, Setting } from './model.ts';
import type { Position } from './position.ts';
import { isNothing, type Reading } from './reading.ts';
import { openPlaceholder } from './substitute.ts';

/** Where a property stands, for messages. */
export interface Place {
  /** `audio` of playAudio. */
  readonly what: string;
  /** Of the property; of what it belongs to where it is absent. */
  readonly position: Position;
}

/** One property of an action, menu or setting: how it looks, and how it is read. */
export interface Property<T> {
  /** For the documentation: `lit | exp | noValue`. */
  readonly form: string;
  readonly required: boolean;
  /** Never throws; what does not fit becomes a problem and a harmless value. `null` is absent. */
  read(node: TreeNode | null, place: Place, reading: Reading): T;
}

/** This property has to be there. */
export function required<T>(property: Property<T>): Property<T> {
  return { ...property, required: true };
}

/** `null` where it is absent. */
export function optional<T>(property: Property<T>): Property<T | null> {
  const { form, required } = property;
  return {
    form,
    required,
    read: (node, place, reading) => (node === null ? null : property.read(node, place, reading)),
  };
}

function property<T>(form: string, read: Property<T>['read']): Property<T> {
  return { form, required: false, read };
}

/** A word, number or sentence. */
export function text(fallback = ''): Property<string> {
  return property('text', (node, { what }, reading) => {
    if (node === null) return fallback;
    if (node.kind === 'text') return node.value === null ? fallback : node.source;
    reading.wrongType(node, what, 'text');
    return fallback;
  });
}

export function flag(fallback = false): Property<boolean> {
  return property('true | false', (node, { what }, reading) => {
    if (node === null) return fallback;
    if (node.kind === 'text' && typeof node.value === 'boolean') return node.value;
    reading.wrongType(node, what, '`true` or `false`');
    return fallback;
  });
}

/** A whole number in a range. */
export function count(min: number, max: number): Property<number> {
  return property(`${min} to ${max}`, (node, { what }, reading) => {
    if (node === null) return min;
    const value = node.kind === 'text' ? node.value : null;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    reading.wrongType(node, what, `a whole number from ${min} to ${max}`);
    return min;
  });
}

/** One of some words. */
export function oneOf<const W extends string>(words: readonly [W, ...W[]]): Property<W> {
  return property(words.join(' | '), (node, { what }, reading) => {
    if (node === null) return words[0];
    const word = words.find((candidate) => node.kind === 'text' && candidate === node.source);
    if (word === undefined) reading.wrongType(node, what, `one of ${words.join(', ')}`);
    return word ?? words[0];
  });
}

/**
 * A key of the telephone: `digit_0`, `digit_*`, `digit_#`; `null` where there is none. `star` and
 * `pound` are read too: other tools that read exports know them.
 */
export function key(): Property<string | null> {
  return property('digit_0 … digit_9 | digit_* | digit_#', (node, { what }, reading) => {
    if (node === null || isNothing(node)) return null;
    const word = node.kind === 'text' ? node.source : '';
    if (word === 'star') return '*';
    if (word === 'pound') return '#';
    const found = /^digit_([0-9*#])$/.exec(word)?.[1];
    if (found !== undefined) return found;
    reading.wrongType(node, what, 'a key such as `digit_1`, `digit_*` or `digit_#`');
    return null;
  });
}

/** `{name: Payment Front}`: a thing of the organisation, where no expression may stand. */
export function named(): Property<Setting> {
  return property('name', (node, { what, position }, reading) => {
    if (node === null) return { kind: 'none', position };
    const fields = reading.fields(node, what);
    const name = fields.take('name');
    fields.take('id');
    fields.end();
    if (name?.kind === 'text' && name.value !== null) {
      return {
        kind: 'literal',
        literal: { kind: 'named', name: name.source },
        position: name.position,
      };
    }
    fields.missing('name', 'the name that it has in Genesys Cloud');
    return { kind: 'none', position: node.position };
  });
}

/** The task or menu that a path such as `/inboundCall/tasks/task[Pay_10]` leads to. */
export function reference(kind: 'task' | 'menu'): Property<Reference> {
  return property(`path to a ${kind}`, (node, { what, position }, reading) => {
    const none: Reference = { kind, refId: '', text: '', position };
    if (node === null) return none;
    const path = node.kind === 'text' ? node.source : '';
    const found = parseReference(path, node.position);
    if (found === null || found.kind !== kind) {
      reading.wrongType(node, what, `a path such as ./${kind}s/${kind}[refId]`);
      return none;
    }
    reading.references.push(found);
    return found;
  });
}

/**
 * Archy's references walk from the root of the flow: a property is `/name`, an item of a list is
 * `/type[refId]` (Archy lesson 4A). A `refId` may hold anything but a closing bracket.
 */
export function parseReference(path: string, position: Position): Reference | null {
  if (openPlaceholder(path.replaceAll(/\[[^\]]*\]/g, '')) !== null) return null;
  const match =
    /^(?:\.|\/\w+)(?:\/\w+(?:\[[^\]]*\])?)*\/(task|menu|menuSubMenu|menuTask)\[([^\]]+)\]$/.exec(
      path,
    );
  const [, type, refId] = match ?? [];
  if (type === undefined || refId === undefined) return null;
  const kind = type === 'task' || type === 'menuTask' ? 'task' : 'menu';
  return { kind, refId, text: path, position };
}

/** The type that a property gives. */
export type Read<P> = P extends Property<infer T> ? T : never;
/** A list whose items are read by one property each. */
export function listOf<T>(item: Property<T>): Property<readonly T[]> {
  return property(`list of ${item.form}`, (node, { what }, reading) =>
    node === null
      ? []
      : reading
          .list(node, what)
          .map((entry) =>
            item.read(entry, { what: `an item of ${what}`, position: entry.position }, reading),
          ),
  );
}
