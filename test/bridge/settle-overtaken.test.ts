import assert from 'node:assert/strict';
import { Caller } from './caller.ts';
import { holds } from './holding.ts';
import type { Behaviour } from './scripted-gateway.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

const LOST: Behaviour = { does: 'lose', effectAfterMs: null };
const LOST_AFTER: Behaviour = { does: 'lose', effectAfterMs: 0 };

/** A settler that has looked, found nothing, and stands still behind a statement. */
async function stoodStill(world: World, words: string) {
  const wake = holds(world, words);
  const slow = await world.begun(world.settle());
  return {
    async goesOn(): Promise<void> {
      wake();
      await slow.end();
    },
  };
}

async function inDoubt(world: World): Promise<[Caller, string]> {
  const caller = new Caller(world);
  const token = await caller.ready();
  world.gateway.will('subscribe', LOST, LOST_AFTER);
  const { operation_id: id } = await caller.subscribe(token);
  return [caller, id];
}

withWorlds((inWorld) => {
  for (const [what, lookedAtMs, sentAfterMs, wakesAfterMs] of [
    ['is proof only if it was when it looked', 2_000, 50_000, 30_000],
    ['ends nothing that was sent again since', 25_000, 31_000, 14_000],
  ] as const) {
    inWorld(`a look whose settler stood still ${what}`, async (world) => {
      const [caller, id] = await inDoubt(world);
      await world.clock.advance(lookedAtMs);
      const slow = await stoodStill(world, 'from card_token');
      await world.clock.advance(sentAfterMs);
      await world.settle();
      assert.equal(world.gateway.subscriptions.size, 1, 'another settler has sent it again');
      await world.clock.advance(wakesAfterMs);
      await slow.goesOn();
      assert.equal((await caller.operation(id)).outcome, 'in_doubt');
      await world.settleFor(60_000);
      assert.equal((await caller.operation(id)).outcome, 'approved');
      assert.deepEqual(world.alarms(), []);
    });
  }

  inWorld('a settler that stood still does not send what another one has ended', async (world) => {
    const [caller, id] = await inDoubt(world);
    await world.clock.advance(50_000);
    const slow = await stoodStill(world, 'from switch');
    await world.clock.advance(31_000);
    await world.settle();
    assert.equal((await caller.operation(id)).outcome, 'failed');
    await slow.goesOn();
    assert.equal(world.gateway.asked('subscribe').length, 1, 'the first one');
    assert.equal(world.gateway.subscriptions.size, 0);
  });

  inWorld('a call that stood still does not refuse what was sent in its place', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    const wake = holds(world, 'insert into operation');
    const slow = await world.begun(caller.change('pause', id));
    world.gateway.will('change', LOST_AFTER);
    for (let passedS = 0; world.gateway.count('change') === 0; passedS += 1) {
      assert.ok(passedS < 120, 'settle does not send it');
      await world.clock.advance(1_000);
      await world.settle();
    }
    // What the call sees when it wakes is no reason any more.
    await world.store.inner.query(`update subscription set status = 'cancelled'`);
    wake();
    const answer = await slow.end();
    assert.deepEqual([answer.outcome, answer.route], ['in_doubt', 'wait']);
    assert.deepEqual(await world.states('pause'), ['started'], 'it is as open as it was');
    await world.store.inner.query(`update subscription set status = 'active'`);
    await world.settleFor(60_000);
    assert.equal((await caller.operation(answer.operation_id)).outcome, 'approved');
  });

  inWorld('a cancel whose refusal was lost is made when it is its turn', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.will('change', { does: 'hang', effectAfterMs: 0 });
    const pause = await world.begun(caller.change('pause', id));
    const finish = (text: string): boolean => text.includes('update operation set state');
    world.store.rule = (text) => (finish(text) ? 'before' : null);
    await assert.rejects(caller.change('cancel', id), /connection was lost/);
    world.store.rule = () => null;
    await pause.end();
    await world.settleFor(180_000);
    assert.deepEqual(await world.states('cancel'), ['approved']);
    const [subscription] = await world.rows('select status from subscription');
    assert.equal(subscription?.['status'], 'cancelled');
    assert.equal([...world.gateway.subscriptions.values()][0]?.status, 'cancelled');
  });

  inWorld('what was under way and does not show yet is not absent', async (world) => {
    const { gateway } = world;
    const caller = new Caller(world);
    // At work for longer than the time after which absence is proof, and its index lags behind.
    gateway.will('tokenise', LOST_AFTER);
    const lookUp = gateway.lookUp.bind(gateway);
    let looks = 0;
    const sentAtMs = world.clock.monotonicMs();
    gateway.lookUp = (order, signal) => {
      looks += 1;
      const sinceMs = world.clock.monotonicMs() - sentAtMs;
      if (sinceMs < 70_000) return Promise.resolve({ kind: 'under_way' });
      return sinceMs < 85_000 ? Promise.resolve({ kind: 'absent' }) : lookUp(order, signal);
    };
    const { operation_id: id } = await caller.card();
    await world.clock.advance(2_000);
    // It has read the operation, and has not looked yet, when the others find it under way.
    const slow = await stoodStill(world, 'from operation o');
    await world.settleFor(69_000);
    assert.ok(looks > 0, 'nobody else has looked');
    await slow.goesOn();
    await world.settleFor(12_000);
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    await world.settleFor(120_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
  });

  inWorld(
    'what the gateway has called pending and then does not find stays open',
    async (world) => {
      const { gateway } = world;
      const caller = new Caller(world);
      gateway.will('tokenise', { does: 'pending', afterMs: 300_000 });
      const { operation_id: id } = await caller.card();
      const lookUp = gateway.lookUp.bind(gateway);
      gateway.lookUp = () => Promise.resolve({ kind: 'absent' });
      await world.settleFor(200_000);
      assert.equal((await caller.operation(id)).outcome, 'pending');
      gateway.lookUp = lookUp;
      await world.settleFor(200_000);
      assert.equal((await caller.operation(id)).outcome, 'approved');
    },
  );
});
