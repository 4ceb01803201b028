import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  SubscriptionsView,
  SubscriptionView,
} from '../../../src/contract/console-subscriptions.ts';
import { chargeDue } from '../../../src/bridge/charge.ts';
import { BASIC, Caller } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import type { Browser } from './browser.ts';
import { runConsole } from './running-console.ts';

const API = '/console/api/subscriptions';
const MONTH_MS = 31 * 24 * 3_600_000;

async function list(browser: Browser, query = ''): Promise<SubscriptionsView> {
  const response = await browser.go(`${API}${query}`);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as SubscriptionsView;
}

async function one(browser: Browser, id: string): Promise<SubscriptionView> {
  const response = await browser.go(`${API}/one?id=${id}`);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as SubscriptionView;
}

test('subscriptions are counted by plan and status, and found', async (t) => {
  const { browser, world } = await runConsole(t);
  const [first, second, third] = [
    new Caller(world),
    new Caller(world),
    new Caller(world, { plan: BASIC }),
  ];
  await first.enrol();
  await world.pass(1_000);
  const { subscription_id: paused } = await second.enrol();
  await world.pass(1_000);
  await third.enrol();
  await second.change('pause', paused);
  await browser.signIn('vera');
  const view = await list(browser);
  assert.deepEqual(
    view.counts.map(({ plan_id: plan, status, count }) => `${plan} ${status} ${count}`).sort(),
    [
      'recurring_monthly_basic active 1',
      'recurring_monthly_premium active 1',
      'recurring_monthly_premium paused 1',
    ],
  );
  const customers = async (query: string): Promise<string[]> =>
    (await list(browser, query)).rows.map((row) => row.customer_id);
  assert.deepEqual(await customers(''), [third.customer, second.customer, first.customer]);
  assert.deepEqual(await customers('?status=paused'), [second.customer]);
  assert.deepEqual(await customers(`?plan=${BASIC}`), [third.customer]);
  assert.deepEqual(await customers(`?customer=${first.customer}`), [first.customer]);
  const [, middle] = view.rows;
  assert.deepEqual(await customers(`?before=${middle?.subscription_id}`), [first.customer]);
  assert.deepEqual(
    [middle?.amount_text, middle?.interval_text, middle?.next_charge_date, middle?.card],
    ['$29.99', 'every month', '', 'visa 4242'],
  );
});

test('one subscription shows what was agreed to, what was done and what billing was told', async (t) => {
  const { browser, world } = await runConsole(t);
  const caller = new Caller(world);
  const { subscription_id: id } = await caller.enrol();
  await world.deliver();
  await world.pass(1_000);
  await new Caller(world, { customer: caller.customer }).change('cancel', id);
  await browser.signIn('vera');
  const view = await one(browser, id);
  assert.deepEqual([view.status, view.charged_by, view.periods], ['cancelled', 'gateway', []]);
  assert.deepEqual(
    view.operations.map(({ kind }) => kind),
    ['cancel', 'subscribe'],
  );
  assert.deepEqual(
    view.events.map(({ type, state }) => `${type} ${state}`),
    ['subscription.cancelled waiting', 'subscription.created delivered'],
  );
  assert.equal(view.agreed?.key, '1');
  assert.match(view.agreed?.text ?? '', /\$29\.99.*every month/);
  assert.equal(view.agreed?.interaction_id, caller.interaction);
  const none = await browser.go(`${API}/one?id=sub_${'a'.repeat(20)}`);
  assert.equal((await problemOf(none)).code, 'unknown_resource');
});

test('where Tokenline makes the charges, each period is shown with its end', async (t) => {
  const { browser, world } = await runConsole(t);
  world.gateway.capabilities = { ...world.gateway.capabilities, subscriptions: false };
  const { subscription_id: id } = await new Caller(world).enrol();
  await world.pass(MONTH_MS);
  world.gateway.will('charge', { does: 'decline', code: 'insufficient_funds' });
  await world.run(chargeDue(world.bridge));
  await browser.signIn('vera');
  const view = await one(browser, id);
  assert.equal(view.charged_by, 'tokenline');
  assert.deepEqual(
    view.periods.map(({ state, tries, amount_text: amount }) => [state, tries, amount]),
    [
      ['open', 1, '$29.99'],
      ['paid', 1, '$29.99'],
    ],
  );
  const charge = view.operations.find(({ kind }) => kind === 'charge');
  assert.deepEqual(
    [charge?.state, charge?.error_code, charge?.interaction_id],
    ['declined', 'insufficient_funds', ''],
  );
  assert.equal(view.periods[0]?.operation_id, charge?.operation_id);
});
