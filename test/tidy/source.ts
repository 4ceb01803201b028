import { posix } from 'node:path';
import { lex, type Comment, type Token } from './lexer.ts';

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The file inside the repository, or `null` for a package or a part of Node. */
  readonly path: string | null;
  /** `import type` and `export type`: gone when the program runs. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Func {
  readonly name: string;
  readonly line: number;
  /** From its name to its closing brace, both included. */
  readonly lineCount: number;
}

/** A TypeScript file as the rules see it. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  /** Lines of `import(…)` and `require(…)` whose target cannot be read off. */
  readonly computedImports: readonly number[];
  readonly defaultExports: readonly number[];
  readonly functions: readonly Func[];
}

const OPEN = new Set(['(', '[', '{', '${']);
const CLOSE = new Set([')', ']', '}', '$}']);

/** For every opening bracket the index of its closing one. */
function pairs(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== 'mark') return;
    if (OPEN.has(token.text)) open.push(index);
    if (CLOSE.has(token.text)) ends.set(open.pop() ?? -1, index);
  });
  return ends;
}

function isMark(token: Token | undefined, ...marks: string[]): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}

function resolve(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.join(posix.dirname(from), specifier);
}

interface Findings {
  imports: Import[];
  computedImports: number[];
  defaultExports: number[];
}

/** The `from '…'` that ends the clause which begins at `index`, if it has one. */
function fromClause(tokens: readonly Token[], index: number): Token | null {
  for (let i = index; i < tokens.length && !isMark(tokens[i], ';', '=', '('); i++) {
    const next = tokens[i + 1];
    if (isWord(tokens[i], 'from') && next?.kind === 'string') return next;
    const isClause =
      tokens[i]?.kind === 'word' || isMark(tokens[i], '{', '}', ',', '*') || next === undefined;
    if (!isClause) return null;
  }
  return null;
}

function readImports(path: string, tokens: readonly Token[]): Findings {
  const found: Findings = { imports: [], computedImports: [], defaultExports: [] };
  const add = (specifier: Token, typeOnly: boolean): void => {
    const { text, line } = specifier;
    found.imports.push({ specifier: text, path: resolve(path, text), typeOnly, line });
  };
  tokens.forEach((token, index) => {
    if (isMark(tokens[index - 1], '.', '?.')) return;
    const next = tokens[index + 1];
    const after = tokens[index + 2];
    if (isWord(token, 'import', 'require') && isMark(next, '(')) {
      const literal = after?.kind === 'string' && isMark(tokens[index + 3], ')', ',');
      if (literal) add(after, false);
      else found.computedImports.push(token.line);
    } else if (isWord(token, 'import') && next?.kind === 'string') {
      add(next, false);
    } else if (isWord(token, 'import', 'export') && !isMark(next, '.', ':')) {
      if (isWord(token, 'export') && isWord(next, 'default')) {
        found.defaultExports.push(token.line);
      }
      const specifier = fromClause(tokens, index + 1);
      if (specifier) add(specifier, isWord(next, 'type') && !isWord(after, 'from'));
    }
    if (isWord(token, 'as') && isWord(next, 'default') && isMark(after, '}', ',')) {
      found.defaultExports.push(token.line);
    }
  });
  return found;
}

const CONTROL = ['if', 'for', 'while', 'switch', 'catch', 'with', 'await'];
const TYPE_OPERATORS = ['extends', 'is', 'keyof', 'readonly', 'infer', 'asserts', 'typeof'];

/**
 * The `{` that begins a body behind a parameter list, stepping over a return type: an object type
 * stands where an operand is wanted, a body behind one.
 */
function bodyAfter(
  tokens: readonly Token[],
  ends: ReadonlyMap<number, number>,
  closing: number,
): number | null {
  let index = closing + 1;
  if (isMark(tokens[index], '{')) return index;
  if (!isMark(tokens[index], ':')) return null;
  let wantsOperand = true;
  let angles = 0;
  for (index++; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) return null;
    if (isMark(token, '{', '(', '[')) {
      if (isMark(token, '{') && !wantsOperand && angles === 0) return index;
      index = ends.get(index) ?? tokens.length;
      wantsOperand = false;
    } else if (isMark(token, '<', '>')) {
      angles += token.text === '<' ? 1 : -1;
      wantsOperand = token.text === '<';
    } else if (isMark(token, '|', '&', '=>', '?', ':', '.') || isWord(token, ...TYPE_OPERATORS)) {
      wantsOperand = true;
    } else if (isMark(token, ',') && angles > 0) {
      wantsOperand = true;
    } else if (token.kind === 'mark' || (!wantsOperand && angles === 0)) {
      return null;
    } else {
      wantsOperand = false;
    }
  }
  return null;
}

/** The name before a parameter list, stepping back over type parameters. */
function nameBefore(tokens: readonly Token[], opening: number): number {
  let index = opening - 1;
  if (!isMark(tokens[index], '>')) return index;
  for (let angles = 0; index > 0; index--) {
    if (isMark(tokens[index], '>')) angles += 1;
    if (isMark(tokens[index], '<') && --angles === 0) return index - 1;
  }
  return opening - 1;
}

function readFunctions(tokens: readonly Token[]): Func[] {
  const ends = pairs(tokens);
  const found: Func[] = [];
  const add = (name: string, line: number, body: number): void => {
    const end = tokens[ends.get(body) ?? body];
    if (end) found.push({ name, line, lineCount: end.line - line + 1 });
  };
  tokens.forEach((token, index) => {
    if (isMark(token, '=>') && isMark(tokens[index + 1], '{')) {
      add('an arrow function', token.line, index + 1);
    }
    if (!isMark(token, '(')) return;
    const at = nameBefore(tokens, index);
    const name = tokens[at];
    const named = name !== undefined && (name.kind !== 'mark' || isMark(name, ']'));
    if (!named || isWord(name, ...CONTROL)) return;
    const body = bodyAfter(tokens, ends, ends.get(index) ?? index);
    if (body !== null) add(name.text, name.line, body);
  });
  return found;
}

/** @throws where the file cannot be read as TypeScript. */
export function readSource(path: string, text: string): Source {
  let lexed: ReturnType<typeof lex>;
  try {
    lexed = lex(text);
  } catch (error) {
    throw new Error(`${path}: cannot be read as TypeScript`, { cause: error });
  }
  const { tokens, comments } = lexed;
  return {
    path,
    text,
    lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    tokens,
    comments,
    ...readImports(path, tokens),
    functions: readFunctions(tokens),
  };
}
