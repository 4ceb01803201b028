import { loadModule, parseSync, type Node } from 'libpg-query';
import { SqlError } from './errors.ts';

// PostgreSQL's own grammar, compiled to WebAssembly: what it reads is what the server reads.
await loadModule();

export type { Node } from 'libpg-query';

/** What is inside of a node of this kind. */
export type Part<Kind extends string> = Node extends infer N
  ? N extends Readonly<Record<Kind, infer Inner>>
    ? Inner
    : never
  : never;

/** The statements of a text, in their order. @throws {SqlError} 42601 where it is not SQL. */
export function parsed(text: string): readonly Node[] {
  try {
    const { stmts = [] } = parseSync(text);
    return stmts.map(({ stmt }) => stmt ?? refuse('an empty statement', text));
  } catch (error) {
    if (error instanceof SqlError) throw error;
    throw new SqlError('42601', error instanceof Error ? error.message : String(error));
  }
}

/** Where in the text something stands says nothing about what it does. */
const PLACES = new Set(['location', 'rexpr_list_start', 'rexpr_list_end', 'stmt_len']);

/**
 * What the interpreter does not know is never passed over: a statement that it would run differently
 * from PostgreSQL is a compile error that shows the piece.
 */
export function refuse(what: string, piece: unknown): never {
  const text = typeof piece === 'string' ? piece : JSON.stringify(piece);
  throw new Error(`the store in memory does not know ${what}: ${text.slice(0, 300)}`);
}

/** Refuses a node that has a field beyond `known`, which would go unread. */
export function onlyKnown<T extends object>(
  what: string,
  node: T,
  ...known: readonly (keyof T & string)[]
): T {
  const strange = Object.keys(node).find(
    (key) => !PLACES.has(key) && !known.some((name) => name === key),
  );
  return strange === undefined ? node : refuse(`${strange} of ${what}`, node);
}

/** The words of a name, such as `pg_catalog.int4`. */
export function words(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) =>
    'String' in node ? (node.String.sval ?? '') : refuse('this name', node),
  );
}

/** The operator's or function's own name: the schema can only be the catalogue's. */
export function plainName(nodes: readonly Node[] | undefined): string {
  const name = words(nodes);
  if (name.length === 2 && name[0] === 'pg_catalog') name.shift();
  return name.length === 1 ? (name[0] ?? '') : refuse('this qualified name', name);
}
