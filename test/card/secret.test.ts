import assert from 'node:assert/strict';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { test } from 'node:test';
import { SecretBytes } from '../../src/card/secret.ts';
import { MacKey } from '../../src/card/mac.ts';
import type { Card } from '../../src/card/card.ts';
import { digitsIn } from '../conformance/digits.ts';

const PAN = '4000056655665556';
const secretOf = (text: string): SecretBytes => SecretBytes.copyOf(Buffer.from(text, 'latin1'));

/** Everything that people and libraries do to a value to look at it. */
const PRINTERS: Readonly<Record<string, (secret: SecretBytes) => unknown>> = {
  template: (secret) => `a ${String(secret)}`,
  concatenation: (secret) => 'a' + (secret as unknown as string),
  number: (secret) => Number(secret),
  JSON: (secret) => JSON.stringify({ secret, list: [secret] }),
  inspect: (secret) => inspect(secret, { showHidden: true, depth: 9, getters: true }),
  'inspect, no custom one': (secret) => inspect(secret, { customInspect: false, showHidden: true }),
  format: (secret) => format('%s %o %O %j %d', secret, secret, secret, secret, secret),
  error: (secret) => new Error('x', { cause: secret }).stack,
  'inspect of an error': (secret) => inspect(new Error('x', { cause: secret })),
  'own keys': (secret) => Reflect.ownKeys(secret).map(String).join(),
  entries: (secret) => JSON.stringify(Object.entries(secret)),
  'a copy': (secret) => JSON.stringify(Object.assign({}, secret)),
  'structured clone': (secret) => serialize(Object.assign({}, secret)).toString('latin1'),
  locale: (secret) => secret.toLocaleString(),
  'its value': (secret) => inspect(secret.valueOf()),
  console: (secret: SecretBytes) => {
    let text = '';
    const out = new Writable({
      write(chunk, _, done) {
        text += String(chunk);
        done();
      },
    });
    const console = new Console(out);
    console.log(secret, { secret });
    console.dir(secret);
    console.table([secret]);
    return text;
  },
};

test('no way of printing a secret shows a digit', () => {
  for (const [name, print] of Object.entries(PRINTERS)) {
    const shown = String(print(secretOf(PAN)));
    assert.deepEqual(digitsIn(shown, PAN), [], name);
    assert.ok(!shown.includes('52, 48') && !shown.includes('34 30 30 30'), name);
  }
});

test('a secret lies outside V8’s heap in memory of its own, and is gone once it is zeroed', () => {
  const secret = secretOf('737');
  const shown = secret.reveal();
  assert.ok(shown.buffer.byteLength > 64);
  assert.equal(Buffer.from(shown).toString(), '737');
  secret.zero();
  secret.zero();
  assert.ok(new Uint8Array(shown.buffer).every((byte) => byte === 0));
  assert.equal(secret.length, 0);
  assert.equal(secret.reveal().length, 0);
  assert.equal(String(secret), '[secret]');
});

test('a secret has a copy of its source, so that the source can be wiped', () => {
  const source = Buffer.from(PAN);
  const secret = SecretBytes.copyOf(source);
  source.fill(0);
  assert.ok(secret.isIn(PAN));
  assert.throws(() => SecretBytes.copyOf(Buffer.alloc(257)), RangeError);
});

test('a secret grows byte by byte in the memory that it began with, and is wiped there', () => {
  const secret = SecretBytes.empty();
  const memory = new Uint8Array(secret.reveal().buffer);
  assert.ok(memory.byteLength > 64);
  for (const byte of Buffer.from(PAN)) secret.append(byte);
  assert.equal(secret.reveal().buffer, memory.buffer);
  assert.ok(secret.isIn(PAN));
  secret.zero();
  assert.ok(memory.every((byte) => byte === 0));
  secret.append(0x37);
  assert.equal(Buffer.from(secret.reveal()).toString(), '7');
});

test('a secret takes bytes and no more of them than its memory holds', () => {
  const secret = SecretBytes.empty();
  for (const wrong of [-1, 256, 1.5, Number.NaN]) {
    assert.throws(() => secret.append(wrong), RangeError);
  }
  for (let i = 0; i < 256; i += 1) secret.append(0x30);
  assert.throws(() => secret.append(0x30), RangeError);
  assert.equal(secret.length, 256);
});

test('a part of a secret is a secret with memory of its own', () => {
  const secret = secretOf('1225');
  const part = secret.copyOfRange(2, 4);
  secret.zero();
  assert.equal(Buffer.from(part.reveal()).toString(), '25');
  assert.equal(String(part), '[secret]');
  assert.notEqual(part.reveal().buffer, secret.reveal().buffer);
});

test('a secret is recognised in a text that repeats it, and three digits never are', () => {
  assert.ok(secretOf(PAN).isIn(`the card ${PAN} was refused`));
  for (const between of [' ', '-', '.', '\u00a0', ' / ']) {
    const grouped = PAN.replaceAll(/(.{4})(?!$)/g, `$1${between}`);
    assert.ok(secretOf(PAN).isIn(`tok-${grouped}-a`), `in groups with ${JSON.stringify(between)}`);
  }
  assert.ok(!secretOf(PAN).isIn('the card was refused'));
  assert.ok(!secretOf(PAN).isIn(`${PAN.slice(0, 6)} … ${PAN.slice(-4)}`));
  assert.ok(!secretOf('737').isIn('737'));
  const zeroed = secretOf(PAN);
  zeroed.zero();
  assert.ok(!zeroed.isIn(PAN) && !zeroed.isIn(''));
});

function card(more: Partial<Record<'pan' | 'cvv' | 'postalCode', string>> = {}): Card {
  return {
    pan: secretOf(more.pan ?? PAN),
    cvv: secretOf(more.cvv ?? '737'),
    expiryMonth: 12,
    expiryYear: 2030,
    postalCode: more.postalCode ?? null,
  };
}

test('a MAC tells every part of a card, and that of the PAN only the PAN', () => {
  const key = new MacKey('mk_a', Buffer.alloc(32, 7));
  const whole = key.ofCard(card());
  assert.equal(key.ofCard(card()), whole);
  const others = [
    card({ pan: '4242424242424242' }),
    card({ cvv: '738' }),
    card({ postalCode: '10001' }),
    { ...card(), expiryMonth: 1 },
    { ...card(), expiryYear: 2031 },
    // The same bytes in a row, divided otherwise.
    card({ pan: PAN.slice(0, -1), cvv: `${PAN.at(-1)}737` }),
  ];
  const macs = new Set([whole, ...others.map((other) => key.ofCard(other))]);
  assert.equal(macs.size, others.length + 1);
  assert.equal(key.ofPan(card().pan), key.ofPan(card({ cvv: '1' }).pan));
  assert.notEqual(key.ofPan(card().pan), key.ofPan(secretOf('4242424242424242')));
  assert.notEqual(key.ofPan(card().pan), whole);
  assert.doesNotMatch(whole, /\d{12}/);
  const bin = key.ofBin(secretOf('4242424242424242'));
  assert.equal(bin, key.ofBin(secretOf('4242420000000000')), 'of the first six digits alone');
  assert.notEqual(bin, key.ofBin(secretOf('4242434242424242')));
  assert.notEqual(bin, key.ofPan(secretOf('424242')));
});

test('another key gives other MACs, and the random bytes are taken over', () => {
  const bytes = Buffer.alloc(32, 7);
  const one = new MacKey('mk_a', bytes);
  assert.ok(bytes.every((byte) => byte === 0));
  const other = new MacKey('mk_b', Buffer.alloc(32, 8));
  assert.notEqual(one.ofCard(card()), other.ofCard(card()));
  assert.throws(() => new MacKey('mk_c', Buffer.alloc(31)), RangeError);
});
