import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { parse } from 'yaml';
import type { ActionFile } from '../../src/genesys/wanted.ts';
import { named } from './kept.ts';
import { smallWanted, withActions } from './small.ts';
import { contentsOf, dueOf, startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  assert.deepEqual(world.double.problems, []);
});

const first = <T>(kept: ReadonlyMap<string, T>): T => {
  const [value] = kept.values();
  assert.ok(value !== undefined);
  return value;
};

test('plan of an empty organisation says that everything is made, and changes nothing', async () => {
  const due = dueOf(await world.plan());
  for (const line of [
    'create credential Tokenline access, made by tokenline genesys',
    'create integration Tokenline',
    'create authentication action Tokenline Access Token',
    'create data action Tokenline Tokenise Card',
    'create skill Payment_Support_English',
    'create queue Payment_Support_Group',
    'create user prompt tokenline_greeting',
    'create flow Tokenline Card Capture',
    'create call route Tokenline Recurring Payments',
  ]) {
    assert.ok(due.includes(line), `${line} in\n${due.join('\n')}`);
  }
  assert.ok(due.every((line) => line.startsWith('create ')));
  assert.deepEqual(world.double.writes(), []);
});

test('the files that Tokenline comes with: everything is made, and a second apply sends no write', async () => {
  const steps = await world.apply();
  const { org } = world.double;
  assert.equal(org.flows.size, 3);
  assert.equal(steps.at(-1)?.at, steps.at(-1)?.of);
  const card = named(org.actions, 'Tokenline Tokenise Card');
  assert.equal(card.secure, true);
  assert.equal(card.config?.request?.requestUrlTemplate, 'https://cards.example.com/v1/tokens');
  const texts = named(org.prompts, 'tokenline_goodbye').resources ?? [];
  assert.deepEqual(
    texts.map(({ language, ttsString }) => [language, ttsString]),
    [
      ['en-us', 'Thank you. Goodbye.'],
      ['es-us', texts[1]?.ttsString],
    ],
  );
  const written = world.double.writes().length;
  assert.ok(written > 100, `${written} writes`);
  assert.deepEqual(await world.apply(), []);
  assert.equal(world.double.writes().length, written);
});

test('the credential has what the authentication action reads, and the integration is on', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  assert.deepEqual(first(org.credentialFields), {
    clientId: 'tokenline-sandbox',
    clientSecret: 'not-a-secret-sandbox',
    loginUrl: 'https://pay.example.com/oauth/token',
  });
  const integration = first(org.integrations);
  assert.equal(integration.intendedState, 'ENABLED');
  const { notes, credentials } = first(org.integrationConfigs);
  assert.match(notes, /\[tokenline [a-p]{16} 2026-[^\]]+\]$/);
  assert.doesNotMatch(notes, /not-a-secret/);
  assert.equal(credentials['basicAuth']?.id, first(org.credentials).id);
  const auth = org.actions.get(`customAuth_-_${integration.id}`);
  assert.equal(auth?.name, 'Tokenline Access Token');
  assert.equal(auth?.config?.request?.requestUrlTemplate, '${credentials.loginUrl}');
  assert.equal(auth?.config?.timeoutSeconds, undefined);
});

test('flows say in their descriptions what they were published from, and keep their lines', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  const flow = named(org.flows, 'Tokenline Recurring Payments');
  assert.match(
    flow.description ?? '',
    /^Sets up payments\. Managed by .* \[tokenline [a-p]{16}\]$/,
  );
  const [entry] = smallWanted().flows;
  const published = org.flowTexts.get(flow.id ?? '') ?? '';
  assert.equal(published.split('\n').length, entry?.text.split('\n').length);
  assert.equal((parse(published) as { inboundCall: object }).inboundCall !== undefined, true);
});

test('a second environment stands beside the first, and each keeps to its own', async () => {
  await world.apply(smallWanted());
  const test_ = smallWanted({
    prefix: 'test',
    queue: 'Cobros y pagos',
    phone_numbers: '+13175550101',
  });
  await world.apply(test_);
  const { org } = world.double;
  const flow = named(org.flows, 'test_Tokenline Recurring Payments');
  const text = org.flowTexts.get(flow.id ?? '') ?? '';
  for (const word of [
    'prompt: Prompt.test_tokenline_greeting',
    'test_Tokenline:',
    'test_Tokenline Subscribe:',
    'name: test_Tokenline Card Capture',
    'name: test_Cobros y pagos',
    'name: test_Payment_Support_English',
  ]) {
    assert.ok(text.includes(word), word);
  }
  assert.match(flow.description ?? '', /\[tokenline:test [a-p]{16}\]$/);
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
  assert.deepEqual(dueOf(await world.plan(test_)), []);
  const before = contentsOf(world.double);
  assert.deepEqual(await world.destroy(test_), []);
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
  assert.notDeepEqual(contentsOf(world.double), before);
});

/** The same action with one more input. */
const wider = (action: ActionFile): ActionFile => {
  const { input, output } = action.contract;
  const properties = { ...input.inputSchema.properties, coupon: { type: 'string' } };
  return {
    ...action,
    contract: { input: { inputSchema: { ...input.inputSchema, properties } }, output },
  };
};

test('another contract: a new action, the flows with it, and only then the old one goes', async () => {
  await world.apply(smallWanted());
  const { double } = world;
  const wanted = withActions(smallWanted(), (actions) =>
    actions.map((one) => (one.name === 'Tokenline Subscribe' ? wider(one) : one)),
  );
  assert.deepEqual(dueOf(await world.plan(wanted)), [
    'create data action Tokenline Subscribe',
    'change flow Tokenline Recurring Payments: it is bound anew to data action Tokenline Subscribe 2',
    'remove data action Tokenline Subscribe',
  ]);
  double.seen.splice(0);
  await world.apply(wanted);
  assert.deepEqual(
    double.writes().map((route) => route.replace('/api/v2/', '')),
    [
      'POST integrations/actions/drafts',
      'POST integrations/actions/{actionId}/draft/publish',
      'POST flows/jobs',
      'PUT upload',
      'DELETE integrations/actions/{actionId}',
    ],
  );
  const names = [...double.org.actions.values()].map(({ name }) => name ?? '').toSorted();
  assert.deepEqual(names, [
    'Tokenline Access Token',
    'Tokenline Subscribe 2',
    'Tokenline Tokenise Card',
  ]);
  assert.deepEqual(dueOf(await world.plan(wanted)), []);
});

test('descriptions in a contract are no other contract', async () => {
  await world.apply(smallWanted());
  for (const action of world.double.org.actions.values()) {
    const schema = action.contract?.input?.inputSchema;
    if (schema) schema.title = 'Put another way';
    for (const property of Object.values(schema?.properties ?? {})) {
      Object.assign(property, { description: 'Put another way' });
    }
  }
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
});

test('slow jobs are waited for, and a division and a queue of one’s own are used', async () => {
  const { double, clock } = world;
  double.mood.polls = 30;
  double.org.divisions.push({ id: 'division-pay', name: 'Payments', description: '' });
  double.org.queues.set('q', { id: 'q', name: 'Payment_Support_Group', memberCount: 7 });
  const wanted = smallWanted({ division: 'Payments' });
  const findings = await world.plan(wanted);
  const queue = findings.find(({ part }) => part.kind === 'queue');
  assert.deepEqual(queue?.look, {
    verdict: 'left',
    remark: 'is there already and not ours: it is used as it is',
  });
  await world.apply(wanted);
  assert.ok(clock.waitsMs.filter((ms) => ms === 2_000).length >= 60);
  assert.equal(double.org.queues.get('q')?.description, undefined);
  assert.equal(first(double.org.prompts).division?.id, 'division-pay');
  assert.match(first(double.org.flowTexts), /division: Payments/);
});

test('without numbers there is no call route, and without the division nothing is begun', async () => {
  await world.apply(smallWanted({ phone_numbers: '' }, { phoneNumbers: [] }));
  assert.equal(world.double.org.callRoutes.size, 0);
  await assert.rejects(
    world.plan(smallWanted({ division: 'Nowhere' })),
    /genesys\.division: .*Nowhere/,
  );
});
