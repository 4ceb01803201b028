import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveView } from '../../../src/contract/console.ts';
import type { OperationsView, StoryView } from '../../../src/contract/console-operations.ts';
import { Caller } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import type { Browser } from './browser.ts';
import { eventsOf } from './events.ts';
import { runConsole, type RunningConsole } from './running-console.ts';

const API = '/console/api/operations';
const SEEN = { reason: 'the gateway cannot be asked', evidence: 'its own list of subscriptions' };

async function answerOf<T>(response: Response): Promise<T> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as T;
}

async function list(browser: Browser, query = ''): Promise<OperationsView> {
  return answerOf(await browser.go(`${API}${query}`));
}

async function story(browser: Browser, id: string): Promise<StoryView> {
  return answerOf(await browser.go(`${API}/story?id=${id}`));
}

/** A call with a declined card and an enrolment whose answer was lost, at a gateway that is away. */
async function inDoubt({ world }: RunningConsole): Promise<[Caller, string]> {
  const caller = new Caller(world);
  await caller.availability();
  await world.pass(6_000);
  const { disclosure_id: disclosure } = await caller.disclose();
  await world.pass(14_000);
  await caller.press(disclosure, '1');
  await world.pass(20_000);
  world.gateway.will('tokenise', { does: 'decline', code: 'insufficient_funds' });
  await caller.card({ attempt: 1, card_mac: 'mac-of-the-first' });
  await world.pass(9_000);
  world.gateway.will('tokenise', { does: 'approve', afterMs: 1_300 });
  const { token_id: token } = await caller.card({ attempt: 2 });
  world.gateway.will('subscribe', { does: 'hang', effectAfterMs: 0 });
  world.gateway.lookUps = 'unanswered';
  const { operation_id: id } = await caller.subscribe(token);
  return [caller, id];
}

function approval(id: string): Record<string, string> {
  const gateway_reference = `mandate-of-${id}`;
  return { operation_id: id, ending: 'approved', gateway_reference, ...SEEN };
}

async function proposed(browser: Browser, id: string): Promise<string> {
  const view = await answerOf<StoryView>(await browser.tell(`${API}/propose`, approval(id)));
  return view.operations.find((one) => one.operation_id === id)?.proposal?.proposal_id ?? '';
}

test('the list is filtered, found by any id, and goes on where it ended', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  const [caller, id] = await inDoubt(running);
  const { subscription_id: subscription } = await new Caller(world).enrol();
  await browser.signIn('vera');
  const kinds = async (query: string): Promise<string[]> =>
    (await list(browser, query)).rows.map(({ kind, state }) => `${kind} ${state}`);
  assert.deepEqual(await kinds('?state=in_doubt'), ['subscribe in_doubt']);
  assert.deepEqual(await kinds('?error=insufficient_funds'), ['tokenise declined']);
  assert.deepEqual(await kinds('?gateway=slow'), ['subscribe in_doubt']);
  assert.deepEqual(await kinds('?gateway=failed'), ['subscribe in_doubt']);
  assert.deepEqual(await kinds(`?id=${id}`), ['subscribe in_doubt']);
  assert.deepEqual(await kinds(`?id=${subscription}`), ['subscribe approved']);
  assert.equal((await list(browser, `?id=${caller.interaction}`)).rows.length, 5);
  const [row] = await world.rows(
    `select gateway_transaction_id as id from operation where subscription_id = $1`,
    subscription,
  );
  assert.deepEqual(await kinds(`?id=${String(row?.['id'])}`), ['subscribe approved']);
  assert.deepEqual(await kinds('?kind=tokenise&gateway=answered'), [
    'tokenise approved',
    'tokenise approved',
    'tokenise declined',
  ]);
  const soon = new Date(world.clock.now() + 1).toISOString();
  assert.deepEqual(await kinds(`?from=${soon}`), []);
  assert.equal((await list(browser, `?to=${soon}`)).rows.length, 9);
  for (let n = 0; n < 45; n += 1) await new Caller(world).disclose();
  const first = await list(browser);
  assert.deepEqual([first.rows.length, first.more], [50, true]);
  const rest = await list(browser, `?before=${first.rows.at(-1)?.operation_id}`);
  assert.deepEqual([rest.rows.length, rest.more], [4, false]);
  const ids = new Set([...first.rows, ...rest.rows].map((one) => one.operation_id));
  assert.equal(ids.size, 54, 'no row twice, and none left out');
});

test('a story tells a call from its first request to what the caller heard', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  const [caller, id] = await inDoubt(running);
  await caller.handOff('in_doubt');
  await world.settleFor(2_500);
  await browser.signIn('vera');
  const view = await story(browser, id);
  assert.equal(view.interaction_id, caller.interaction);
  assert.ok(view.call_began_at <= (view.operations[0]?.began_at ?? ''));
  assert.deepEqual(
    view.operations.map(({ kind, state }) => `${kind} ${state}`),
    [
      'disclosure approved',
      'consent approved',
      'tokenise declined',
      'tokenise approved',
      'subscribe in_doubt',
      'handoff approved',
    ],
  );
  const [disclosure, consent, declined, card, enrolment, handOff] = view.operations;
  assert.match(disclosure?.text ?? '', /\$29\.99/);
  assert.equal(consent?.key, '1');
  assert.deepEqual(
    [declined?.error_code, declined?.gateway_code, declined?.ended_by, declined?.card],
    ['insufficient_funds', 'insufficient_funds', 'call', 'visa 4242'],
  );
  assert.deepEqual([card?.latency_ms, card?.healthy], [1_300, true]);
  assert.match(card?.told ?? '', /4242/);
  assert.deepEqual([enrolment?.amount_text, enrolment?.ended_by], ['$29.99', '']);
  assert.ok((enrolment?.latency_ms ?? 0) > view.latency_ms_max);
  assert.deepEqual([enrolment?.settle?.looks, enrolment?.settle?.unanswered], [1, true]);
  assert.equal(enrolment?.unresolvable, '');
  assert.match(handOff?.note ?? '', /do NOT repeat/);
  assert.equal(view.open, true);
  world.gateway.lookUps = 'answered';
  await world.settleFor(60_000);
  await world.deliver();
  const end = await story(browser, id);
  const settled = end.operations.find((one) => one.operation_id === id);
  assert.deepEqual([settled?.state, settled?.ended_by], ['approved', 'look_up']);
  assert.deepEqual(
    end.events.map(({ type, state, tries, last_answer }) => [type, state, tries, last_answer]),
    [['subscription.created', 'delivered', 1, '204']],
  );
  assert.equal(end.open, false);
  // No card data beyond brand and last four: keyed hashes and tokens are nobody's to see either.
  const text = JSON.stringify(end);
  for (const secret of ['mac-of', 'pan-of', 'card-of', 'body_hash']) {
    assert.ok(!text.includes(secret), secret);
  }
});

test('one person proposes, another confirms, and the caller hears it at the next poll', async (t) => {
  const running = await runConsole(t);
  const { browser, newBrowser, world, entries } = running;
  const [caller, id] = await inDoubt(running);
  await browser.signIn('otto');
  const proposal = await proposed(browser, id);
  const order = { operation_id: id, proposal_id: proposal };
  const own = await browser.tell(`${API}/confirm`, order);
  assert.equal((await problemOf(own)).code, 'second_person_needed');
  const again = newBrowser();
  await again.signIn('otto');
  const same = await again.tell(`${API}/confirm`, order);
  assert.equal((await problemOf(same)).code, 'second_person_needed', 'another session is no other');
  const second = newBrowser();
  await second.signIn('olga');
  const view = await answerOf<StoryView>(await second.tell(`${API}/confirm`, order));
  const ended = view.operations.find((one) => one.operation_id === id);
  assert.deepEqual([ended?.state, ended?.ended_by], ['approved', 'hand']);
  assert.deepEqual(
    view.acts.map(({ act, by }) => [act, by]),
    [
      ['made', 'staff:otto'],
      ['confirmed', 'staff:olga'],
    ],
  );
  assert.equal((await caller.operation(id)).outcome, 'approved');
  await world.deliver();
  assert.equal(world.billing.received.length, 1);
  const twice = await second.tell(`${API}/confirm`, order);
  assert.equal((await problemOf(twice)).code, 'not_resolvable');
  const approvals = (await entries()).filter(({ action }) => action === 'subscribe.approved');
  assert.deepEqual(
    approvals.map(({ actor, detail }) => [actor, detail['proposed_by'], detail['evidence']]),
    [['staff:olga', 'staff:otto', SEEN.evidence]],
  );
});

test('who only watches or audits sees it, and can do nothing about it', async (t) => {
  const running = await runConsole(t);
  const { newBrowser, world, entries } = running;
  const [, id] = await inDoubt(running);
  const operator = newBrowser();
  await operator.signIn('otto');
  const proposal = await proposed(operator, id);
  for (const person of ['vera', 'audrey']) {
    const browser = newBrowser();
    await browser.signIn(person);
    const seen = (await story(browser, id)).operations.find((one) => one.operation_id === id);
    assert.equal(seen?.proposal?.state, 'open');
    const one = { operation_id: id, proposal_id: proposal };
    for (const [path, body] of [
      ['propose', approval(id)],
      ['confirm', one],
      ['refuse', { ...one, reason: 'I would rather not' }],
    ] as const) {
      const refused = await browser.tell(`${API}/${path}`, body);
      assert.equal((await problemOf(refused)).code, 'missing_right', `${person} ${path}`);
    }
  }
  assert.deepEqual(await world.states('subscribe'), ['in_doubt']);
  const live = await answerOf<LiveView>(await operator.go('/console/api/live'));
  assert.deepEqual(
    live.in_doubt.map((row) => [row.operation_id, row.proposed]),
    [[id, 'approved']],
  );
  const refusals = (await entries()).filter(({ action }) => action === 'console.refused');
  assert.equal(refusals.length, 6);
});

test('a proposal without its grounds, or with a card number in them, is not taken', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  const [, id] = await inDoubt(running);
  await browser.signIn('otto');
  const { gateway_reference: _, ...nameless } = approval(id);
  for (const [body, code] of [
    [{ ...approval(id), evidence: 'seen' }, 'bad_request'],
    [{ ...approval(id), reason: '   ' }, 'bad_request'],
    [{ ...approval(id), ending: 'declined' }, 'bad_request'],
    [{ ...approval(id), evidence: 'card 4242 4242 4242 4242' }, 'card_number_in_wrong_place'],
    [nameless, 'not_resolvable'],
  ] as const) {
    const refused = await browser.tell(`${API}/propose`, body);
    assert.equal((await problemOf(refused)).code, code, JSON.stringify(body));
  }
  assert.equal(await world.count('proposal'), 0);
});

test('an open story is told again when it changes, and an unknown one is none', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  const [, id] = await inDoubt(running);
  const { operation_id: other } = await new Caller(world).enrol();
  await browser.signIn('vera');
  const none = await browser.go(`${API}/story/events?id=op_${'a'.repeat(20)}`);
  assert.equal((await problemOf(none)).code, 'unknown_resource');
  const watched = eventsOf(await browser.go(`${API}/story/events?id=${id}`));
  const beside = eventsOf(await browser.go(`${API}/story/events?id=${other}`));
  const stateOf = async (events: typeof watched): Promise<unknown> => {
    const { value } = await events.next();
    const view = JSON.parse(value?.data ?? '{}') as StoryView;
    return view.operations.find((one) => one.operation_id === view.operation_id)?.state;
  };
  assert.deepEqual([await stateOf(watched), await stateOf(beside)], ['in_doubt', 'approved']);
  world.gateway.lookUps = 'answered';
  await world.settleFor(20_000);
  await world.pass(1_000);
  let state = await stateOf(watched);
  for (let seen = 0; state === 'in_doubt' && seen < 30; seen += 1) state = await stateOf(watched);
  assert.equal(state, 'approved');
  await watched.return(undefined);
  await beside.return(undefined);
});
