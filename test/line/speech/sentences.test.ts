import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asSpoken, languageOf, sentencesOf } from '../../../src/line/speech/sentences.ts';

test('a text is cut behind its sentences and nowhere else', () => {
  const text = 'Thank you. It is $29.99 a month, at J. C. B. rates! ¿Listo? Press 1.';
  assert.deepEqual(sentencesOf(text), [
    'Thank you.',
    'It is $29.99 a month, at J. C. B. rates!',
    '¿Listo?',
    'Press 1.',
  ]);
  assert.deepEqual(sentencesOf('  '), []);
});

test('amounts are said in dollars and cents, in either language', () => {
  assert.equal(asSpoken('It is $29.99.', 'en-us'), 'It is 29 dollars and 99 cents.');
  assert.equal(asSpoken('It is $1,299.00.', 'en-us'), 'It is 1299 dollars.');
  assert.equal(asSpoken('It is $1.01.', 'en-us'), 'It is 1 dollar and 1 cent.');
  assert.equal(asSpoken('Son $29.99.', 'es-us'), 'Son 29 dólares con 99 centavos.');
  assert.equal(asSpoken('Son $1.00.', 'es-us'), 'Son un dólar.');
});

test('telephone numbers, last fours and codes are said one by one, years are not', () => {
  assert.equal(asSpoken('Call +1 317 555 0100.', 'en-us'), 'Call 1, 3 1 7, 5 5 5, 0 1 0 0.');
  assert.equal(asSpoken('a card ending in 4242', 'en-us'), 'a card ending in 4 2 4 2');
  assert.equal(
    asSpoken('la tarjeta que termina en 4242', 'es-us'),
    'la tarjeta que termina en 4 2 4 2',
  );
  assert.equal(asSpoken('Your code is k r t w p m.', 'en-us'), 'Your code is K, R, T, W, P, M.');
  assert.equal(asSpoken('on November 25, 2026', 'en-us'), 'on November 25, 2026');
});

test('the question for the language is asked in both', () => {
  for (const language of ['en-us', 'es-us']) {
    assert.equal(languageOf('For English, press 1.', language), 'en-us');
    assert.equal(languageOf('Para español, oprima el dos.', language), 'es-us');
    assert.equal(languageOf('OK.', language), language);
  }
});
