/** A piece of TypeScript: enough to count and to search, without types. */
export interface Token {
  /** `mark` is punctuation; a word keeps its leading `#`; a string and a template are without quotes. */
  readonly kind: 'word' | 'number' | 'string' | 'template' | 'regex' | 'mark';
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** Words after which a `/` begins a regular expression and not a division. */
const BEFORE_REGEX = new Set(
  'return typeof case in of delete void instanceof new throw else do await yield'.split(' '),
);

const SPACE = /\s+/y;
const LINE_COMMENT = /\/\/[^\n]*|^#![^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const WORD = /#?[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /0[xXbBoO][\da-fA-F_]+n?|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?n?|\.\d[\d_]*/y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
const MARK = /=>|\?\.(?!\d)|\.\.\.|\+\+|--|[\s\S]/y;

/** Splits TypeScript into tokens. Throws where it loses the thread: a guard must not go blind. */
class Lexer {
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** What each open bracket is; a template's `${` has to be told apart from a block's `{`. */
  readonly #open: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    while (this.#at < this.#text.length) this.#step();
    if (this.#open.length > 0) throw this.#lost(`a ${this.#open.at(-1)} is never closed`);
  }

  #lost(why: string): Error {
    return new Error(`line ${this.#line}: ${why}`);
  }

  /** What the pattern matches here, or `null`; moves on. */
  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #push(kind: Token['kind'], text: string, raw = text): void {
    this.tokens.push({ kind, text, line: this.#line });
    this.#line += raw.split('\n').length - 1;
  }

  #step(): void {
    const space = this.#take(SPACE);
    if (space !== null) {
      this.#line += space.split('\n').length - 1;
      return;
    }
    const comment = this.#take(LINE_COMMENT) ?? this.#take(BLOCK_COMMENT);
    if (comment !== null) {
      this.comments.push({ text: comment, line: this.#line });
      this.#line += comment.split('\n').length - 1;
      return;
    }
    const word = this.#take(WORD);
    if (word !== null) return this.#push('word', word);
    const number = this.#take(NUMBER);
    if (number !== null) return this.#push('number', number);
    const text = this.#take(STRING);
    if (text !== null) return this.#push('string', text.slice(1, -1), text);
    if (this.#text[this.#at] === '`') {
      this.#at += 1;
      return this.#template();
    }
    if (this.#text[this.#at] === '/' && this.#mayBeRegex()) {
      const regex = this.#take(REGEX);
      if (regex !== null) return this.#push('regex', regex);
    }
    this.#mark(this.#take(MARK) ?? '');
  }

  #mayBeRegex(): boolean {
    const last = this.tokens.at(-1);
    if (last === undefined) return true;
    if (last.kind === 'word') return BEFORE_REGEX.has(last.text);
    return last.kind === 'mark' && ![')', ']', '}', '++', '--'].includes(last.text);
  }

  #template(): void {
    const part = this.#take(TEMPLATE_PART);
    if (part === null) throw this.#lost('a template is never closed');
    const substitutes = part.endsWith('${');
    this.#push('template', part.slice(0, substitutes ? -2 : -1), part);
    if (!substitutes) return;
    this.#open.push('${');
    this.#push('mark', '${');
  }

  #mark(mark: string): void {
    if (['(', '[', '{'].includes(mark)) this.#open.push(mark);
    if (![')', ']', '}'].includes(mark)) return this.#push('mark', mark);
    const opened = this.#open.pop();
    if (opened === '${' && mark === '}') {
      this.#push('mark', '$}');
      return this.#template();
    }
    if (opened === undefined || `${opened}${mark}`.match(/^(\(\)|\[\]|\{\})$/) === null) {
      throw this.#lost(`a ${mark} closes ${opened ?? 'nothing'}`);
    }
    this.#push('mark', mark);
  }
}

export function lex(text: string): { tokens: readonly Token[]; comments: readonly Comment[] } {
  const lexer = new Lexer(text);
  lexer.run();
  return { tokens: lexer.tokens, comments: lexer.comments };
}
