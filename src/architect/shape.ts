import type { Branch } from './model.ts';
import type { Property, Read } from './property.ts';
import { isNothing, type Fields, type Reading } from './reading.ts';
import type { TreeNode } from './document.ts';

/** Properties by key. */
export type Properties = Readonly<Record<string, Property<unknown>>>;
export type Values<P extends Properties> = { readonly [K in keyof P]: Read<P[K]> };

/** Reads properties off a map; what is required and absent is a problem. */
export function readProperties<P extends Properties>(fields: Fields, properties: P): Values<P> {
  const values: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(properties)) {
    const node = fields.take(key);
    if (node === null && property.required) fields.missing(key, property.form);
    const place = {
      what: `\`${key}\` of ${fields.what}`,
      position: node?.position ?? fields.position,
    };
    values[key] = property.read(node, place, fields.reading);
  }
  // The loop above has put in one value for every key of P, read by that key's own property.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return values as Values<P>;
}

/** A map with properties of its own. */
export function shape<P extends Properties, T>(
  properties: P,
  build: (values: Values<P>, fields: Fields) => T,
): Property<T> {
  return {
    form: `{${Object.keys(properties).join(', ')}}`,
    required: false,
    read: (node, { what, position }, reading) => {
      const fields = reading.fields(node ?? { kind: 'map', entries: [], position }, what);
      // An absent map has no required keys: whether it may be absent is its owner's question.
      const quiet = node === null ? withoutRequired(properties) : properties;
      const values = readProperties(fields, quiet);
      fields.end();
      return build(values, fields);
    },
  };
}

function withoutRequired<P extends Properties>(properties: P): P {
  const optional = Object.entries(properties).map(([key, value]) => [
    key,
    { ...value, required: false },
  ]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(optional) as P;
}

/** A list item such as `{attribute: {…}}`, by the one word that it may have. */
export function wrapped<T>(word: string, inner: Property<T>): Property<T> {
  return {
    form: `{${word}: ${inner.form}}`,
    required: false,
    read: (node, place, reading) => {
      if (node === null) return inner.read(null, place, reading);
      const entry = reading.onlyEntry(node, place.what);
      if (entry !== null && entry.key !== word) {
        reading.report(
          entry.keyPosition,
          'unknown-key',
          `Write \`${word}\` for \`${entry.key}\` in ${place.what}.`,
        );
      }
      const value = entry?.key === word ? entry.value : null;
      return inner.read(value, { what: `\`${word}\``, position: node.position }, reading);
    },
  };
}

/** A thing of the organisation, which Archy names by a key: `{Name of it: {…}}`. */
export interface NamedBody<T> {
  readonly name: string;
  readonly body: T;
}

export function byName<T>(inner: Property<T>): Property<NamedBody<T>> {
  return {
    form: `{name: ${inner.form}}`,
    required: false,
    read: (node, { what, position }, reading) => {
      const entry = node === null ? null : reading.onlyEntry(node, what);
      const name = entry?.key ?? '';
      const body = entry === null || isNothing(entry.value) ? null : entry.value;
      if (body === null && entry !== null && inner.required) {
        reading.report(
          entry.keyPosition,
          'missing-key',
          `Say under \`${name}\` what it is: ${inner.form}.`,
        );
      }
      const place = { what: `\`${name}\` of ${what}`, position: entry?.keyPosition ?? position };
      return { name, body: inner.read(body, place, reading) };
    },
  };
}

/** A path out of an action: `{actions: […]}`. */
export function readBranch(name: string, node: TreeNode, of: string, reading: Reading): Branch {
  const { position } = node;
  if (isNothing(node)) return { name, actions: [], position };
  const fields = reading.fields(node, `the path \`${name}\` of ${of}`);
  const actions = fields.take('actions');
  fields.end();
  return {
    name,
    actions: actions === null ? [] : reading.actions(actions, reading),
    position,
  };
}
