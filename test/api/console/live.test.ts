import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveView, SwitchView } from '../../../src/contract/console.ts';
import { Caller } from '../../bridge/caller.ts';
import { problemOf } from '../running-api.ts';
import { eventsOf, type StreamEvent } from './events.ts';
import { IDLE_MS, runConsole } from './running-console.ts';

/** The next picture of a stream. */
async function pictureOf(events: AsyncGenerator<StreamEvent, void, void>): Promise<LiveView> {
  const { value } = await events.next();
  assert.ok(value, 'the stream has ended');
  return JSON.parse(value.data) as LiveView;
}

test('who watches sees calls, the gateway and what is in doubt, and sees it change', async (t) => {
  const { browser, world } = await runConsole(t);
  await browser.signIn('vera');
  const stream = await browser.go('/console/api/live/events');
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  const events = eventsOf(stream);
  const first = await pictureOf(events);
  assert.deepEqual(
    [first.in_doubt_count, first.deliveries.waiting, first.gateway_calls],
    [0, 0, []],
  );
  const caller = new Caller(world);
  const token = await caller.ready();
  world.gateway.will('subscribe', { does: 'lose', effectAfterMs: null });
  await caller.subscribe(token);
  await world.pass(1_000);
  const next = await pictureOf(events);
  assert.equal(next.in_doubt_count, 1);
  assert.equal(next.in_doubt[0]?.kind, 'subscribe');
  assert.deepEqual(
    next.calls.filter(({ count }) => count > 0),
    [{ step: 'enrolment', count: 1 }],
  );
  assert.ok(next.gateway_calls.some(({ kind, healthy }) => kind === 'subscribe' && !healthy));
  await events.return(undefined);
});

test('a stream that a page keeps open does not keep its person signed in', async (t) => {
  const { browser, world } = await runConsole(t);
  await browser.signIn('vera');
  const events = eventsOf(await browser.go('/console/api/live/events'));
  await events.next();
  for (let passedMs = 0; passedMs <= IDLE_MS; passedMs += 1_000) await world.pass(1_000);
  let last = 'message';
  for await (const { event } of events) last = event;
  assert.equal(last, 'signed_out');
  assert.equal((await browser.go('/console/api/me')).status, 401);
});

test('an operator throws the switch with a reason, and the next call hears it', async (t) => {
  const { browser, world } = await runConsole(t);
  await browser.signIn('otto');
  const unsaid = await browser.tell('/console/api/switch', { state: 'off', reason: ' ' });
  assert.equal(unsaid.status, 400);
  const thrown = await browser.tell('/console/api/switch', { state: 'off', reason: 'repairs' });
  const view = (await thrown.json()) as SwitchView;
  assert.deepEqual([view.now.state, view.now.changed_by], ['off', 'staff:otto']);
  assert.deepEqual(
    view.history.map(({ state, reason }) => [state, reason]),
    [['off', 'repairs']],
  );
  const caller = new Caller(world);
  assert.equal((await caller.availability()).reason, 'switched_off');
});

test('a viewer cannot throw it, and that they tried is in the ledger', async (t) => {
  const { browser, world, entries } = await runConsole(t);
  await browser.signIn('vera');
  const refused = await browser.tell('/console/api/switch', { state: 'off', reason: 'repairs' });
  assert.equal(refused.status, 403);
  assert.equal((await problemOf(refused)).code, 'missing_right');
  assert.equal(await world.count(`switch where state = 'off'`), 0);
  const last = (await entries()).at(-1);
  assert.deepEqual(
    [last?.actor, last?.action, last?.resource],
    ['staff:vera', 'console.refused', 'POST /console/api/switch'],
  );
});
