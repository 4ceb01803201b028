import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BODY_BYTES_MAX, BodySlab, type CardRequest } from '../../src/tokenizer/body.ts';
import { Fault } from '../../src/payment/fault.ts';

const PAN = '4000056655665556';

const PAYLOAD = {
  card_number: PAN,
  cvv: '737',
  expiry_month: '12',
  expiry_year: '27',
  customer_id: 'cus-alpha',
  amount: 29.99,
  currency: 'USD',
  recurring_flag: true,
  metadata: {
    call_id: 'call-alpha',
    interaction_id: '8ff3a5c0-1111-4222-8333-424242424242',
    source: 'ivr_payment_flow',
  },
};

/** Reads a body that came in these chunks; the slab and the chunks have to be empty afterwards. */
function read(...chunks: readonly (string | Uint8Array)[]): CardRequest {
  const slab = new BodySlab();
  const bytes = chunks.map((chunk) => Buffer.from(chunk as string));
  for (const chunk of bytes) assert.ok(slab.add(chunk));
  try {
    return slab.read();
  } finally {
    assert.ok(slab.empty, 'the slab is zeroed');
    for (const chunk of bytes)
      assert.ok(
        chunk.every((byte) => byte === 0),
        'chunks are zeroed',
      );
  }
}

function faultOf(body: string | Uint8Array): Fault {
  try {
    read(body);
  } catch (error) {
    assert.ok(error instanceof Fault, inspect(error));
    assert.ok(!JSON.stringify(error.problem()).includes(PAN));
    return error;
  }
  assert.fail('the body was taken');
}

const withField = (field: string, json: string): string =>
  JSON.stringify({ ...PAYLOAD, [field]: '@' }).replace('"@"', json);

test('the guide’s payload gives a card, and a payload without it', () => {
  const { card, payload } = read(JSON.stringify(PAYLOAD));
  assert.equal(card.pan.length, 16);
  assert.equal(card.cvv.length, 3);
  assert.ok(card.pan.isIn(`x${PAN}`));
  assert.deepEqual([card.expiryMonth, card.expiryYear, card.postalCode], [12, 2027, null]);
  assert.deepEqual(payload, { ...PAYLOAD, card_number: '0'.repeat(16), cvv: '000' });
});

/** JSON's own ways of writing the same object: white space, order, escapes outside of the card. */
const spelling = fc.record({
  order: fc.shuffledSubarray(Object.keys(PAYLOAD), { minLength: Object.keys(PAYLOAD).length }),
  spaces: fc.array(fc.constantFrom('', ' ', '\t', '\r\n', '  \n '), { minLength: 4, maxLength: 4 }),
  source: fc.string({ unit: 'grapheme', maxLength: 20 }),
  digits: fc.integer({ min: 0, max: 64 }),
  cvv: fc.integer({ min: 0, max: 12 }),
  cuts: fc.array(fc.nat(), { maxLength: 6 }),
});

type Spelling = typeof spelling extends fc.Arbitrary<infer T> ? T : never;

function spelled(how: Spelling): { text: string; pan: string; cvv: string } {
  const pan = PAN.repeat(4).slice(0, how.digits);
  const cvv = '737'.repeat(4).slice(0, how.cvv);
  const values: Record<string, unknown> = {
    ...PAYLOAD,
    card_number: pan,
    cvv,
    metadata: { ...PAYLOAD.metadata, source: how.source },
  };
  const [a = '', b = '', c = '', d = ''] = how.spaces;
  const members = how.order.map((key) => `${a}"${key}"${b}:${c}${JSON.stringify(values[key])}${d}`);
  return { text: `${d}{${members.join(',')}${a}}${b}`, pan, cvv };
}

test('however the JSON is spelled and cut, the card is found and the rest is what JSON.parse reads', () => {
  fc.assert(
    fc.property(spelling, (how) => {
      const { text, pan, cvv } = spelled(how);
      const bytes = Buffer.from(text);
      const cuts = [0, ...how.cuts.map((cut) => cut % bytes.length), bytes.length].sort(
        (one, other) => one - other,
      );
      const chunks = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
      const { card, payload } = read(...chunks);
      assert.equal(card.pan.length, pan.length);
      assert.equal(card.cvv.length, cvv.length);
      if (pan.length >= 12) assert.ok(card.pan.isIn(pan));
      assert.deepEqual(payload, {
        ...(JSON.parse(text) as object),
        card_number: '0'.repeat(pan.length),
        cvv: '0'.repeat(cvv.length),
      });
      if (pan.length >= 12) assert.ok(!JSON.stringify(payload).includes(pan));
    }),
    { numRuns: 400 },
  );
});

test('whatever bytes come, nothing but a fault is thrown', () => {
  const mutated = fc
    .tuple(
      spelling,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([how, changes]) => {
      const bytes = Buffer.from(spelled(how).text);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    mutated,
  );
  fc.assert(
    fc.property(any, (body) => {
      try {
        read(body);
      } catch (error) {
        assert.ok(error instanceof Fault, inspect(error));
        assert.equal(error.status, 400);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what JSON.parse refuses is refused, and nothing is taken that it would read otherwise', () => {
  const grammar = [
    '',
    '{',
    '{"cvv"}',
    '{"cvv":}',
    '{"cvv":"1",}',
    '{cvv:"1"}',
    '{"cvv":"1"',
    '{"amount":01}',
    '{"amount":1.}',
    '{"amount":.5}',
    '{"amount":+1}',
    '{"amount":1e}',
    '{"amount":-}',
    '{"amount":nul}',
    '{"amount":[1,]}',
    '{"metadata":{"a" 1}}',
    '{"cvv":"1\n"}',
    '{"customer_id":"\\x"}',
    '{"customer_id":"\\u12"}',
    '{"customer_id":"\\u12g4"}',
    '{} {}',
    '{}\0',
    '{}//',
  ];
  for (const text of grammar) {
    assert.throws(() => JSON.parse(text), text);
    assert.equal(faultOf(text).code, 'bad_request', text);
  }
  for (const text of ['[]', 'null', '"a"', '7', '{}']) {
    assert.equal(faultOf(text).code, 'bad_request', text);
  }
});

test('a number’s spelling is no obstacle', () => {
  for (const number of ['0', '10', '1e2', '1E+2', '29.90', '0.5e-1']) {
    const text = withField('amount', number);
    assert.deepEqual(read(text).payload.amount, JSON.parse(number), number);
  }
});

test('a body that two readers could read in two ways is refused', () => {
  const text = JSON.stringify(PAYLOAD);
  const refused: Record<string, string | Uint8Array> = {
    'a secret key twice': text.replace('{', '{"cvv":"000",'),
    'another key twice': text.replace('{', '{"amount":1,'),
    'an escape in a secret key': text.replace('"cvv"', '"cv\\u0076"'),
    'an escape in another key': text.replace('"amount"', '"\\u0061mount"'),
    'an escape in a secret value': text.replace('737', '73\\u0037'),
    'an escaped slash in a secret value': text.replace('737', '7\\/7'),
    'a digit as an escape elsewhere': text.replace('cus-alpha', 'cus-\\u0034'),
    'a secret deeper down': text.replace('"call_id"', '"cvv"'),
    'a secret in an array': withField('amount', '[{"card_number":"1"}]'),
    'a number as a secret': withField('cvv', '737'),
    'null as a secret': withField('card_number', 'null'),
    'a secret that is missing': text.replace('"cvv":"737",', ''),
    'more than eight levels': withField('amount', '['.repeat(8) + ']'.repeat(8)),
    'something behind it': `${text}1`,
    'a byte order mark': `\uFEFF${text}`,
    'UTF-16': Buffer.from(text, 'utf16le'),
    'no UTF-8': Buffer.concat([Buffer.from(text), Buffer.from([0xff])]),
    'an overlong form': Buffer.from(text.replace('alpha', 'alph\xc1\xa1'), 'latin1'),
    __proto__: text.replace('{', '{"__proto__":{},'),
    constructor: text.replace('{', '{"constructor":{},'),
    '__proto__ deeper down': text.replace('"call_id"', '"__proto__"'),
    'a key that is not known': text.replace('"amount"', '"Amount"'),
    'a card number under another name': text.replace('"card_number"', '"pan"'),
  };
  for (const [what, body] of Object.entries(refused)) {
    assert.equal(faultOf(body).code, 'bad_request', what);
  }
});

test('a refusal names the field and repeats nothing of what was sent', () => {
  assert.match(faultOf(withField('cvv', '737')).message, /^cvv /);
  assert.match(faultOf(withField('currency', '"usd-secret"')).message, /^currency /);
  assert.match(
    faultOf(JSON.stringify({ ...PAYLOAD, customer_id: undefined })).message,
    /^customer_id /,
  );
  const odd = faultOf(withField('metadata', '{"interaction_id":"a","what-is-this":1}'));
  assert.match(odd.message, /^metadata /);
  assert.doesNotMatch(odd.message, /what-is-this/);
});

test('a card number anywhere else is refused before anything makes a string of it', () => {
  const places: Record<string, string> = {
    customer_id: withField('customer_id', `"${PAN}"`),
    amount: withField('amount', PAN),
    postal_code: withField('postal_code', '"4000 0566 5566 5556"'),
    currency: withField('currency', '"4000-0566-5566-5556"'),
    metadata: withField('metadata', `{"interaction_id":"x","source":"card ${PAN}."}`),
    language: withField('language', '"378282246310005"'),
    expiry_month: withField('expiry_month', '"3782 822463 10005"'),
  };
  for (const [field, body] of Object.entries(places)) {
    const fault = faultOf(body);
    assert.equal(fault.code, 'card_number_in_wrong_place', field);
    assert.match(fault.message, new RegExp(`^${field} `));
  }
});

test('a card number in groups is refused whatever stands between them', () => {
  for (const between of [' ', '-', '.', '_', '/', '+', '  ', ' - ', '\u00a0']) {
    const grouped = PAN.replaceAll(/(.{4})(?!$)/g, `$1${between}`);
    const fault = faultOf(withField('customer_id', JSON.stringify(grouped)));
    assert.equal(fault.code, 'card_number_in_wrong_place', JSON.stringify(between));
  }
});

test('UUIDs, telephone numbers, dates and numbers that fail Luhn are no card numbers', () => {
  const harmless = [
    '424242424242-not-a-uuid'.replace('424242424242', '424242424241'),
    'tel:+13175550100',
    '2026-11-23.2026-11-24',
    '4000056655665557',
    '317-555-0100',
  ];
  for (const text of harmless) {
    const body = JSON.stringify({ ...PAYLOAD, metadata: { interaction_id: 'x', source: text } });
    assert.equal(read(body).payload.metadata.source, text);
  }
});

test('what a caller keyed wrongly is read as it is, for checkCard to judge', () => {
  const keyed = ['', '1', '4242 4242', '4'.repeat(40), 'é', '12345678901234567890123456789012345'];
  for (const digits of keyed) {
    const { card, payload } = read(
      JSON.stringify({ ...PAYLOAD, card_number: digits, cvv: digits }),
    );
    const byteCount = Buffer.byteLength(digits);
    assert.equal(card.pan.length, byteCount, digits);
    assert.equal(card.cvv.length, byteCount, digits);
    assert.equal(payload.card_number, '0'.repeat(byteCount));
  }
  const long = read(JSON.stringify({ ...PAYLOAD, card_number: '1'.repeat(500) }));
  assert.ok(long.card.pan.length > 19, 'still too long to be a card');
});

test('months and years are read as they are keyed', () => {
  const dates: [string | number, string | number, number, number][] = [
    ['12', '27', 12, 2027],
    ['1', '2027', 1, 2027],
    [1, 27, 1, 2027],
    [12, 2030, 12, 2030],
    ['00', '00', 0, 2000],
    ['12', '0027', 12, 27],
    ['123', '27', Number.NaN, 2027],
    ['', '7', Number.NaN, Number.NaN],
    ['12', '202', 12, Number.NaN],
  ];
  for (const [month, year, readMonth, readYear] of dates) {
    const { card } = read(JSON.stringify({ ...PAYLOAD, expiry_month: month, expiry_year: year }));
    assert.deepEqual(
      [card.expiryMonth, card.expiryYear],
      [readMonth, readYear],
      `${month}/${year}`,
    );
  }
});

test('the payload’s hash knows neither the card nor the order of the keys', () => {
  const one = read(JSON.stringify(PAYLOAD)).payloadHash;
  const reversed = Object.fromEntries(Object.entries(PAYLOAD).toReversed());
  const other = { card_number: '5555555555554444', cvv: '1', expiry_month: 1, expiry_year: 31 };
  assert.equal(read(JSON.stringify(reversed)).payloadHash, one);
  assert.equal(read(JSON.stringify({ ...PAYLOAD, ...other })).payloadHash, one);
  assert.notEqual(read(JSON.stringify({ ...PAYLOAD, customer_id: 'cus-beta' })).payloadHash, one);
  assert.doesNotMatch(one, /\d/);
});

test('a body of more than 8 KB is not taken, and nothing of it stays', () => {
  const slab = new BodySlab();
  const chunk = Buffer.alloc(BODY_BYTES_MAX, 0x31);
  assert.ok(slab.add(chunk));
  const late = Buffer.from('1');
  assert.ok(!slab.add(late));
  assert.equal(late[0], 0);
  slab.zero();
  assert.ok(slab.empty);
});
