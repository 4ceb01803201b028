import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryAnswer } from '../../../src/contract/agent.ts';
import { loadConfig } from '../../../src/system/config.ts';
import { Caller, BASIC, PREMIUM } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import { ANA, Centre, FLOW_ID, runAgent, Visitor, type RunningAgent } from './running-agent.ts';

/** Ana, signed in to a call of hers. */
async function anaAt(running: RunningAgent, interaction: string): Promise<Visitor> {
  await new Centre(running).arrive(interaction);
  const ana = new Visitor(running);
  assert.equal((await ana.signIn(interaction)).status, 200);
  return ana;
}

async function answerOf(response: Response): Promise<EntryAnswer> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as EntryAnswer;
}

const forPlan = (customer: string, plan = PREMIUM) => ({
  order: { purpose: 'subscribe', customer_id: customer, plan_id: plan },
});

test('an agent has the caller key a card: Genesys is told what for, and the page follows', async (t) => {
  const running = await runAgent(t);
  const caller = new Caller(running.world, { language: 'es-us' });
  await caller.availability();
  await caller.lookup();
  await caller.consent();
  const ana = await anaAt(running, caller.interaction);
  const begun = await answerOf(await ana.tell('call/entry', forPlan(caller.customer, BASIC)));
  assert.deepEqual(begun, { outcome: 'approved', error_code: '', why: '' });
  const { participants, secureSessions } = await new Centre(running).kept(caller.interaction);
  const [customer, agent] = participants;
  assert.deepEqual(
    secureSessions.map(({ flow, userData, sourceParticipantId, disconnect }) => [
      flow.id,
      userData,
      sourceParticipantId,
      disconnect,
    ]),
    [[FLOW_ID, 'subscribe', agent?.id, false]],
  );
  assert.deepEqual(customer?.attributes, {
    payment_purpose: 'subscribe',
    payment_customer_id: caller.customer,
    payment_plan_id: BASIC,
    // A consent that was given before is for something else, or used up.
    payment_consent_id: '',
    subscription_id: '',
    payment_language: 'es-us',
  });
  const during = await ana.call();
  assert.deepEqual([during.entry_under_way, during.step, during.say], [true, 'greeting', []]);
  await running.world.pass(1_000);
  const consent = await caller.consent(BASIC);
  assert.equal((await ana.call()).step, 'consent');
  const { token_id: token } = await caller.card();
  assert.equal((await ana.call()).step, 'card');
  await caller.subscribe(token, { consent_id: consent, plan_id: BASIC });
  const after = await ana.call();
  assert.deepEqual([after.entry_under_way, after.step], [false, 'enrolled']);
  assert.equal(after.subscription?.card_last4, '4242');
  assert.deepEqual(
    after.say.map(({ language }) => language),
    ['es-us', 'en-us'],
  );
  const told = (await running.entries()).filter(({ action }) => action.startsWith('agent.entry'));
  assert.deepEqual(
    told.map(({ actor, action, result }) => [actor, action, result]),
    [[`agent:${ANA.id}`, 'agent.entry_begun', 'success']],
  );
});

test('a second press sends nobody to the keypad twice', async (t) => {
  const running = await runAgent(t);
  const ana = await anaAt(running, 'call-1');
  const both = await Promise.all([
    ana.tell('call/entry', forPlan('ada')),
    ana.tell('call/entry', forPlan('ada')),
  ]);
  assert.deepEqual(new Set(both.map(({ status }) => status)), new Set([200, 409]));
  assert.equal((await new Centre(running).kept('call-1')).secureSessions.length, 1);
  await running.world.pass(21_000);
  await answerOf(await ana.tell('call/entry', forPlan('ada')));
  assert.equal((await new Centre(running).kept('call-1')).secureSessions.length, 2);
});

test('where cards come by page alone, nobody is sent to a keypad', async (t) => {
  const links = { ...loadConfig(null, {}).payLink, use: 'only' } as const;
  const running = await runAgent(t, { links });
  const caller = new Caller(running.world);
  await caller.lookup();
  const ana = await anaAt(running, caller.interaction);
  const call = await ana.call();
  assert.equal(call.closed, 'not_allowed');
  assert.match(call.say[0]?.text ?? '', /on a page that we send you/);
  const answer = await answerOf(await ana.tell('call/entry', forPlan(caller.customer)));
  assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'not_allowed']);
  assert.equal((await new Centre(running).kept(caller.interaction)).secureSessions.length, 0);
});

test('where no card can be taken, the caller stays with the agent, who is told why', async (t) => {
  const running = await runAgent(t);
  const { world } = running;
  const caller = new Caller(world);
  await caller.lookup();
  const ana = await anaAt(running, caller.interaction);
  const ask = async (body: unknown): Promise<string> =>
    (await answerOf(await ana.tell('call/entry', body))).error_code;
  assert.equal(await ask(forPlan(caller.customer, 'no_such_plan')), 'not_found');
  const change = { purpose: 'change_card', customer_id: caller.customer };
  const unknown = { ...change, subscription_id: 'sub_abcdefghijklmnopqrst' };
  assert.equal(await ask({ order: unknown }), 'not_found');
  const { subscription_id: others } = await new Caller(world).enrol();
  assert.equal(await ask({ order: { ...change, subscription_id: others } }), 'not_found');
  const { subscription_id: own } = await caller.enrol();
  assert.equal(await ask(forPlan(caller.customer)), 'not_allowed', 'they have that plan');
  await running.means.seats.look(caller.interaction, 'en-us');
  await world.rows(`update switch set state = 'off' returning name`);
  assert.equal(await ask({ order: { ...change, subscription_id: own } }), 'switched_off');
  assert.equal((await ana.call()).closed, 'switched_off');
  await world.rows(`update switch set state = 'on' returning name`);
  for (const attempt of [2, 3]) {
    world.gateway.will('tokenise', { does: 'decline', code: 'card_declined' });
    await caller.card({ attempt, card_mac: `card-${attempt}` });
  }
  assert.equal((await ana.call()).attempts_left, 0);
  assert.equal(await ask({ order: { ...change, subscription_id: own } }), 'too_many_attempts');
  assert.equal((await new Centre(running).kept(caller.interaction)).secureSessions.length, 0);
});

test('a call of one customer takes no card for another', async (t) => {
  const running = await runAgent(t);
  const caller = new Caller(running.world);
  await caller.lookup();
  const ana = await anaAt(running, caller.interaction);
  const refused = await ana.tell('call/entry', forPlan('somebody-else'));
  assert.equal((await problemOf(refused)).code, 'bad_request');
});

test('who is calling is said once by the agent, where nobody knew', async (t) => {
  const running = await runAgent(t);
  const ana = await anaAt(running, 'call-1');
  await answerOf(await ana.tell('call/entry', forPlan('ada')));
  assert.equal((await ana.call()).customer_id, 'ada');
});

test('a caller who has hung up is sent nowhere', async (t) => {
  const running = await runAgent(t);
  const ana = await anaAt(running, 'call-1');
  await new Centre(running).hangUp('call-1');
  const refused = await ana.tell('call/entry', forPlan('ada'));
  assert.equal((await problemOf(refused)).code, 'not_in_conversation');
});

test('what Genesys does not do is told, and can be tried again at once', async (t) => {
  const running = await runAgent(t);
  const { world, means } = running;
  const ana = await anaAt(running, 'call-1');
  const seated = { agentId: ANA.id, interactionId: 'call-1', origin: 'agent test' };
  const order = { purpose: 'subscribe', customer_id: 'ada', plan_id: PREMIUM } as const;
  const conversations = means.conversations;
  const nowhere = { participantId: 'x', callerParticipantId: 'nobody', mayBeginEntry: true };
  await assert.rejects(
    world.run(
      means.seats.begin(seated, order, async (attributes) => {
        const code = await ana.code(ANA.id);
        const { token } = await conversations.redeem(code, ana.verifier);
        return conversations.beginEntry(token, 'call-1', nowhere, attributes);
      }),
    ),
    { code: 'genesys_refused' },
  );
  assert.equal((await ana.call()).entry_under_way, false);
  await answerOf(await ana.tell('call/entry', forPlan('ada')));
  const told = (await running.entries()).filter(({ action }) => action.startsWith('agent.entry'));
  assert.deepEqual(
    told.map(({ action, result }) => [action, result]),
    [
      ['agent.entry_begun', 'success'],
      ['agent.entry_not_begun', 'failure'],
      ['agent.entry_begun', 'success'],
    ],
  );
});
