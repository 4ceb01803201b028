import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BRANDS, brandRule, type Brand } from '../../src/card/brand.ts';
import { checkCard, zeroCard, type Card, type CardRules } from '../../src/card/card.ts';
import { expiryFault, monthIn } from '../../src/card/expiry.ts';
import { holdsPan } from '../../src/card/find.ts';
import { luhnValid } from '../../src/card/luhn.ts';
import { SecretBytes } from '../../src/card/secret.ts';

const bytes = (digits: string): Buffer => Buffer.from(digits, 'latin1');

/** Digits that begin like a brand, sevens, and the check digit that fits. No published number. */
function panOf(prefix: string, length: number): string {
  const body = prefix.padEnd(length - 1, '7');
  const check = '0123456789'.split('').find((digit) => luhnValid(bytes(body + digit)));
  return body + check;
}

function cardOf(
  pan: string,
  more: Partial<{ cvv: string; month: number; year: number }> = {},
): Card {
  return {
    pan: SecretBytes.copyOf(bytes(pan)),
    cvv: SecretBytes.copyOf(bytes(more.cvv ?? '123')),
    expiryMonth: more.month ?? 12,
    expiryYear: more.year ?? 2030,
    postalCode: null,
  };
}

const LIVE: CardRules = { today: { year: 2026, month: 11 }, brands: [...BRANDS], mode: 'live' };
const TEST: CardRules = { ...LIVE, mode: 'test' };

/** Leading digits at both ends of every range, the lengths that are issued, digits of the code. */
const TABLE: readonly [Brand, readonly string[], readonly number[], number][] = [
  ['visa', ['4', '40', '49'], [13, 16, 18, 19], 3],
  ['mastercard', ['51', '55', '2221', '2720'], [16], 3],
  ['amex', ['34', '37'], [15], 4],
  ['discover', ['6011', '644', '649', '65'], [16, 17, 18, 19], 3],
  ['diners', ['300', '305', '3095', '36', '38', '39'], [14, 15, 16, 17, 18, 19], 3],
  ['jcb', ['3528', '3589'], [16, 17, 18, 19], 3],
  ['unionpay', ['62', '81'], [16, 17, 18, 19], 3],
  ['maestro', ['50', '56', '58', '60', '63', '66', '69'], [12, 13, 14, 15, 16, 17, 18, 19], 3],
];

test('every brand is told by its first digits and taken in its lengths, 12 to 19 digits', () => {
  for (const [brand, prefixes, lengths] of TABLE) {
    for (const prefix of prefixes) {
      for (let length = 12; length <= 19; length++) {
        const pan = panOf(prefix, length);
        assert.equal(brandRule(bytes(pan)).brand, brand, `${prefix} ${length}`);
        const cvv = brand === 'amex' ? '1234' : '123';
        const verdict = checkCard(cardOf(pan, { cvv }), LIVE);
        assert.equal(verdict.ok, lengths.includes(length), `${brand} ${prefix} ${length}`);
      }
    }
  }
});

test('just outside of a range it is another brand', () => {
  const outside: [string, Brand][] = [
    ['50', 'maestro'],
    ['2220', 'unknown'],
    ['2721', 'unknown'],
    ['306', 'unknown'],
    ['3527', 'unknown'],
    ['3590', 'unknown'],
    ['6010', 'maestro'],
    ['643', 'maestro'],
    ['80', 'unknown'],
    ['1', 'unknown'],
  ];
  for (const [prefix, brand] of outside) {
    assert.equal(brandRule(bytes(panOf(prefix, 16))).brand, brand, prefix);
  }
});

test('the face is the brand and the last four digits, no more', () => {
  const verdict = checkCard(cardOf('4000056655665556'), TEST);
  assert.deepEqual(verdict, { ok: true, face: { brand: 'visa', last4: '5556' } });
});

test('every typo of one digit and every swap of neighbours that Luhn promises is caught', () => {
  const pan = '4000056655665556';
  for (let at = 0; at < pan.length; at++) {
    for (const digit of '0123456789') {
      if (digit === pan[at]) continue;
      const wrong = pan.slice(0, at) + digit + pan.slice(at + 1);
      assert.ok(!luhnValid(bytes(wrong)), wrong.length.toString());
    }
    const [one = '', other = ''] = [pan[at], pan[at + 1]];
    // Annex B of ISO/IEC 7812-1 cannot tell 09 from 90.
    if (one === other || at + 1 === pan.length || one + other === '09' || one + other === '90')
      continue;
    assert.ok(!luhnValid(bytes(pan.slice(0, at) + other + one + pan.slice(at + 2))));
  }
});

test('what is no card number is an invalid card number, whatever bytes it is', () => {
  const wrong = [
    '',
    '4',
    '42424242424',
    '4242424242424241',
    '4242 4242 4242 4242',
    '424242424242424٠',
  ];
  for (const pan of [
    ...wrong,
    '4'.repeat(20),
    '4'.repeat(64),
    '\0'.repeat(16),
    '4242-4242-4242-4242',
  ]) {
    const card = { ...cardOf('4'), pan: SecretBytes.copyOf(Buffer.from(pan)) };
    const verdict = checkCard(card, LIVE);
    assert.deepEqual(verdict, { ok: false, fault: 'invalid_card_number', face: null });
  }
});

test('the security code has four digits for American Express and three for the others', () => {
  for (const [brand, [prefix = ''], [length = 16], digits] of TABLE) {
    for (const cvv of [
      '',
      '1',
      '12',
      '123',
      '1234',
      '12345',
      '12a',
      '12 ',
      '1 3',
      '12345678901234',
    ]) {
      const verdict = checkCard(cardOf(panOf(prefix, length), { cvv }), LIVE);
      const right = cvv.length === digits && /^\d+$/.test(cvv);
      assert.equal(verdict.ok, right, `${brand} "${cvv}"`);
      if (!verdict.ok) assert.equal(verdict.fault, 'invalid_cvv');
    }
  }
});

test('a card of unknown brand may have three or four digits', () => {
  for (const cvv of ['123', '1234']) {
    assert.ok(checkCard(cardOf(panOf('1', 16), { cvv }), LIVE).ok);
  }
});

test('a card is good through the last day of its month and for twenty years at most', () => {
  const today = { year: 2026, month: 11 };
  const dates: [number, number, ReturnType<typeof expiryFault>][] = [
    [2026, 11, null],
    [2026, 10, 'expired_card'],
    [2025, 12, 'expired_card'],
    [2000, 1, 'expired_card'],
    [27, 12, 'expired_card'],
    [2026, 12, null],
    [2046, 12, null],
    [2047, 1, 'invalid_expiry'],
    [2030, 0, 'invalid_expiry'],
    [2030, 13, 'invalid_expiry'],
    [2030, 1.5, 'invalid_expiry'],
    [Number.NaN, 1, 'invalid_expiry'],
    [2030, Number.NaN, 'invalid_expiry'],
  ];
  for (const [year, month, fault] of dates) {
    assert.equal(expiryFault({ year, month }, today), fault, `${year}-${month}`);
  }
});

test('the month it is depends on the merchant’s time zone', () => {
  // One second before midnight of 30 November in UTC.
  const atMs = Date.UTC(2026, 10, 30, 23, 59, 59);
  const zones: [string, number][] = [
    ['UTC', 11],
    ['America/New_York', 11],
    ['Pacific/Auckland', 12],
    ['Asia/Kolkata', 12],
    ['Pacific/Pago_Pago', 11],
  ];
  for (const [zone, month] of zones) {
    assert.deepEqual(monthIn(zone, atMs), { year: 2026, month }, zone);
    const today = monthIn(zone, atMs);
    const fault = expiryFault({ year: 2026, month: 11 }, today);
    assert.equal(fault, month === 12 ? 'expired_card' : null, zone);
  }
  assert.deepEqual(monthIn('America/New_York', Date.UTC(2027, 0, 1, 4, 59)), {
    year: 2026,
    month: 12,
  });
  assert.deepEqual(monthIn('America/New_York', Date.UTC(2027, 0, 1, 5)), { year: 2027, month: 1 });
});

test('test cards are refused where money is real, and all others where it is not', () => {
  assert.equal(faultOf('4242424242424242', LIVE), 'unsupported_card');
  assert.equal(faultOf('4242424242424242', TEST), null);
  const others = panOf('49', 16);
  assert.equal(faultOf(others, LIVE), null);
  assert.equal(faultOf(others, TEST), 'unsupported_card');
});

test('a brand that the merchant does not take is refused', () => {
  const rules: CardRules = { ...TEST, brands: ['visa'] };
  assert.equal(faultOf('5555555555554444', rules), 'unsupported_card');
  assert.equal(faultOf('4242424242424242', rules), null);
});

function faultOf(pan: string, rules: CardRules): string | null {
  const verdict = checkCard(cardOf(pan), rules);
  return verdict.ok ? null : verdict.fault;
}

test('the first field that is wrong is named, in the order in which a caller keys them', () => {
  const all = cardOf('1', { month: 13, cvv: '' });
  assert.equal(checkCard(all, LIVE).ok ? null : 'invalid_card_number', 'invalid_card_number');
  const two = checkCard(cardOf(panOf('4', 16), { month: 13, cvv: '' }), LIVE);
  assert.deepEqual(two.ok ? null : two.fault, 'invalid_expiry');
});

test('zeroing a card leaves no digit of it', () => {
  const card = cardOf('4242424242424242');
  const [pan, cvv] = [card.pan.reveal(), card.cvv.reveal()];
  zeroCard(card);
  assert.ok([...pan, ...cvv].every((byte) => byte === 0));
  assert.deepEqual([card.pan.length, card.cvv.length], [0, 0]);
});

test('a number in a text is found plain and in a card’s groups, and only where Luhn agrees', () => {
  const found = (text: string): boolean => holdsPan(Buffer.from(text));
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 19 }),
      fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[0-9 -]/g, 'x')),
      (length, around) => found(`${around}x${panOf('4', length)}x${around}`),
    ),
  );
  assert.ok(found('4242 4242 4242 4242') && found('4242-4242-4242-4242'));
  assert.ok(found('3782 822463 10005') && found('3056 930902 5904'));
  assert.ok(found('1'.repeat(20)), 'a long run may hide one');
  assert.ok(!found('4242424242424241') && !found('4242 4242 4242 4241'));
  assert.ok(!found('8ff3a5c0-1111-4222-8333-424242424242'));
  assert.ok(found('x8ff3a5c0-1111-4222-8333-4242424242424242'), 'only whole UUIDs are left out');
  assert.ok(!found('+1 317 555 0100, 317-555-0100'));
});
