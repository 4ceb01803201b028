import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDigits } from '../../../src/line/call-file/digits.ts';

const PAN = '4242424242424242';

const FORMS: Readonly<Record<string, string>> = {
  'as it was keyed': `a ${PAN} b`,
  'inside a longer run': `00${PAN}00`,
  spaced: '4242 4242 4242 4242',
  'in groups with dashes': '4242-4242-4242-4242',
  'as a list of texts': '["4","2","4","2","4","2","4","2","4","2","4","2","4","2","4","2"]',
  backwards: PAN.split('').toReversed().join(''),
  'URL-encoded': PAN.replaceAll(/./g, '%3$&'),
  'in hexadecimal': Buffer.from(PAN).toString('hex'),
  'as key codes': JSON.stringify([...Buffer.from(PAN)]),
  'in Base64': Buffer.from(PAN).toString('base64'),
  'in Base64, one byte on': Buffer.from(`x${PAN}yz`).toString('base64'),
  'in Base64, two bytes on': Buffer.from(`xy${PAN}z`).toString('base64'),
};

for (const [form, text] of Object.entries(FORMS)) {
  test(`a card number is found ${form}, and not repeated`, () => {
    const found = findDigits([PAN, '123'], { log: text });
    assert.equal(found.length > 0, true);
    assert.doesNotMatch(found.join(), /4242/);
    assert.match(found[0] ?? '', /^log: /);
  });
}

test('what is no card number is not found', () => {
  const text = `last four 4242, card ending in 4242, ${'4'.repeat(15)}, 2026-11-25T15:00:00.000Z`;
  assert.deepEqual(findDigits([PAN, '1230', '123'], { log: text }), []);
});

test('a customer number is no card number', () => {
  assert.deepEqual(findDigits(['12345678'], { log: 'customer 12345678' }), []);
});

for (const text of [
  '{"cvv":"123"}',
  'cvv = 123',
  'security_code: 1234',
  '"card_number": "42424242"',
]) {
  test(`digits behind a name that is a card's are found: ${text}`, () => {
    const [found = ''] = findDigits([], { events: text });
    assert.match(found, /^events: \d+ digits behind /);
    assert.doesNotMatch(found, /123|4242/);
  });
}

test('a name of a card without digits is nothing', () => {
  const text = '{"cvv":"","inputs":["cvv","card_number"],"error_code":"invalid_cvv","cvv":"0"}';
  assert.deepEqual(findDigits([], { events: text }), []);
});
