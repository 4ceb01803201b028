import type { Action, Branch } from './model.ts';
import type { Position } from './position.ts';
import { isNothing, type Fields } from './reading.ts';
import { readBranch, readProperties, type Properties, type Values } from './shape.ts';

/**
 * How sure the spelling of an action and of its keys is.
 *
 * `export`: both are seen in exports, or deployments, that somebody published.
 * `name`: the action is seen there, or in a tool that reads exports; its keys follow from the SDK.
 * `sdk`: both follow from the class in Genesys's flow scripting SDK. Every action that is seen in
 * exports is spelt as its class.
 */
export type Spelling = 'export' | 'name' | 'sdk';

/**
 * How the telephone line deals with an action: it does it, answers it in place of the organisation,
 * or ends in an error there.
 */
export type Played = 'played' | 'answered' | 'named';

export interface ActionType {
  /** In the YAML. */
  readonly key: string;
  /** One sentence for the documentation. */
  readonly says: string;
  readonly family: string;
  readonly played: Played;
  readonly spelling: Spelling;
  /** Key to form. */
  readonly properties: Properties;
  /** Names of its paths; `null` where the flow names them. */
  readonly paths: readonly string[] | null;
  /**
   * Reads an action off its keys. The caller ends the fields, because a menu choice has keys of
   * its own among them.
   */
  read(fields: Fields): Action;
}

/** What every action has. */
export interface Base {
  readonly name: string;
  readonly type: string;
  readonly position: Position;
}

export type Branches<N extends string> = Readonly<Record<N, Branch | null>>;

interface Definition<P extends Properties, N extends string> {
  readonly key: string;
  readonly says: string;
  readonly played?: Played;
  readonly spelling: Spelling;
  readonly properties: P;
  /** Its paths, by name. */
  readonly paths?: readonly N[];
  /** Instead of `paths`, where the flow names them. */
  readonly readPaths?: (fields: Fields) => readonly Branch[];
  build(base: Base, values: Values<P>, branches: Branches<N>, paths: readonly Branch[]): Action;
}

/** Makes an action type from one declaration of its properties and paths. */
export function define<P extends Properties, N extends string = never>(
  definition: Definition<P, N>,
): Omit<ActionType, 'family'> {
  const { key, says, spelling, properties, paths = [] } = definition;
  return {
    key,
    says,
    played: definition.played ?? 'played',
    spelling,
    properties,
    paths: definition.readPaths === undefined ? paths : null,
    read: (fields) => {
      const base = readBase(fields, key);
      const values = readProperties(fields, properties);
      const branches = branchesOf(fields, paths);
      return definition.build(base, values, branches, definition.readPaths?.(fields) ?? []);
    },
  };
}

export function readBase(fields: Fields, key: string): Base {
  const name = fields.take('name');
  // Written by Archy when it is asked to keep the numbers of the editor.
  fields.take('trackingId');
  if (name !== null && name.kind !== 'text') {
    fields.reading.wrongType(name, `\`name\` of ${fields.what}`, 'text');
  }
  return {
    name: name?.kind === 'text' && name.value !== null ? name.source : key,
    type: key,
    position: fields.position,
  };
}

export function branchesOf<N extends string>(fields: Fields, paths: readonly N[]): Branches<N> {
  const branches: Record<string, Branch | null> = Object.fromEntries(
    paths.map((path) => [path, null]),
  );
  if (paths.length > 0) {
    const outputs = outputsOf(fields);
    for (const path of paths) {
      const node = outputs?.take(path) ?? null;
      if (node !== null) branches[path] = readBranch(path, node, fields.what, fields.reading);
    }
    outputs?.end();
  }
  // One entry for every name of `paths`.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return branches as Branches<N>;
}

/** The keys under `outputs`, or `null` where an action has none. */
export function outputsOf(fields: Fields): Fields | null {
  const outputs = fields.take('outputs');
  if (outputs === null || isNothing(outputs)) return null;
  return fields.reading.fields(outputs, `\`outputs\` of ${fields.what}`);
}

/** Every path under `outputs`, whatever its name. */
export function anyBranches(fields: Fields): readonly Branch[] {
  const outputs = outputsOf(fields);
  if (outputs === null) return [];
  return outputs
    .takeRest()
    .map(({ key, value }) => readBranch(key, value, fields.what, fields.reading));
}

/** Those paths that a flow has written. */
export function present(branches: Readonly<Record<string, Branch | null>>): readonly Branch[] {
  return Object.values(branches).filter((branch) => branch !== null);
}
