import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BUILT_INS, builtInType } from '../../../src/architect/expression/built-ins.ts';
import { checkExpression, variablesOf } from '../../../src/architect/expression/check.ts';
import {
  describeFunctions,
  describeOperators,
} from '../../../src/architect/expression/describe.ts';
import { parseExpression } from '../../../src/architect/expression/parse.ts';
import { isAssignable, typeText } from '../../../src/architect/expression/static-type.ts';
import type { ArchitectType } from '../../../src/architect/expression/value.ts';

const TYPES = new Map<string, ArchitectType>([
  ['task.n', 'integer'],
  ['task.s', 'string'],
  ['task.list', { collectionOf: 'string' }],
  ['task.q', 'queue'],
  ['task.j', 'json'],
]);

function check(text: string): ReturnType<typeof checkExpression> {
  return checkExpression(parseExpression(text), (scope, name) =>
    TYPES.get(`${scope}.${name}`.toLowerCase()),
  );
}

describe('the type of an expression', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Task.n + 1', 'Integer'],
    ['Task.n / 1', 'Decimal'],
    ['Task.N > 1.5', 'Boolean'],
    ['Task.list[0]', 'String'],
    ['Split(Task.s, ",")', 'String Collection'],
    ['If(Task.n == 1, NOT_SET, "a")', 'String'],
    ['Prompt.a', 'Prompt'],
    ['Prompt.a + Prompt.b', 'Audio'],
    ['Task.q.id', 'String'],
    ['NOT_SET', 'NOT_SET'],
    ['Round(Task.n, 1)', 'Decimal'],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${expected}`, () => {
      const { type, problems } = check(text);
      assert.deepEqual(problems, []);
      assert.ok(type !== null);
      assert.equal(typeText(type), expected);
    });
  }
});

describe('a problem names the part and what to write', () => {
  const cases: readonly (readonly [string, RegExp, string])[] = [
    ['IsNoSet(1)', /unknown function IsNoSet: did you mean IsSet\?/, 'IsNoSet(1)'],
    ['1 == 1 and IsNotSet(Task.s)', /write !IsSet/, 'IsNotSet(Task.s)'],
    ['Apend("a", "b")', /did you mean Append\?/, 'Apend("a", "b")'],
    ['Task.x + 1', /unknown variable Task\.x/, 'Task.x'],
    [
      'Left(Task.s)',
      /Left cannot be given \(String\); it takes \(text: string, length/,
      'Left(Task.s)',
    ],
    ['Task.s + Task.n', /\+ cannot be given \(String, Integer\)/, 'Task.s + Task.n'],
    ['1 == "1"', /== cannot be given \(Integer, String\)/, '1 == "1"'],
    ['If(true, 1, "a")', /If cannot be given/, 'If(true, 1, "a")'],
    ['Task.n and true', /and cannot be given \(Integer, Boolean\)/, 'Task.n and true'],
    ['Task.q.size', /Queue has no property size; it has name, id/, 'Task.q.size'],
    ['Task.j.a', /GetJsonObjectProperty\(…, "a"\)/, 'Task.j.a'],
    ['MakeList(1, "a")', /cannot be given/, 'MakeList(1, "a")'],
    ['Length(NOT_SET)', /needs a value for text, and is given NOT_SET/, 'NOT_SET'],
    ['Format.Number.playLetters', /not understood/, 'Format.Number.playLetters'],
  ];
  for (const [text, message, part] of cases) {
    test(text, () => {
      const [problem] = check(text).problems;
      assert.ok(problem);
      assert.match(problem.message, message);
      assert.equal(text.slice(problem.span.start, problem.span.end), part);
    });
  }

  test('all problems are told, not the first alone', () => {
    assert.equal(check('Foo(Task.x) + Bar(Task.y)').problems.length, 4);
  });
});

test('every variable is found with its place, constants of formats are none', () => {
  const text =
    'Append(Prompt.a, ToAudioNumber(Task.n, Format.Number.playDigits)) + ToAudioTTS(Task.s == "x" ? Flow.c[Task.n] : "y")';
  assert.deepEqual(
    variablesOf(parseExpression(text)).map(({ span }) => text.slice(span.start, span.end)),
    ['Prompt.a', 'Task.n', 'Task.s', 'Flow.c', 'Task.n'],
  );
});

test('what may be put where', () => {
  assert.equal(isAssignable('integer', 'decimal'), true);
  assert.equal(isAssignable('decimal', 'integer'), false);
  assert.equal(isAssignable('not_set', 'queue'), true);
  assert.equal(isAssignable('currency', 'audio'), true);
  assert.equal(isAssignable('phonenumber', 'audio'), false);
  assert.equal(isAssignable({ collectionOf: 'string' }, { collectionOf: 'string' }), true);
});

test('built-in variables are found in any case, where they exist', () => {
  assert.equal(builtInType('inboundCall', 'call', 'conversationID'), 'string');
  assert.equal(builtInType('secureCall', 'Flow', 'InvocationData'), 'string');
  assert.equal(builtInType('inboundCall', 'Flow', 'InvocationData'), undefined);
  assert.equal(builtInType('inqueueCall', 'Call', 'CurrentQueue'), 'queue');
  assert.equal(new Set(BUILT_INS.map(({ name }) => name)).size, BUILT_INS.length);
});

test('the page gets every function once, with its forms and a sentence', () => {
  const functions = describeFunctions();
  assert.equal(new Set(functions.map(({ name }) => name.toLowerCase())).size, functions.length);
  for (const { name, signatures, sentence } of functions) {
    assert.ok(signatures.length > 0 && sentence.endsWith('.'), name);
  }
  const left = functions.find(({ name }) => name === 'Left');
  assert.deepEqual(left?.signatures, ['Left(text: string, length: integer): string']);
  assert.ok(describeOperators().some(({ sign }) => sign === 'and'));
});
