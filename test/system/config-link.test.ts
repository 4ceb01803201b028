import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/system/config.ts';
import { GOLD_PLAN, problemsOf as problemsIn } from './config-text.ts';

function problemsOf(text: string): string {
  return problemsIn(text).join('\n');
}

const STRIPE = `
gateway: { name: stripe, api_key: sk_test_abc, webhook_secret: hook-key }
${GOLD_PLAN}`;
const PAYPAL =
  'gateway: { name: paypal, client_id: a, client_secret: b, paypal: { webhook_id: w } }';
const REST = `gateway: { name: rest, url: 'https://a.example.com' }`;

test('a page is the only way, a choice, or not there', () => {
  const useOf = (env: Record<string, string>): string => loadConfig(null, env).payLink.use;
  assert.equal(useOf({}), 'off');
  assert.equal(useOf({ TOKENLINE_PAY_LINK_BESIDE_KEYPAD: 'true' }), 'choice');
  assert.equal(useOf({ TOKENLINE_CAPTURE: 'link' }), 'only');
});

test('a gateway without pages is refused at start, with the reason', () => {
  for (const [gateway, reason] of [
    [PAYPAL, /wants a PayPal account/],
    [REST, /has no section for pages/],
  ] as const) {
    assert.match(problemsOf(`capture: link\n${gateway}`), /^capture: link is not there/m);
    assert.match(problemsOf(`capture: link\n${gateway}`), reason);
    const beside = problemsOf(`pay_link: { beside_keypad: true }\n${gateway}`);
    assert.match(beside, /^pay_link\.beside_keypad: /m);
    assert.doesNotMatch(problemsOf(gateway), /pay_link|capture/);
  }
});

test('Stripe needs an address to go back to, and a page that is open for long enough', () => {
  const link = `capture: link\n${STRIPE}`;
  assert.match(problemsOf(link), /^pay_link\.return_url: /m);
  const back = 'return_url: https://shop.example.com/thanks';
  assert.equal(problemsOf(`${link}pay_link: { ${back} }`), '');
  const short = problemsOf(`${link}pay_link: { ${back}, open_ms: 1800000 }`);
  assert.match(short, /^pay_link\.open_ms: expected 31 minutes/m);
});

test('a page outlives the wait for it, and no pay connector stands where no card comes', () => {
  const long = problemsOf('capture: link\npay_link: { open_ms: 60000, wait_ms_max: 300000 }');
  assert.match(long, /^pay_link\.open_ms: expected at least pay_link\.wait_ms_max/m);
  const door =
    'tokenizer: { pay_connector: { username: twilio, password: kqjzmwrtpxhbvnydfgcaeukq } }';
  assert.match(problemsOf(`capture: link\n${door}`), /^tokenizer\.pay_connector: there is no/m);
});
