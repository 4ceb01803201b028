import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadConfig } from '../../src/system/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-config-capture-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function problemsOf(text: string): readonly string[] {
  const file = join(directory, 'config.yaml');
  writeFileSync(file, text);
  try {
    loadConfig(file, {});
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.replace(`${file}: `, ''));
  }
  return [];
}

/** Whole and right for live mode. */
const LIVE = `
mode: live
database_url: postgres://tokenline@127.0.0.1/tokenline
merchant: { name: Acme, support_phone: '+1 317 555 0100', time_zone: America/Chicago }
clients:
  - { id: genesys, secret: kqjzmwrtpxhbvnydfgca, scopes: [calls, cards] }
gateway: { name: stripe, api_key: sk_live_abc, webhook_secret: hook-key }
billing: { url: 'https://billing.example.com', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }
plans:
  - id: gold
    name: { en-us: Gold, es-us: Oro }
    price: { amount_minor: 500, currency: USD }
    interval: { count: 1, unit: month }
    trial_days: 0
    gateway_reference: price_gold
`.replace('kqjzmwrtpxhbvnydfgca', 'kqjzmwrtpxhbvnydfgcaeukqjz');

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
});
