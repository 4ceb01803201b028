import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SCOPES } from '../../src/contract/access.ts';
import { BRANDS_SEEN } from '../../src/payment/brand.ts';
import type { BridgeLimits } from '../../src/bridge/bridge.ts';
import type { Plan } from '../../src/payment/plan.ts';
import { CAPTURE_MODES } from '../../src/payment/capture.ts';
import { LANGUAGES } from '../../src/payment/language.ts';
import { INTERVAL_UNITS } from '../../src/payment/plan.ts';
import { BREAKER_POLICY } from '../../src/resilience/breaker.ts';
import { RETRY_POLICY } from '../../src/resilience/retry.ts';
import { ConfigFile, SECRET_KEYS } from '../../src/system/config-file.ts';
import { leavesOf, withoutNull, type SchemaNode } from '../../src/system/config-env.ts';
import { loadConfig } from '../../src/system/config.ts';
import { fileWith, LIVE, problemsOf } from './config-text.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../tokenline.example.yaml');
test('without a file the sandbox is complete, with the ports and limits of the design', () => {
  const config = loadConfig(null, {});
  assert.equal(config.mode, 'sandbox');
  assert.equal(config.data, resolve('tokenline-data'));
  const ports = [config.bridge.port, config.tokenizer.port, config.sandbox.port];
  assert.deepEqual(ports, [8080, 8081, 8082]);
  assert.deepEqual(
    config.clients.map(({ id, scopes }) => [id, scopes.join(' ')]),
    [
      ['tokenline-sandbox', 'calls cards'],
      ['tokenline-operator', 'operator auditor'],
    ],
  );
  const limits: BridgeLimits = config.limits;
  assert.deepEqual(limits.retry, RETRY_POLICY);
  assert.deepEqual(limits.breaker, BREAKER_POLICY);
  assert.equal(limits.deadlineMs, 27_000);
  assert.deepEqual(limits.settleDelaysMs, [2_000, 5_000, 15_000, 60_000]);
  assert.equal(limits.lookMsMax, 10_000);
  assert.equal(config.gateway.absenceIsProofAfterMs, null);
  assert.equal(limits.cardTriesPerCall, 3);
});

test('an event for billing that fails is tried again for 75 hours', () => {
  const delaysMs = loadConfig(null, {}).limits.deliverDelaysMs;
  assert.equal(delaysMs[0], 5_000);
  assert.equal(delaysMs.length, 9);
  const hours = delaysMs.reduce((sum, delayMs) => sum + delayMs, 0) / 3_600_000;
  assert.equal(Math.floor(hours), 75);
});

test('the sandbox offers the guide’s plan, a yearly one and one with a trial, in each language', () => {
  const plans: readonly Plan[] = loadConfig(null, {}).plans;
  const guide = plans.find((plan) => plan.id === 'recurring_monthly_premium');
  assert.deepEqual(guide?.price, { amountMinor: 2_999, currency: 'USD' });
  assert.deepEqual(guide?.interval, { count: 1, unit: 'month' });
  assert.ok(plans.length >= 3);
  assert.ok(plans.some((plan) => plan.interval.unit === 'year'));
  assert.ok(plans.some((plan) => plan.trialDays > 0));
  for (const plan of plans) assert.deepEqual(Object.keys(plan.name), [...LANGUAGES]);
});

test('the words that the file may use are those of the product', () => {
  const at = (path: string): unknown =>
    leavesOf(ConfigFile).find((leaf) => leaf.key === path)?.node;
  const brands = at('merchant.brands') as SchemaNode;
  assert.deepEqual(brands.items?.enum, [...BRANDS_SEEN]);
  const clients = at('clients') as SchemaNode;
  assert.deepEqual(clients.items?.properties?.['scopes']?.items?.enum, [...SCOPES]);
  assert.deepEqual((at('capture') as SchemaNode).enum, [...CAPTURE_MODES]);
  const plans = at('plans') as SchemaNode;
  const unit = plans.items?.properties?.['interval']?.properties?.['unit'];
  assert.deepEqual(unit?.enum, [...INTERVAL_UNITS]);
});

test('a slip is named with file, key, what is expected and what was found', () => {
  const file = fileWith('bridge: { port: eighty }\nlimits: { deadline: 3 }\nmode: life\n');
  assert.throws(
    () => loadConfig(file, {}),
    (error: Error) => {
      const lines = error.message.split('\n');
      assert.deepEqual(lines[0], `${file}: mode: expected one of sandbox, live; found "life"`);
      assert.ok(
        lines.includes(
          `${file}: bridge.port: expected a port from 1 to 65535, or 0 for any free one; found "eighty"`,
        ),
        error.message,
      );
      assert.match(error.message, /limits\.deadline: is not known; known here are deadline_ms, /);
      return true;
    },
  );
});

test('a slip within a list is named with its place', () => {
  assert.deepEqual(problemsOf('clients: [{ id: a, secret: b, scopes: [call] }]'), [
    'clients[0].scopes[0]: expected one of calls, cards, operator, auditor; found "call"',
  ]);
  assert.deepEqual(problemsOf('clients: [{ id: a, scopes: [calls] }]'), [
    'clients[0].secret: expected a secret; it is missing',
  ]);
});

test('a secret that is wrong is never repeated', () => {
  const [problem = ''] = problemsOf('billing: { secret: tell-nobody }');
  assert.match(problem, /^billing\.secret: expected whsec_ .*; found something else$/);
  const text = problemsOf('clients: [{ id: a, secret: [tell-nobody], scopes: [calls] }]').join();
  assert.match(text, /clients\[0\]\.secret/);
  assert.ok(!text.includes('tell-nobody'));
});

test('a file that is missing, or is no YAML, is named', () => {
  assert.throws(() => loadConfig('/nowhere/tokenline.yaml', {}), /nowhere.*there is no such file/);
  assert.match(problemsOf('mode: [sandbox').join(), /line 1/);
  assert.match(problemsOf('mode: sandbox\nmode: live\n').join(), /unique/i);
  assert.match(problemsOf('- a list').join(), /expected keys and values/);
});

test('every key has a variable of its own that overrides the file', () => {
  const names = leavesOf(ConfigFile).map((leaf) => leaf.variable);
  assert.equal(new Set(names).size, names.length);
  const file = fileWith('bridge: { port: 1 }\nlimits: { deadline_ms: 5000 }\n');
  const config = loadConfig(file, {
    TOKENLINE_BRIDGE_PORT: '9080',
    TOKENLINE_TOKENIZER_PORT: '0',
    TOKENLINE_SANDBOX_PORT: '9082',
    TOKENLINE_DATA: '/var/lib/tokenline',
    TOKENLINE_DATABASE_URL: 'postgres://db/tokenline',
    TOKENLINE_DATABASE_POOL_MAX: '25',
    TOKENLINE_LIMITS_DEADLINE_MS: '20000',
    TOKENLINE_LIMITS_RETRY_RETRIES_MAX: '1',
    TOKENLINE_LIMITS_SETTLE_DELAYS_MS: '100, 200',
    TOKENLINE_MERCHANT_BRANDS: 'visa,amex',
    TOKENLINE_GATEWAY_VERIFICATION: 'false',
    TOKENLINE_CLIENTS: '[{"id":"x","secret":"y","scopes":["calls"]}]',
  });
  const ports = [config.bridge.port, config.tokenizer.port, config.sandbox.port];
  assert.deepEqual(ports, [9080, 0, 9082]);
  assert.equal(config.data, '/var/lib/tokenline');
  assert.equal(config.databaseUrl, 'postgres://db/tokenline');
  assert.equal(config.databasePoolMax, 25);
  assert.equal(config.limits.deadlineMs, 20_000);
  assert.equal(config.limits.retry.retriesMax, 1);
  assert.equal(config.limits.retry.firstDelayMs, RETRY_POLICY.firstDelayMs);
  assert.deepEqual(config.limits.settleDelaysMs, [100, 200]);
  assert.deepEqual(config.merchant.brands, ['visa', 'amex']);
  assert.equal(config.gateway.verification, false);
  assert.deepEqual(config.clients, [{ id: 'x', secret: 'y', scopes: ['calls'] }]);
});

test('a variable that is wrong is named instead of the file', () => {
  assert.throws(
    () => loadConfig(null, { TOKENLINE_BRIDGE_PORT: 'tcp://10.0.0.1:8080' }),
    /^ConfigError: TOKENLINE_BRIDGE_PORT: bridge\.port: expected a port .*; found "tcp:/,
  );
  assert.throws(
    () => loadConfig(null, { TOKENLINE_LIMITS_SETTLE_DELAYS_MS: '5,x' }),
    /^ConfigError: TOKENLINE_LIMITS_SETTLE_DELAYS_MS: limits\.settle_delays_ms\[1\]: expected/,
  );
});

test('an empty variable counts as none, and an unknown one is a warning', () => {
  const config = loadConfig(null, { TOKENLINE_BRIDGE_PORT: '', TOKENLINE_BRIGDE_PORT: '1' });
  assert.equal(config.bridge.port, 8080);
  assert.equal(config.warnings.length, 1);
  assert.match(config.warnings[0] ?? '', /^TOKENLINE_BRIGDE_PORT: /);
});

test('the client variables stand for the first client and leave its scopes', () => {
  const env = { TOKENLINE_CLIENT_ID: 'genesys', TOKENLINE_CLIENT_SECRET: 'pssst' };
  const [first, second] = loadConfig(null, env).clients;
  assert.deepEqual(first, { id: 'genesys', secret: 'pssst', scopes: ['calls', 'cards'] });
  assert.equal(second?.id, 'tokenline-operator');
});

test('a secret can be read from the file that <key>_file names', () => {
  const secret = fileWith('');
  writeFileSync(secret, 'from-a-file\n');
  const file = fileWith(`gateway: { api_key_file: ${secret} }
clients: [{ id: a, secret_file: ${secret}, scopes: [calls] }]`);
  const config = loadConfig(file, { TOKENLINE_DIRECTORY_HEADER_FILE: '' });
  assert.equal(config.gateway.apiKey, 'from-a-file');
  assert.equal(config.clients[0]?.secret, 'from-a-file');
  const over = loadConfig(null, { TOKENLINE_GATEWAY_API_KEY_FILE: secret });
  assert.equal(over.gateway.apiKey, 'from-a-file');
});

test('a secret that is given twice, or whose file is missing, is refused', () => {
  assert.match(
    problemsOf('gateway: { api_key: a, api_key_file: b }').join(),
    /gateway\.api_key_file: give it or api_key, not both/,
  );
  assert.match(
    problemsOf('clients: [{ id: a, secret_file: /nowhere/secret, scopes: [calls] }]').join(),
    /clients\[0\]\.secret_file: \/nowhere\/secret: there is no such file/,
  );
  const both = { TOKENLINE_GATEWAY_API_KEY: 'a', TOKENLINE_GATEWAY_API_KEY_FILE: 'b' };
  assert.throws(() => loadConfig(null, both), /not both/);
});

test('live mode starts when everything that money depends on has been given', () => {
  assert.deepEqual(problemsOf(LIVE), []);
});

test('live mode has no defaults for merchant, gateway and plans', () => {
  const problems = problemsOf('mode: live').join('\n');
  for (const key of ['merchant.name', 'gateway.name', 'plans']) {
    assert.match(problems, new RegExp(`^${key.replace('.', '\\.')}: expected .*missing`, 'm'));
  }
});

test('live mode refuses what belongs to the sandbox', () => {
  const refused = (from: string | RegExp, to: string): string => {
    assert.match(LIVE, new RegExp(from));
    return problemsOf(LIVE.replace(from, to)).join('\n');
  };
  assert.match(refused('kqjzmwrtpxhbvnydfgcaeukqjz', 'not-a-secret-sandbox'), /everybody knows/);
  assert.match(refused('kqjzmwrtpxhbvnydfgcaeukqjz', 'short'), /24 characters or more/);
  assert.match(refused('name: stripe', 'name: sandbox'), /gateway\.name/);
  assert.match(
    refused('api_key: sk_live_abc, ', ''),
    /gateway\.api_key: the gateway stripe needs it/,
  );
  assert.match(refused('sk_live_abc', 'sk_test_abc'), /is a test key/);
  assert.match(refused(', webhook_secret: hook-key', ''), /gateway\.webhook_secret/);
  assert.match(refused('https://billing', 'http://billing'), /billing\.url: expected https/);
  assert.match(refused(/billing:.*\n/, ''), /billing\.url[^]*billing\.secret/);
  assert.match(refused(/clients:\n.*\n/, ''), /clients: live mode needs at least one/);
});

test('each gateway says which of its keys is missing or wrong', () => {
  const refused = (from: string | RegExp, to: string): string =>
    problemsOf(LIVE.replace(from, to)).join('\n');
  assert.match(refused('name: stripe', 'name: acme-pay'), /gateway\.name: expected one of sandbox/);
  assert.match(
    refused('sk_live_abc', 'pk_live_abc'),
    /gateway\.api_key: expected a secret or restr/,
  );
  assert.match(refused('    gateway_reference: price_gold\n', ''), /plans\[0\]\.gateway_reference/);
  assert.match(
    refused('name: stripe', "name: stripe, url: 'http://api.stripe.com'"),
    /gateway\.url: expected https/,
  );
  assert.match(
    refused('name: stripe', 'name: stripe, stripe: { cancel: never }'),
    /gateway\.stripe\.cancel: expected one of now, period_end/,
  );
});

test('a real gateway can be tried out with its test key, and with no other', () => {
  const plans = LIVE.slice(LIVE.indexOf('plans:'));
  const withKey = (key: string): string =>
    `gateway: { name: stripe, api_key: ${key}, webhook_secret: hook }\n${plans}`;
  assert.deepEqual(problemsOf(withKey('sk_test_abc')), []);
  assert.match(problemsOf(withKey('sk_live_abc')).join(), /is a live key; set mode: live/);
});

test('the sandbox’s credentials stand for no other gateway’s', () => {
  const plans = LIVE.slice(LIVE.indexOf('plans:'));
  const problems = problemsOf(`gateway: { name: stripe }\n${plans}`).join('\n');
  assert.match(problems, /gateway\.api_key: the gateway stripe needs it/);
  assert.match(problems, /gateway\.webhook_secret: the gateway stripe needs it/);
});

test('keys that do not fit each other are refused', () => {
  assert.match(problemsOf('merchant: { time_zone: Mars/Base }').join(), /IANA/);
  assert.match(
    problemsOf('internal: { credential: short }').join(),
    /internal\.credential: expected 24 characters/,
  );
  const client = '{ id: a, secret: b, scopes: [calls] }';
  assert.match(problemsOf(`clients: [${client}, ${client}]`).join(), /the id a stands twice/);
  assert.match(
    problemsOf('limits: { retry: { first_delay_ms: 9000 } }').join(),
    /limits\.retry\.delay_ms_max: expected at least/,
  );
});

test('the internal line of live mode is encrypted, or stays on this machine', () => {
  const line = (address: string): string =>
    `${LIVE}\ninternal: { url: '${address}', credential: a-credential-of-24-letters }\n`;
  assert.match(problemsOf(line('http://bridge:9443')).join(), /internal\.url: expected https/);
  assert.deepEqual(problemsOf(line('https://bridge:9443')), []);
  assert.deepEqual(problemsOf(line('http://127.0.0.1:9443')), []);
});

test('bridges that may be several are told to share their keys', () => {
  const warned = (text: string): readonly string[] => loadConfig(fileWith(text), {}).warnings;
  const apart = `${LIVE}\ninternal: { url: 'https://bridge:9443' }\n`;
  const [access, ledger, ...rest] = warned(apart);
  assert.match(access ?? '', /^access\.key_file: .* give several bridges one file/);
  assert.match(ledger ?? '', /^ledger\.key_file: /);
  assert.deepEqual(rest, []);
  assert.deepEqual(warned(`${apart}access: { key_file: a }\nledger: { key_file: b }\n`), []);
  assert.deepEqual(warned(LIVE), []);
});

test('the example file loads, and says exactly what holds without it', () => {
  assert.deepEqual(loadConfig(EXAMPLE, {}), loadConfig(null, {}));
});

/** Every key of the file, those within lists included. */
function keysOf(node: SchemaNode, path = ''): string[] {
  const inner = withoutNull(node);
  if (inner.items !== undefined) return keysOf(inner.items, `${path}[]`);
  if (inner.properties === undefined) return [path];
  const keys = Object.entries(inner.properties).flatMap(([name, child]) =>
    keysOf(child, path === '' ? name : `${path}.${name}`),
  );
  return path === '' || path.endsWith('[]') ? keys : [path, ...keys];
}

function keysWritten(value: unknown, path = ''): string[] {
  if (Array.isArray(value))
    return [path, ...value.flatMap((item) => keysWritten(item, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, item]) =>
    keysWritten(item, path === '' ? name : `${path}.${name}`),
  );
  return [path, ...inner];
}

test('every key stands in the example file, and nothing else does', () => {
  const lines = readFileSync(EXAMPLE, 'utf8').split('\n');
  // A setting that is commented out has "#" directly before its key. It replaces the line that
  // gives the same key its default.
  const written = new Set<string>();
  const commented = lines.map((line) => line.replace(/^( *)#(?=[a-z_]+:)/, '$1'));
  const active = keysWritten(parse(lines.join('\n')));
  const all = keysWritten(parse(commented.join('\n'), { uniqueKeys: false }));
  for (const key of [...active, ...all]) written.add(key);
  const keys = keysOf(ConfigFile);
  // `clients[].scopes[]` is also the key `clients[].scopes`, the list `clients` and its items.
  const parents = keys.flatMap((key) => [
    key,
    key.replace(/\[\]$/, ''),
    key.replace(/\[\].*$/, ''),
    key.replace(/\[\].*$/, '[]'),
  ]);
  const known = new Set(parents);
  const missing = keys.filter((key) => !written.has(key));
  assert.deepEqual(missing, []);
  const secrets = keys.filter((key) => SECRET_KEYS.has(key.split('.').at(-1) ?? ''));
  const unknown = [...written].filter(
    (key) => key !== '' && !known.has(key) && !secrets.includes(key.replace(/_file$/, '')),
  );
  assert.deepEqual(unknown, []);
  assert.ok(keys.length > 70, `only ${keys.length} keys were seen`);
});

test('an address of the other world is refused: live cards in a sandbox, and the reverse', () => {
  const withUrl = (url: string): string =>
    `gateway: { name: paypal, client_id: a, client_secret: b, url: '${url}', paypal: { webhook_id: w } }`;
  for (const url of ['https://api-m.paypal.com', 'https://api-m.paypal.com:443/']) {
    assert.match(problemsOf(withUrl(url)).join(), /gateway\.url: belongs to the other mode/);
  }
  assert.deepEqual(problemsOf(withUrl('https://api-m.sandbox.paypal.com')), []);
  const live = LIVE.replace(/^gateway: .*$/m, withUrl('https://api-m.sandbox.paypal.com'));
  assert.match(problemsOf(live).join(), /gateway\.url: belongs to the other mode/);
});
