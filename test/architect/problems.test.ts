import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLine } from '../../src/architect/position.ts';
import { readFlow } from '../../src/architect/read.ts';
import { READ_RULES } from '../../src/architect/rules.ts';
import { changed, GOOD_FLOW } from './flow.ts';
import { MISTAKES } from './mistakes.ts';

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
