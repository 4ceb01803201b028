import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import type { Models } from 'purecloud-platform-client-v2';
import type { Diagnosis } from '../../src/cli/diagnosis.ts';
import { diagnose } from '../../src/cli/doctor.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/system/clock.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';
import { levelOf, trunkOf } from '../doubles/genesys/settings.ts';
import { startWorld, wantedWith } from './world.ts';

const GENESYS = new URL('../../genesys/', import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'tokenline-doctor-genesys-'));
let double: GenesysDouble;

const FLOWS = {
  'Tokenline Recurring Payments': 'INBOUNDCALL',
  'Tokenline Card Capture': 'SECURECALL',
  'Tokenline Card Capture Agent': 'SECURECALL',
};

beforeEach(async () => {
  double = await startGenesysDouble();
  deploy(double.org);
});
afterEach(async () => {
  await double.close();
  assert.deepEqual(double.writes(), [], 'nothing was changed');
  assert.deepEqual(double.problems, []);
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** What `apply` leaves behind. */
function deploy(org: GenesysDouble['org']): void {
  const folder = new URL('data-actions/', GENESYS);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.custom.json'))) {
    const text = readFileSync(new URL(name, folder), 'utf8')
      .replaceAll('{{TOKENLINE_BRIDGE_URL}}', 'https://pay.example.com')
      .replaceAll('{{TOKENLINE_TOKENIZER_URL}}', 'https://card.example.com');
    const action = JSON.parse(text) as Required<Pick<Models.Action, 'name' | 'secure' | 'config'>>;
    const { config, secure } = action;
    org.actions.set(name, {
      id: name,
      name: action.name,
      category: 'Tokenline',
      integrationId: 'integration-1',
      secure,
      version: 1,
      config,
    });
  }
  for (const [name, type] of Object.entries(FLOWS)) {
    org.flows.set(name, { id: name, name, type, publishedVersion: { id: '1.0' } });
  }
  const queue = { id: 'queue-1', name: 'Payment_Support_Group', memberCount: 2 };
  org.queues.set('queue-1', { ...queue, suppressInQueueCallRecording: true });
}

async function found(env: Record<string, string> = {}): Promise<Record<string, Diagnosis>> {
  const all = {
    TOKENLINE_DATA: join(directory, 'data'),
    TOKENLINE_BRIDGE_PORT: '0',
    TOKENLINE_TOKENIZER_PORT: '0',
    TOKENLINE_SANDBOX_PORT: '0',
    TOKENLINE_GENESYS_API_URL: double.origin,
    TOKENLINE_GENESYS_LOGIN_URL: double.origin,
    TOKENLINE_GENESYS_CLIENT_ID: CLIENT_ID,
    TOKENLINE_GENESYS_CLIENT_SECRET: CLIENT_SECRET,
    TOKENLINE_GENESYS_BRIDGE_URL: 'https://pay.example.com',
    TOKENLINE_GENESYS_TOKENIZER_URL: 'https://card.example.com',
    ...env,
  };
  const diagnoses = await diagnose(
    { clock: systemClock, env: all, terminal: openTerminal('1') },
    null,
  );
  const about = diagnoses.filter(({ check }) => check.startsWith('genesys') || check === 'config');
  return Object.fromEntries(about.map((diagnosis) => [diagnosis.check, diagnosis]));
}

test('an organisation in which all is deployed and nothing keeps digits is all right', async () => {
  double.settings.trunks.push(trunkOf('Carrier', { trunk_media_dtmf_method: 'RTP Events' }));
  const all = await found();
  for (const { check, state, says } of Object.values(all)) {
    assert.equal(state, 'ok', `${check}: ${says}`);
  }
  assert.match(all['genesys']?.says ?? '', /signed in to Acme/);
  assert.equal(Object.keys(all).length, 15);
});

test('what a person has set so that digits are kept is found through the API', async () => {
  const { settings } = double;
  settings.features = { pci: false };
  settings.trunks.push(trunkOf('Carrier', { trunk_diagnostic_capture_enabled: true }));
  settings.executionData = true;
  settings.defaultLogLevel = levelOf('VerboseNotes');
  settings.logLevels.set('Tokenline Card Capture', levelOf('Base'));
  settings.limits.set('actions.concurrent.executions.max', 10);
  const all = await found();
  assert.match(all['genesys.pci']?.says ?? '', /^off/);
  assert.match(
    all['genesys.trunks.diagnostics']?.says ?? '',
    /Carrier: trunk_diagnostic_capture_enabled/,
  );
  const kept = all['genesys.execution_data']?.says ?? '';
  assert.match(kept, /Card Capture Agent: VerboseNotes/);
  assert.doesNotMatch(kept, /Card Capture: /);
  assert.match(all['genesys.limits']?.says ?? '', /^10 data actions at once/);
});

test('what a level says that it keeps counts, whatever it is called', async () => {
  const { settings } = double;
  settings.executionData = true;
  settings.defaultLogLevel = { level: 'Custom', characteristics: { variables: true } };
  assert.equal((await found())['genesys.execution_data']?.state, 'warn');
});

test('a data action that somebody turned elsewhere, or made open, is found', async () => {
  const action = double.org.actions.get('tokenline-tokenise-card.custom.json');
  assert.ok(action?.config?.request);
  action.config.request.requestUrlTemplate = 'https://card.example.com.evil.test/v1/tokens';
  action.secure = false;
  const all = await found();
  assert.match(
    all['genesys.hosts']?.says ?? '',
    /Tokenise Card goes to https:\/\/card\.example\.com\.evil\.test$/,
  );
  assert.match(all['genesys.secure']?.says ?? '', /not marked secure: Tokenline Tokenise Card$/);
});

test('permissions of the client’s roles are compared with what deploying wants', async () => {
  double.settings.policies = [
    { domain: 'architect', entityName: '*', actions: ['*'] },
    { domain: 'routing', entityName: 'queue', actions: ['view', 'add', 'edit', 'delete'] },
  ];
  const { 'genesys.permissions': finding } = await found();
  assert.equal(finding?.state, 'fail');
  assert.match(finding.says, /integrations:action:view.*routing:skill:create/);
  assert.doesNotMatch(finding.says, /architect:|routing:queue:/);
});

test('what this client may not see is to be looked at by a person', async () => {
  double.permissions = new Set(['integrations:action:view', 'architect:flow:view']);
  const all = await found();
  for (const check of ['trunks', 'execution_data', 'queue']) {
    assert.match(all[`genesys.${check}`]?.todo ?? '', /^Look yourself: /, check);
  }
  assert.equal(all['genesys.secure']?.state, 'ok');
});

test('a wrong secret, and an organisation that cannot be reached, are told apart', async () => {
  const wrong = await found({ TOKENLINE_GENESYS_CLIENT_SECRET: 'quite-wrong-secret' });
  assert.match(wrong['genesys']?.says ?? '', /401 invalid_client/);
  assert.doesNotMatch(JSON.stringify(wrong), /quite-wrong-secret/);
  const away = await found({ TOKENLINE_GENESYS_LOGIN_URL: 'http://127.0.0.1:1' });
  assert.equal(away['genesys']?.state, 'fail');
  assert.match(away['genesys'].says, /no answer/);
});

test('half a section is told with what is missing, and none is nothing to look at', async () => {
  const half = await found({ TOKENLINE_GENESYS_CLIENT_SECRET: '' });
  assert.match(half['genesys']?.says ?? '', /genesys\.client_secret/);
  const none = await found({
    TOKENLINE_GENESYS_CLIENT_ID: '',
    TOKENLINE_GENESYS_CLIENT_SECRET: '',
  });
  assert.equal(none['genesys']?.state, 'ok');
  assert.match(none['genesys'].says, /no organisation is configured/);
});

test('what apply has made with a prefix is found under it, whatever number a data action has', async () => {
  const world = await startWorld();
  const keys = { prefix: 'test', tokenizer_url: 'https://card.example.com' };
  await world.apply(wantedWith(keys));
  const { org } = world.double;
  const action = [...org.actions.values()].find(({ name }) => name?.endsWith('Tokenise Card'));
  assert.ok(action?.config?.request);
  action.name = 'test_Tokenline Tokenise Card 2';
  const { origin } = world.double;
  const all = await found({
    TOKENLINE_GENESYS_API_URL: origin,
    TOKENLINE_GENESYS_LOGIN_URL: origin,
    TOKENLINE_GENESYS_PREFIX: 'test',
  });
  for (const check of ['flows', 'actions', 'secure', 'hosts', 'timeouts']) {
    assert.equal(all[`genesys.${check}`]?.state, 'ok', all[`genesys.${check}`]?.says);
  }
  assert.match(all['genesys.queue']?.says ?? '', /^it has no members$/);
  action.secure = false;
  const again = await found({
    TOKENLINE_GENESYS_API_URL: origin,
    TOKENLINE_GENESYS_LOGIN_URL: origin,
    TOKENLINE_GENESYS_PREFIX: 'test',
  });
  await world.close();
  assert.match(again['genesys.secure']?.says ?? '', /test_Tokenline Tokenise Card 2$/);
});
