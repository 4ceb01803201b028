import assert from 'node:assert/strict';
import { momentIn } from '../../src/payment/local-time.ts';
import { claimCharges, postponeJob } from '../../src/store/jobs.ts';
import { Caller } from './caller.ts';
import { MERCHANT, type World, type WorldOptions } from './world.ts';
import { withWorlds } from './worlds.ts';

const OWN: WorldOptions = { subscriptions: false };
const DAY_MS = 24 * 3_600_000;
const nine = (date: string): number => momentIn(MERCHANT.timeZone, date, 9);

async function nextRun(world: World): Promise<unknown> {
  const [row] = await world.rows(`select due_at from job where kind = 'charge'`);
  return row?.['due_at'];
}

withWorlds((inWorld) => {
  inWorld(
    'who has looked at a charge before it ended does not change when the next try is due',
    async (world) => {
      await new Caller(world).enrol();
      world.gateway.will('charge', { does: 'lose', effectAfterMs: null });
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      await world.charge();
      await world.clock.advance(60_000);
      const [job] = await claimCharges(world.store, world.clock.now(), 60_000, 1);
      assert.ok(job, 'somebody looks at it, and sees that it is being charged');
      world.gateway.will('charge', { does: 'decline', code: 'insufficient_funds' });
      await world.settleFor(60_000);
      assert.equal(await nextRun(world), nine('2026-12-24'), 'the day that billing was told');
      await postponeJob(world.store, job, world.clock.now() + 60_000, job.step, 'charging');
      assert.equal(await nextRun(world), nine('2026-12-24'));
    },
    OWN,
  );

  inWorld(
    'a process that stood still before it charged does not charge after a cancel',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      // Its intent is committed, and then the process stands still while others work.
      const query = world.store.query.bind(world.store);
      let wake = (): void => {};
      const still = new Promise<void>((resolve) => (wake = resolve));
      world.store.query = async (...[text, values]) => {
        const rows = await query(text, values);
        if (text.includes('set charging_operation')) await still;
        return rows;
      };
      const slow = await world.begun(world.charge());
      const waiting = await caller.change('cancel', id);
      assert.equal(waiting.outcome, 'pending');
      await world.settleFor(10 * 60_000);
      assert.equal((await caller.operation(waiting.operation_id)).status, 'cancelled');
      wake();
      await slow.end();
      assert.equal(world.gateway.charges.length, 1, 'the first one');
    },
    OWN,
  );

  inWorld(
    'a card that another gateway keeps is not charged at this one',
    async (world) => {
      await new Caller(world).enrol();
      await world.rows(`update card_token set gateway = 'earlier'`);
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      await world.charge();
      assert.equal(world.gateway.asked('charge').length, 1, 'the first one');
      assert.ok(world.alarms().includes('charge.other_gateway'));
      await world.rows(`update card_token set gateway = 'scripted'`);
      await world.clock.advance(DAY_MS);
      await world.charge();
      assert.deepEqual(
        world.gateway.charges.map(({ dueDate }) => dueDate),
        ['2026-11-23', '2026-12-23'],
      );
    },
    OWN,
  );

  inWorld(
    'a cancel that waits for a lost charge ends, also where the gateway cannot be asked',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      world.gateway.will('charge', { does: 'lose', effectAfterMs: 0 });
      world.gateway.lookUp = () => Promise.resolve({ kind: 'unable' });
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      await world.charge();
      const waiting = await caller.change('cancel', id);
      assert.equal(waiting.outcome, 'pending');
      await world.settleFor(120_000);
      const ended = await caller.operation(waiting.operation_id);
      assert.deepEqual([ended.outcome, ended.status], ['approved', 'cancelled']);
      assert.deepEqual(
        world.gateway.charges.map(({ dueDate }) => dueDate),
        ['2026-11-23', '2026-12-23'],
        'the one that was under way has been made once',
      );
    },
    OWN,
  );

  inWorld('what was begun at another gateway is not looked up at this one', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'lose', effectAfterMs: null });
    const { operation_id: id } = await caller.subscribe(token);
    await world.rows(`update operation set gateway = 'earlier' where id = $1`, id);
    await world.settleFor(600_000);
    assert.equal((await caller.operation(id)).outcome, 'in_doubt', 'its absence proves nothing');
    assert.equal(world.gateway.asked('look_up').length, 0);
    assert.equal(world.gateway.asked('subscribe').length, 1, 'and it is not sent again');
    assert.ok(world.alarms().includes('settle.other_gateway'));
  });

  inWorld('a subscription of another gateway is not changed at this one', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    await world.rows(`update subscription set gateway = 'earlier'`);
    const refused = await caller.change('cancel', id);
    assert.deepEqual([refused.outcome, refused.error_code], ['failed', 'not_allowed']);
    assert.equal(world.gateway.asked('change').length, 0);
  });

  inWorld('a card of another gateway neither enrols nor replaces one', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    const second = new Caller(world, {
      customer: caller.customer,
      plan: 'recurring_yearly_premium',
    });
    const token = await second.ready();
    await world.rows(`update card_token set gateway = 'earlier' where id = $1`, token);
    const enrolled = await second.subscribe(token);
    assert.deepEqual([enrolled.outcome, enrolled.error_code], ['failed', 'not_allowed']);
    const changed = await second.change('change_card', id, { payment_method_token: token });
    assert.deepEqual([changed.outcome, changed.error_code], ['failed', 'not_allowed']);
    assert.equal(world.gateway.asked('subscribe').length, 1);
    assert.equal(world.gateway.asked('change').length, 0);
  });
});
