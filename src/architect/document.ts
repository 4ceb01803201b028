import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Node as YamlLibraryNode,
  type Pair,
  type Scalar,
  type YAMLError,
} from 'yaml';
import type { Position, Problem } from './position.ts';
import type { ReadRule } from './rules.ts';
import { substitute, withBraces } from './substitute.ts';

/** Genesys's own limit is not public; the largest exports seen are below 3 MB. */
const TEXT_LENGTH_MAX = 16 * 1024 * 1024;
/** A decision in a decision costs six levels; Architect's editor is unusable long before this. */
const DEPTH_MAX = 600;

export interface TextNode {
  readonly kind: 'text';
  /** What YAML makes of it; `null` for nothing. */
  readonly value: string | number | boolean | null;
  /** As it was written: `007` stays `007`. */
  readonly source: string;
  readonly position: Position;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
  readonly position: Position;
}

export interface MapEntry {
  readonly key: string;
  readonly keyPosition: Position;
  readonly value: TreeNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly position: Position;
}

/** YAML with a place in the file for everything: what the readers of a flow read. */
export type TreeNode = TextNode | ListNode | MapNode;

export interface ParsedDocument {
  /** `null` where the text is no YAML; then `problems` says why. */
  readonly root: TreeNode | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads text as YAML 1.2, with `{{key}}` replaced.
 *
 * @param substitutions values by key; `undefined` leaves every placeholder as text.
 */
export function parseFlowDocument(
  text: string,
  file: string,
  substitutions: Readonly<Record<string, string>> | undefined,
): ParsedDocument {
  const start: Position = { file, line: 1, column: 1 };
  if (text.length > TEXT_LENGTH_MAX) return { root: null, problems: [tooLarge(start)] };
  const substituted = substitute(text, substitutions ?? {});
  const place = placesOf(text, file);
  const at = (offset: number): Position => place(substituted.originalOffset(offset));
  const problems: Problem[] =
    substitutions === undefined
      ? []
      : substituted.open.map(({ key, offset }) => ({
          position: place(offset),
          rule: 'missing-substitution',
          message: `{{${key}}} has no value; give one under the key ${key}.`,
        }));
  const document = parseDocument(substituted.text, {
    version: '1.2',
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const error of telling([...document.errors, ...document.warnings])) {
    const position = at(error.pos[0]);
    problems.push(
      error.code === 'RESOURCE_EXHAUSTION'
        ? tooLarge(position)
        : problem(position, 'yaml', yamlMessage(error.code, error.message)),
    );
  }
  if (document.errors.length > 0) return { root: null, problems };
  const tree = new Tree(at, substituted.text);
  const root = tree.node(document.contents, at(0), 0);
  return { root, problems: [...problems, ...tree.problems] };
}

/** After the first broken place the parser has lost its footing, and complains about what is right. */
function telling(errors: readonly YAMLError[]): readonly YAMLError[] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  return errors.filter((error) => error === first || error.code === 'DUPLICATE_KEY');
}

function problem(position: Position, rule: ReadRule, message: string): Problem {
  return { position, rule, message };
}

function tooLarge(position: Position): Problem {
  return problem(
    position,
    'file-too-large',
    `Nothing of it was read; a flow has at most ${TEXT_LENGTH_MAX / 1024 / 1024} MB and ${DEPTH_MAX} levels.`,
  );
}

function yamlMessage(code: string, message: string): string {
  if (code === 'TAG_RESOLVE_FAILED') {
    return 'Quote this value: to YAML a word that begins with ! is a tag, not text.';
  }
  const sentence = withBraces(message.split('\n')[0] ?? '').trim();
  return `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'} Correct the YAML here (${code}).`;
}

/** Line and column of an offset. */
function placesOf(text: string, file: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

class Tree {
  readonly problems: Problem[] = [];
  readonly #at: (offset: number) => Position;
  readonly #text: string;

  constructor(at: (offset: number) => Position, text: string) {
    this.#at = at;
    this.#text = text;
  }

  node(node: YamlLibraryNode | null, parent: Position, depth: number): TreeNode {
    if (node === null) return { kind: 'text', value: null, source: '', position: parent };
    const position = this.#at(contentStart(node, this.#text));
    if (depth > DEPTH_MAX) {
      if (!this.problems.some(({ rule }) => rule === 'file-too-large')) {
        this.#report(
          position,
          'file-too-large',
          `Below ${DEPTH_MAX} levels nothing is read; split this into tasks.`,
        );
      }
      return { kind: 'text', value: null, source: '', position };
    }
    if (isAlias(node)) {
      this.#report(position, 'yaml-alias', `Write out what *${node.source} stands for.`);
      const source = `*${node.source}`;
      return { kind: 'text', value: source, source, position };
    }
    this.#refuseAnchor(node, position);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(asNode(item), position, depth + 1));
      return { kind: 'list', items, position };
    }
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => this.#entry(pair, position, depth) ?? []);
      return { kind: 'map', entries, position };
    }
    return isScalar(node)
      ? textNode(node, position)
      : { kind: 'text', value: null, source: '', position };
  }

  /** `null` for what is no key with a value. */
  #entry(pair: Pair, parent: Position, depth: number): MapEntry | null {
    const key = this.node(asNode(pair.key), parent, depth + 1);
    if (key.kind !== 'text') {
      const message = 'A key is a word; quote it if it has braces or brackets.';
      this.#report(key.position, 'wrong-type', message);
      return null;
    }
    if (key.source === '<<') {
      const message = 'Write out what is merged here; flows have no merge keys.';
      this.#report(key.position, 'yaml-alias', message);
      return null;
    }
    return {
      key: key.source,
      keyPosition: key.position,
      value: this.node(asNode(pair.value), key.position, depth + 1),
    };
  }

  #refuseAnchor(node: YamlLibraryNode, position: Position): void {
    const anchor: unknown = 'anchor' in node ? node.anchor : undefined;
    if (typeof anchor === 'string' && anchor !== '') {
      this.#report(position, 'yaml-alias', `Take the anchor &${anchor} away; flows have none.`);
    }
  }

  #report(position: Position, rule: ReadRule, message: string): void {
    this.problems.push(problem(position, rule, message));
  }
}

function asNode(value: unknown): YamlLibraryNode | null {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null;
}

/** Where the content starts: behind a quote, and in the first line of a block. */
function contentStart(node: YamlLibraryNode, text: string): number {
  const start = node.range?.[0] ?? 0;
  if (!isScalar(node)) return start;
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') return start + 1;
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return start;
  const lineEnd = text.indexOf('\n', start);
  if (lineEnd === -1) return start;
  return lineEnd + 1 + (/^[\s]*/.exec(text.slice(lineEnd + 1, node.range?.[1]))?.[0].length ?? 0);
}

function textNode(node: Scalar, position: Position): TextNode {
  const { value, tag } = node;
  if (typeof value === 'string') {
    // What YAML took for a tag was meant as text; that it has to be quoted is a problem already.
    const meant = tag?.startsWith('!') === true ? `${tag} ${value}`.trim() : value;
    const text = withBraces(meant);
    return { kind: 'text', value: text, source: text, position };
  }
  const source = withBraces(node.source ?? '');
  if (typeof value === 'number' && Number.isFinite(value))
    return { kind: 'text', value, source, position };
  if (typeof value === 'boolean') return { kind: 'text', value, source, position };
  return { kind: 'text', value: value === null ? null : source, source, position };
}
