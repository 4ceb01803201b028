import { Value } from 'typebox/value';
import type { SchemaNode, Tree } from './config-env.ts';
import { isNullable, isTree, withoutNull } from './config-env.ts';
import { ConfigFile, SECRET_KEYS } from './config-file.ts';

/** Where a key was read from: the file or a variable. */
export type SourceOf = (key: string) => string;

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `/clients/0/id` as `clients[0].id`. */
function keyOf(segments: readonly string[]): string {
  return segments.reduce(
    (key, part) => (/^\d+$/.test(part) ? `${key}[${part}]` : key === '' ? part : `${key}.${part}`),
    '',
  );
}

function nodeAt(segments: readonly string[]): SchemaNode {
  let node: SchemaNode = ConfigFile;
  for (const part of segments) {
    const inner = withoutNull(node);
    node = inner.items ?? inner.properties?.[part] ?? {};
  }
  return node;
}

function valueAt(tree: unknown, segments: readonly string[]): unknown {
  let value = tree;
  for (const part of segments) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isTree(value)) value = value[part];
    else return undefined;
  }
  return value;
}

function expectedAt(segments: readonly string[]): string {
  const node = nodeAt(segments);
  const inner = withoutNull(node);
  const known = Object.keys(inner.properties ?? {});
  const what = inner.description ?? (known.length > 0 ? `the keys ${known.join(', ')}` : 'a value');
  return isNullable(node) ? `${what}, or null` : what;
}

/** What stands there, as far as it may be shown. */
function foundAt(tree: unknown, segments: readonly string[]): string {
  const value = valueAt(tree, segments);
  const name = segments.findLast((part) => !/^\d+$/.test(part)) ?? '';
  if (value === undefined) return 'it is missing';
  if (value === null) return 'found nothing';
  if (SECRET_KEYS.has(name)) return 'found something else';
  if (Array.isArray(value)) return 'found a list';
  if (isTree(value)) return 'found keys of its own';
  return `found ${JSON.stringify(value).slice(0, 60)}`;
}

/**
 * One sentence for each key that is wrong: where it was read, the key, what is expected there, and
 * what was found. A secret is never repeated.
 */
export function shapeProblems(tree: Tree, sourceOf: SourceOf): string[] {
  const problems = new Map<string, string>();
  const say = (segments: readonly string[], sentence: string): void => {
    const key = keyOf(segments);
    if (!problems.has(key)) problems.set(key, `${sourceOf(key)}: ${key}: ${sentence}`);
  };
  for (const error of Value.Errors(ConfigFile, tree)) {
    const segments = segmentsOf(error.instancePath);
    if (error.keyword === 'additionalProperties') {
      const known = Object.keys(withoutNull(nodeAt(segments)).properties ?? {}).join(', ');
      for (const extra of error.params.additionalProperties) {
        say([...segments, extra], `is not known; known here are ${known}`);
      }
    } else if (error.keyword === 'required') {
      for (const missing of error.params.requiredProperties) {
        const path = [...segments, missing];
        say(path, `expected ${expectedAt(path)}; it is missing`);
      }
    } else if (error.keyword !== 'boolean') {
      say(segments, `expected ${expectedAt(segments)}; ${foundAt(tree, segments)}`);
    }
  }
  return [...problems.values()];
}
