import type { Expression } from './ast.ts';
import { isPlainName } from './lexer.ts';
import { MINUS_PRECEDENCE, NOT_PRECEDENCE, PRECEDENCE } from './precedence.ts';

const CHOICE_PRECEDENCE = 0;
const PRIMARY_PRECEDENCE = 12;

/** An expression as text, with as few parentheses as it needs; reading it gives the same tree. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'text':
      return quoted(expression.value);
    case 'number':
      return expression.decimal ? decimalText(expression.value) : String(expression.value);
    case 'boolean':
      return String(expression.value);
    case 'not_set':
      return 'NOT_SET';
    case 'variable':
      return `${expression.scope}${member(expression.name)}`;
    case 'member':
      return `${printExpression(expression.of)}${member(expression.name)}`;
    case 'index':
      return `${printExpression(expression.of)}[${printExpression(expression.index)}]`;
    case 'call':
      return `${expression.name}(${expression.args.map(printExpression).join(', ')})`;
    case 'unary':
      return printUnary(expression);
    case 'binary':
      return printBinary(expression);
    case 'choice': {
      const condition = within(expression.condition, PRECEDENCE.or);
      const whenTrue = within(expression.whenTrue, PRECEDENCE.and);
      return `${condition} ? ${whenTrue} : ${within(expression.whenFalse, PRECEDENCE.and)}`;
    }
  }
}

/** A number without an exponent and with at least one digit behind the dot: `1e-7` is `0.0000001`. */
export function decimalText(value: number): string {
  const [digits = '', exponent] = String(Math.abs(value)).split('e');
  const sign = value < 0 ? '-' : '';
  if (exponent === undefined) return sign + (digits.includes('.') ? digits : `${digits}.0`);
  const [whole = '', part = ''] = digits.split('.');
  const power = Number(exponent);
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${whole}${part}`;
  return `${sign}${whole}${part.padEnd(power, '0')}.0`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoted(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)}"`;
}

function member(name: string): string {
  return `.${isPlainName(name) ? name : quoted(name)}`;
}

function printUnary(expression: Expression & { kind: 'unary' }): string {
  // A minus takes a primary alone, never another minus.
  if (expression.operator === '-') return `-${within(expression.of, PRIMARY_PRECEDENCE)}`;
  const mark = expression.operator === 'not' ? '!' : '~';
  return `${mark}${within(expression.of, NOT_PRECEDENCE)}`;
}

function printBinary({ operator, left, right }: Expression & { kind: 'binary' }): string {
  const own = PRECEDENCE[operator];
  const groupsRight = operator === '^';
  const before = within(left, groupsRight ? own + 1 : own);
  return `${before} ${operator} ${within(right, groupsRight ? own : own + 1)}`;
}

function within(expression: Expression, least: number): string {
  const text = printExpression(expression);
  return precedenceOf(expression) < least ? `(${text})` : text;
}

function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case 'choice':
      return CHOICE_PRECEDENCE;
    case 'binary':
      return PRECEDENCE[expression.operator];
    case 'unary':
      return expression.operator === '-' ? MINUS_PRECEDENCE : NOT_PRECEDENCE;
    case 'text':
    case 'number':
    case 'boolean':
    case 'not_set':
    case 'variable':
    case 'member':
    case 'index':
    case 'call':
      return PRIMARY_PRECEDENCE;
  }
}
