import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tokenline } from '../cli/command.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';

let double: GenesysDouble;

before(async () => {
  double = await startGenesysDouble();
});
after(async () => {
  await double.close();
  assert.deepEqual(double.problems, []);
});

const env = (): Record<string, string> => ({
  TOKENLINE_GENESYS_API_URL: double.origin,
  TOKENLINE_GENESYS_LOGIN_URL: double.origin,
  TOKENLINE_GENESYS_CLIENT_ID: CLIENT_ID,
  TOKENLINE_GENESYS_CLIENT_SECRET: CLIENT_SECRET,
});

test('sign-in says which organisation it is, and what permissions are needed', async () => {
  const { code, out, err } = await tokenline(['genesys', 'sign-in'], env()).ended;
  assert.equal(code, 0, err);
  assert.match(out, /the organisation is Acme\./);
  assert.match(out, /plan needs[^]*architect:flow:view[^]*beyond:[^]*architect:flow:publish/);
});

test('a wrong secret ends with 1, and a configuration without the keys with 2', async () => {
  const wrong = { ...env(), TOKENLINE_GENESYS_CLIENT_SECRET: 'quite-wrong-secret' };
  const refused = await tokenline(['genesys', 'sign-in'], wrong).ended;
  assert.equal(refused.code, 1);
  assert.match(refused.err, /401 invalid_client[^]*Check genesys\.client_id/);
  assert.doesNotMatch(refused.out + refused.err, /quite-wrong-secret/);
  const bare = await tokenline(['genesys', 'sign-in'], {}).ended;
  assert.equal(bare.code, 2);
  for (const key of ['region', 'client_id', 'client_secret']) {
    assert.match(bare.err, new RegExp(`^genesys\\.${key}: tokenline genesys needs it`, 'm'));
  }
});
