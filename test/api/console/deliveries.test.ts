import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveriesView } from '../../../src/contract/console.ts';
import { Caller } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import { runConsole, type RunningConsole } from './running-console.ts';

/** An enrolment whose event billing has refused until nobody tried any more. */
async function deadLetter({ world }: RunningConsole): Promise<string> {
  const { subscription_id: id } = await new Caller(world).enrol();
  world.billing.answer = () => 410;
  await world.deliver();
  world.billing.answer = () => 204;
  return id;
}

async function viewOf(response: Response): Promise<DeliveriesView> {
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as DeliveriesView;
}

test('what billing has not taken is shown, with what it answered', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  const subscription = await deadLetter(running);
  const { subscription_id: other } = await new Caller(world).enrol();
  await browser.signIn('vera');
  const view = await viewOf(await browser.go('/console/api/deliveries'));
  assert.deepEqual(
    view.dead.map((row) => [row.subscription_id, row.type, row.tries, row.last_answer]),
    [[subscription, 'subscription.created', 1, '410']],
  );
  assert.deepEqual(
    view.waiting.map((row) => [row.subscription_id, row.tries, row.last_answer]),
    [[other, 0, '']],
  );
  assert.deepEqual([view.dead_count, view.waiting_count], [1, 1]);
});

test('an operator sends a dead letter again, once, and the ledger says who', async (t) => {
  const running = await runConsole(t);
  const { browser, world, entries } = running;
  await deadLetter(running);
  await browser.signIn('otto');
  const before = await viewOf(await browser.go('/console/api/deliveries'));
  const [letter] = before.dead;
  assert.ok(letter);
  const order = { event_id: letter.event_id };
  const after = await viewOf(await browser.tell('/console/api/deliveries/replay', order));
  assert.deepEqual([after.dead_count, after.waiting_count], [0, 1]);
  const twice = await browser.tell('/console/api/deliveries/replay', order);
  assert.equal((await problemOf(twice)).code, 'unknown_resource');
  await world.deliver();
  const end = await viewOf(await browser.go('/console/api/deliveries'));
  assert.deepEqual([end.dead_count, end.waiting_count], [0, 0]);
  const told = (await entries()).filter(({ resource }) => resource === letter.event_id);
  assert.deepEqual(
    told.map(({ actor, action }) => [actor, action]),
    [
      ['system', 'event.dead'],
      ['staff:otto', 'event.replayed'],
      ['system', 'event.delivered'],
    ],
  );
});

test('who only watches sends nothing again', async (t) => {
  const running = await runConsole(t);
  const { browser, world } = running;
  await deadLetter(running);
  await browser.signIn('vera');
  const [letter] = (await viewOf(await browser.go('/console/api/deliveries'))).dead;
  const refused = await browser.tell('/console/api/deliveries/replay', {
    event_id: letter?.event_id,
  });
  assert.equal((await problemOf(refused)).code, 'missing_right');
  assert.equal(await world.count('outbox where dead_at is not null'), 1);
});
