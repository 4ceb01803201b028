import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTexts } from '../../../src/architect/check/check-flow.ts';
import { NOTHING_KNOWN } from '../../../src/architect/check/finding.ts';
import { flowOf } from './flow-of.ts';

const NEVER = '- playAudio: { name: Never, audio: { tts: Never } }';
const OFF = '- disconnect: { name: Off }';

function rulesOf(actions: string, more = {}): readonly string[] {
  const text = flowOf({ actions, ...more });
  const [checked] = checkTexts([{ text, file: 'f.yaml' }], NOTHING_KNOWN);
  return checked?.findings.map(({ rule }) => rule) ?? ['nothing checked'];
}

test('a comment above a line takes its finding away', () => {
  assert.deepEqual(rulesOf(`${OFF}\n${NEVER}`), ['unreachable-action']);
  assert.deepEqual(
    rulesOf(`${OFF}
# tokenline-check: allow unreachable-action because the survey is not ready yet
# (ask Ann about it)
${NEVER}`),
    [],
  );
});

test('a comment on the line does as well', () => {
  const comment = '# tokenline-check: allow unreachable-action because it is an example';
  assert.deepEqual(rulesOf(`${OFF}\n${NEVER} ${comment}`), []);
});

test('a comment takes away no other rule, and says that it is of no use', () => {
  const comment = '# tokenline-check: allow dead-end because of Ann';
  assert.deepEqual(rulesOf(`${OFF}\n${comment}\n${NEVER}`), [
    'suppression-unused',
    'unreachable-action',
  ]);
});

test('a comment without a reason does nothing, and is a finding', () => {
  const comment = '# tokenline-check: allow unreachable-action';
  assert.deepEqual(rulesOf(`${OFF}\n${NEVER} ${comment}`).toSorted(), [
    'suppression-reason',
    'unreachable-action',
  ]);
});

test('a rule that does not exist is told', () => {
  const comment = '# tokenline-check: allow unreachable because of Ann';
  assert.deepEqual(rulesOf(`${OFF}\n${NEVER} ${comment}`).toSorted(), [
    'suppression-reason',
    'unreachable-action',
  ]);
});

test('what becomes of a secret cannot be allowed', () => {
  const comment = '# tokenline-check: allow secret-in-audio because the caller wants it';
  const found = rulesOf(
    `- playAudio: { name: Say, audio: { exp: ToAudioTTS(Flow.Pan) } } ${comment}`,
    {
      type: 'secureCall',
      variables: '- stringVariable: { name: Flow.Pan, isSecure: true, initialValue: { lit: "" } }',
    },
  );
  assert.deepEqual(found.toSorted(), ['secret-in-audio', 'suppression-reason']);
});
