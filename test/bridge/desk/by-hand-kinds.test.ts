import assert from 'node:assert/strict';
import { confirm, propose } from '../../../src/bridge/desk/resolve.ts';
import { findProposal } from '../../../src/store/proposals.ts';
import { Caller } from '../caller.ts';
import type { World } from '../world.ts';
import { withWorlds } from '../worlds.ts';

const HAPPENED = { does: 'lose', effectAfterMs: 0 } as const;
const NEVER = { does: 'lose', effectAfterMs: null } as const;
const PROVED_MS = 60_000;
const MONTH_MS = 31 * 24 * 3_600_000;
const ORIGIN = 'console 192.0.2.5';

/** Two people say that it has happened, under this id of the gateway, or that nothing has. */
async function resolved(world: World, id: string, reference: string | null): Promise<void> {
  await world.clock.advance(PROVED_MS);
  await world.run(
    propose(
      world.bridge,
      { clientId: 'staff:otto', origin: ORIGIN },
      {
        operation_id: id,
        ending: reference === null ? 'failed' : 'approved',
        ...(reference !== null && { gateway_reference: reference }),
        reason: 'the gateway cannot be asked',
        evidence: 'what its support has written',
      },
    ),
  );
  const proposal = await findProposal(world.store, id);
  const order = { operation_id: id, proposal_id: proposal?.id ?? '' };
  await world.run(confirm(world.bridge, { clientId: 'staff:olga', origin: ORIGIN }, order));
}

async function states(world: World, table: string, column = 'state'): Promise<string[]> {
  const rows = await world.rows(`select ${column} as word from ${table} order by 1`);
  return rows.map((row) => String(row['word']));
}

/** A charge of the second period whose answer was lost. */
async function chargeInDoubt(world: World): Promise<string> {
  await new Caller(world).enrol();
  await world.clock.advance(MONTH_MS);
  world.gateway.will('charge', NEVER);
  world.gateway.lookUps = 'unanswered';
  await world.charge();
  const [row] = await world.rows(`select id from operation where kind = 'charge'`);
  assert.deepEqual(await world.states('charge'), ['in_doubt']);
  return String(row?.['id']);
}

/** A change whose answer was lost. */
async function changeInDoubt(
  world: World,
  verb: 'pause' | 'cancel',
  effect: boolean,
): Promise<[string, string]> {
  const caller = new Caller(world);
  const { subscription_id: subscription } = await caller.enrol();
  world.gateway.will('change', effect ? HAPPENED : NEVER);
  world.gateway.lookUps = 'unanswered';
  const { operation_id: id, outcome } = await caller.change(verb, subscription);
  assert.equal(outcome, 'in_doubt');
  return [subscription, id];
}

withWorlds((inWorld) => {
  for (const reference of ['card-at-the-gateway', null]) {
    const end = reference === null ? 'failed' : 'approved';
    inWorld(`a card in doubt is ${end} by hand`, async (world) => {
      const caller = new Caller(world);
      world.gateway.will('tokenise', NEVER);
      world.gateway.lookUps = 'unanswered';
      const { operation_id: id } = await caller.card();
      await resolved(world, id, reference);
      assert.deepEqual(await world.states('tokenise'), [end]);
      assert.deepEqual(
        await states(world, 'card_token', 'reference'),
        reference === null ? [] : [reference],
      );
    });
  }

  inWorld(
    'a card is taken only where the gateway’s own check finds it good',
    async (world) => {
      const caller = new Caller(world);
      world.gateway.will('tokenise', NEVER);
      world.gateway.lookUps = 'unanswered';
      const { operation_id: id } = await caller.card();
      world.gateway.will('verify', { does: 'decline', code: 'card_declined' });
      await assert.rejects(resolved(world, id, 'card-at-the-gateway'), { code: 'not_resolvable' });
      assert.deepEqual(await world.states('tokenise'), ['in_doubt']);
    },
    { verification: true },
  );

  inWorld(
    'a charge that was made is paid, and one that was not is tried again',
    async (world) => {
      const id = await chargeInDoubt(world);
      await resolved(world, id, null);
      assert.deepEqual(await world.states('charge'), ['failed']);
      await world.clock.advance(MONTH_MS / 31);
      world.gateway.will('charge', NEVER);
      await world.charge();
      const [second] = await world.rows(
        `select id from operation where kind = 'charge' and state = 'in_doubt'`,
      );
      assert.ok(second, 'it was not tried again');
      await resolved(world, String(second['id']), 'charge-of-last-night');
      assert.deepEqual(await states(world, 'charge'), ['paid', 'paid']);
      const [found] = await world.rows(
        `select count(*)::int as n from ledger where gateway_transaction_id = 'charge-of-last-night'`,
      );
      assert.equal(found?.['n'], 1, 'an auditor finds it by the gateway’s id');
      const told = await states(world, `outbox where type = 'charge.succeeded'`, 'type');
      assert.equal(told.length, 2);
    },
    { subscriptions: false },
  );

  inWorld('a change that was made is committed, and its subscription is free', async (world) => {
    const [subscription, id] = await changeInDoubt(world, 'pause', true);
    await resolved(world, id, 'event-of-the-gateway');
    assert.deepEqual(await states(world, 'subscription', 'status'), ['paused']);
    world.gateway.lookUps = 'answered';
    const resumed = await new Caller(world).change('resume', subscription);
    assert.equal(resumed.outcome, 'approved');
  });

  inWorld('what the gateway contradicts ends nothing', async (world) => {
    const [, id] = await changeInDoubt(world, 'cancel', true);
    await assert.rejects(resolved(world, id, null), /says that the subscription is cancelled/);
    assert.deepEqual(await states(world, 'subscription', 'status'), ['active']);
    assert.deepEqual(await states(world, 'proposal'), ['open']);
    assert.deepEqual(await world.states('cancel'), ['in_doubt']);
  });

  inWorld('an id that belongs to another subscription enrols nobody', async (world) => {
    await new Caller(world).enrol();
    const [other] = await states(world, 'subscription', 'gateway_reference');
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', NEVER);
    world.gateway.lookUps = 'unanswered';
    const { operation_id: id } = await caller.subscribe(token);
    await assert.rejects(resolved(world, id, other ?? ''), /belongs to another subscription/);
    await assert.rejects(resolved(world, id, ' '), /by which id/);
    assert.deepEqual(await world.states('subscribe'), ['approved', 'in_doubt']);
  });

  inWorld(
    'what was sent again since it was looked at cannot be said to have failed',
    async (world) => {
      const [, id] = await changeInDoubt(world, 'pause', false);
      await world.clock.advance(PROVED_MS);
      const actor = { clientId: 'staff:otto', origin: ORIGIN };
      const seen = { reason: 'nothing is to be seen', evidence: 'its list of events' };
      await propose(world.bridge, actor, { operation_id: id, ending: 'failed', ...seen });
      // It cannot be looked up, so settle sends it once more under its key; that answer is lost as well.
      world.gateway.lookUps = 'unable';
      world.gateway.will('change', HAPPENED);
      await world.settleFor(60_000);
      const proposal = await findProposal(world.store, id);
      const order = { operation_id: id, proposal_id: proposal?.id ?? '' };
      const other = { clientId: 'staff:olga', origin: ORIGIN };
      await assert.rejects(confirm(world.bridge, other, order), { code: 'not_resolvable' });
      assert.notEqual((await world.states('pause'))[0], 'failed');
    },
  );

  inWorld('what is not in doubt is not resolved by hand', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'pending' });
    const { operation_id: id } = await caller.subscribe(token);
    await assert.rejects(resolved(world, id, 'x'), /will tell us itself/);
    const [done] = await world.rows(`select id from operation where kind = 'consent'`);
    await assert.rejects(resolved(world, String(done?.['id']), 'x'), /has ended/);
    await assert.rejects(resolved(world, 'op_none', 'x'), { code: 'unknown_resource' });
  });
});
