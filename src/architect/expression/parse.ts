import { ExpressionError, type BinaryOperator, type Expression, type Span } from './ast.ts';
import { tokensOf, type Token } from './lexer.ts';
import { isBinaryOperator, PRECEDENCE } from './precedence.ts';

/** Ours: the evaluator and every walk over the tree are recursive. */
const DEPTH_MAX = 200;

/**
 * Reads an expression.
 *
 * Only its form: whether functions and variables exist, and whether types fit, is what
 * `checkExpression` says. The grammar is Architect's own, from the parser of
 * `purecloud-flow-scripting-api-sdk-javascript` 0.0.18: unary minus takes one primary (`- -1` is no
 * expression), `!` and `~` bind tighter than all binary operators, `^` is the only one that groups
 * to the right, and a member or an index may stand behind a variable or a call alone.
 *
 * @throws {ExpressionError} and nothing else.
 */
export function parseExpression(text: string): Expression {
  return new Parser(tokensOf(text)).whole();
}

const LITERALS: Readonly<Record<string, (span: Span) => Expression>> = {
  true: (span) => ({ kind: 'boolean', value: true, span }),
  false: (span) => ({ kind: 'boolean', value: false, span }),
  NOT_SET: (span) => ({ kind: 'not_set', span }),
};

class Parser {
  readonly #tokens: readonly Token[];
  /** How deep a tree is: long chains of one operator are deep without nesting. */
  readonly #depths = new WeakMap<Expression, number>();
  #next = 0;
  #nesting = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    if (this.#peek().kind === 'end') {
      throw new ExpressionError('the expression is empty', this.#peek().span);
    }
    const expression = this.#choice();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#unexpected(rest, 'the end or an operator');
    return expression;
  }

  #choice(): Expression {
    this.#nesting += 1;
    if (this.#nesting > DEPTH_MAX) throw tooDeep(this.#peek().span);
    const condition = this.#binary(PRECEDENCE.or);
    const expression = this.#takeMark('?') ? this.#branches(condition) : condition;
    this.#nesting -= 1;
    return expression;
  }

  /** Both branches are narrower than `or`: a choice within a choice needs parentheses. */
  #branches(condition: Expression): Expression {
    const whenTrue = this.#binary(PRECEDENCE.and);
    if (!this.#takeMark(':')) throw this.#unexpected(this.#peek(), 'the : that belongs to the ?');
    const whenFalse = this.#binary(PRECEDENCE.and);
    const span = around(condition, whenFalse);
    return this.#grown({ kind: 'choice', condition, whenTrue, whenFalse, span }, [
      condition,
      whenTrue,
      whenFalse,
    ]);
  }

  /** Precedence climbing: takes operators that bind at least as tightly as `least`. */
  #binary(least: number): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#operator(least);
      if (operator === null) return left;
      this.#next += 1;
      // `^` groups to the right: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2).
      const right = operator === '^' ? this.#power() : this.#binary(PRECEDENCE[operator] + 1);
      const span = around(left, right);
      left = this.#grown({ kind: 'binary', operator, left, right, span }, [left, right]);
    }
  }

  #power(): Expression {
    this.#nesting += 1;
    if (this.#nesting > DEPTH_MAX) throw tooDeep(this.#peek().span);
    const right = this.#binary(PRECEDENCE['^']);
    this.#nesting -= 1;
    return right;
  }

  #operator(least: number): BinaryOperator | null {
    const token = this.#peek();
    if (token.kind !== 'mark' && token.kind !== 'word') return null;
    const text = token.text.toLowerCase();
    if (!isBinaryOperator(text)) return null;
    return PRECEDENCE[text] >= least ? text : null;
  }

  #unary(): Expression {
    const token = this.#peek();
    if (token.kind !== 'mark') return this.#primary();
    if (token.text === '!' || token.text === '~') {
      this.#next += 1;
      this.#nesting += 1;
      if (this.#nesting > DEPTH_MAX) throw tooDeep(token.span);
      const of = this.#unary();
      this.#nesting -= 1;
      const span = { start: token.span.start, end: of.span.end };
      return this.#grown({ kind: 'unary', operator: token.text === '!' ? 'not' : '~', of, span }, [
        of,
      ]);
    }
    if (token.text !== '-') return this.#primary();
    this.#next += 1;
    const second = this.#peek();
    if (second.kind === 'mark' && second.text === '-') {
      throw new ExpressionError(
        `two minus signs at column ${second.span.start + 1}: put the inner one into parentheses`,
        second.span,
      );
    }
    const of = this.#primary();
    const span = { start: token.span.start, end: of.span.end };
    return this.#grown({ kind: 'unary', operator: '-', of, span }, [of]);
  }

  #primary(): Expression {
    const token = this.#peek();
    switch (token.kind) {
      case 'text':
        this.#next += 1;
        return { kind: 'text', value: token.value, span: token.span };
      case 'number':
        this.#next += 1;
        return {
          kind: 'number',
          value: token.value,
          decimal: token.decimal,
          span: token.span,
        };
      case 'word':
        return this.#word(token);
      case 'mark':
        if (token.text === '(') return this.#group(token);
        throw this.#unexpected(token, 'a value');
      case 'member':
      case 'end':
        throw this.#unexpected(token, 'a value');
    }
  }

  #group(open: Token): Expression {
    this.#next += 1;
    const inner = this.#choice();
    const close = this.#close(')', 'parenthesis', open);
    return this.#grown({ ...inner, span: { start: open.span.start, end: close.end } }, [inner], 0);
  }

  #word(token: Token & { kind: 'word' }): Expression {
    const literal = Object.hasOwn(LITERALS, token.text) ? LITERALS[token.text] : undefined;
    this.#next += 1;
    if (literal !== undefined) return literal(token.span);
    const open = this.#peek();
    if (open.kind === 'mark' && open.text === '(') {
      const { args, end } = this.#arguments(open);
      const span = { start: token.span.start, end };
      return this.#access(this.#grown({ kind: 'call', name: token.text, args, span }, args));
    }
    if (open.kind !== 'member') throw bareWord(token);
    this.#next += 1;
    const span = { start: token.span.start, end: open.span.end };
    return this.#access({ kind: 'variable', scope: token.text, name: open.name, span });
  }

  #arguments(open: Token): { args: readonly Expression[]; end: number } {
    this.#next += 1;
    const args: Expression[] = [];
    const first = this.#peek();
    if (first.kind === 'mark' && first.text === ')') {
      this.#next += 1;
      return { args, end: first.span.end };
    }
    do args.push(this.#choice());
    while (this.#takeMark(','));
    return { args, end: this.#close(')', 'parenthesis', open).end };
  }

  /** Members and indexes, as many as there are. */
  #access(base: Expression): Expression {
    let of = base;
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'member') {
        this.#next += 1;
        const span = { start: of.span.start, end: token.span.end };
        of = this.#grown({ kind: 'member', of, name: token.name, span }, [of]);
      } else if (token.kind === 'mark' && token.text === '[') {
        this.#next += 1;
        const index = this.#choice();
        const close = this.#close(']', 'bracket', token);
        const span = { start: of.span.start, end: close.end };
        of = this.#grown({ kind: 'index', of, index, span }, [of, index]);
      } else return of;
    }
  }

  #peek(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    // The list always ends in `end`.
    if (token === undefined) throw new ExpressionError('the expression is empty', NOWHERE);
    return token;
  }

  #takeMark(text: string): boolean {
    const token = this.#peek();
    const found = token.kind === 'mark' && token.text === text;
    if (found) this.#next += 1;
    return found;
  }

  #close(mark: string, name: string, open: Token): Span {
    const token = this.#peek();
    if (this.#takeMark(mark)) return token.span;
    throw this.#unexpected(token, `a closing ${name} for the one at column ${open.span.start + 1}`);
  }

  /** Remembers how deep a new node is, and refuses one that is too deep. */
  #grown(node: Expression, children: readonly Expression[], step = 1): Expression {
    const below = children.map((child) => this.#depths.get(child) ?? 1);
    const depth = Math.max(1, ...below) + step;
    if (depth > DEPTH_MAX) throw tooDeep(node.span);
    this.#depths.set(node, depth);
    return node;
  }

  #unexpected(token: Token, expected: string): ExpressionError {
    const where = token.kind === 'end' ? 'at the end' : `at column ${token.span.start + 1}`;
    const before = this.#tokens[this.#next - 1];
    const last = token.kind === 'word' ? token : before;
    const hint =
      last?.kind === 'word' && last.text.toLowerCase() === 'not' ? ': not is written !' : '';
    return new ExpressionError(`expected ${expected} ${where}${hint}`, token.span);
  }
}

const NOWHERE: Span = { start: 0, end: 0 };

function around(left: Expression, right: Expression): Span {
  return { start: left.span.start, end: right.span.end };
}

function tooDeep(span: Span): ExpressionError {
  return new ExpressionError(
    `the expression is nested deeper than ${DEPTH_MAX}: put parts of it into variables`,
    span,
  );
}

const WRITTEN_AS = new Map([
  ['true', 'write true in small letters'],
  ['false', 'write false in small letters'],
  ['not_set', 'write NOT_SET in capitals'],
  ['null', 'the value of what has none is NOT_SET'],
  ['not', 'not is written !'],
]);

function bareWord(token: Token & { kind: 'word' }): ExpressionError {
  const column = token.span.start + 1;
  const hint =
    WRITTEN_AS.get(token.text.toLowerCase()) ??
    `a variable has its scope before it (Task.${token.text}), a function its parentheses behind it (${token.text}())`;
  return new ExpressionError(`unknown word ${token.text} at column ${column}: ${hint}`, token.span);
}
