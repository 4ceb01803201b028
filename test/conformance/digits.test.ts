import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cvvIn, digitsIn, disguises } from './digits.ts';

const PAN = '4000056655665556';

test('every disguise of a card number is seen, wherever it stands', () => {
  for (const [name, needles] of Object.entries(disguises(PAN))) {
    for (const needle of needles) {
      assert.ok(digitsIn(`before ${needle} after`, PAN).includes(name), `${name} ${needle}`);
    }
  }
});

test('Base64 is seen at each of its three alignments', () => {
  for (const before of ['', 'x', 'xy', '{"number":"']) {
    const encoded = Buffer.from(`${before}${PAN}"}`).toString('base64');
    assert.ok(digitsIn(encoded, PAN).includes('base64'), before);
  }
});

test('the first six and the last four digits may be seen', () => {
  assert.deepEqual(digitsIn('400005 … 5556, 4242, op_abc 2026-11-23T23:40:00.000Z', PAN), []);
});

test('a CVV is seen as a value and not inside another number', () => {
  for (const text of ['{"cvv":"737"}', 'cvv=737&x=1', 'cvv: 737', '"cvv":737}']) {
    assert.ok(cvvIn(text, '737'), text);
  }
  assert.equal(cvvIn('host: 127.0.0.1:73712, id 1737', '737'), false);
});
