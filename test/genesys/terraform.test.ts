import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isList, recordOf, wordOf, type Value } from '../doubles/terraform/msgpack.ts';
import { startStandIn, type Made, type StandIn } from '../doubles/terraform/stand-in.ts';
import { startWorld } from './world.ts';

// A real Terraform reads, plans and applies the module. Behind it is no Genesys Cloud but a stand-in
// that knows the arguments in the provider's documents: see its own words.
const absent = spawnSync('terraform', ['version']).error !== undefined;
const skip = absent ? 'terraform is not installed; the module is only read by it' : false;

const GENESYS = fileURLToPath(new URL('../../genesys', import.meta.url));
const SECRET = 'not-a-secret-but-long-enough';
const directory = mkdtempSync(join(tmpdir(), 'tokenline-terraform-'));
const own = join(directory, 'genesys');
const example = join(own, 'terraform', 'examples', 'organisation');
let standIn: StandIn;

before(async () => {
  standIn = await startStandIn(directory);
  cpSync(GENESYS, own, { recursive: true });
});
after(async () => {
  await standIn.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Said {
  readonly code: number;
  readonly text: string;
}

function terraform(folder: string, ...args: readonly string[]): Promise<Said> {
  const env = {
    ...process.env,
    ...standIn.environment,
    TF_VAR_client_secret: SECRET,
    TF_CLI_CONFIG_FILE: '/dev/null',
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  return new Promise((resolve) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(
      'terraform',
      [`-chdir=${folder}`, ...args],
      options,
      (_error, out, err) => {
        resolve({ code: child.exitCode ?? 1, text: `${out}${err}` });
      },
    );
  });
}

async function passes(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, text } = await terraform(folder, ...args, '-no-color');
  assert.equal(code, 0, text);
  return text;
}

const of = (type: string): readonly Made[] =>
  standIn.made.filter((one) => one.type === `genesyscloud_${type}`);

function only(type: string): Made['values'] {
  const [one, ...others] = of(type);
  assert.ok(one && others.length === 0, `one ${type}`);
  return one.values;
}

const listOf = (value: Value | undefined): readonly Value[] =>
  value !== undefined && value !== null && isList(value) ? value : [];

/** What a block of which there is at most one says. */
function blockOf(values: Made['values'], name: string): Readonly<Record<string, Value>> {
  const [block, ...others] = listOf(values[name]);
  assert.ok(block !== undefined && others.length === 0, name);
  return recordOf(block);
}

interface DataAction {
  readonly name: string;
  readonly secure: boolean;
  readonly config: {
    readonly timeoutSeconds: number;
    readonly request: Record<'requestUrlTemplate' | 'requestType' | 'requestTemplate', string> & {
      readonly headers: Readonly<Record<string, string>>;
    };
    readonly response: {
      readonly translationMap: Readonly<Record<string, string>>;
      readonly translationMapDefaults: Readonly<Record<string, string>>;
      readonly successTemplate: string;
    };
  };
  readonly contract: {
    readonly input: { readonly inputSchema: unknown };
    readonly output: { readonly successSchema: unknown };
  };
}

const folderOf = (name: string): string[] => readdirSync(join(GENESYS, name)).sort();

function dataAction(file: string): DataAction {
  return JSON.parse(readFileSync(join(GENESYS, 'data-actions', file), 'utf8')) as DataAction;
}

const FLOW_NEEDS = [
  'integration_action.tokenline',
  'architect_user_prompt.tokenline',
  'routing_queue.support',
  'routing_skill.support',
] as const;

describe('genesys/terraform, read and applied by a real Terraform', { skip }, () => {
  before(async () => {
    await passes(example, 'init');
    await passes(example, 'apply', '-auto-approve');
  });

  test('it is well formed, and valid by the provider’s documented arguments', async () => {
    await passes(join(GENESYS, 'terraform'), 'fmt', '-check', '-recursive', '-diff');
    await passes(example, 'validate');
  });

  test('every data action is as its file has it, with the hosts filled in', () => {
    const files = folderOf('data-actions').filter((name) => name.endsWith('.custom.json'));
    assert.ok(files.length > 10);
    const byName = new Map(of('integration_action').map(({ values }) => [values['name'], values]));
    assert.equal(byName.size, files.length);
    for (const file of files) {
      const { name, secure, config, contract } = dataAction(file);
      const values = byName.get(name);
      assert.ok(values, name);
      assert.equal(values['category'], 'Tokenline');
      assert.equal(values['secure'], secure, name);
      assert.equal(values['config_timeout_seconds'], config.timeoutSeconds, name);
      const { request, response } = config;
      assert.deepEqual(blockOf(values, 'config_request'), {
        request_url_template: request.requestUrlTemplate
          .replace('{{TOKENLINE_BRIDGE_URL}}', 'https://pay.example.com')
          .replace('{{TOKENLINE_TOKENIZER_URL}}', 'https://card.example.com'),
        request_type: request.requestType,
        request_template: request.requestTemplate,
        headers: request.headers,
      });
      assert.deepEqual(blockOf(values, 'config_response'), {
        translation_map: response.translationMap,
        translation_map_defaults: response.translationMapDefaults,
        success_template: response.successTemplate,
      });
      assert.deepEqual(JSON.parse(wordOf(values['contract_input'])), contract.input.inputSchema);
      assert.deepEqual(
        JSON.parse(wordOf(values['contract_output'])),
        contract.output.successSchema,
      );
      assert.doesNotMatch(
        JSON.stringify(values),
        /\{\{|\$\$\{/,
        `${name} has nothing left to fill in`,
      );
    }
    const secured = [...byName.values()].filter(({ secure }) => secure === true);
    assert.deepEqual(
      secured.map(({ name }) => name),
      ['Tokenline Tokenise Card'],
    );
  });

  test('the integration is on, and gets its token with the client’s secret', () => {
    const credential = only('integration_credential');
    assert.equal(credential['credential_type_name'], 'userDefinedOAuth');
    assert.deepEqual(credential['fields'], {
      clientId: 'genesys',
      clientSecret: SECRET,
      loginUrl: 'https://pay.example.com/oauth/token',
    });
    const integration = only('integration');
    assert.equal(integration['integration_type'], 'custom-rest-actions');
    assert.equal(integration['intended_state'], 'ENABLED');
    const { name, credentials } = blockOf(integration, 'config');
    assert.equal(name, 'Tokenline');
    assert.deepEqual(credentials, { basicAuth: credential['id'] });
    const login = only('integration_custom_auth_action');
    const file = dataAction('tokenline-access-token.custom-auth.json');
    assert.equal(login['integration_id'], integration['id']);
    assert.equal(
      blockOf(login, 'config_request')['request_template'],
      file.config.request.requestTemplate,
    );
    assert.deepEqual(blockOf(login, 'config_request')['headers'], file.config.request.headers);
    assert.deepEqual(
      blockOf(login, 'config_response')['translation_map'],
      file.config.response.translationMap,
    );
  });

  test('every sentence that a flow plays by name is a prompt in every language', () => {
    const prompts = new Map(
      of('architect_user_prompt').map(({ values }) => [
        wordOf(values['name']),
        listOf(values['resources']),
      ]),
    );
    for (const file of folderOf('prompts')) {
      const language = file.replace('.yaml', '');
      const { flow } = parse(readFileSync(join(GENESYS, 'prompts', file), 'utf8')) as {
        flow: Readonly<Record<string, string>>;
      };
      for (const [key, sentence] of Object.entries(flow)) {
        const resource = {
          language,
          text: sentence,
          tts_string: sentence,
          filename: null,
          file_content_hash: null,
        };
        assert.deepEqual(
          prompts.get(`tokenline_${key}`)?.find((one) => recordOf(one)['language'] === language),
          resource,
        );
      }
    }
    for (const file of folderOf('flows')) {
      const flow = readFileSync(join(GENESYS, 'flows', file), 'utf8');
      const played = [...flow.matchAll(/Prompt\.(\w+)/g)].map(([, name = '']) => name);
      assert.ok(played.length > 0);
      for (const name of played) assert.ok(prompts.has(name), `${file} plays ${name}`);
    }
  });

  test('queue and skills have the names that the flows transfer to', () => {
    const named = (type: string): Set<string> =>
      new Set(of(type).map(({ values }) => wordOf(values['name'])));
    const flow = readFileSync(join(GENESYS, 'flows', 'recurring-payments.yaml'), 'utf8');
    const queue = named('routing_queue');
    const skills = named('routing_skill');
    assert.deepEqual(queue, new Set(['Payment_Support_Group']));
    assert.deepEqual(skills, new Set(['Payment_Support_English', 'Payment_Support_Spanish']));
    for (const name of [...queue, ...skills]) assert.ok(flow.includes(`name: ${name}\n`), name);
    const route = only('architect_ivr');
    const inbound = of('flow').find(({ values }) =>
      wordOf(values['filepath']).endsWith('recurring-payments.yaml'),
    );
    assert.deepEqual(route['dnis'], ['+13175550000']);
    assert.equal(route['open_hours_flow_id'], inbound?.values['id']);
  });

  test('every flow is published, and waits for all that it names', async () => {
    const files = of('flow').map(({ values }) => wordOf(values['filepath']).split('/').at(-1));
    assert.deepEqual(new Set(files), new Set(folderOf('flows')));
    const graph = await passes(example, 'graph');
    const needs = [...graph.matchAll(/"module\.tokenline\.(\S+)" -> "module\.tokenline\.(\S+)"/g)];
    const reached = (from: string): readonly string[] => [
      from,
      ...needs.filter(([, one]) => one === from).flatMap(([, , to = '']) => reached(to)),
    ];
    const waitsFor: Readonly<Record<string, readonly string[]>> = {
      'integration.tokenline': ['integration_credential.tokenline'],
      'integration_action.tokenline': ['integration_custom_auth_action.access_token'],
      'flow.card_capture': FLOW_NEEDS,
      'flow.card_capture_agent': FLOW_NEEDS,
      'flow.recurring_payments': [...FLOW_NEEDS, 'flow.card_capture'],
      'architect_ivr.recurring_payments': ['flow.recurring_payments'],
    };
    for (const [later, earlier] of Object.entries(waitsFor)) {
      const all = reached(`genesyscloud_${later}`);
      for (const one of earlier) {
        assert.ok(all.includes(`genesyscloud_${one}`), `${later} waits for ${one}`);
      }
    }
  });

  test('it makes what apply makes', async () => {
    const world = await startWorld();
    await world.apply();
    const { org } = world.double;
    await world.close();
    const names = (kept: ReadonlyMap<string, { readonly name?: string }>): Set<string> =>
      new Set([...kept.values()].map(({ name = '' }) => name));
    const made = (type: string): Set<string> =>
      new Set(of(type).map(({ values }) => wordOf(values['name'])));
    const actions = new Set([...made('integration_action'), 'Tokenline Access Token']);
    assert.deepEqual(actions, names(org.actions));
    for (const { secure, category, name = '' } of org.actions.values()) {
      const one = of('integration_action').find(({ values }) => values['name'] === name)?.values;
      if (one === undefined) continue;
      assert.deepEqual([one['secure'], one['category']], [secure, category], name);
    }
    assert.deepEqual(made('architect_user_prompt'), names(org.prompts));
    assert.deepEqual(made('routing_skill'), names(org.skills));
    assert.deepEqual(made('routing_queue'), names(org.queues));
    assert.deepEqual(made('architect_ivr'), names(org.callRoutes));
    const [queue] = org.queues.values();
    assert.equal(only('routing_queue')['skill_evaluation_method'], queue?.skillEvaluationMethod);
    assert.equal(of('flow').length, org.flows.size);
    for (const { description = '' } of [...org.queues.values(), ...org.callRoutes.values()]) {
      const said = standIn.made.map(({ values }) => wordOf(values['description']));
      assert.ok(
        said.some((one) => one !== '' && description.startsWith(`${one} Managed by`)),
        description,
      );
    }
  });

  test('a second time it changes nothing, and a changed sentence changes one prompt', async () => {
    await passes(example, 'plan', '-detailed-exitcode');
    const file = join(own, 'prompts', 'en-us.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('greeting: Hello.', 'greeting: Good day.'));
    const plan = await passes(example, 'plan');
    writeFileSync(file, text);
    assert.match(plan, /Plan: 0 to add, 1 to change, 0 to destroy/);
    assert.match(plan, /tokenline\["greeting"\] will be updated/);
  });

  test('the secret is shown by no plan, but is in the state', async () => {
    const text = await passes(example, 'plan', '-destroy');
    assert.doesNotMatch(text, new RegExp(SECRET));
    const state = readFileSync(join(example, 'terraform.tfstate'), 'utf8');
    assert.match(state, new RegExp(SECRET));
    const readme = readFileSync(join(GENESYS, 'terraform', 'README.md'), 'utf8');
    assert.match(readme, /secret is in Terraform’s state, in plain text/);
  });
});

describe('what genesys/terraform refuses', { skip }, () => {
  /** The example with something else in it, planned. */
  async function plan(change: (main: string) => string, file = join(example, 'main.tf')) {
    const text = readFileSync(file, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text, 'it was changed');
    writeFileSync(file, changed);
    try {
      return await terraform(example, 'plan', '-no-color');
    } finally {
      writeFileSync(file, text);
    }
  }

  before(() => passes(example, 'init'));

  const CASES: readonly (readonly [what: string, from: string, to: string, says: RegExp])[] = [
    ['http', 'https://pay.', 'http://pay.', /Give an https origin/],
    ['a path', 'card.example.com', 'card.example.com/v1', /Give an https origin/],
    ['a number that is not E.164', '+13175550000', '317-555-0000', /in E\.164/],
    ['a secret of a few characters', 'var.client_secret', '"short"', /at least 16 characters/],
  ];
  for (const [what, from, to, says] of CASES) {
    test(`refused with a sentence: ${what}`, async () => {
      const { code, text } = await plan((main) => main.replace(from, to));
      assert.equal(code, 1);
      assert.match(text, says);
    });
  }

  test('without numbers there is no call route', async () => {
    const { code, text } = await plan((main) => main.replace('["+13175550000"]', '[]'));
    assert.equal(code, 0, text);
    assert.match(text, /architect_ivr\.recurring_payments\[0\] will be destroyed/);
  });

  // The stand-in is as strict as the provider's documents: otherwise what passed would say nothing.
  const SLIPS: readonly (readonly [file: string, from: string, to: string, says: RegExp])[] = [
    ['integration.tf', '"ENABLED"', '"ON"', /it may be ENABLED, DISABLED/],
    ['integration.tf', 'config_timeout_seconds', 'timeout_seconds', /Unsupported argument/],
    ['integration.tf', 'each.value.config.timeoutSeconds', '61', /not from 1 to 60/],
    ['flows.tf', 'filepath            =', 'file                =', /"filepath" is required/],
    ['flows.tf', 'routing_queue.support.id', 'routing_queue.missing.id', /undeclared resource/],
  ];
  for (const [file, from, to, says] of SLIPS) {
    test(`a slip in ${file} is found: ${to.trim()}`, async () => {
      const { code, text } = await plan(
        (source) => source.replace(from, to),
        join(own, 'terraform', file),
      );
      assert.equal(code, 1, text);
      assert.match(text, says);
    });
  }
});
