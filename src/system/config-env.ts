import type { TSchema } from 'typebox';
import { SECRET_KEYS } from './config-file.ts';
import { ConfigError, parseYaml, readText } from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A JSON Schema as TypeBox writes it, as far as it is walked here. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
}

/** The part of a "something or null" that is not null. */
export function withoutNull(node: SchemaNode): SchemaNode {
  return node.anyOf?.find((part) => part.type !== 'null') ?? node;
}

export function isNullable(node: SchemaNode): boolean {
  return node.anyOf?.some((part) => part.type === 'null') ?? false;
}

export interface Leaf {
  /** From the root: `limits.retry.retries_max`. */
  readonly key: string;
  /** The rule: `TOKENLINE_`, then the key in capitals with `_` for each dot. */
  readonly variable: string;
  readonly node: SchemaNode;
}

/** Every key that holds a value, a list included, with the variable that overrides it. */
export function leavesOf(schema: TSchema | SchemaNode, path: readonly string[] = []): Leaf[] {
  const node: SchemaNode = schema;
  return Object.entries(node.properties ?? {}).flatMap(([name, raw]) => {
    const inner = withoutNull(raw);
    const here = [...path, name];
    if (inner.properties !== undefined) return leavesOf(inner, here);
    return [{ key: here.join('.'), variable: variableOf(here), node: raw }];
  });
}

function variableOf(path: readonly string[]): string {
  return `TOKENLINE_${path.join('_').toUpperCase()}`;
}

export type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `over` on top of `under`: objects are joined key by key, everything else is replaced. */
export function joined(under: unknown, over: unknown): unknown {
  if (!isTree(under) || !isTree(over)) return over;
  const out: Tree = { ...under };
  for (const [name, value] of Object.entries(over)) {
    out[name] = Object.hasOwn(under, name) ? joined(under[name], value) : value;
  }
  return out;
}

/** Replaces every `<secret>_file` by the text of the file that it names. */
export function withSecretFiles(value: unknown, source: string, path = ''): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => withSecretFiles(item, source, `${path}[${index}]`));
  }
  if (!isTree(value)) return value;
  const out: Tree = {};
  for (const [name, inner] of Object.entries(value)) {
    const secret = name.endsWith('_file') ? name.slice(0, -'_file'.length) : '';
    const key = path === '' ? name : `${path}.${name}`;
    if (!SECRET_KEYS.has(secret)) {
      out[name] = withSecretFiles(inner, source, key);
    } else if (Object.hasOwn(value, secret)) {
      throw new ConfigError([`${source}: ${key}: give it or ${secret}, not both`]);
    } else if (inner !== null) {
      if (typeof inner !== 'string') {
        throw new ConfigError([`${source}: ${key}: expected the path of a file`]);
      }
      out[secret] = secretIn(inner, `${source}: ${key}`);
    }
  }
  return out;
}

function secretIn(file: string, source: string): string {
  try {
    return readText(file).replace(/\r?\n$/, '');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map((problem) => `${source}: ${problem}`));
  }
}

/** The text of a variable as a value of the kind that the key takes; what does not fit stays text. */
function valueOf(text: string, node: SchemaNode, variable: string): unknown {
  const { type, items } = withoutNull(node);
  if (type === 'integer' || type === 'number') {
    return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type !== 'array') return text;
  if (text.trimStart().startsWith('[')) return parseYaml(text, variable);
  return text.split(',').map((part) => valueOf(part.trim(), items ?? {}, variable));
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = tree[name];
  const next: Tree = isTree(inner) ? { ...inner } : {};
  tree[name] = next;
  put(next, rest, value);
}

/** Names that are no key of the file. The first two stand for the first client. */
export const CLIENT_ID = 'TOKENLINE_CLIENT_ID';
export const CLIENT_SECRET = 'TOKENLINE_CLIENT_SECRET';
export const CONFIG_FILE = 'TOKENLINE_CONFIG';

/** What the environment says, as a tree in the file's shape. */
export interface EnvironmentReading {
  readonly tree: Tree;
  /** Which variable a key came from, for messages. */
  readonly from: ReadonlyMap<string, string>;
  /** Variables that begin with `TOKENLINE_` and mean nothing. */
  readonly unknown: readonly string[];
}

/** An empty variable counts as none: compose files write one for a value that is not given. */
export function readEnvironment(schema: TSchema, env: Environment): EnvironmentReading {
  const tree: Tree = {};
  const from = new Map<string, string>();
  const known = new Set([CLIENT_ID, CLIENT_SECRET, CONFIG_FILE]);
  for (const { key, variable, node } of leavesOf(schema)) {
    const path = key.split('.');
    const fileVariable = `${variable}_FILE`;
    known.add(variable);
    const text = env[variable] ?? '';
    const secret = SECRET_KEYS.has(path.at(-1) ?? '');
    const file = secret ? (env[fileVariable] ?? '') : '';
    if (secret) known.add(fileVariable);
    if (text !== '' && file !== '') {
      throw new ConfigError([`${variable}: give it or ${fileVariable}, not both`]);
    }
    if (text === '' && file === '') continue;
    from.set(key, text === '' ? fileVariable : variable);
    put(tree, path, text === '' ? secretIn(file, fileVariable) : valueOf(text, node, variable));
  }
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('TOKENLINE_') && !known.has(name),
  );
  return { tree, from, unknown };
}

/** `TOKENLINE_CLIENT_ID` and `TOKENLINE_CLIENT_SECRET` are those of the first client. */
export function withFirstClient(tree: Tree, env: Environment): Tree {
  const id = env[CLIENT_ID] ?? '';
  const secret = env[CLIENT_SECRET] ?? '';
  if (id === '' && secret === '') return tree;
  const clients: unknown[] = Array.isArray(tree['clients']) ? tree['clients'] : [];
  const first = isTree(clients[0]) ? clients[0] : { scopes: ['calls', 'cards'] };
  const changed = {
    ...first,
    ...(id === '' ? {} : { id }),
    ...(secret === '' ? {} : { secret }),
  };
  return { ...tree, clients: [changed, ...clients.slice(1)] };
}
