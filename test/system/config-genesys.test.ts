import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadConfig } from '../../src/system/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-config-genesys-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Keys of `genesys` by their variables: `region` is `TOKENLINE_GENESYS_REGION`. */
function envOf(keys: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(keys).map(([key, value]) => [
    `TOKENLINE_GENESYS_${key.toUpperCase()}`,
    value,
  ]);
  return Object.fromEntries(named) as Record<string, string>;
}

const genesysOf = (keys: Readonly<Record<string, string>>) => loadConfig(null, envOf(keys)).genesys;

function problemsOf(keys: Readonly<Record<string, string>>): string {
  try {
    loadConfig(null, envOf(keys));
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.join('\n');
  }
  return '';
}

test('a region goes by either name, and the addresses follow from it', () => {
  for (const region of ['eu-central-1', 'mypurecloud.de']) {
    const { apiUrl, loginUrl } = genesysOf({ region });
    assert.equal(apiUrl, 'https://api.mypurecloud.de');
    assert.equal(loginUrl, 'https://login.mypurecloud.de');
  }
  const given = genesysOf({ region: 'us-east-1', login_url: 'http://127.0.0.1:1/' });
  assert.equal(given.apiUrl, 'https://api.mypurecloud.com');
  assert.equal(given.loginUrl, 'http://127.0.0.1:1');
  assert.equal(genesysOf({}).apiUrl, null);
});

test('the secret of the OAuth client may come from a file', () => {
  const file = join(directory, 'secret');
  writeFileSync(file, 'from-a-file\n');
  assert.equal(genesysOf({ client_secret_file: file }).clientSecret, 'from-a-file');
  assert.match(problemsOf({ client_secret: 'one', client_secret_file: file }), /not both/);
});

test('what is wrong names the key', () => {
  const region = problemsOf({ region: 'mars-1' });
  assert.match(region, /genesys\.region: expected one of .*mypurecloud\.ie \(eu-west-1\)/);
  const http = problemsOf({ bridge_url: 'http://pay.example' });
  assert.match(http, /genesys\.bridge_url: expected https/);
  const prefix = problemsOf({ prefix: 'no_underscores' });
  assert.match(prefix, /genesys\.prefix: expected a letter, then at most 19/);
  const number = problemsOf({ phone_numbers: '0317 555 0100' });
  assert.match(number, /genesys\.phone_numbers\[0\]: expected a number such as/);
  assert.match(problemsOf({ phone_numbers: '+13175550100,+13175550100' }), /stands twice/);
  assert.match(problemsOf({ action_client: 'nobody' }), /there is no nobody in clients/);
  const operator = problemsOf({ action_client: 'tokenline-operator' });
  assert.match(operator, /genesys\.action_client: .*needs the scopes calls and cards/);
});
