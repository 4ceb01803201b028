import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/system/config.ts';
import { LIVE, problemsOf } from './config-text.ts';

test('cards go through the bridge unless something else is chosen', () => {
  assert.equal(loadConfig(null, {}).capture, 'bridge');
  const chosen = loadConfig(null, { TOKENLINE_CAPTURE: 'direct', TOKENLINE_DIRECT_API_KEY: 'k' });
  assert.equal(chosen.capture, 'direct');
  assert.equal(chosen.direct.apiKey, 'k');
});

test('direct is refused, in words, where a data action cannot send a card safely', () => {
  const direct = 'capture: direct\n';
  const paypal =
    'gateway: { name: paypal, client_id: a, client_secret: b, paypal: { webhook_id: w } }';
  assert.match(problemsOf(direct + paypal).join(), /^capture: direct needs .* PayPal has none/);
  const signing = '{ kind: aws_sigv4, region: eu-central-1, credentials_file: /a }';
  const signed = `gateway: { name: rest, url: 'https://a.example.com', signing: ${signing} }`;
  assert.match(problemsOf(direct + signed).join(), /^capture: direct cannot .* gateway\.signing/);
  const door =
    'tokenizer: { pay_connector: { username: twilio, password: kqjzmwrtpxhbvnydfgcaeukq } }';
  assert.match(
    problemsOf(direct + door).join(),
    /^tokenizer\.pay_connector: there is no tokenizer/,
  );
  assert.deepEqual(problemsOf(direct), []);
});

test('the key that lies in the contact centre is never the one that moves money', () => {
  const withKey = (key: string): string =>
    problemsOf(`${LIVE}capture: direct\ndirect: { api_key: ${key} }\n`).join();
  assert.equal(withKey('rk_live_cards'), '');
  assert.equal(withKey('pk_live_cards'), '');
  assert.match(withKey('sk_live_other'), /^direct\.api_key: expected a restricted key/);
  assert.match(withKey('rk_test_cards'), /^direct\.api_key: belongs to the other mode/);
  const one = LIVE.replace('sk_live_abc', 'rk_live_abc');
  const same = problemsOf(`${one}capture: direct\ndirect: { api_key: rk_live_abc }\n`).join();
  assert.match(same, /^direct\.api_key: is gateway\.api_key/);
  const rest = (secret: string): string =>
    problemsOf(
      `capture: direct\ndirect: { client_secret: ${secret} }\n` +
        "gateway: { name: rest, url: 'https://a.example.com', client_secret: bridge }",
    ).join();
  assert.equal(rest('flow'), '');
  assert.match(rest('bridge'), /^direct\.client_secret: is gateway\.client_secret/);
});
