import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { genesysExport, type ExportFlags } from '../../src/cli/genesys/export.ts';
import { openTerminal } from '../../src/cli/terminal.ts';
import { exportFlows } from '../../src/genesys/export.ts';
import { openPlatform } from '../../src/genesys/platform.ts';
import { systemClock } from '../../src/system/clock.ts';
import { asExported } from '../architect/compare/exported.ts';
import { tokenline } from '../cli/command.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startGenesysDouble,
  type GenesysDouble,
} from '../doubles/genesys/double.ts';
import { HastyClock, patientWeb } from './hasty-clock.ts';
import { withActions } from './small.ts';
import { startWorld, wantedWith, type World } from './world.ts';

const FLOWS = new URL('../../genesys/flows/', import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'tokenline-export-'));
let double: GenesysDouble;

before(async () => {
  double = await startGenesysDouble();
});
after(async () => {
  await double.close();
  rmSync(directory, { recursive: true, force: true });
  assert.deepEqual(double.problems, []);
});

const OWN = new Map(
  readdirSync(FLOWS).map((file) => {
    const text = readFileSync(new URL(file, FLOWS), 'utf8');
    return [file, { text, exported: asExported(text) }] as const;
  }),
);

/** The three flows, published from `change` of what Genesys could give back of them. */
function publish(change: (text: string, file: string) => string = (text) => text): void {
  const { flows, flowTexts } = double.org;
  flows.clear();
  for (const file of readdirSync(FLOWS)) {
    const { text, exported } = OWN.get(file) ?? { text: '', exported: '' };
    const name = /^ {2}name: (.*)$/m.exec(text)?.[1] ?? '';
    const type = file === 'recurring-payments.yaml' ? 'INBOUNDCALL' : 'SECURECALL';
    const publishedVersion = { id: '3.0' };
    flows.set(file, { id: file, name, type, active: true, deleted: false, publishedVersion });
    flowTexts.set(file, change(exported, file));
  }
}

beforeEach(() => publish());

const env = (): Record<string, string> => ({
  NO_COLOR: '1',
  TOKENLINE_GENESYS_API_URL: double.origin,
  TOKENLINE_GENESYS_LOGIN_URL: double.origin,
  TOKENLINE_GENESYS_CLIENT_ID: CLIENT_ID,
  TOKENLINE_GENESYS_CLIENT_SECRET: CLIENT_SECRET,
});

const out = join(directory, 'exported');

/** The command without its process: what it writes, and its exit code. */
async function run(flags: Partial<ExportFlags> = {}, variables = env()) {
  const lines: string[] = [];
  const terminal = {
    ...openTerminal('1'),
    out: (line: string) => void lines.push(line),
  };
  const means = { clock: systemClock, env: variables, terminal };
  const code = await genesysExport(means, null, { out, ...flags });
  return { code, text: lines.join('\n') };
}

test('flows that came back as they were deployed confirm every spelling', async () => {
  const {
    code,
    out: text,
    err,
  } = await tokenline(['genesys', 'export', '--out', out], env()).ended;
  assert.equal(code, 0, text + err);
  assert.equal(text.match(/nothing differs that matters/g)?.length, 3);
  assert.equal(text.match(/^ {2}confirmed /gm)?.length, 7, text);
  assert.doesNotMatch(text, /^ {2}(different|open) /m);
  assert.match(text, /What is deployed is what is here/);
  assert.deepEqual(readdirSync(out), readdirSync(FLOWS));
  const written = readFileSync(join(out, 'card-capture.yaml'), 'utf8');
  assert.equal(written, double.org.flowTexts.get('card-capture.yaml'));
  assert.deepEqual(
    double.writes().filter((route) => !route.includes('export/jobs')),
    [],
  );
});

test('a sentence that somebody changed in Architect is told with its line', async () => {
  publish((text) => text.replace('Prompt.tokenline_ask_expiry', 'Prompt.mine'));
  const { code, text } = await run();
  assert.equal(code, 1);
  const told =
    /inputAudio\.prompt: another value {2}(.*):(\d+)\n +deployed {2}(.*)\n +exported {2}(.*)\n/;
  const [, file = '', line = '', ours, theirs] = told.exec(text) ?? [];
  assert.deepEqual([ours, theirs], ['Prompt.tokenline_ask_expiry', 'Prompt.mine'], text);
  assert.match(readFileSync(file, 'utf8').split('\n')[Number(line) - 1] ?? '', /Prompt\.mine/);
  assert.match(text, /What is deployed is not what is here/);
});

test('a variable that Genesys did not take for secure forbids calls', async () => {
  publish((text) => text.replaceAll(/^ +isSecure: true\n/gm, ''));
  const { code, text } = await run();
  assert.equal(code, 1);
  assert.match(text, /different {2}isSecure .*nothing in its place: Genesys has not understood it/);
  assert.match(text, /Take no calls with these flows: Genesys writes isSecure in another way/);
});

test('a flow that is missing or was never published is told', async () => {
  double.org.flows.delete('card-capture-agent.yaml');
  const flow = double.org.flows.get('card-capture.yaml');
  assert.ok(flow);
  delete flow.publishedVersion;
  const { code, text } = await run();
  assert.equal(code, 1);
  assert.match(text, /Capture Agent\n +there is no flow of this name; run tokenline genesys apply/);
  assert.match(text, /Card Capture\n +it has never been published/);
  assert.match(text, /open {7}returnToAgent .* is not in this export/);
  assert.match(text, /confirmed {2}jumpToTask .*, and in \d+ more/);
});

test('as JSON it has every difference, and --all lists those without meaning', async () => {
  const json = JSON.parse((await run({ json: true })).text) as {
    flows: { comparison: { rewritten: object[] } }[];
    spellings: { spelling: string; verdict: string }[];
  };
  assert.equal(json.flows.length, 3);
  assert.ok(json.flows.every(({ comparison }) => comparison.rewritten.length > 10));
  assert.ok(json.spellings.every(({ verdict }) => verdict === 'confirmed'));
  assert.match((await run({ all: true })).text, /settingsUserInput: only in the export/);
});

test('a folder of exports is compared without asking anybody', async () => {
  const seen = double.seen.length;
  const folder = mkdtempSync(join(directory, 'by-hand-'));
  for (const [file, text] of double.org.flowTexts) writeFileSync(join(folder, file), text);
  const from = () => run({ from: folder }, {});
  assert.equal((await from()).code, 0);
  rmSync(join(folder, 'card-capture.yaml'));
  const { code, text } = await from();
  assert.equal(code, 1);
  assert.match(text, /there is no .*card-capture\.yaml/);
  assert.equal(double.seen.length, seen);
});

test('a permission that is missing is named, and the exit code is 1', async () => {
  double.permissions = new Set(['architect:flow:view']);
  const { code, err } = await tokenline(['genesys', 'export', '--out', out], env()).ended;
  double.permissions = null;
  assert.equal(code, 1);
  assert.match(err, /architect:jobExport:create/);
});

describe('an export job', () => {
  const wanted = [{ name: 'Tokenline Card Capture', type: 'secureCall' }];

  async function exported(): Promise<{ result: unknown; waitsMs: readonly number[] }> {
    const clock = new HastyClock();
    const access = { loginUrl: double.origin, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const platform = openPlatform(
      { apiUrl: double.origin, secrets: [], ...access },
      clock,
      patientWeb(),
    );
    try {
      const [result] = await exportFlows(platform, wanted, clock);
      return { result, waitsMs: clock.waitsMs };
    } finally {
      await platform.close();
    }
  }

  test('is asked again until it is done', async () => {
    double.mood.exportPolls = 3;
    const { result, waitsMs } = await exported();
    double.mood.exportPolls = 0;
    assert.equal((result as { kind: string }).kind, 'exported');
    assert.equal(waitsMs.filter((ms) => ms === 2000).length, 3);
  });

  test('that stands still is given up after five minutes', async () => {
    double.mood.exportPolls = 1000;
    const { result, waitsMs } = await exported();
    double.mood.exportPolls = 0;
    const messages = ['the job is not done after 5 minutes'];
    assert.deepEqual(result, { kind: 'failed', messages });
    assert.equal(waitsMs.filter((ms) => ms === 2000).length, 150);
  });

  test('that fails says why in Genesys’ words', async () => {
    double.mood.exportFailure = 'The flow is too large.';
    const { result } = await exported();
    double.mood.exportFailure = null;
    assert.deepEqual(result, { kind: 'failed', messages: ['The flow is too large.'] });
  });

  test('asks for the version that is published, and not for what is being edited', async () => {
    await exported();
    assert.deepEqual(double.mood.exportedVersions.at(-1), '3.0');
  });
});

describe('what apply has published', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.close());

  /** Exports it as Genesys could give it back. */
  async function compared(keys: Readonly<Record<string, string>>) {
    const { flowTexts } = world.double.org;
    for (const [id, text] of flowTexts) flowTexts.set(id, asExported(text));
    const { origin } = world.double;
    const more: Record<string, string> = {};
    for (const [key, value] of Object.entries(keys)) {
      more[`TOKENLINE_GENESYS_${key.toUpperCase()}`] = value;
    }
    const reached = { TOKENLINE_GENESYS_API_URL: origin, TOKENLINE_GENESYS_LOGIN_URL: origin };
    return run({}, { ...env(), ...reached, ...more });
  }

  test('has no difference, with a prefix, a queue of another name and a mark in descriptions', async () => {
    const keys = { prefix: 'test', queue: 'Card_Help' };
    await world.apply(wantedWith(keys));
    const { code, text } = await compared(keys);
    assert.equal(code, 0, text);
    assert.match(text, /test_Tokenline Card Capture/);
    assert.match([...world.double.org.flowTexts.values()].join(), /test_Card_Help/);
  });

  test('has no difference where a data action has another name of its family', async () => {
    const wanted = wantedWith();
    await world.apply(wanted);
    const first = wanted.integrations[0]?.actions[0];
    assert.ok(first);
    const inputSchema = { ...first.contract.input.inputSchema, required: [] };
    const contract = { ...first.contract, input: { inputSchema } };
    await world.apply(withActions(wanted, ([, ...others]) => [{ ...first, contract }, ...others]));
    const { code, text } = await compared({});
    assert.equal(code, 0, text);
    assert.match([...world.double.org.flowTexts.values()].join(), new RegExp(`${first.name} 2`));
  });
});
