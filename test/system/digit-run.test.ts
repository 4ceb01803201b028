import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hasDigitRun, holdsCardNumber } from '../../src/system/digit-run.ts';

const UUID_COUNT = 20_000;

const CARDS = [
  '4242424242424242',
  '5555555555554444',
  '378282246310005',
  '30569309025904',
  '6011111111111117',
  '2223003122003222',
  '6771798021000008',
  '4222222222222',
  '6304000000000000000',
];

const card = fc.constantFrom(...CARDS);
const prose = fc.stringMatching(/^[A-Za-z .,:/_@]{0,20}$/);

/** Puts a separator behind some of the digits. */
const written = fc
  .tuple(
    card,
    fc.constantFrom('', ' ', '-', ' - ', '  ', '.', '_', '/', '+', '\u00a0'),
    fc.array(fc.boolean(), { minLength: 19 }),
  )
  .map(([digits, separator, gaps]) =>
    Array.from(digits, (digit, i) => (i > 0 && gaps[i] ? separator : '') + digit).join(''),
  );

test('a card number is found in any text, in a row or in groups', () => {
  fc.assert(
    fc.property(prose, written, prose, (before, number, after) => {
      assert.equal(holdsCardNumber(`${before}${number}${after}`), true);
    }),
    { numRuns: 1000 },
  );
});

test('a date, another number or a UUID before a card number does not hide it', () => {
  const uuid = randomUUID();
  assert.equal(holdsCardNumber('2026-11-23 4242 4242 4242 4242 11/28'), true);
  assert.equal(holdsCardNumber('77 5555555555554444 12'), true);
  assert.equal(holdsCardNumber(`${uuid} 4242424242424242 ${uuid}`), true);
});

test('digits that fail Luhn, are too few or too many are no card number', () => {
  assert.equal(holdsCardNumber('4242424242424241'), false);
  assert.equal(holdsCardNumber('424242424242'), false);
  assert.equal(holdsCardNumber('42424242424242424242'), false);
  assert.equal(holdsCardNumber('4242,4242,4242,4242'), false);
  assert.equal(holdsCardNumber(''), false);
});

test('times, telephone numbers and amounts are no card numbers', () => {
  const day = 86_400_000;
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2033, 0, 1); at += day) {
    assert.equal(holdsCardNumber(String(at)), false);
    assert.equal(holdsCardNumber(new Date(at).toISOString()), false);
  }
  assert.equal(holdsCardNumber('+1 317-555-0100'), false);
  assert.equal(holdsCardNumber('tel:+13175550100'), false);
});

test('no UUID is ever taken for a card number or a run of digits', () => {
  for (let i = 0; i < UUID_COUNT; i += 1) {
    const uuid = randomUUID();
    assert.equal(holdsCardNumber(uuid), false, uuid);
    assert.equal(holdsCardNumber(`${uuid} ${uuid.toUpperCase()}`), false, uuid);
    assert.equal(hasDigitRun(uuid, 12), false, uuid);
  }
  // All digits, and passing Luhn: still a UUID.
  const digits = '42424242-4242-4242-9242-424242424242';
  assert.equal(holdsCardNumber(digits), false);
  assert.equal(hasDigitRun(digits, 12), false);
});

test('a run of digits is found from its length on, and only unbroken', () => {
  fc.assert(
    fc.property(prose, fc.stringMatching(/^[0-9]{1,30}$/), prose, (before, run, after) => {
      assert.equal(hasDigitRun(before + run + after, 12), run.length >= 12);
    }),
  );
  assert.equal(hasDigitRun('123456 789012', 12), false);
  assert.equal(hasDigitRun('x42424242-4242-4242-9242-424242424242', 12), true);
  assert.equal(hasDigitRun('', 1), false);
});
