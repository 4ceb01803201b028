import assert from 'node:assert/strict';
import { Caller } from './caller.ts';
import { holds } from './holding.ts';
import type { Behaviour } from './scripted-gateway.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

const AWAY: Behaviour = { does: 'unreachable' };
const DAY_MS = 24 * 3_600_000;

function away(world: World, times: number): void {
  world.gateway.will('change', ...Array.from({ length: times }, () => AWAY));
}

async function statusOf(world: World): Promise<readonly unknown[]> {
  const [row] = await world.rows('select status, open_operation from subscription');
  const [theirs] = world.gateway.subscriptions.values();
  return [row?.['status'], row?.['open_operation'], theirs?.status];
}

withWorlds((inWorld) => {
  inWorld('a cancellation is taken on while the gateway is away, and made later', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    away(world, 6);
    const answer = await caller.change('cancel', id);
    assert.deepEqual(
      [answer.outcome, answer.error_code, answer.route],
      ['in_doubt', 'in_doubt', 'wait'],
      'no caller is told that it came to nothing',
    );
    assert.equal(world.gateway.count('change'), 0);
    await world.settleFor(300_000);
    assert.equal((await caller.operation(answer.operation_id)).outcome, 'approved');
    assert.deepEqual(await statusOf(world), ['cancelled', null, 'cancelled']);
    assert.equal(world.gateway.count('change'), 1);
    const events = await world.rows(`select type from outbox order by created_at, id`);
    assert.equal(events.filter(({ type }) => type === 'subscription.cancelled').length, 1);
  });

  for (const [what, behaviour, alarms] of [
    ['asks for patience', { does: 'status', status: 429, retryAfterS: 1 }, []],
    ['does not know our credential', { does: 'status', status: 401 }, ['gateway.rejected']],
  ] as const) {
    inWorld(`so is one whose gateway ${what}`, async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      world.gateway.will('change', behaviour, behaviour, behaviour);
      const { outcome, operation_id: operation } = await caller.change('cancel', id);
      assert.equal(outcome, 'in_doubt');
      assert.deepEqual(world.alarms(), alarms);
      await world.settleFor(300_000);
      assert.equal((await caller.operation(operation)).outcome, 'approved');
    });
  }

  inWorld(
    'it is sent for as long as the gateway is away, with its key or without',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      away(world, 3);
      world.gateway.lookUps = 'unanswered';
      const { operation_id: operation } = await caller.change('cancel', id);
      await world.settleFor(60_000);
      await world.clock.advance(2 * DAY_MS);
      await world.settle();
      assert.equal((await caller.operation(operation)).outcome, 'in_doubt');
      world.gateway.lookUps = 'answered';
      await world.settleFor(60_000);
      assert.equal((await caller.operation(operation)).outcome, 'approved');
      assert.deepEqual(await statusOf(world), ['cancelled', null, 'cancelled']);
    },
  );

  inWorld('a gateway that has refused a cancellation has refused it', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.will('change', { does: 'status', status: 404 });
    const answer = await caller.change('cancel', id);
    assert.deepEqual(
      [answer.outcome, answer.error_code, answer.route],
      ['failed', 'gateway_rejected', 'agent'],
    );
    assert.deepEqual(await statusOf(world), ['active', null, 'active']);
  });

  inWorld('no other change is taken on while the gateway is away', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    away(world, 3);
    const answer = await caller.change('pause', id);
    assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'gateway_unavailable']);
    await world.settleFor(300_000);
    assert.equal(world.gateway.count('change'), 0);
    assert.deepEqual(await statusOf(world), ['active', null, 'active']);
  });

  inWorld('a change that was refused as things stood before stays refused', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    const wake = holds(world, 'insert into operation', 'before');
    // Read while it is active, and begun when it is paused: a resumption could be made by then.
    const resume = await world.begun(caller.change('resume', id));
    assert.equal((await caller.change('pause', id)).outcome, 'approved');
    wake();
    const answer = await resume.end();
    assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'not_allowed']);
    assert.equal(world.gateway.count('change'), 1, 'the pause');
    assert.deepEqual(await statusOf(world), ['paused', null, 'paused']);
  });
});
