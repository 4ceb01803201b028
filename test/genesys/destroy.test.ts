import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { smallWanted } from './small.ts';
import { contentsOf, startWorld, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.close();
  assert.deepEqual(world.double.problems, []);
});

test('destroy removes what is ours, from the call route down, and leaves the skills', async () => {
  await world.apply(smallWanted());
  const { double } = world;
  double.seen.splice(0);
  assert.deepEqual(await world.destroy(smallWanted()), []);
  assert.deepEqual(
    double.writes().map((route) => route.replace('/api/v2/', '').replace('DELETE ', '')),
    [
      'architect/ivrs/{ivrId}',
      'flows/{flowId}',
      'flows/{flowId}',
      'architect/prompts/{promptId}',
      'architect/prompts/{promptId}',
      'routing/queues/{queueId}',
      'integrations/actions/{actionId}',
      'integrations/actions/{actionId}',
      'integrations/{integrationId}',
      'integrations/credentials/{credentialId}',
    ],
  );
  assert.deepEqual(contentsOf(double), {
    credentials: [],
    integrations: [],
    actions: [],
    drafts: [],
    skills: ['Payment_Support_English'],
    queues: [],
    prompts: [],
    flows: [],
    routes: [],
  });
  assert.deepEqual(await world.removals(smallWanted()), []);
});

test('a queue with members stays, and a flow that somebody is working on, with what it uses', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  for (const queue of org.queues.values()) queue.memberCount = 2;
  for (const flow of org.flows.values()) {
    if (flow.type === 'SECURECALL') flow.lockedUser = { id: 'p', name: 'Pat Person', version: 1 };
  }
  assert.deepEqual(await world.destroy(smallWanted()), [
    'flow Tokenline Card Capture: Pat Person is working on it',
    'queue Payment_Support_Group: it has 2 members',
    'data action Tokenline Tokenise Card: the flow Tokenline Card Capture uses it',
    'integration Tokenline: the data action Tokenline Tokenise Card stays',
    'credential Tokenline access, made by tokenline genesys: the integration stays',
  ]);
  assert.deepEqual([org.flows.size, org.queues.size, org.prompts.size], [1, 1, 0]);
});

test('what a flow of somebody else uses stays, and what that needs stays with it', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  const idOf = (kept: ReadonlyMap<string, { id?: string; name?: string }>, name: string): string =>
    [...kept.values()].find((one) => one.name === name)?.id ?? '';
  org.flows.set('theirs', { id: 'theirs', name: 'Their Flow', type: 'INBOUNDCALL' });
  org.bindings.set(
    'theirs',
    new Set([idOf(org.flows, 'Tokenline Card Capture'), idOf(org.prompts, 'tokenline_greeting')]),
  );
  assert.deepEqual(await world.destroy(smallWanted()), [
    'flow Tokenline Card Capture: the flow Their Flow uses it',
    'user prompt tokenline_greeting: the flow Their Flow uses it',
    'data action Tokenline Tokenise Card: the flow Tokenline Card Capture uses it',
    'integration Tokenline: the data action Tokenline Tokenise Card stays',
    'credential Tokenline access, made by tokenline genesys: the integration stays',
  ]);
  assert.equal(org.queues.size, 0);
});

test('an integration into which somebody has put an action of their own stays', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  const [integration] = org.integrations.values();
  const theirs = {
    id: 'theirs',
    name: 'Their Action',
    integrationId: integration?.id ?? '',
    version: 1,
  };
  org.actions.set('theirs', theirs);
  assert.deepEqual(await world.destroy(smallWanted()), [
    'integration Tokenline: somebody has put the data action Their Action into it',
    'credential Tokenline access, made by tokenline genesys: the integration stays',
  ]);
  assert.deepEqual(
    [...org.actions.values()].map(({ name }) => name),
    ['Tokenline Access Token', 'Their Action'],
  );
});

test('what has our names and not our mark is not ours', async () => {
  await world.apply(smallWanted());
  const { org } = world.double;
  for (const kept of [org.queues, org.prompts, org.flows, org.callRoutes]) {
    for (const one of kept.values()) one.description = 'Made by hand.';
  }
  for (const config of org.integrationConfigs.values()) config.notes = '';
  const removals = await world.removals(smallWanted());
  assert.deepEqual(
    removals.map(({ kind, name }) => `${kind} ${name}`),
    ['credential Tokenline access, made by tokenline genesys'],
  );
});

test('Genesys remembers a user for a moment after it is gone: removal is tried again', async () => {
  await world.apply(smallWanted());
  const { double, clock } = world;
  const busy = { kind: 'refuse', status: 409, code: 'flow.in.use' } as const;
  double.script({ at: 'DELETE /api/v2/flows/{flowId}', times: 2, does: busy });
  assert.deepEqual(await world.destroy(smallWanted()), []);
  assert.equal(clock.waitsMs.filter((ms) => ms === 3_000).length, 2);
});
