import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTexts } from '../../../src/architect/check/check-flow.ts';
import { NOTHING_KNOWN, type Known } from '../../../src/architect/check/finding.ts';
import { OWN_RULES } from '../../../src/architect/check/rules.ts';
import { problemLine } from '../../../src/architect/position.ts';
import { flowOf, linesMarked, type Pieces } from './flow-of.ts';
import { KNOWN_CASES, known } from './known-cases.ts';
import { SECRET_CASES } from './secret-cases.ts';
import { VALUE_CASES } from './value-cases.ts';
import { WAY_CASES } from './way-cases.ts';

function found(pieces: Pieces, around: Known = NOTHING_KNOWN) {
  const text = flowOf(pieces);
  const [checked] = checkTexts([{ text, file: 'plumber.yaml' }], around);
  assert.ok(checked !== undefined);
  return { text, findings: checked.findings };
}

const CASES = [...SECRET_CASES, ...WAY_CASES, ...VALUE_CASES];

test('the flow that all cases are made from is right', () => {
  assert.deepEqual(found({}).findings, []);
});

for (const { rule, says, bad, good } of CASES) {
  test(`${rule}: ${says}`, () => {
    const { text, findings } = found(bad);
    assert.deepEqual(
      findings.map((finding) => [finding.rule, finding.position.line]),
      linesMarked(text).map((line) => [rule, line]),
      `\n${findings.map(problemLine).join('\n')}\n${text}`,
    );
    assert.ok(findings.length > 0, 'the bad flow has a marked line');
  });

  test(`${rule} leaves alone what is nearly so: ${says}`, () => {
    assert.deepEqual(found(good).findings.map(problemLine), []);
  });
}

for (const { rule, says, bad, good } of KNOWN_CASES) {
  test(`${rule}: ${says}`, () => {
    const { text, findings } = found(bad, known());
    assert.deepEqual(
      findings.map((finding) => [finding.rule, finding.position.line]),
      linesMarked(text).map((line) => [rule, line]),
      `\n${findings.map(problemLine).join('\n')}`,
    );
    assert.deepEqual(found(good, known()).findings.map(problemLine), []);
  });
}

test('every rule has a flow that breaks it', () => {
  const tried = new Set([...CASES, ...KNOWN_CASES].map(({ rule }) => rule));
  // In surroundings.test.ts and suppression.test.ts: they need more than one flow, or comments.
  const elsewhere = [
    'return-to-agent',
    'flow-reference',
    'suppression-reason',
    'suppression-unused',
  ];
  assert.deepEqual(
    Object.keys(OWN_RULES).filter((rule) => !tried.has(rule)),
    elsewhere.toSorted(
      (left, right) => Object.keys(OWN_RULES).indexOf(left) - Object.keys(OWN_RULES).indexOf(right),
    ),
  );
});
