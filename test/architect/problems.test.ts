import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLine } from '../../src/architect/position.ts';
import { readFlow } from '../../src/architect/read.ts';
import { READ_RULES, type ReadRule } from '../../src/architect/rules.ts';
import { changed, GOOD_FLOW } from './flow.ts';

interface Mistake {
  readonly says: string;
  readonly from: string;
  readonly to: string;
  readonly rule: ReadRule;
  readonly message: RegExp;
  /** Lines below the first that changed. */
  readonly below?: number;
}

const MISTAKES: readonly Mistake[] = [
  {
    says: 'a broken indentation',
    from: '        refId: Start_1',
    to: '      refId: Start_1',
    rule: 'yaml',
    message: /Correct the YAML here/,
  },
  {
    says: 'the same key twice',
    from: '  division: Home',
    to: '  name: Again',
    rule: 'yaml',
    message: /keys must be unique/i,
  },
  {
    says: 'an anchor',
    from: 'tts: Something broke.',
    to: 'tts: &words Something broke.',
    rule: 'yaml-alias',
    message: /&words/,
  },
  {
    says: 'an alias without an anchor',
    from: 'tts: Something broke.',
    to: 'tts: *words',
    rule: 'yaml-alias',
    message: /what \*words stands for/,
  },
  {
    says: 'a merge key',
    from: '  division: Home',
    to: '  <<: { division: Home }',
    rule: 'yaml-alias',
    message: /merge/,
  },
  {
    says: 'a tag',
    from: '  division: Home',
    to: '  division: !secret Home',
    rule: 'yaml',
    message: /tag/,
  },
  {
    says: 'a misspelt root',
    from: 'inboundCall:\n',
    to: 'inboundCal:\n',
    rule: 'flow-type',
    message: /did you mean inboundCall/,
  },
  {
    says: 'a flow for messages',
    from: 'inboundCall:\n',
    to: 'inboundShortMessage:\n',
    rule: 'flow-type',
    message: /is of type inboundShortMessage/,
  },
  {
    says: 'a second flow in the file',
    from: 'inboundCall:\n',
    to: 'inboundCall: { name: a, startUpRef: "./tasks/task[x]", tasks: [{ task: { refId: x, actions: [] } }] }\nsecureCall:\n',
    rule: 'flow-type',
    message: /file of its own/,
    below: 1,
  },
  {
    says: 'a misspelt key of the flow',
    from: '  division: Home',
    to: '  divison: Home',
    rule: 'unknown-key',
    message: /did you mean `division`/,
  },
  {
    says: 'a misspelt key of an action',
    from: '                        inputAudio: ',
    to: '                        inputAudo: ',
    rule: 'unknown-key',
    message: /collectInput has no key `inputAudo`; did you mean `inputAudio`/,
  },
  {
    says: 'a path that an action does not have',
    from: '                timeout:\n                  actions: []',
    to: '                timedOut:\n                  actions: []',
    rule: 'unknown-key',
    message: /`outputs` of callData has no key `timedOut`/,
  },
  {
    says: 'a misspelt action',
    from: '- callData:',
    to: '- callDate:',
    rule: 'unknown-action',
    message: /did you mean callData/,
  },
  {
    says: 'a misspelt choice',
    from: '- menuSubMenu:',
    to: '- menuSubmenus:',
    rule: 'unknown-action',
    message: /did you mean menuSubMenu/,
  },
  {
    says: 'text where a list stands',
    from: '              statements:\n                - string:\n                    variable: Flow.Visit\n                    value: { exp: \'Append("v", Flow.Visit)\' }',
    to: '              statements: none',
    rule: 'wrong-type',
    message: /a list; it is `none` now/,
  },
  {
    says: 'a number out of range',
    from: 'max: 6',
    to: 'max: 41',
    rule: 'wrong-type',
    message: /from 1 to 40; it is `41` now/,
  },
  {
    says: 'more than the most',
    from: 'min: 1, max: 6',
    to: 'min: 7, max: 6',
    rule: 'wrong-type',
    message: /at least `min`/,
  },
  {
    says: 'a key that no telephone has',
    from: 'dtmf: digit_1',
    to: 'dtmf: digit_a',
    rule: 'wrong-type',
    message: /a key such as/,
  },
  {
    says: 'a word that is none of the known',
    from: 'verificationType: none',
    to: 'verificationType: loud',
    rule: 'wrong-type',
    message: /one of none, individualDigits, numeric/,
  },
  {
    says: 'a word for a flag',
    from: 'globalDtmf: true',
    to: 'globalDtmf: maybe',
    rule: 'wrong-type',
    message: /`true` or `false`/,
  },
  {
    says: 'a negative duration',
    from: '{ ms: 4500 }',
    to: '{ ms: -1 }',
    rule: 'wrong-type',
    message: /not negative/,
  },
  {
    says: 'a variable without its scope',
    from: 'inputData: { var: Flow.Visit }',
    to: 'inputData: { var: Visit }',
    rule: 'wrong-type',
    message: /with its scope/,
  },
  {
    says: 'words where a prompt is named',
    from: 'prompt: Prompt.plumber_hello',
    to: 'prompt: Good morning',
    rule: 'wrong-type',
    message: /Prompt\.x/,
  },
  {
    says: 'an action with two keys',
    from: '- loopExit: { name: Have it }',
    to: '- { loopExit: {}, disconnect: {} }',
    rule: 'wrong-type',
    message: /a map with one key; it is a map with 2 keys/,
  },
  {
    says: 'a kind of variable that does not exist',
    from: '- integerVariable:',
    to: '- numberVariable:',
    rule: 'unknown-key',
    message: /not a kind of variable/,
  },
  {
    says: 'a missing property',
    from: '                        inputData: { var: Flow.Visit }\n',
    to: '',
    rule: 'missing-key',
    message: /Add `inputData` to collectInput/,
    below: -1,
  },
  {
    says: 'a missing start',
    from: '  startUpRef: "/inboundCall/tasks/task[Start_1]"\n',
    to: '',
    rule: 'missing-key',
    message: /Add `startUpRef` to inboundCall/,
    below: -3,
  },
  {
    says: 'a literal and an expression at once',
    from: 'loopCount: { lit: 3 }',
    to: 'loopCount: { lit: 3, exp: "3" }',
    rule: 'one-value',
    message: /exactly one of `lit`, `exp`, `noValue`; it has `lit` and `exp` now/,
  },
  {
    says: 'no value at all',
    from: 'loopCount: { lit: 3 }',
    to: 'loopCount: {}',
    rule: 'one-value',
    message: /has none now/,
  },
  {
    says: 'a binding where a value stands',
    from: 'loopCount: { lit: 3 }',
    to: 'loopCount: { var: Flow.Turn }',
    rule: 'one-value',
    message: /cannot be `var`/,
  },
  {
    says: 'exact and range at once',
    from: 'range: { min: 1',
    to: 'exact: 4\n                          range: { min: 1',
    rule: 'one-value',
    message: /either `exact` or `range`/,
  },
  {
    says: 'a broken expression',
    from: 'exp: IsSet(Flow.Visit)',
    to: 'exp: IsSet(Flow.Visit',
    rule: 'expression',
    message: /./,
  },
  {
    says: 'a task that does not exist',
    from: "'./tasks/task[Sorry_2]'",
    to: "'./tasks/task[Sory_2]'",
    rule: 'unresolved-reference',
    message: /no task `Sory_2`.*did you mean Sorry_2/,
  },
  {
    says: 'a menu that does not exist',
    from: './menus/menu[Main_3]',
    to: './menus/menu[Top]',
    rule: 'unresolved-reference',
    message: /no menu `Top`/,
  },
  {
    says: 'a start that does not exist',
    from: 'task[Start_1]"',
    to: 'task[Nowhere]"',
    rule: 'unresolved-reference',
    message: /no task `Nowhere`/,
  },
  {
    says: 'a path that is none',
    from: '"./menus/menu[Main_3]"',
    to: 'Main',
    rule: 'wrong-type',
    message: /a path such as/,
  },
  {
    says: 'one refId for two tasks',
    from: '    - task:\n        name: Sorry\n        refId: Sorry_2\n',
    to: '    - task: { name: Twin, refId: Sorry_2, actions: [] }\n    - task:\n        name: Sorry\n        refId: Sorry_2\n',
    rule: 'duplicate-ref-id',
    message: /the one in line \d+ is called Sorry_2 too/,
    below: 1,
  },
];

for (const { says, from, to, rule, message, below = 0 } of MISTAKES) {
  test(`${says} is found, in its line, by the rule ${rule}`, () => {
    const { text, line } = changed(from, to);
    const { problems } = readFlow(text, 'plumber.yaml');
    const found = problems.find((problem) => problem.rule === rule);
    assert.ok(found !== undefined, problems.map(problemLine).join('\n'));
    assert.match(found.message, message);
    // What starts in the middle of a changed line begins there; a first line feed is not content.
    assert.equal(found.position.line, line + below, problemLine(found));
    assert.match(problemLine(found), new RegExp(`^plumber\\.yaml:${line + below}: ${rule}: `));
  });
}

test('every mistake above is one problem, not several', () => {
  const several = MISTAKES.filter(
    ({ from, to }) => readFlow(changed(from, to).text, 'f').problems.length !== 1,
  );
  assert.deepEqual(
    several.map(({ says }) => says),
    [],
  );
});

test('every rule has a mistake that breaks it', () => {
  const tried = new Set<string>(MISTAKES.map(({ rule }) => rule));
  // These have tests of their own: substitution.test.ts, and below.
  const elsewhere = ['missing-substitution', 'file-too-large'];
  assert.deepEqual(
    Object.keys(READ_RULES)
      .filter((rule) => !tried.has(rule))
      .sort(),
    elsewhere.sort(),
  );
});

test('problems come in the order of the file', () => {
  const text = GOOD_FLOW.replace('max: 6', 'max: 90')
    .replace('division', 'devision')
    .replace('digit_9', 'nine');
  const lines = readFlow(text, 'f').problems.map(({ position }) => position.line);
  assert.equal(lines.length, 3);
  assert.deepEqual(
    lines,
    [...lines].sort((left, right) => left - right),
  );
});

test('a problem in an expression stands in the column where it is', () => {
  const { text, line } = changed('exp: IsSet(Flow.Visit)', 'exp: "IsSet(Flow.Visit) and )"');
  const [problem] = readFlow(text, 'f').problems;
  const column = (text.split('\n')[line - 1]?.indexOf('and )') ?? 0) + 'and '.length + 1;
  assert.deepEqual(problem?.position, { file: 'f', line, column });
});

test('an action that is not known keeps its place, and what stands behind it is read', () => {
  const { text } = changed('- callData:', '- callMagic:');
  const { flow } = readFlow(text, 'f');
  assert.deepEqual(
    flow?.tasks[0]?.actions.map(({ kind }) => kind),
    ['loop', 'notPlayed', 'updateData', 'decision', 'jumpToMenu'],
  );
});

test('text that is empty, a list or a word is no flow', () => {
  for (const text of ['', '# nothing\n', '- a\n', 'word', 'null', '{}']) {
    const { flow, problems } = readFlow(text, 'f');
    assert.equal(flow, null, text);
    assert.deepEqual(
      problems.map(({ rule }) => rule),
      ['flow-type'],
      text,
    );
  }
});

test('nesting without end is refused, however it is written', () => {
  const deep = (depth: number): string =>
    `inboundCall:\n  name: x\n  startUpRef: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
  for (const depth of [700, 3_000, 100_000]) {
    const { problems } = readFlow(deep(depth), 'f');
    assert.ok(
      problems.some(({ rule }) => rule === 'file-too-large'),
      String(depth),
    );
  }
});

test('decisions in decisions are read to a depth that nobody needs, and refused below it', () => {
  const nested = (depth: number): string => {
    const actions = (level: number): unknown =>
      level === 0
        ? [{ disconnect: { name: 'Bye' } }]
        : [
            {
              decision: {
                condition: { lit: true },
                outputs: { yes: { actions: actions(level - 1) } },
              },
            },
          ];
    const task = { task: { refId: 'a', actions: actions(depth) } };
    return JSON.stringify({
      inboundCall: { name: 'x', startUpRef: './tasks/task[a]', tasks: [task] },
    });
  };
  assert.deepEqual(readFlow(nested(90), 'f').problems, []);
  for (const depth of [150, 500]) {
    const { problems } = readFlow(nested(depth), 'f');
    assert.ok(
      problems.some(({ rule }) => rule === 'file-too-large'),
      String(depth),
    );
  }
});

test('a file of 17 MB is refused before it is looked at', () => {
  const { flow, problems } = readFlow('# '.repeat(17 * 1024 * 512), 'f');
  assert.equal(flow, null);
  assert.deepEqual(
    problems.map(({ rule }) => rule),
    ['file-too-large'],
  );
});

test('an alias bomb is refused without being blown up', () => {
  const levels = Array.from({ length: 30 }, (_, index) =>
    index === 0 ? 'a0: &a0 [x, x]' : `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]`,
  );
  const { problems } = readFlow(`${levels.join('\n')}\n`, 'f');
  assert.ok(problems.some(({ rule }) => rule === 'yaml-alias'));
});
