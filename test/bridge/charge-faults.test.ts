import assert from 'node:assert/strict';
import { Caller } from './caller.ts';
import { findings } from './ledger-walk.ts';
import { live, nine } from './living.ts';
import type { Behaviour } from './scripted-gateway.ts';
import type { Store } from '../../src/store/store.ts';
import { World } from './world.ts';
import { withWorlds } from './worlds.ts';

/** How the gateway meets the charge in which a process fails. */
const GATEWAYS: Readonly<Record<string, readonly Behaviour[]>> = {
  'that approves': [],
  'whose answer is lost after the effect': [{ does: 'lose', effectAfterMs: 0 }],
  'whose answer is lost with the request': [{ does: 'lose', effectAfterMs: null }],
};
const FAILINGS = ['before', 'after', 'dies', 'dies_after'] as const;

/** One due charge, with the n-th statement of charging or settling failing. @returns false past the last. */
async function failing(
  world: World,
  behaviours: readonly Behaviour[],
  how: (typeof FAILINGS)[number],
  n: number,
): Promise<boolean> {
  await new Caller(world).enrol();
  world.gateway.will('charge', ...behaviours);
  await live(world, nine('2026-12-23') - 1);
  await world.clock.advance(1);
  const first = world.store.asked.length;
  let failed = false;
  world.store.rule = (_text, index) => {
    if (index !== first + n) return null;
    failed = true;
    return how;
  };
  const dies = how === 'dies' || how === 'dies_after';
  for (const round of [() => world.charge(), () => world.settle()] as const) {
    // A process that has died does not go on to the next round.
    if (dies && !failed) await world.begun(round());
    else if (!dies) await round().catch(() => 0);
    if (!failed) await world.clock.advance(2_000);
  }
  world.store.rule = () => null;
  await world.restart();
  await live(world, nine('2026-12-30'));
  return failed;
}

async function consistent(world: World): Promise<void> {
  const made = world.gateway.charges.map((one) => one.dueDate);
  assert.deepEqual(made, ['2026-11-23', '2026-12-23'], 'each period is charged once');
  const rows = await world.rows(`select due_date, state from charge order by due_date`);
  assert.deepEqual(
    rows.map((row) => `${String(row['due_date'])} ${String(row['state'])}`),
    ['2026-11-23 paid', '2026-12-23 paid'],
  );
  assert.equal(await world.count(`outbox where type = 'charge.succeeded'`), 2);
  assert.equal(await world.count(`ledger where action = 'charge.approved'`), 1);
  const begun = await world.count(`ledger where action = 'charge.intent'`);
  assert.equal(await world.count(`operation where kind = 'charge'`), begun);
  assert.equal(await world.count(`operation where state in ('started', 'in_doubt')`), 0);
  const [row] = await world.rows('select next_charge_date, charging_operation from subscription');
  assert.deepEqual(row, { next_charge_date: '2027-01-23', charging_operation: null });
  await world.seal();
  assert.deepEqual(await findings(world), []);
}

withWorlds((inWorld, store: () => Store) => {
  for (const [title, behaviours] of Object.entries(GATEWAYS)) {
    inWorld(
      `a process that fails at any statement of a charge, at a gateway ${title}`,
      async () => {
        for (const how of FAILINGS) {
          let n = 0;
          for (; ; n += 1) {
            const world = await World.open(store(), { subscriptions: false });
            const failed = await failing(world, behaviours, how, n);
            await consistent(world);
            if (!failed) break;
          }
          assert.ok(n >= 8, `${n} statements`);
        }
      },
    );
  }
});
