import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMapping } from '../../../src/gateway/rest/rules.ts';
import { ACME_MAPPING } from '../../doubles/rest/acme.ts';

function problemsOf(written: unknown): string[] {
  const reading = readMapping(written);
  if (reading.kind === 'mapping') return [];
  return reading.problems.map(({ key, sentence }) => `${key}: ${sentence}`);
}

const PAN = { to: 'a', from: 'pan' };
const CVV = { to: 'b', from: 'cvv' };

test('an empty file is the guide’s own endpoint', () => {
  assert.deepEqual(problemsOf({}), []);
  const reading = readMapping({});
  assert.equal(reading.kind === 'mapping' && reading.mapping.tokenise.path, '/v1/tokens');
});

test('what a file says is laid over the guide’s, lists replace and null takes away', () => {
  const reading = readMapping(ACME_MAPPING);
  assert.equal(reading.kind, 'mapping', JSON.stringify(reading));
  if (reading.kind !== 'mapping') return;
  const { mapping } = reading;
  assert.equal(mapping.tokenise.method, 'POST', 'of the guide');
  assert.equal(mapping.tokenise.fields.length, 9);
  assert.equal(mapping.pause, null);
  assert.equal(mapping.idempotency.retention_ms, 86_400_000);
});

/** One slip each, and the sentence that names it. */
const SLIPS: readonly (readonly [written: unknown, said: RegExp])[] = [
  [{ tokenize: {} }, /^tokenize: is not known/],
  [{ body: 'xml' }, /^body: expected one of json, form/],
  [{ tokenise: { fields: [{ too: 'a', from: 'pan' }] } }, /^tokenise\.fields\[0\]\.to: is missing/],
  [{ tokenise: { path: 'v1/tokens' } }, /^tokenise\.path: /],
  [{ answers: { statuses: { running: ['x'] } } }, /^answers\.statuses\.running: is not known/],
  [
    { tokenise: { fields: [PAN, { to: 'a', from: 'cvv' }] } },
    /^tokenise\.fields\[1\]\.to: a stands/,
  ],
  [
    { tokenise: { fields: [PAN, CVV, { to: 'a.b', value: 'x' }] } },
    /^tokenise\.fields\[2\]\.to: a\.b and a cannot both be/,
  ],
  [{ tokenise: { fields: [PAN] } }, /^tokenise\.fields: cvv has no place/],
  [
    { tokenise: { path: '/v1/{pan}' } },
    /^tokenise\.path: \{pan\}: digits of a card go into the body/,
  ],
  [{ tokenise: { path: '/v1?zip={postal_code}' } }, /^tokenise\.path: \{postal_code\}: digits/],
  [{ tokenise: { path: '/v1/{who}' } }, /^tokenise\.path: \{who\} is no fact/],
  [{ tokenise: { path: '/v1/../x' } }, /^tokenise\.path: an empty part/],
  [
    { subscribe: { fields: [{ to: 'n', from: 'pan' }] } },
    /^subscribe\.fields\[0\]\.from: digits of/,
  ],
  [
    { cancel: { fields: [{ to: 'n', from: 'amount' }] } },
    /^cancel\.fields\[0\]\.from: cancel knows no/,
  ],
  [
    { tokenise: { fields: [{ ...PAN, as: 'number' }, CVV] } },
    /^tokenise\.fields\[0\]: pan goes as it is/,
  ],
  [{ tokenise: { fields: [PAN, CVV, { to: 'c' }] } }, /^tokenise\.fields\[2\]: give from/],
  [
    { tokenise: { fields: [PAN, CVV, { to: 'c', from: 'customer_id', value: 1 }] } },
    /^tokenise\.fields\[2\]: give from/,
  ],
  [
    { read: { fields: [{ to: 'c', from: 'subscription_id' }] } },
    /^read\.fields: a GET has no body/,
  ],
  [{ headers: [{ name: 'Authorization', value: 'x' }] }, /^headers\[0\]\.name: .*Tokenline itself/],
  [{ headers: [{ name: 'x-api-key', value: 'x' }] }, /^headers\[0\]\.name: x-api-key stands twice/],
  [
    { headers: [{ name: 'X-Card', value: '{pan}' }] },
    /^headers\[0\]\.value: a header is a constant/,
  ],
  [{ headers: [{ name: 'X-N', value: '4242424242424242' }] }, /^headers\[0\]\.value: holds 12/],
  [{ headers: [{ name: 'X N', value: 'a' }] }, /^headers\[0\]\.name: /],
  [{ idempotency: { header: null } }, /^idempotency\.retention_ms: expected 0/],
  [
    { errors: [{ word: 'A', means: 'sad' }] },
    /^errors\[0\]\.means: expected one of invalid_card_n/,
  ],
  [
    { errors: [{ word: 'LOST', means: 'expired_card' }] },
    /^errors\[0\]\.means: LOST: expected card_d/,
  ],
  [{ look_up: { tokenise: { path: '/x' } } }, /^look_up\.tokenise\.path: has to name/],
  [{ look_up: { subscribe: { absent: [] } } }, /^look_up\.subscribe\.absent: give the word/],
  [{ answers: { error: null } }, /^answers\.error: needed by look_up/],
  [{ subscribe: null }, /^charge: a gateway that cannot subscribe has to charge/],
  [
    { subscribe: null, charge: { method: 'POST', path: '/c', fields: [], answer: 'object' } },
    /^look_up\.charge: charge needs it/,
  ],
  [
    { subscribe: null, charge: { method: 'POST', path: '/c', fields: [], answer: 'object' } },
    /^answers\.verdict\.approved: charge needs the words that say yes/,
  ],
  [{ subscribe: { answer: 'or_none' } }, /^subscribe\.answer: expected object/],
];

for (const [written, said] of SLIPS) {
  test(`a slip is named by its key: ${JSON.stringify(written)}`, () => {
    const problems = problemsOf(written);
    assert.ok(
      problems.some((problem) => said.test(problem)),
      `${String(said)} in ${JSON.stringify(problems)}`,
    );
  });
}
