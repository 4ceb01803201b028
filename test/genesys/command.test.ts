import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { genesysApply } from '../../src/cli/genesys/deploy.ts';
import { genesysDestroy } from '../../src/cli/genesys/destroy.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { permissionsOf } from '../../src/genesys/calls.ts';
import { systemClock } from '../../src/system/clock.ts';
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

const DEPLOY = {
  TOKENLINE_GENESYS_BRIDGE_URL: 'https://pay.example.com',
  TOKENLINE_GENESYS_TOKENIZER_URL: 'https://cards.example.com',
  TOKENLINE_GENESYS_PHONE_NUMBERS: '+13175550100',
};

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

test('plan, apply, apply again, and destroy, as an operator calls them', async () => {
  const all = { ...env(), ...DEPLOY };
  double.mood.polls = 0;
  const genesys = (...args: string[]) => tokenline(['genesys', ...args], all).ended;

  const missing = await tokenline(['genesys', 'plan'], env()).ended;
  assert.equal(missing.code, 2);
  assert.match(missing.err, /genesys\.bridge_url: [^]*genesys\.tokenizer_url: /);

  const plan = await genesys('plan');
  assert.equal(plan.code, 0, plan.err);
  assert.match(plan.out, /^Organisation Acme at http/);
  assert.match(plan.out, /^\+ user prompt {12}tokenline_greeting$/m);
  assert.match(plan.out, /^\d+ to create, 0 to change, 0 to remove, 0 as wanted\.$/m);
  assert.deepEqual(double.writes(), []);

  const denied = new Set(double.permissions ?? []);
  double.permissions = new Set(PLAN_PERMISSIONS);
  const refused = await genesys('apply', '--json');
  double.permissions = denied.size === 0 ? null : denied;
  assert.equal(refused.code, 1);
  const said = JSON.parse(refused.out) as { error: { status: number; permissions: string[] } };
  assert.deepEqual(
    [said.error.status, said.error.permissions],
    [403, ['integrations:integration:add']],
  );
  assert.match(
    refused.err,
    /integrations:integration:add[^]*0 of \d+ done\. The next apply goes on/,
  );

  const apply = await genesys('apply');
  assert.equal(apply.code, 0, apply.err);
  assert.match(apply.out, /^ +\d+% +\d+\.\d s {2}\+ credential/m);
  assert.match(apply.out, /^100% [^]*\+ call route {13}Tokenline Recurring Payments$/m);
  const written = double.writes().length;
  const again = await genesys('apply');
  assert.match(again.out, /All \d+ objects are as wanted: nothing was changed\./);
  assert.equal(double.writes().length, written);
  const quiet = JSON.parse((await genesys('plan', '--json')).out) as Planned;
  assert.deepEqual(
    [quiet.organisation, quiet.totals['create'], quiet.totals['change']],
    ['Acme', 0, 0],
  );
  assert.ok(quiet.objects.every(({ verdict }) => verdict === 'left'));

  const nobody = await genesys('destroy');
  assert.equal(nobody.code, 2);
  assert.match(nobody.err, /nobody to type it\. Give --yes/);
  assert.equal(double.writes().length, written);
  const destroyed = await genesys('destroy', '--yes');
  assert.equal(destroyed.code, 0, destroyed.err);
  assert.match(destroyed.out, /^\d+ removed, 0 kept\. Skills stay/m);
  assert.equal(double.org.flows.size + double.org.prompts.size + double.org.credentials.size, 0);
  for (const { out, err } of [plan, refused, apply, again, destroyed]) {
    assert.doesNotMatch(out + err, new RegExp(`${CLIENT_SECRET}|not-a-secret-sandbox|token-\\d`));
  }
});

const PLAN_PERMISSIONS = permissionsOf('read');

interface Planned {
  readonly organisation: string;
  readonly objects: readonly { readonly verdict: string }[];
  readonly totals: Readonly<Record<string, number>>;
}

test('only the name of the organisation, typed, lets destroy begin', async () => {
  const means = {
    clock: systemClock,
    env: { ...env(), ...DEPLOY },
    terminal: { ...openTerminal('1'), out: () => {}, note: () => {} },
  };
  await genesysApply(means, null, {});
  const questions: string[] = [];
  const typing = (word: string) => (question: string) => {
    questions.push(question);
    return Promise.resolve(word);
  };
  const { size } = double.org.prompts;
  await assert.rejects(
    genesysDestroy(means, null, {}, typing('yes')),
    /not the name of the organisation/,
  );
  assert.equal(double.org.prompts.size, size);
  assert.match(questions[0] ?? '', /Type Acme to remove these \d+ objects/);
  assert.equal(await genesysDestroy(means, null, {}, typing('Acme')), 0);
  assert.equal(double.org.prompts.size, 0);
});
