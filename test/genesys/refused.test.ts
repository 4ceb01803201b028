import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { CALLS } from '../../src/genesys/calls.ts';
import { placed } from '../../src/genesys/job-message.ts';
import { refusedOf } from '../../src/genesys/plan.ts';
import { PlatformRefused } from '../../src/genesys/refusal.ts';
import { refusalOf } from './kept.ts';
import { smallWanted, withActions } from './small.ts';
import { dueOf, startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  assert.deepEqual(world.double.problems, []);
});

test('each permission that is missing is named, and with the last one it goes on', async () => {
  const { double } = world;
  const all = new Set(Object.values(CALLS).flatMap(({ permissions }) => permissions));
  const granted = new Set<string>();
  const named: string[] = [];
  double.permissions = granted;
  for (let tries = 0; tries <= all.size; tries += 1) {
    const done = await world.apply(smallWanted()).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof PlatformRefused && error.answer?.status === 403, String(error));
        for (const permission of error.permissions) assert.ok(error.message.includes(permission));
        for (const permission of error.permissions) granted.add(permission);
        named.push(...error.permissions);
        return false;
      },
    );
    if (done) break;
  }
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
  for (const wanted of [
    'integrations:action:edit',
    'routing:queue:add',
    'architect:job:create',
    'routing:callRoute:add',
  ]) {
    assert.ok(named.includes(wanted), wanted);
  }
  // Nothing of a removal is needed to apply.
  assert.ok(!named.some((permission) => permission.endsWith(':delete')));
});

test('a flow that is not taken: every message, with the file and the line', async () => {
  const { double } = world;
  const wanted = smallWanted();
  const broken = {
    ...wanted,
    flows: wanted.flows.map(({ file, text }) => ({
      file,
      text: text.replace('Prompt.tokenline_goodbye', 'Prompt.tokenline_nowhere'),
    })),
  };
  const refusal = await refusalOf(world.apply(broken));
  assert.match(
    refusal.message,
    /publish the flow Tokenline Recurring Payments\..*\n {2}entry\.yaml:13: The user prompt "tokenline_nowhere" could not be found/,
  );
  assert.equal(double.org.flows.size, 1);
  assert.equal(double.org.callRoutes.size, 0);
  await world.apply(wanted);
  assert.deepEqual(dueOf(await world.plan(wanted)), []);
});

test('a message without a line is placed by a name that stands once', () => {
  const text = 'one:\n  name: Say Hello\n  again: x\n  other: x\n';
  assert.equal(
    placed('No audio in "Say Hello".', 'a.yaml', text),
    'a.yaml:2: No audio in "Say Hello".',
  );
  assert.equal(placed("'x' is wrong", 'a.yaml', text), "a.yaml: 'x' is wrong");
  assert.equal(placed('Bad. Line: 7', 'a.yaml', text), 'a.yaml:7: Bad. Line: 7');
});

test('an address that is over is asked for again; one that never works is given up', async () => {
  const { double } = world;
  double.mood.expired = 1;
  await world.apply(smallWanted());
  assert.equal(double.seen.filter((route) => route === 'POST /api/v2/flows/jobs').length, 3);
  double.mood.expired = 99;
  for (const flow of double.org.flows.values()) flow.description = '[tokenline old]';
  const refusal = await refusalOf(world.apply(smallWanted()));
  assert.match(refusal.message, /the address that Genesys gave for it does not take it/);
});

test('a job that never ends is given up after 16 minutes', async () => {
  world.double.mood.polls = 10_000;
  const refusal = await refusalOf(world.apply(smallWanted()));
  assert.match(refusal.message, /has not ended after 16 minutes/);
});

test('what has our name and is not ours is not touched, until --adopt takes it over', async () => {
  const { double } = world;
  const { org } = double;
  org.prompts.set('p', {
    id: 'p',
    name: 'tokenline_greeting',
    description: 'By hand.',
    resources: [],
  });
  org.flows.set('f', { id: 'f', name: 'Tokenline Card Capture', type: 'SECURECALL' });
  org.callRoutes.set('r', { id: 'r', name: 'Tokenline Recurring Payments', version: 1 });
  org.integrations.set('i', {
    id: 'i',
    name: 'Tokenline',
    integrationType: { id: 'custom-rest-actions' },
    intendedState: 'ENABLED',
  });
  org.integrationConfigs.set('i', {
    id: 'i',
    name: 'Tokenline',
    version: 4,
    properties: {},
    advanced: {},
    notes: 'By hand.',
    credentials: {},
  });
  const refused = refusedOf(await world.plan(smallWanted()));
  assert.equal(refused.length, 4, refused.join('\n'));
  for (const reason of refused)
    assert.match(reason, /has not made\. Rename it, .*genesys\.prefix.*--adopt/);
  assert.deepEqual(double.writes(), []);
  const adopting = smallWanted({}, { adopt: true });
  await world.apply(adopting);
  assert.equal(org.integrationConfigs.get('i')?.version, 5);
  assert.deepEqual([org.flows.size, org.callRoutes.size], [2, 1]);
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
});

test('a flow that somebody has open is not published over', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  for (const flow of org.flows.values())
    flow.lockedUser = { id: 'p', name: 'Pat Person', version: 1 };
  assert.deepEqual(dueOf(await world.plan(smallWanted())), []);
  const [refused] = refusedOf(await world.plan(smallWanted({}, { flows: changedFlows() })));
  assert.match(refused ?? '', /Pat Person is working on the flow .*: ask them/);
});

const changedFlows = () =>
  smallWanted().flows.map(({ file, text }) => ({ file, text: `${text}# more\n` }));

test('a number that is not the organisation’s is a refusal that names it', async () => {
  const refusal = await refusalOf(world.apply(smallWanted({ phone_numbers: '+13175550199' })));
  assert.match(
    refusal.message,
    /make a call route.*400 bad\.request: \+13175550199 is not a number of this/,
  );
});

test('an action that Genesys does not take: its words, and the draft is taken up afterwards', async () => {
  const { org } = world.double;
  const wanted = smallWanted();
  const wrong = withActions(wanted, (actions) =>
    actions.map((action) => ({
      ...action,
      config: {
        ...action.config,
        request: { ...action.config.request, requestUrlTemplate: 'http://pay.example.com' },
      },
    })),
  );
  const refusal = await refusalOf(world.apply(wrong));
  assert.match(refusal.message, /is not encrypted.*genesys\.bridge_url and genesys\.tokenizer_url/);
  assert.equal(org.drafts.size, 1);
  await world.apply(wanted);
  assert.deepEqual([org.drafts.size, org.actions.size], [0, 3]);
});
