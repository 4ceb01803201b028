import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { genesysChecks } from '../../src/cli/doctor-genesys.ts';
import { genesysApply, genesysPlan } from '../../src/cli/genesys/deploy.ts';
import { genesysDestroy } from '../../src/cli/genesys/destroy.ts';
import { genesysExport } from '../../src/cli/genesys/export.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { loadConfig } from '../../src/system/config.ts';
import { asExported } from '../architect/compare/exported.ts';
import {
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';
import { fileWith } from '../system/config-text.ts';
import { BRIDGE_OWN, DIRECT_KEY, REST, REST_FILE, STRIPE_FILE } from './direct-world.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-direct-export-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let double: GenesysDouble;
const lines: string[] = [];

beforeEach(async () => {
  double = await startGenesysDouble();
  double.mood.polls = 0;
  double.mood.exportPolls = 0;
  lines.splice(0);
});
afterEach(async () => {
  await double.close();
  assert.deepEqual(double.problems, []);
  const secrets = [DIRECT_KEY, REST.apiKey, REST.clientSecret, ...BRIDGE_OWN, CLIENT_SECRET];
  for (const secret of secrets) assert.ok(!lines.join('\n').includes(secret), secret);
});

const env = (): Record<string, string> => ({
  TOKENLINE_GENESYS_API_URL: double.origin,
  TOKENLINE_GENESYS_LOGIN_URL: double.origin,
  TOKENLINE_GENESYS_CLIENT_SECRET: CLIENT_SECRET,
});

/** The command without its process; what it writes is in `lines`. */
function means() {
  const write = (line: string) => void lines.push(line);
  const terminal = { ...openTerminal('1'), out: write, note: write, progress: () => {} };
  return { clock: systemClock, env: env(), terminal };
}

for (const [gateway, text] of [
  ['Stripe', STRIPE_FILE],
  ['REST', REST_FILE],
] as const) {
  test(`plan, apply, export, doctor and destroy with ${gateway}, as an operator calls them`, async () => {
    const file = fileWith(text);
    assert.equal(await genesysPlan(means(), file, {}), 0);
    assert.match(lines.join('\n'), /^\+ integration {12}Tokenline Gateway$/m);
    assert.deepEqual(double.writes(), []);
    assert.equal(await genesysApply(means(), file, {}), 0);
    assert.equal(await genesysPlan(means(), file, { json: true }), 0);

    for (const [id, flow] of double.org.flowTexts) double.org.flowTexts.set(id, asExported(flow));
    const out = join(directory, gateway);
    assert.equal(await genesysExport(means(), file, { out }), 0, lines.join('\n'));

    const config = loadConfig(file, env());
    const found = async (): Promise<Record<string, string>> => {
      const all = await genesysChecks(config, systemClock);
      return Object.fromEntries(all.map(({ check, state, says }) => [check, `${state} ${says}`]));
    };
    const right = await found();
    assert.match(right['genesys.actions'] ?? '', /^ok \d+ are there/);
    assert.match(right['genesys.secure'] ?? '', /^ok marked secure: Tokenline Send Card$/);
    assert.match(
      right['genesys.hosts'] ?? '',
      /^ok \d+ go to genesys\.bridge_url or gateway\.url$/,
    );
    assert.match(right['genesys.timeouts'] ?? '', /^ok /);
    const send = [...double.org.actions.values()].find(({ name }) => name?.endsWith('Send Card'));
    assert.ok(send?.config?.request);
    send.config.request.requestUrlTemplate = 'https://elsewhere.example/v1/tokens';
    send.secure = false;
    const wrong = await found();
    assert.match(wrong['genesys.secure'] ?? '', /^fail not marked secure: Tokenline Send Card$/);
    assert.match(wrong['genesys.hosts'] ?? '', /^fail Tokenline Send Card goes to .*elsewhere/);

    assert.equal(await genesysDestroy(means(), file, { yes: true }, () => Promise.resolve('')), 0);
    assert.equal(double.org.integrations.size + double.org.credentials.size, 0);
  });
}

test('a secret that Genesys repeats in a refusal is not shown', async () => {
  const message = `Not a field: ${REST.clientSecret}, ${REST.apiKey}.`;
  const at = 'POST /api/v2/integrations/credentials';
  double.script({ at, after: 1, does: { kind: 'refuse', status: 400, message } });
  assert.equal(await genesysApply(means(), fileWith(REST_FILE), {}), 1);
  assert.match(lines.join('\n'), /Tokenline Gateway access.*Not a field: …, …\./);
});
