import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EvaluationError, type Scope } from '../../../src/architect/expression/evaluation.ts';
import { evaluate, playable } from '../../../src/architect/expression/evaluate.ts';
import { parseExpression } from '../../../src/architect/expression/parse.ts';
import { textOfValue } from '../../../src/architect/expression/value-text.ts';
import type { Value } from '../../../src/architect/expression/value.ts';
import { scopeOf } from './scopes.ts';

function valueOf(text: string, scope: Scope = scopeOf()): Value {
  return evaluate(parseExpression(text), scope);
}

/** As the examples of the help data write results: texts in quotation marks, the rest as ToString. */
function shown(text: string, scope?: Scope): string {
  const value = valueOf(text, scope);
  if (value.type === 'audio') return heard(value);
  if (value.type === 'not_set') return 'NOT_SET';
  return value.type === 'string' ? JSON.stringify(value.value) : String(textOfValue(value));
}

function heard(value: Value): string {
  assert.ok(value.type === 'audio');
  const parts = value.value.sounds.map((sound) => {
    if (sound.kind === 'speech') return sound.text;
    return sound.kind === 'prompt' ? `<${sound.name}>` : `<${sound.durationMs} ms>`;
  });
  return parts.join(' ');
}

function errorOf(text: string, scope: Scope = scopeOf()): EvaluationError {
  try {
    valueOf(text, scope);
  } catch (error) {
    assert.ok(error instanceof EvaluationError, String(error));
    return error;
  }
  return assert.fail(`${text} has a value`);
}

type Cases = readonly (readonly [string, string])[];

function holds(title: string, cases: Cases, scope?: Scope): void {
  describe(title, () => {
    for (const [text, expected] of cases) {
      test(`${text} is ${expected}`, () => assert.equal(shown(text, scope), expected));
    }
  });
}

holds('numbers', [
  ['2.2 + 3.9', '6.1'],
  ['2 + 33.7', '35.7'],
  ['42 / 8', '5.25'],
  ['37.3 % 12.8', '11.7'],
  ['-7 * 12.2', '-85.4'],
  ['2 ^ -1', '0.5'],
  ['7 & 15 | 16', '23'],
  ['~5', '-6'],
  ['1 - 1.0', '0.0'],
  ['Round(3.225, 2)', '3.23'],
  ['Round(1.005, 2)', '1.01'],
  ['Round(-3.6)', '-4.0'],
  ['Ceiling(-3.2)', '-3.0'],
  ['Floor(-3.2)', '-4.0'],
  ['Sum(3, NOT_SET, 5)', '8'],
  ['Average(MakeList(8, ToInt(NOT_SET)))', '8.0'],
  ['5 == 5.0', 'true'],
]);

holds('texts', [
  ['"Hello " + "There"', '"Hello There"'],
  ['Append("a", NOT_SET, "b")', '"ab"'],
  ['Append(ToString(NOT_SET), NOT_SET)', '""'],
  ['right("+13175550100", 10)', '"3175550100"'],
  ['Right("Hello", 0)', '""'],
  ['LEFT("Hello", 6)', '"Hello"'],
  ['Substring("Hello", 3, 3)', '"lo"'],
  ['Substring("Hello", 10, 5)', '""'],
  ['Replace("Hello World", "", "Ball")', '"Hello World"'],
  ['Trim(" \\ta ")', '"a"'],
  ['Contains("Hello", "he")', 'false'],
  ['Contains("Hello", "he", true)', 'true'],
  ['FindString("Hello Hello", "l", 3)', '8'],
  ['FindString("Hello Hello", "l", 5)', '-1'],
  ['Split("Hello World", "l")[1]', '""'],
  ['Count(Split("abc", ""))', '3'],
  ['Compare("hello", "Hello")', '-1'],
  ['Compare(NOT_SET, "")', '-1'],
  ['"Hello" == "hello"', 'false'],
  ['AreEqual(true, "Hello", "hello", "HELLO")', 'true'],
  ['AreEqual("Hello", "hello")', 'false'],
  ['"Hello" < "World"', 'true'],
]);

holds('conversions', [
  ['ToString(MakeCurrency(2000.506, "USD"), 2)', '"2000.51|USD"'],
  ['ToString(MakeDuration(-10, 5, 30, 0, 456))', '"-P9DT18H29M59.544S"'],
  ['ToString(MakeDateTime(2009, 1, 10, 6, 30, 0))', '"2009-01-10T06:30:00Z"'],
  ['ToString(MakeList(ToInt(NOT_SET), -1), "|")', '"|-1"'],
  ['ToString(-1.0, 3)', '"-1.000"'],
  ['ToInt("-55") + ToInt(3.7)', '-52'],
  ['ToInt("  ")', 'NOT_SET'],
  ['ToBool("T")', 'true'],
  ['ToDateTime("2009-01-10T06:30:00+02:00")', '2009-01-10T04:30:00Z'],
  ['ToDuration("PT1H15M30.250567S")', 'PT1H15M30.25S'],
  ['ToCurrency("5.00|USD").amount', '5.0'],
  ['MakeCurrency(5, "USD")["code"]', '"USD"'],
  ['Replace(ToString(ToPhoneNumber("tel:+1 317 555 0100").e164), "+", "")', '"13175550100"'],
  ['ToPhoneNumber("+13175550100") == ToPhoneNumber("13175550100")', 'true'],
  ['ToPhoneNumber("sip:a@example.com").isSip', 'true'],
  ['ToDisplayString(MakeCurrency(1234.5, "USD"))', '"$1,234.50"'],
]);

holds('times', [
  ['GetCurrentDateTimeUtc()', '2026-11-25T13:30:00Z'],
  ['AddMonths(MakeDateTime(2009, 1, 31), 1)', '2009-02-28T00:00:00Z'],
  ['AddYears(MakeDateTime(2024, 2, 29), 1)', '2025-02-28T00:00:00Z'],
  ['DateTimeDiff(MakeDateTime(2009, 3, 20), MakeDateTime(2009, 3, 21))', '-P1D'],
  ['MakeDateTime(2003, 6, 1) + MakeDuration(0, 1, 1, 1)', '2003-06-01T01:01:01Z'],
  ['DayOfWeek(MakeDateTime(2009, 4, 5))', '1'],
  ['WeekNum(MakeDateTime(2009, 12, 31))', '53'],
]);

holds('what is heard in English', [
  ['ToAudioNumber(-500)', 'negative five hundred'],
  ['ToAudioNumber(125.25)', 'one hundred twenty five point two five'],
  ['ToAudioNumber(-123.12, 4)', 'negative one hundred twenty three point one two zero zero'],
  ['ToAudioNumber(500, Format.Number.playDigits)', 'five zero zero'],
  ['ToAudioCurrency(MakeCurrency(1.567, "USD"))', 'one dollar and fifty seven cents'],
  [
    'ToAudioCurrency(ToCurrency("30.20|USD"), Format.Currency.playDigits)',
    'three zero point two zero dollars',
  ],
  [
    'ToAudioDate(MakeDateTime(1989, 11, 30))',
    'Thursday November thirtieth nineteen hundred eighty nine',
  ],
  ['ToAudioDate(MakeDateTime(2014, 4, 7), Format.Date.shortYearOnly)', 'twenty fourteen'],
  ['ToAudioCurrency(MakeCurrency(5, "JPY"))', 'five Japanese yen'],
  ['ToAudioCurrency(ToCurrency(3.5))', 'three point five zero'],
  ['ToAudioTime(MakeDateTime(1989, 11, 30, 14, 5, 0))', 'two oh five PM'],
  ['ToAudioDuration(MakeDuration(0, 1, 30, 0))', 'one hour thirty minutes'],
  ['ToAudioPhoneNumber(ToPhoneNumber("+1 317"))', 'plus one three one seven'],
  ['Append(Prompt.Welcome, ToAudioBlank(500), ToAudioTTS("Joan"))', '<Welcome> <500 ms> Joan'],
  ['PromptSystem.no_entry + Prompt."My prompt"', '<PromptSystem.no_entry> <My prompt>'],
  ['ToAudioNumber(ToInt(NOT_SET))', ''],
]);

holds(
  'what is heard in Spanish',
  [
    ['ToAudioNumber(21)', 'veintiuno'],
    ['ToAudioNumber(1100000)', 'un millón cien mil'],
    ['ToAudioNumber(1.4)', 'uno coma cuatro'],
    ['ToAudioCurrency(MakeCurrency(29.9, "USD"))', 'veintinueve dólares con noventa centavos'],
    ['ToAudioCurrency(MakeCurrency(1, "USD"))', 'un dólar con cero centavos'],
    ['ToAudioDate(MakeDateTime(2026, 12, 1))', 'martes primero de diciembre de dos mil veintiséis'],
    [
      'ToAudioCurrency(MakeCurrency(1000000, "USD"), Format.Currency.majorUnitsOnly)',
      'un millón de dólares',
    ],
    ['ToAudioCurrency(MakeCurrency(21.31, "EUR"))', 'veintiún euros con treinta y un céntimos'],
    ['ToAudioTime(MakeDateTime(2026, 12, 1, 21, 0, 0))', 'veintiuna horas'],
    ['ToAudioBool(true, Format.Bool.playYesNo)', 'sí'],
  ],
  scopeOf({}, {}, 'es-us'),
);

const SOME: Readonly<Record<string, Value>> = {
  'Task.Name': { type: 'string', value: 'Joan' },
  'Task.List': {
    type: 'collection',
    of: 'integer',
    items: [
      { type: 'integer', value: 7 },
      { type: 'integer', value: 8 },
    ],
  },
  'Call.CurrentQueue': { type: 'queue', name: 'Payment_Support_Group' },
  'Task.Json': { type: 'json', value: { a: 'x', b: null } },
};

holds(
  'variables and lists',
  [
    ['task.NAME', '"Joan"'],
    ['Task.List[1]', '8'],
    ['GetAt(Task.List, 0)', '7'],
    ['FindFirst(Task.List, 9)', '-1'],
    ['Call.CurrentQueue.name', '"Payment_Support_Group"'],
    ['ToString(GetJsonObjectProperty(Task.Json, "a"))', '"x"'],
    ['GetJsonObjectProperty(Task.Json, "b")', 'NOT_SET'],
    ['Count(MakeEmptyList(1))', '0'],
  ],
  scopeOf(SOME),
);

describe('what NOT_SET does', () => {
  const scope = scopeOf({}, { 'Task.n': 'integer', 'Task.s': 'string', 'Task.b': 'boolean' });
  const cases: Cases = [
    ['Task.n == NOT_SET', 'true'],
    ['Task.s == "a"', 'false'],
    ['Task.s != "a"', 'true'],
    ['ToDecimal(NOT_SET) == ToInt(NOT_SET)', 'true'],
    ['IsSet(Task.s)', 'false'],
    ['IsSet("")', 'true'],
    ['IsNotSetOrEmpty(Task.s)', 'true'],
    ['IsNotSetOrEmpty("")', 'true'],
    ['If(Task.b, 1, 2)', '2'],
    ['Task.b ? 1 : 2', '2'],
    ['ToInt(Task.s)', 'NOT_SET'],
    ['ToString(Task.n)', 'NOT_SET'],
    ['Append(Task.s, "a")', '"a"'],
    ['false and Task.b', 'false'],
    ['true or Task.b', 'true'],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${expected}`, () => assert.equal(shown(text, scope), expected));
  }
  for (const text of [
    'Task.n + 1',
    '-Task.n',
    'Task.n < 1',
    '!Task.b',
    'Task.s + "a"',
    'true and Task.b',
    'Left(Task.s, 1)',
    'Left("a", Task.n)',
    'Length(Task.s)',
    'MakeList(1)[Task.n]',
  ]) {
    test(`${text} is the error event`, () => assert.equal(errorOf(text, scope).kind, 'not_set'));
  }
});

describe('errors say what and where', () => {
  const cases: readonly (readonly [string, RegExp, string])[] = [
    ['1 + 4 / (2 - 2)', /division by zero/, '4 / (2 - 2)'],
    ['1.5 % 0', /division by zero/, '1.5 % 0'],
    ['1 + Task.List[2]', /no item 2: the collection has 2, from 0/, 'Task.List[2]'],
    ['GetAt(Task.List, -1)', /no item -1/, 'GetAt(Task.List, -1)'],
    ['ToInt("A String")', /no whole number/, 'ToInt("A String")'],
    ['ToBool("maybe")', /neither true nor false/, 'ToBool("maybe")'],
    ['MakeDateTime(2026, 2, 30)', /no such date/, 'MakeDateTime(2026, 2, 30)'],
    [
      'MakeCurrency(1, "USD") + MakeCurrency(1, "EUR")',
      /different codes/,
      'MakeCurrency(1, "USD") + MakeCurrency(1, "EUR")',
    ],
    ['999999999999999 + 1', /at most 15 digits/, '999999999999999 + 1'],
    ['0.0 ^ -1', /no number that a Decimal/, '0.0 ^ -1'],
    ['Left("a", -1)', /must not be negative/, 'Left("a", -1)'],
  ];
  for (const [text, message, part] of cases) {
    test(text, () => {
      const error = errorOf(text, scopeOf(SOME));
      assert.equal(error.kind, 'value');
      assert.match(error.message, message);
      assert.equal(text.slice(error.span.start, error.span.end), part);
    });
  }

  test('one branch alone is run', () => {
    assert.equal(shown('If(true, 1, ToInt(1 / 0))'), '1');
    assert.equal(shown('false ? ToInt(1 / 0) : 2'), '2');
    assert.equal(shown('true or 1 / 0 > 1'), 'true');
  });

  test('a text that grows without end is an error, not a full memory', () => {
    const long = scopeOf({ 'Task.t': { type: 'string', value: 'a'.repeat(60_000) } });
    assert.match(errorOf('Task.t + Task.t', long).message, /more than 100000 characters/);
    assert.match(errorOf('Replace(Task.t, "a", Task.t)', long).message, /too long/);
  });

  test('a value of another type than was declared is an error of the expression', () => {
    const scope = scopeOf({ 'Task.n': { type: 'string', value: '1' } }, { 'Task.n': 'integer' });
    assert.equal(errorOf('Task.n + 1', scope).kind, 'type');
  });
});

describe('where audio is wanted', () => {
  const span = { start: 0, end: 0 };
  const played = (text: string): string =>
    heard({ type: 'audio', value: playable(valueOf(text), scopeOf(), span) });

  test('texts, numbers, money and prompts are played as they are', () => {
    assert.equal(played('"Hello"'), 'Hello');
    assert.equal(played('42'), 'forty two');
    assert.equal(played('MakeCurrency(2, "USD")'), 'two dollars and zero cents');
    assert.equal(played('Prompt.a'), '<a>');
    assert.equal(played('NOT_SET'), '');
  });

  test('a queue or a collection cannot be played', () => {
    assert.throws(() => played('ToQueue("a")'), /Queue cannot be played/);
    assert.throws(() => played('MakeList(1)'), /Integer Collection cannot be played/);
  });

  test('a key interrupts it unless one part says otherwise', () => {
    const bargeIn = (text: string): boolean => playable(valueOf(text), scopeOf(), span).bargeIn;
    assert.equal(bargeIn('Prompt.a'), true);
    assert.equal(bargeIn('AudioPlaybackOptions(Prompt.a, false)'), false);
  });

  test('speech in another language keeps its language', () => {
    const { sounds } = playable(valueOf('ToAudioTTS("Hola", "es-US")'), scopeOf(), span);
    assert.deepEqual(sounds, [{ kind: 'speech', text: 'Hola', language: 'es-us' }]);
  });
});
