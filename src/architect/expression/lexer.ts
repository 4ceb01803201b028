import { ExpressionError, type Span } from './ast.ts';

/**
 * A word, mark or literal of an expression.
 *
 * The rules are those of Architect's own grammar, as it stands in the lexer of
 * `purecloud-flow-scripting-api-sdk-javascript` 0.0.18 (ANTLR): `true`, `false` and `NOT_SET` are
 * written exactly so, `and` and `or` in any case, there is no word for not but `!`, and a member is
 * a dot with a name right behind it, or with a text: `Task."My variable"`.
 */
export type Token =
  | { readonly kind: 'text'; readonly value: string; readonly span: Span }
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly decimal: boolean;
      readonly span: Span;
    }
  | { readonly kind: 'word'; readonly text: string; readonly span: Span }
  | { readonly kind: 'member'; readonly name: string; readonly span: Span }
  | { readonly kind: 'mark'; readonly text: string; readonly span: Span }
  | { readonly kind: 'end'; readonly span: Span };

/** Ours: far above any expression seen in a public flow (the longest has some 400 characters). */
const LENGTH_MAX = 20_000;

/** An Integer has at most 15 digits (constants `minInt`, `maxInt` of the SDK). */
export const INTEGER_MAX = 10 ** 15 - 1;

/** Longest a Decimal literal is read: 40 digits before the dot (constant `maxDecimal` of the SDK). */
const NUMBER_LENGTH_MAX = 80;

const LETTER =
  '$A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u1fff\\u3040-\\u318f\\u3300-\\u337f\\u3400-\\u3d2d\\u4e00-\\u9fff\\uf900-\\ufaff';
const NAME = `[${LETTER}][${LETTER.slice(1)}0-9_]*`;
const SPACE = /[\t\n\r ]+/y;
const WORD = new RegExp(NAME, 'y');
const NUMBER = /[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+/y;
const MARK = /==|!=|<=|>=|[-+*/%^<>!~&|?:()[\],]/y;
const WHOLE_NAME = new RegExp(`^${NAME}$`);

const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** True when a name can be written without quotation marks. */
export function isPlainName(name: string): boolean {
  return WHOLE_NAME.test(name);
}

/** The tokens of an expression; the last one is `end`. Throws {@link ExpressionError}. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > LENGTH_MAX) {
    throw new ExpressionError(
      `the expression has ${text.length} characters, and ${LENGTH_MAX} are read`,
      { start: LENGTH_MAX, end: text.length },
    );
  }
  const tokens: Token[] = [];
  let at = match(SPACE, text, 0)?.length ?? 0;
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.span.end;
    at += match(SPACE, text, at)?.length ?? 0;
  }
  tokens.push({ kind: 'end', span: { start: at, end: at } });
  return tokens;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function tokenAt(text: string, start: number): Token {
  if (text[start] === '"') {
    const { value, end } = quotedAt(text, start);
    return { kind: 'text', value, span: { start, end } };
  }
  const digits = match(NUMBER, text, start);
  if (digits !== null) return numberOf(digits, start);
  if (text[start] === '.') return memberAt(text, start);
  const word = match(WORD, text, start);
  if (word !== null) {
    return { kind: 'word', text: word, span: { start, end: start + word.length } };
  }
  const mark = match(MARK, text, start);
  if (mark !== null) {
    return { kind: 'mark', text: mark, span: { start, end: start + mark.length } };
  }
  throw strange(text, start);
}

function numberOf(digits: string, start: number): Token {
  const span = { start, end: start + digits.length };
  const decimal = digits.includes('.');
  const value = Number(digits);
  if (!decimal && value > INTEGER_MAX) {
    throw new ExpressionError(
      `an Integer has at most 15 digits (column ${start + 1}); write a text or a Decimal`,
      span,
    );
  }
  if (digits.length > NUMBER_LENGTH_MAX) {
    throw new ExpressionError(`the number at column ${start + 1} has too many digits`, span);
  }
  return { kind: 'number', value, decimal, span };
}

function memberAt(text: string, start: number): Token {
  if (text[start + 1] === '"') {
    const { value, end } = quotedAt(text, start + 1);
    return { kind: 'member', name: value, span: { start, end } };
  }
  const name = match(WORD, text, start + 1);
  if (name === null) {
    throw new ExpressionError(
      `expected a name right behind the dot at column ${start + 1}, such as Task.Amount`,
      { start, end: start + 1 },
    );
  }
  return { kind: 'member', name, span: { start, end: start + 1 + name.length } };
}

function quotedAt(text: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return { value, end: at + 1 };
    if (character !== '\\') {
      value += character;
      continue;
    }
    at += 1;
    const meant = at < text.length ? ESCAPED[text.charAt(at)] : undefined;
    if (meant === undefined) {
      throw new ExpressionError(
        `behind the backslash at column ${at} may stand ", \\, n, r or t alone; write \\\\ for a backslash`,
        { start: at - 1, end: Math.min(at + 1, text.length) },
      );
    }
    value += meant;
  }
  throw new ExpressionError(
    `expected a closing quotation mark for the one at column ${start + 1}`,
    { start, end: text.length },
  );
}

const INSTEAD: Readonly<Record<string, string>> = {
  '=': 'to compare, write ==',
  "'": 'a text stands between double quotation marks',
  '‘': 'a text stands between double quotation marks',
  '’': 'a text stands between double quotation marks',
  '“': 'a text stands between straight quotation marks: "',
  '”': 'a text stands between straight quotation marks: "',
  '{': 'curly brackets belong to Archy, which replaces {{name}} before it reads the flow',
  '}': 'curly brackets belong to Archy, which replaces {{name}} before it reads the flow',
  ';': 'arguments are separated by a comma',
};

function strange(text: string, at: number): ExpressionError {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const instead = INSTEAD[character];
  return new ExpressionError(
    `unexpected ${JSON.stringify(character)} at column ${at + 1}${instead === undefined ? '' : `: ${instead}`}`,
    { start: at, end: at + character.length },
  );
}
