import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readFlow } from '../../src/architect/read.ts';
import { substitute } from '../../src/architect/substitute.ts';

const TEMPLATE = `inboundCall:
  name: {{flow_name}}
  division: {{ division.name }}
  startUpRef: ./tasks/task[start]
  initialGreeting: { tts: {{greeting}} }
  # {{not_meant}}
  tasks:
    - task:
        refId: start
        actions:
          - callData:
              name: Look up
              category:
                {{category}}:
                  dataAction:
                    {{action-1}}: { inputs: { a: { exp: 'Append("{{greeting}}", Flow.x)' } } }
          - disconnect: { name: Bye {{flow_name}}, reason: none }
`;
const VALUES = {
  flow_name: 'Front desk',
  'division.name': 'Home',
  greeting: 'Good morning and a very warm welcome to you',
  category: 'Tokenline',
  'action-1': 'Look up\\u0020subscriber',
};

test('values stand where their keys were, as keys and inside expressions too', () => {
  const { flow } = readFlow(TEMPLATE, 'f.yaml', VALUES);
  assert.equal(flow?.name, 'Front desk');
  const action = flow?.tasks[0]?.actions[0];
  assert.ok(action?.kind === 'callData');
  assert.deepEqual([action.category, action.action], ['Tokenline', 'Look up\\u0020subscriber']);
  const value = action.inputs[0]?.value;
  assert.equal(value?.kind === 'expression' && value.text, `Append("${VALUES.greeting}", Flow.x)`);
});

test('positions are those of the file as it is written, before and behind a value', () => {
  const { problems } = readFlow(TEMPLATE, 'f.yaml', VALUES);
  const line = 17;
  const column = (TEMPLATE.split('\n')[line - 1] ?? '').indexOf('reason') + 1;
  assert.deepEqual(
    problems.map(({ rule, position }) => [rule, position]),
    [['unknown-key', { file: 'f.yaml', line, column }]],
  );
});

test('a value of several lines moves no position', () => {
  const text =
    'inboundCall:\n  name: a\n  {{more}}\n  wrong: 1\n  startUpRef: ./tasks/task[x]\n  tasks: []\n';
  const { problems } = readFlow(text, 'f', {
    more: 'division: Home\n  description: >\n    two\n    lines',
  });
  assert.deepEqual(
    problems.map(({ rule, position }) => [rule, position.line]),
    [
      ['unknown-key', 4],
      ['unresolved-reference', 5],
    ],
  );
});

test('a problem inside a value is its placeholder’s', () => {
  const text = 'inboundCall:\n  name: a\n  startUpRef: {{start}}\n  tasks: []\n';
  const { problems } = readFlow(text, 'f', { start: 'nonsense' });
  assert.deepEqual(problems[0]?.position, { file: 'f', line: 3, column: 15 });
});

test('a key without a value is named, where values are given', () => {
  const { flow_name: _, ...others } = VALUES;
  const { problems } = readFlow(TEMPLATE, 'f.yaml', others);
  const missing = problems.filter(({ rule }) => rule === 'missing-substitution');
  assert.deepEqual(
    missing.map(({ position, message }) => [position.line, position.column, message]),
    [
      [2, 9, '{{flow_name}} has no value; give one under the key flow_name.'],
      [17, 37, '{{flow_name}} has no value; give one under the key flow_name.'],
    ],
  );
});

test('without values every placeholder stays as text', () => {
  const { flow, problems } = readFlow(TEMPLATE.replace(', reason: none', ''), 'f.yaml');
  assert.deepEqual(problems, []);
  assert.equal(flow?.name, '{{flow_name}}');
  assert.deepEqual(
    flow?.initialGreeting.kind === 'tts' && flow.initialGreeting.text,
    '{{greeting}}',
  );
});

test('where text may not stand, an open placeholder is a problem that names it', () => {
  const text =
    'inboundCall:\n  name: a\n  startUpRef: {{start}}\n  settingsSpeechRec: { asrEnabledOnFlow: {{speech}} }\n';
  assert.deepEqual(
    readFlow(text, 'f').problems.map(({ rule, message }) => [
      rule,
      /\{\{(\w+)\}\}/.exec(message)?.[1],
    ]),
    [
      ['missing-substitution', 'start'],
      ['missing-substitution', 'speech'],
    ],
  );
});

test('an expression that is a placeholder says which value would make it one', () => {
  const text = `inboundCall:
  name: a
  startUpRef: ./tasks/task[s]
  tasks:
    - task:
        refId: s
        actions:
          - decision: { name: d, condition: { exp: {{condition}} } }
`;
  const [problem] = readFlow(text, 'f').problems;
  assert.equal(problem?.rule, 'expression');
  assert.match(problem?.message ?? '', /\{\{condition\}\}/);
});

test('placeholders of Terraform are text, and break nothing', () => {
  const text =
    'inboundCall:\n  name: ${name}\n  startUpRef: ./tasks/task[s]\n  tasks: [{ task: { refId: s, actions: [] } }]\n';
  const { flow, problems } = readFlow(text, 'f', {});
  assert.deepEqual([flow?.name, problems], ['${name}', []]);
});

test('a value is not looked through for placeholders, nor is an inherited name a value', () => {
  assert.equal(substitute('a {{b}} c', { b: '{{d}}' }).text, 'a {{d}} c');
  assert.deepEqual(
    substitute('{{toString}}', {}).open.map(({ key }) => key),
    ['toString'],
  );
});

test('the way back leads to the same character, for any text and any values', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }).map((text) => ({ text: text.replaceAll(/[{}]/g, '-'), key: null })),
    fc.constantFrom('a', 'b', 'c').map((key) => ({ text: `{{${key}}}`, key })),
  );
  const values = fc.record(
    { a: fc.string({ maxLength: 12 }), b: fc.string({ maxLength: 1 }), c: fc.constant('') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), values, (pieces, given) => {
      const written = pieces.map(({ text }) => text).join('');
      const substituted = substitute(written, { ...given });
      let at = 0;
      let original = 0;
      for (const { text: part, key } of pieces) {
        const value = key === null ? undefined : { ...given }[key as 'a'];
        const length = value === undefined ? part.length : value.length;
        for (let i = 0; i < length; i += 1) {
          assert.equal(
            substituted.originalOffset(at + i),
            value === undefined ? original + i : original,
          );
        }
        at += length;
        original += part.length;
      }
      assert.equal(substituted.text.length, at);
    }),
  );
});
