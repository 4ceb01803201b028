import assert from 'node:assert/strict';
import * as schemas from '../../src/contract/schemas.ts';
import { Caller, enrol, read } from './caller.ts';
import type { Behaviour } from './scripted-gateway.ts';
import { CLIENT, keyed, type World } from './world.ts';
import { withWorlds } from './worlds.ts';

const SLOW: Behaviour = { does: 'approve', afterMs: 15_001 };

async function card(world: World, behaviour: Behaviour): Promise<string> {
  world.gateway.will('tokenise', behaviour);
  // No two calls end in one millisecond with the breaker's own change.
  await world.clock.advance(1);
  const { outcome } = await new Caller(world).card();
  return outcome;
}

async function slowCalls(world: World, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await card(world, SLOW);
}

async function breaker(world: World): Promise<'open' | 'closed'> {
  const text = await world.run(world.verbs.readSwitch(CLIENT));
  return read(schemas.SwitchAnswer, text).breaker;
}

async function turn(world: World, to: 'on' | 'off'): Promise<string> {
  const request = { automated_payments: to, reason: 'the gateway is being moved' };
  const text = await world.run(world.verbs.setSwitch(keyed(request)));
  return read(schemas.SwitchAnswer, text).state;
}

withWorlds((inWorld) => {
  inWorld('three slow calls in a row open the breaker, two do not', async (world) => {
    await slowCalls(world, 2);
    assert.equal(await breaker(world), 'closed');
    await slowCalls(world, 1);
    assert.equal(await breaker(world), 'open');
    assert.ok(world.alarms().includes('breaker.opened'));
    assert.deepEqual(
      world.counted.filter((line) => line.startsWith('breaker')),
      ['breaker open'],
    );
    assert.equal((await world.verbs.gauges()).breaker_open, 1);
  });

  inWorld('it is the mean of three that counts', async (world) => {
    await card(world, { does: 'approve', afterMs: 10_000 });
    await card(world, { does: 'approve', afterMs: 20_000 });
    assert.equal(await breaker(world), 'closed');
    await card(world, { does: 'approve', afterMs: 15_001 });
    assert.equal(await breaker(world), 'open');
  });

  inWorld('open means: nobody is asked for a card, and nothing is sent', async (world) => {
    const before = await enrol(world);
    await slowCalls(world, 3);
    const caller = new Caller(world);
    const available = await caller.availability();
    assert.deepEqual(
      [available.outcome, available.reason, available.route],
      ['failed', 'breaker_open', 'agent'],
    );
    const asked = world.gateway.arrivals.length;
    assert.equal((await caller.card()).error_code, 'breaker_open');
    const pause = await caller.change('pause', before.subscription_id);
    assert.deepEqual([pause.error_code, pause.route], ['breaker_open', 'agent']);
    assert.equal(world.gateway.arrivals.length, asked);
    assert.equal(await world.count('job where kind = $1', 'settle'), 0);
  });

  inWorld('a cancellation is taken on while it is open, and nothing is counted', async (world) => {
    const before = await enrol(world);
    await slowCalls(world, 3);
    const caller = new Caller(world);
    const asked = world.gateway.arrivals.length;
    const cancel = await caller.change('cancel', before.subscription_id);
    assert.deepEqual([cancel.outcome, cancel.route], ['in_doubt', 'wait']);
    assert.equal(world.gateway.arrivals.length, asked, 'nothing is sent');
    const [row] = await world.rows(
      `select latency_ms, healthy, called_at from operation where kind = 'cancel'`,
    );
    assert.deepEqual(row, { latency_ms: null, healthy: null, called_at: null });
    await world.settleFor(60_000);
    assert.equal((await caller.operation(cancel.operation_id)).outcome, 'approved');
  });

  inWorld('more than half of the last twenty failing opens it', async (world) => {
    for (let n = 0; n < 9; n++) await card(world, { does: 'approve' });
    for (let n = 0; n < 10; n++) await card(world, { does: 'status', status: 500 });
    assert.equal(await breaker(world), 'closed', '10 of 19');
    await card(world, { does: 'status', status: 500 });
    assert.equal(await breaker(world), 'open', '11 of 20');
  });

  inWorld('half of them, and any number of declines, do not', async (world) => {
    for (let n = 0; n < 10; n++) await card(world, { does: 'status', status: 500 });
    for (let n = 0; n < 10; n++) await card(world, { does: 'approve' });
    assert.equal(await breaker(world), 'closed');
    for (let n = 0; n < 20; n++) await card(world, { does: 'decline', code: 'card_declined' });
    assert.equal(await breaker(world), 'closed');
  });

  inWorld('after half a minute one call goes through, with all its steps', async (world) => {
    await slowCalls(world, 3);
    await world.clock.advance(29_999);
    assert.equal((await new Caller(world).availability()).reason, 'breaker_open');
    await world.clock.advance(1);
    const probe = new Caller(world);
    const other = new Caller(world);
    assert.equal((await probe.availability()).reason, 'available');
    assert.equal((await other.availability()).reason, 'breaker_open');
    assert.equal((await other.card()).error_code, 'breaker_open');
    assert.equal((await probe.availability()).reason, 'available', 'it has the probe already');
    await probe.enrol();
    assert.equal(await breaker(world), 'closed');
    assert.equal((await other.availability()).reason, 'available');
    assert.ok(world.lines.some((line) => line.includes('breaker.closed')));
  });

  inWorld('many callers at once: one of them has the probe', async (world) => {
    await slowCalls(world, 3);
    await world.clock.advance(30_000);
    const callers = Array.from({ length: 12 }, () => new Caller(world));
    const answers = await Promise.all(callers.map((caller) => caller.availability()));
    assert.equal(answers.filter((answer) => answer.reason === 'available').length, 1);
  });

  inWorld('a probe that fails opens it again for half a minute', async (world) => {
    await slowCalls(world, 3);
    await world.clock.advance(30_000);
    await card(world, { does: 'status', status: 500 });
    assert.equal(await breaker(world), 'open');
    assert.equal((await new Caller(world).availability()).reason, 'breaker_open');
    await world.clock.advance(30_000);
    assert.equal(await card(world, { does: 'approve' }), 'approved');
    assert.equal(await breaker(world), 'closed');
  });

  inWorld('a probe that hangs up gives way after two minutes', async (world) => {
    await slowCalls(world, 3);
    await world.clock.advance(30_000);
    assert.equal((await new Caller(world).availability()).reason, 'available');
    await world.clock.advance(119_999);
    assert.equal((await new Caller(world).availability()).reason, 'breaker_open');
    await world.clock.advance(1);
    assert.equal((await new Caller(world).availability()).reason, 'available');
  });

  inWorld('once it has closed, what was before does not count', async (world) => {
    await slowCalls(world, 3);
    await world.clock.advance(30_000);
    await card(world, { does: 'approve' });
    await slowCalls(world, 2);
    assert.equal(await breaker(world), 'closed');
  });

  inWorld('looks and refusals are no calls: the breaker does not see them', async (world) => {
    await slowCalls(world, 2);
    const caller = new Caller(world);
    await caller.card({ fault: 'invalid_cvv' });
    const begun = await caller.begin({ card_mac: 'lost', pan_mac: 'lost' });
    assert.equal(begun.kind, 'go');
    await world.settleFor(60_000);
    const rows = await world.rows('select kind from operation where called_at is not null');
    assert.equal(rows.length, 2);
    assert.equal(await breaker(world), 'closed');
    await slowCalls(world, 1);
    assert.equal(await breaker(world), 'open', 'the three slow ones are still in a row');
  });

  inWorld(
    'slow calls that end together open it once, with the next one at the latest',
    async (world) => {
      for (let n = 0; n < 4; n++) world.gateway.will('tokenise', SLOW);
      const callers = Array.from({ length: 4 }, () => new Caller(world));
      await Promise.all(callers.map((caller) => caller.card()));
      await slowCalls(world, 1);
      assert.equal(await breaker(world), 'open');
      assert.equal(world.counted.filter((line) => line === 'breaker open').length, 1);
    },
  );

  inWorld('a closing breaker hurries what had got no answer', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'lose', effectAfterMs: 0 });
    const { operation_id: id } = await caller.subscribe(token);
    await slowCalls(world, 3);
    world.gateway.lookUps = 'unanswered';
    await world.settleFor(31_000);
    await world.settle();
    world.gateway.lookUps = 'answered';
    await card(world, { does: 'approve' });
    assert.equal(await world.settle(), 1);
    assert.equal((await caller.operation(id)).outcome, 'approved');
  });

  inWorld('the switch is for payments: whoever cancels is cancelled', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.subscribe(await caller.ready());
    await turn(world, 'off');
    const paused = await caller.change('pause', id);
    assert.deepEqual([paused.outcome, paused.error_code], ['failed', 'switched_off']);
    assert.equal((await caller.change('cancel', id)).outcome, 'approved');
    assert.equal(world.gateway.asked('change').length, 1);
  });

  inWorld('the operator’s switch does the same by hand, at once', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    assert.equal(await turn(world, 'off'), 'off');
    const available = await new Caller(world).availability();
    assert.deepEqual([available.reason, available.route], ['switched_off', 'agent']);
    const answer = await caller.subscribe(token, { attempt: 1 });
    assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'switched_off']);
    assert.equal((await new Caller(world).card()).error_code, 'switched_off');
    assert.equal(world.gateway.asked('subscribe').length, 0);
    assert.equal((await world.verbs.gauges()).switch_on, 0);
    assert.equal(await turn(world, 'on'), 'on');
    assert.equal((await caller.subscribe(token, { attempt: 2 })).outcome, 'approved');
    const told = await world.rows(
      `select action, actor, detail from ledger where action like 'switch.%' order by at, id`,
    );
    assert.deepEqual(told.map((row) => String(row['action'])).toSorted(), [
      'switch.off',
      'switch.on',
    ]);
    assert.ok(world.alarms().includes('switch.off'));
  });
});
