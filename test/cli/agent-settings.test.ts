import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentSettings } from '../../src/cli/agent-settings.ts';
import type { Places } from '../../src/cli/places.ts';
import { ConfigError, loadConfig, type Config } from '../../src/system/config.ts';

const PLACES: Places = {
  bridgePort: 1,
  tokenizerPort: 2,
  sandboxPort: 3,
  linePort: 4,
  credential: 'a credential for tests',
  version: '1.2.3',
};

/** A configuration of live mode with `genesys` as it is given. */
function live(genesys: Readonly<Record<string, unknown>>, publicUrl: string | null): Config {
  const folder = mkdtempSync(join(tmpdir(), 'tokenline-agent-settings-'));
  const secret = 'a secret that is long enough';
  const file = join(folder, 'tokenline.json');
  const config = {
    mode: 'live',
    merchant: { name: 'Acme', support_phone: '+1 317 555 0100', time_zone: 'UTC' },
    clients: [{ id: 'flows', secret, scopes: ['calls', 'cards'] }],
    gateway: { name: 'rest', url: 'https://pay.example.com', api_key: secret },
    billing: { url: 'https://bill.example.com', secret: `whsec_${'a'.repeat(32)}` },
    plans: loadConfig(null, {}).plans.map(({ id, name, price, interval, trialDays }) => ({
      id,
      name,
      price: { amount_minor: price.amountMinor, currency: price.currency },
      interval,
      trial_days: trialDays,
    })),
    sign_in: { public_url: publicUrl },
    genesys,
  };
  writeFileSync(file, JSON.stringify(config));
  try {
    return loadConfig(file, {});
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const AGENT = { region: 'eu-central-1', agent_client_id: 'a-client', agent_flow_id: 'a-flow' };

test('the page is framed by the desktop of its region, and by who is named, and nobody else', () => {
  const framed = { ...AGENT, agent_framed_by: ['https://crm.example.com'] };
  const settings = agentSettings(live(framed, 'https://ivr.example.com/'), PLACES);
  assert.deepEqual(settings?.page.framedBy, [
    'https://apps.mypurecloud.de',
    'https://crm.example.com',
  ]);
  assert.deepEqual(settings.line, {
    loginUrl: 'https://login.mypurecloud.de',
    apiUrl: 'https://api.mypurecloud.de',
    clientId: 'a-client',
    flowId: 'a-flow',
    redirectUri: 'https://ivr.example.com/agent/signed-in',
  });
});

test('without a client at Genesys there is no page, and in the sandbox there always is one', () => {
  assert.equal(agentSettings(live({ region: 'eu-central-1' }, null), PLACES), null);
  assert.equal(agentSettings(loadConfig(null, {}), PLACES)?.page.mode, 'sandbox');
});

test('what the page needs besides is asked for by its name', () => {
  const missing = (genesys: Readonly<Record<string, unknown>>, url: string | null): string => {
    try {
      live(genesys, url);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.join('\n');
      throw error;
    }
    return '';
  };
  const url = 'https://ivr.example.com';
  assert.match(missing({ ...AGENT, region: null }, url), /genesys\.region/);
  assert.match(missing({ ...AGENT, agent_flow_id: null }, url), /genesys\.agent_flow_id/);
  assert.match(missing(AGENT, null), /sign_in\.public_url/);
  const path = { ...AGENT, agent_framed_by: ['https://crm.example.com/path'] };
  assert.match(missing(path, url), /agent_framed_by/);
});
