import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { amountText, decimalsOf, decimalText, parseAmount } from '../../src/payment/money.ts';

/** Every currency that this ICU knows. */
const CURRENCIES = Intl.supportedValuesOf('currency');
const currency = fc.constantFrom(...CURRENCIES);

test('an amount that is written as a decimal is read back as it was, in every currency', () => {
  const minor = fc.integer({ min: 0, max: 9_999_999_999 });
  fc.assert(
    fc.property(minor, currency, (amountMinor, code) => {
      const money = { amountMinor, currency: code };
      assert.deepEqual(parseAmount(decimalText(money), code), money);
    }),
  );
});

test('amounts are exact: they are digits moved, never a product', () => {
  const digits = fc.integer({ min: 0, max: 9_999_999_999 });
  const cents = fc.integer({ min: 0, max: 99 });
  fc.assert(
    fc.property(digits, cents, (whole, part) => {
      const text = `${whole}.${String(part).padStart(2, '0')}`;
      const exact = BigInt(whole) * 100n + BigInt(part);
      assert.equal(BigInt(parseAmount(text, 'USD')?.amountMinor ?? -1), exact);
      // As JSON has it: `29.90` comes as the number 29.9.
      assert.equal(BigInt(parseAmount(Number(text), 'USD')?.amountMinor ?? -1), exact);
    }),
  );
});

test('zeros behind change nothing, another digit there is no amount', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99_999 }),
      currency,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 5 }),
      (amountMinor, code, digit, zeros) => {
        const decimals = decimalsOf(code);
        const text = decimalText({ amountMinor, currency: code });
        const dotted = decimals === 0 ? `${text}.` : text;
        const longer = `${dotted}${'0'.repeat(zeros + 1)}`;
        assert.deepEqual(parseAmount(longer, code), { amountMinor, currency: code });
        assert.equal(parseAmount(`${dotted}${'0'.repeat(zeros)}${digit}`, code), null);
      },
    ),
  );
});

test('what is no decimal is no amount', () => {
  for (const text of ['', '-1', '+1', '1e3', '1,00', '.5', '5.', ' 1', '1 ', '0x10', 'NaN', '١']) {
    assert.equal(parseAmount(text, 'USD'), null, JSON.stringify(text));
  }
  for (const number of [-1, 1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY, 12_345_678_901]) {
    assert.equal(parseAmount(number, 'USD'), null, String(number));
  }
});

test('a currency has as many decimals as Unicode gives it, but for those paid in round cash', () => {
  // ISO 4217:2015 table A.1 divides these; CLDR's supplementalData.xml shows them without decimals.
  const rounded = 'AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SLL SOS SYP YER'.split(' ');
  const others = CURRENCIES.filter((code) => {
    const shown = new Intl.NumberFormat('en', { style: 'currency', currency: code });
    return shown.resolvedOptions().maximumFractionDigits !== decimalsOf(code);
  });
  assert.deepEqual(
    others.filter((code) => !rounded.includes(code)),
    [],
  );
  assert.equal(decimalsOf('HUF'), 2);
  assert.equal(decimalsOf('IQD'), 3);
});

test('a spoken amount has every digit of the amount, in both languages', () => {
  const minor = fc.integer({ min: 0, max: 9_999_999_999 });
  fc.assert(
    fc.property(
      minor,
      currency,
      fc.constantFrom('en-us', 'es-us'),
      (amountMinor, code, language) => {
        const spoken = amountText({ amountMinor, currency: code }, language);
        const digits = spoken.replaceAll(/\D/g, '');
        assert.equal(Number(digits), amountMinor);
      },
    ),
  );
});
