import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { banner, rolesIn } from '../../src/cli/banner.ts';
import { diagnose } from '../../src/cli/doctor.ts';
import { openPaint } from '../../src/cli/paint.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { loadConfig } from '../../src/system/config.ts';
import { tokenline } from './command.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-capture-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const FREE = {
  TOKENLINE_BRIDGE_PORT: '0',
  TOKENLINE_SANDBOX_PORT: '0',
  TOKENLINE_LINE_PORT: '0',
};
const DIRECT = { ...FREE, TOKENLINE_CAPTURE: 'direct', TOKENLINE_DATA: join(directory, 'data') };

const PLACES = {
  bridgePort: 1,
  tokenizerPort: 2,
  sandboxPort: 3,
  linePort: 4,
  credential: 'none',
  version: '0',
};

test('where no card comes to Tokenline, no card process is started', () => {
  assert.deepEqual(rolesIn({ mode: 'live', capture: 'bridge' }), ['bridge', 'tokenizer']);
  assert.deepEqual(rolesIn({ mode: 'live', capture: 'direct' }), ['bridge']);
  assert.deepEqual(rolesIn({ mode: 'sandbox', capture: 'direct' }), ['sandbox', 'bridge', 'line']);
});

test('the banner says where cards go', () => {
  const shown = (env: Record<string, string>): string => {
    const config = loadConfig(null, env);
    return banner(config, PLACES, rolesIn(config), openPaint({}, '1')).join('\n');
  };
  assert.match(shown({}), /cards +through the tokenizer \(capture: bridge\)/);
  const direct = shown(DIRECT);
  assert.match(direct, /cards +from the flow to the gateway; .* \(capture: direct\)/);
  assert.doesNotMatch(direct, /tokenizer|enrol\.sh/);
  assert.match(direct, /Call it:/);
});

test('the doctor looks for no tokenizer there', async () => {
  const means = { clock: systemClock, env: DIRECT, terminal: openTerminal('1') };
  const found = await diagnose(means, null);
  const checks = found.map(({ check }) => check);
  assert.deepEqual(
    checks.filter((check) => check.includes('tokenizer')),
    [],
  );
  assert.match(found.find(({ check }) => check === 'config')?.says ?? '', /capture: direct/);
});

test('asking for the tokenizer alone is refused, with the reason', async () => {
  const { code, err } = await tokenline(['serve', '--role', 'tokenizer'], DIRECT).ended;
  assert.equal(code, 2);
  assert.match(err, /--role tokenizer: with capture: direct no card comes here/);
});
