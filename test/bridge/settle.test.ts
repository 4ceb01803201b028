import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Caller, enrol } from './caller.ts';
import type { Behaviour } from './scripted-gateway.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

const LOST: Behaviour = { does: 'lose', effectAfterMs: null };

/** An enrolment whose answer is lost. */
async function inDoubt(world: World, behaviour: Behaviour): Promise<[Caller, string]> {
  const caller = new Caller(world);
  const token = await caller.ready();
  world.gateway.will('subscribe', behaviour);
  const { operation_id: id } = await caller.subscribe(token);
  return [caller, id];
}

withWorlds((inWorld) => {
  inWorld('what the gateway has done is found after two seconds', async (world) => {
    const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    await world.clock.advance(1_999);
    assert.equal(await world.settle(), 0);
    await world.clock.advance(1);
    assert.equal(await world.settle(), 1);
    const polled = await caller.operation(id);
    assert.deepEqual(
      [polled.outcome, polled.route, polled.prompt],
      ['approved', 'continue', 'enrolled'],
    );
    assert.match(polled.subscription_id, /^sub_/);
    assert.equal(world.gateway.asked('subscribe').length, 1);
    await world.deliver();
    assert.deepEqual(world.billing.types(), ['subscription.created']);
    assert.ok(world.counted.includes('settled approved'));
    assert.equal(await world.count(`job where kind = 'settle'`), 0);
  });

  inWorld('what the gateway declined while nobody listened ends declined', async (world) => {
    const [caller, id] = await inDoubt(world, { does: 'status', status: 500 });
    world.gateway.will('subscribe', { does: 'decline', code: 'insufficient_funds' });
    await world.settleFor(3_000);
    assert.equal((await caller.operation(id)).error_code, 'insufficient_funds');
    const again = await caller.subscribe((await caller.card({ card_mac: 'other' })).token_id, {
      attempt: 2,
    });
    assert.equal(again.outcome, 'approved', 'the consent is free again');
  });

  inWorld('an enrolment is sent again under its own key while the caller waits', async (world) => {
    const [caller, id] = await inDoubt(world, LOST);
    await world.settleFor(3_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
    const keys = world.gateway.asked('subscribe').map((arrival) => arrival.key);
    assert.deepEqual(keys, [id, id]);
    assert.equal(world.gateway.subscriptions.size, 1);
  });

  inWorld('a settler that stood still before it sent again does not send', async (world) => {
    await inDoubt(world, LOST);
    const query = world.store.query.bind(world.store);
    let wake = (): void => {};
    const still = new Promise<void>((resolve) => (wake = resolve));
    world.store.query = async (...[text, values]) => {
      const rows = await query(text, values);
      if (text.includes('set sent_again_at')) await still;
      return rows;
    };
    await world.clock.advance(2_000);
    const slow = await world.begun(world.settle());
    await world.clock.advance(world.bridge.limits.lookMsMax + 1);
    wake();
    await slow.end();
    assert.equal(world.gateway.asked('subscribe').length, 1, 'the first one');
  });

  inWorld('an enrolment that nobody waits for fails, once absence is proof', async (world) => {
    const [caller, id] = await inDoubt(world, LOST);
    world.gateway.lookUps = 'unanswered';
    await world.settleFor(70_000);
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    world.gateway.lookUps = 'answered';
    await world.settleFor(30_000);
    const polled = await caller.operation(id);
    assert.deepEqual([polled.outcome, polled.error_code], ['failed', 'gateway_timeout']);
    assert.equal(world.gateway.subscriptions.size, 0);
    assert.equal(world.gateway.asked('subscribe').length, 1);
  });

  inWorld('a gateway that cannot be asked is sent the same again, under its key', async (world) => {
    world.gateway.lookUps = 'unable';
    const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    await world.settleFor(3_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
    const keys = world.gateway.asked('subscribe').map((arrival) => arrival.key);
    assert.deepEqual(keys, [id, id]);
    assert.equal(world.gateway.subscriptions.size, 1);
  });

  inWorld('what cannot be asked and is not wanted any more stays for a person', async (world) => {
    world.gateway.lookUps = 'unable';
    const caller = new Caller(world);
    world.gateway.will('tokenise', LOST);
    const { operation_id: card } = await caller.card();
    await world.settleFor(300_000);
    assert.equal((await caller.operation(card)).outcome, 'in_doubt', 'its digits are gone');
    assert.equal(world.gateway.asked('tokenise').length, 1);
  });

  inWorld('a card that was not stored fails after 20 s, and not before', async (world) => {
    const caller = new Caller(world);
    world.gateway.will('tokenise', LOST);
    const { operation_id: id } = await caller.card();
    await world.settleFor(19_000);
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    await world.settleFor(2_000);
    const polled = await caller.operation(id);
    assert.deepEqual([polled.outcome, polled.error_code], ['failed', 'gateway_timeout']);
    assert.equal(world.gateway.asked('tokenise').length, 1, 'a card is never sent again');
  });

  inWorld('a late commit is never overtaken by a failure', async (world) => {
    // The repeat is turned away while the first request is still on its way at the gateway.
    for (const turnedAway of [
      { does: 'unreachable' },
      { does: 'status', status: 429 },
      { does: 'status', status: 422 },
    ] as const) {
      const before = world.gateway.subscriptions.size;
      const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 18_000 });
      world.gateway.will('subscribe', turnedAway, turnedAway);
      await world.settleFor(15_000);
      assert.equal((await caller.operation(id)).outcome, 'in_doubt', turnedAway.does);
      await world.settleFor(30_000);
      assert.equal((await caller.operation(id)).outcome, 'approved');
      assert.equal(world.gateway.subscriptions.size, before + 1);
    }
  });

  inWorld('a card that was stored late is found', async (world) => {
    const caller = new Caller(world);
    world.gateway.will('tokenise', { does: 'lose', effectAfterMs: 17_000 });
    const { operation_id: id } = await caller.card();
    await world.settleFor(40_000);
    const polled = await caller.operation(id);
    assert.equal(polled.outcome, 'approved');
    await caller.consent();
    assert.equal((await caller.subscribe(polled.token_id)).outcome, 'approved');
  });

  inWorld(
    'looks come after 2, 5, 15 and 60 seconds, and once where absence is proof',
    async (world) => {
      const caller = new Caller(world);
      world.gateway.will('tokenise', { does: 'pending' });
      const { operation_id: id } = await caller.card();
      await world.settleFor(200_000);
      const looks = world.gateway.asked('look_up').map((arrival) => arrival.atMs / 1_000);
      assert.deepEqual(looks, [2, 7, 20, 80, 140, 200]);
      assert.equal((await caller.operation(id)).outcome, 'pending');
    },
  );

  inWorld('looks without an answer do not use up the ladder', async (world) => {
    const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    world.gateway.lookUps = 'unanswered';
    await world.settleFor(900_000);
    const gaps = world.gateway
      .asked('look_up')
      .map(({ atMs }, i, all) => atMs - (all[i - 1]?.atMs ?? 0));
    assert.ok(Math.max(...gaps) <= 15_000);
    const [job] = await world.rows('select step from job where subject = $1', id);
    assert.equal(job?.['step'], 0);
    world.gateway.lookUps = 'answered';
    await world.settleFor(3_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
  });

  inWorld('a requested cancel ends cancelled, however long it takes', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: subscription } = await caller.enrol();
    world.gateway.will('change', LOST, LOST, { does: 'unreachable' }, LOST);
    const { operation_id: id } = await caller.change('cancel', subscription);
    await world.settleFor(400_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
    const [truth] = world.gateway.subscriptions.values();
    assert.equal(truth?.status, 'cancelled');
    assert.equal(world.gateway.count('change'), 1);
  });

  inWorld('a change that the gateway refuses for good ends as well', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: subscription } = await caller.enrol();
    const no: Behaviour = { does: 'status', status: 422 };
    world.gateway.will('change', LOST, ...Array.from({ length: 20 }, () => no));
    const { operation_id: id } = await caller.change('pause', subscription);
    await world.settleFor(300_000);
    const polled = await caller.operation(id);
    assert.deepEqual([polled.outcome, polled.error_code], ['failed', 'gateway_rejected']);
    world.gateway.recovers('change');
    assert.equal((await caller.change('cancel', subscription)).outcome, 'approved', 'it is free');
  });

  inWorld('what was switched off meanwhile is not sent again', async (world) => {
    const [caller, id] = await inDoubt(world, LOST);
    await world.rows(`update switch set state = 'off'`);
    await world.settleFor(60_000);
    assert.equal((await caller.operation(id)).outcome, 'failed');
    assert.equal(world.gateway.asked('subscribe').length, 1);
  });

  inWorld('a repeat is at the price that was agreed to', async (world) => {
    const [caller, id] = await inDoubt(world, LOST);
    world.plans.splice(0, world.plans.length);
    await world.settleFor(3_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
    const [truth] = world.gateway.subscriptions.values();
    assert.equal(truth?.price, '2999 USD');
    const [row] = await world.rows('select amount_minor from subscription');
    assert.equal(row?.['amount_minor'], 2_999);
  });

  inWorld('the caller polls: wait, and after a minute a person', async (world) => {
    const [caller, id] = await inDoubt(world, LOST);
    world.gateway.lookUps = 'unanswered';
    for (let second = 0; second < 59; second++) {
      const polled = await caller.operation(id);
      assert.deepEqual([polled.route, polled.prompt], ['wait', 'still_working']);
      await world.settle();
      await world.clock.advance(1_000);
    }
    await world.clock.advance(1_000);
    const polled = await caller.operation(id);
    assert.deepEqual(
      [polled.outcome, polled.route, polled.prompt],
      ['in_doubt', 'agent', 'in_doubt_agent'],
    );
  });

  inWorld('who polls hurries the next look, but not more than every two seconds', async (world) => {
    const [caller, id] = await inDoubt(world, { does: 'pending' });
    for (let tenth = 0; tenth < 300; tenth++) {
      await caller.operation(id);
      await world.settle();
      await world.clock.advance(100);
    }
    const looks = world.gateway.asked('look_up').map((arrival) => arrival.atMs);
    assert.ok(looks.length >= 13 && looks.length <= 15, `${looks.length} looks in 30 s`);
  });

  inWorld('an operation that cannot be settled does not keep the others', async (world) => {
    const [, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    const [caller, other] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    await world.rows(`update operation set token_id = 'gone' where id = $1`, id);
    await world.settleFor(3_000);
    assert.equal((await caller.operation(other)).outcome, 'approved');
    assert.ok(world.alarms().includes('settle.failed'));
  });

  inWorld('two settlers at once make one subscription', async (world) => {
    const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
    await world.clock.advance(2_000);
    const looks = await Promise.all([world.settle(), world.settle(), world.settle()]);
    assert.equal(
      looks.reduce((sum, n) => sum + n, 0),
      1,
      'the lease keeps them apart',
    );
    await world.rows(
      'update operation set state = $1, answer = null where id = $2',
      'in_doubt',
      id,
    );
    assert.equal(await world.count('subscription'), 1);
    assert.equal(await world.count('outbox'), 1);
    assert.ok(caller);
  });

  inWorld('whatever the outage, it ends within 30 s of the gateway’s return', async (world) => {
    const outage = fc.record({
      startMs: fc.integer({ min: 0, max: 30_000 }),
      lengthMs: fc.integer({ min: 1_000, max: 1_200_000 }),
      how: fc.constantFrom('unanswered' as const, 'hang' as const),
      effectAfterMs: fc.constantFrom(0, 1_000, 12_000),
    });
    await fc.assert(
      fc.asyncProperty(outage, async ({ startMs, lengthMs, how, effectAfterMs }) => {
        world.gateway.lookUps = 'answered';
        const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs });
        // The look-ups go on while the outage begins, unless the outage is there from the start.
        if (effectAfterMs > startMs) await world.settleFor(startMs);
        world.gateway.lookUps = how;
        await world.settleFor(lengthMs);
        world.gateway.lookUps = 'answered';
        await world.settleFor(30_000);
        const polled = await caller.operation(id);
        assert.equal(polled.outcome, 'approved', `${startMs} ${lengthMs} ${how}`);
        assert.equal(world.gateway.effects.filter((effect) => effect.key === id).length, 1);
      }),
      { numRuns: 6, seed: 7 },
    );
  });

  inWorld('many in doubt are all settled within 30 s of the gateway’s return', async (world) => {
    const ids: string[] = [];
    const callers: Caller[] = [];
    for (let n = 0; n < 20; n++) {
      const [caller, id] = await inDoubt(world, { does: 'lose', effectAfterMs: 0 });
      if (n === 0) world.gateway.lookUps = 'unanswered';
      callers.push(caller);
      ids.push(id);
    }
    await world.settleFor(100_000);
    world.gateway.lookUps = 'answered';
    await world.settleFor(30_000);
    const states = await world.states('subscribe');
    assert.deepEqual(new Set(states), new Set(['approved']));
    assert.equal(states.length, ids.length);
    await enrol(world);
  });
});
