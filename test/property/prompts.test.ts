import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { errorCommon } from '../../src/bridge/answer.ts';
import { BUILT_IN_PROMPTS, loadPrompts } from '../../src/cli/prompts.ts';
import { LANGUAGES } from '../../src/payment/language.ts';
import { ERROR_CODE_LIST } from '../../src/payment/outcome.ts';
import { errorPrompt } from '../../src/payment/prompt.ts';
import { ROUTE_POLICY } from '../../src/payment/route.ts';

const PROMPTS = loadPrompts(BUILT_IN_PROMPTS);

/** Words that tell a tester of stolen cards more than an honest caller needs. */
const TELLTALE =
  /\b(lost|stolen|fraud|suspicio|suspected|black ?list|blocked|robad|perdid|fraude|sospech|bloquead)/i;

const code = fc.constantFrom(...ERROR_CODE_LIST);
const language = fc.constantFrom(...LANGUAGES);
const attempt = fc.integer({ min: 1, max: 99 });

test('every code has words in every language at every attempt', () => {
  for (const spoken of LANGUAGES) {
    for (const errorCode of ERROR_CODE_LIST) {
      for (const n of [1, 2, 3, 4, 99]) {
        const { promptText } = errorPrompt(PROMPTS[spoken], errorCode, n, false);
        assert.ok(promptText.length > 10, `${spoken} ${errorCode} ${n}`);
        assert.doesNotMatch(promptText, /[{}[\]]/, 'nothing is left to be filled in');
      }
    }
  }
});

test('no sentence speaks of lost, stolen or suspected cards', () => {
  fc.assert(
    fc.property(code, language, attempt, fc.boolean(), (errorCode, spoken, n, over) => {
      const { prompt, promptText } = errorPrompt(PROMPTS[spoken], errorCode, n, over);
      assert.doesNotMatch(promptText, TELLTALE);
      assert.notEqual(prompt, 'suspected_fraud');
    }),
  );
});

test('a suspicion sounds exactly like a plain decline', () => {
  fc.assert(
    fc.property(language, attempt, fc.boolean(), fc.boolean(), (spoken, n, overLimit, last) => {
      const telling = { attempt: n, overLimit, lastAttempt: last };
      const table = PROMPTS[spoken];
      assert.deepEqual(
        errorCommon(table, 'declined', 'suspected_fraud', telling),
        errorCommon(table, 'declined', 'card_declined', telling),
      );
    }),
  );
});

test('a caller over a limit learns nothing of the field after the first attempt', () => {
  const telling = [
    'cvv_mismatch',
    'postal_code_mismatch',
    'expired_card',
    'insufficient_funds',
  ] as const;
  const later = fc.integer({ min: 2, max: 99 });
  fc.assert(
    fc.property(fc.constantFrom(...telling), language, later, (errorCode, spoken, n) => {
      const over = { attempt: n, overLimit: true, lastAttempt: false };
      const table = PROMPTS[spoken];
      assert.deepEqual(
        errorCommon(table, 'declined', errorCode, over),
        errorCommon(table, 'declined', 'card_declined', over),
      );
    }),
  );
});

test('a route of retry names a field, and the last attempt goes to a person', () => {
  fc.assert(
    fc.property(code, language, attempt, fc.boolean(), (errorCode, spoken, n, overLimit) => {
      const table = PROMPTS[spoken];
      const told = errorCommon(table, 'declined', errorCode, {
        attempt: n,
        overLimit,
        lastAttempt: false,
      });
      assert.equal(told.route === 'retry', told.retry_field !== 'none');
      const last = errorCommon(table, 'declined', errorCode, {
        attempt: n,
        overLimit,
        lastAttempt: true,
      });
      assert.notEqual(last.route, 'retry');
      assert.equal(last.retry_field, 'none');
      if (ROUTE_POLICY[errorCode].route !== 'retry') assert.deepEqual(last, told);
    }),
  );
});
