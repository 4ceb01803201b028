import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExpressionError, type Expression } from '../../../src/architect/expression/ast.ts';
import { parseExpression } from '../../../src/architect/expression/parse.ts';
import { printExpression } from '../../../src/architect/expression/print.ts';

/** The tree with every operator in parentheses: how it was grouped. */
function grouped(expression: Expression): string {
  if (expression.kind === 'binary') {
    return `(${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)})`;
  }
  if (expression.kind === 'unary') return `(${expression.operator} ${grouped(expression.of)})`;
  if (expression.kind === 'choice') {
    const { condition, whenTrue, whenFalse } = expression;
    return `(${grouped(condition)} : ${grouped(whenTrue)} : ${grouped(whenFalse)})`;
  }
  return printExpression(expression);
}

function groupedText(text: string): string {
  return grouped(parseExpression(text));
}

function errorOf(text: string): ExpressionError {
  try {
    parseExpression(text);
  } catch (error) {
    assert.ok(error instanceof ExpressionError, String(error));
    return error;
  }
  return assert.fail(`${text} was read`);
}

describe('what an expression is', () => {
  test('literals have their types, and escapes are replaced', () => {
    const text = parseExpression(String.raw`"say \"hi\"\n\t\\"`);
    assert.deepEqual(text, { kind: 'text', value: 'say "hi"\n\t\\', span: { start: 0, end: 18 } });
    const kinds = ['1', '1.0', '5.', '.5'].map((digits) => parseExpression(digits));
    assert.deepEqual(
      kinds.map((number) => number.kind === 'number' && [number.value, number.decimal]),
      [
        [1, false],
        [1, true],
        [5, true],
        [0.5, true],
      ],
    );
    assert.equal(parseExpression('NOT_SET').kind, 'not_set');
    assert.equal(parseExpression('true').kind, 'boolean');
  });

  test('a variable is a scope and a name, and what follows is a member or an index', () => {
    const queue = parseExpression('Call.CurrentQueue.name');
    assert.ok(queue.kind === 'member' && queue.of.kind === 'variable');
    assert.deepEqual([queue.of.scope, queue.of.name, queue.name], ['Call', 'CurrentQueue', 'name']);
    const item = parseExpression('Flow.ids[Task.i + 1]');
    assert.ok(item.kind === 'index' && item.index.kind === 'binary');
  });

  test('a name with spaces stands between quotation marks', () => {
    const variable = parseExpression('Task."Card ending"');
    assert.ok(variable.kind === 'variable');
    assert.equal(variable.name, 'Card ending');
  });

  test('a member may be called like a word of the language', () => {
    const variable = parseExpression('Task.and');
    assert.ok(variable.kind === 'variable');
    assert.equal(variable.name, 'and');
  });

  test('lines and blanks between the parts mean nothing', () => {
    assert.equal(
      printExpression(parseExpression('\n Append (\r\n\t"a" ,\n "b" )\n')),
      'Append("a", "b")',
    );
  });

  test('a span covers what was written, parentheses included', () => {
    const sum = parseExpression(' (1 + 2) * 3');
    assert.deepEqual(sum.span, { start: 1, end: 12 });
    assert.ok(sum.kind === 'binary');
    assert.deepEqual(sum.left.span, { start: 1, end: 8 });
  });
});

describe('which operator binds tighter', () => {
  const cases: readonly [string, string][] = [
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['1 - 2 - 3', '((1 - 2) - 3)'],
    ['8 / 4 % 3', '((8 / 4) % 3)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['-2 ^ 2', '((- 2) ^ 2)'],
    ['2 ^ -1', '(2 ^ (- 1))'],
    ['1 - -2', '(1 - (- 2))'],
    ['!Task.a == Task.b', '((not Task.a) == Task.b)'],
    ['!!Task.a', '(not (not Task.a))'],
    ['~-5 & 3 | 1', '(((~ (- 5)) & 3) | 1)'],
    ['1 + 1 > 1 == true', '(((1 + 1) > 1) == true)'],
    ['true or false and false', '(true or (false and false))'],
    ['true OR false AnD false', '(true or (false and false))'],
    ['true or false ? 1 : 2', '((true or false) : 1 : 2)'],
    ['-Task.list[0].amount', '(- Task.list[0].amount)'],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${expected}`, () => assert.equal(groupedText(text), expected));
  }
});

describe('an error says what was expected and where', () => {
  const cases: readonly [string, RegExp, number][] = [
    ['', /the expression is empty/, 0],
    ['Left(Task.a, (1 + 2)', /closing parenthesis for the one at column 5 at the end/, 20],
    ['Task.a[0', /closing bracket for the one at column 7/, 8],
    ['"abc', /closing quotation mark for the one at column 1/, 0],
    [String.raw`"a\q"`, /behind the backslash at column 3/, 2],
    ['Task.a = 1', /unexpected "=" at column 8: to compare, write ==/, 7],
    ["'abc'", /double quotation marks/, 0],
    ['Task. a', /name right behind the dot at column 5/, 4],
    ['Amount', /unknown word Amount at column 1: a variable has its scope before it/, 0],
    ['True', /write true in small letters/, 0],
    ['null', /NOT_SET/, 0],
    ['not Task.a', /not is written !/, 0],
    ['1 and not Task.a', /not is written !/, 6],
    ['1 +', /expected a value at the end/, 3],
    ['1 2', /expected the end or an operator at column 3/, 2],
    ['If(true, 1, )', /expected a value at column 13/, 12],
    ['true ? 1', /the : that belongs to the \?/, 8],
    ['--1', /two minus signs at column 2/, 1],
    ['(Task.a).b', /expected the end or an operator/, 8],
    ['1000000000000000', /at most 15 digits/, 0],
    ['Task.a, 1', /expected the end or an operator/, 6],
    ['Task.a # b', /unexpected "#" at column 8/, 7],
    ['Task.a + 💳', /unexpected "💳"/, 9],
  ];
  for (const [text, message, start] of cases) {
    test(JSON.stringify(text), () => {
      const error = errorOf(text);
      assert.match(error.message, message);
      assert.equal(error.span.start, start);
      assert.ok(error.span.end >= start && error.span.end <= Math.max(text.length, start));
    });
  }

  test('what is nested or chained too deeply is refused, not overflown', () => {
    for (const text of [
      '('.repeat(9_000),
      '!'.repeat(9_000),
      'f('.repeat(5_000),
      Array(3_000).fill('1').join(' + '),
      Array(3_000).fill('1').join(' ^ '),
      `Task.a${'[0]'.repeat(3_000)}`,
      `Task.a${'.b'.repeat(3_000)}`,
    ]) {
      assert.match(errorOf(text).message, /nested deeper than 200/);
    }
  });

  test('a text of more than 20 000 characters is refused', () => {
    assert.match(errorOf('1'.repeat(20_001)).message, /20001 characters/);
  });
});

describe('an expression is printed with the parentheses that it needs', () => {
  for (const text of [
    '(2 ^ 3) ^ 2',
    '2 ^ 3 ^ 2',
    '1 - (2 - 3)',
    '1 - 2 - 3',
    '(1 + 2) * 3',
    '-(-1)',
    '-(1 + 2)',
    '!(Task.a == Task.b)',
    '(true ? 1 : 2) + 1',
    'true ? (false ? 1 : 2) : 3',
    '(true or false) and true',
    'Task."Card ending".name[0]',
    String.raw`"\"\\\n\r\t"`,
    '0.0000001',
  ]) {
    test(text, () => assert.equal(printExpression(parseExpression(text)), text));
  }

  test('parentheses that change nothing are left out', () => {
    assert.equal(printExpression(parseExpression('((1) * (2)) + (3)')), '1 * 2 + 3');
  });
});
