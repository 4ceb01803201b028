import assert from 'node:assert/strict';
import { confirm, propose, refuse } from '../../../src/bridge/desk/resolve.ts';
import type { ProposalOrder } from '../../../src/contract/console-operations.ts';
import { findProposal } from '../../../src/store/proposals.ts';
import { Caller } from '../caller.ts';
import { holds } from '../holding.ts';
import type { World } from '../world.ts';
import { withWorlds } from '../worlds.ts';

const HAPPENED = { does: 'lose', effectAfterMs: 0 } as const;
const NEVER = { does: 'lose', effectAfterMs: null } as const;
const DAY_MS = 24 * 3_600_000;
/** Nothing of ours can be on its way any more, and the gateway's index has caught up. */
const PROVED_MS = 60_000;

const person = (name: string) => ({ clientId: `staff:${name}`, origin: 'console 192.0.2.5' });
const [OTTO, OLGA, ADA] = [person('otto'), person('olga'), person('ada')];

/** An enrolment whose answer was lost, at a gateway that cannot be asked about it. */
async function inDoubt(world: World, effect: boolean): Promise<[Caller, string]> {
  const caller = new Caller(world);
  const token = await caller.ready();
  world.gateway.will('subscribe', effect ? HAPPENED : NEVER);
  world.gateway.lookUps = 'unanswered';
  const { operation_id: id, outcome } = await caller.subscribe(token);
  assert.equal(outcome, 'in_doubt');
  return [caller, id];
}

const SEEN = { reason: 'the gateway is being moved', evidence: 'its list of subscriptions' };

function happened(id: string, reference = `mandate-of-${id}`): ProposalOrder {
  return { operation_id: id, ending: 'approved', gateway_reference: reference, ...SEEN };
}

function nothing(id: string): ProposalOrder {
  return { operation_id: id, ending: 'failed', ...SEEN };
}

/** The id of what was proposed. */
async function proposed(world: World, order: ProposalOrder, actor = OTTO): Promise<string> {
  await world.run(propose(world.bridge, actor, order));
  const proposal = await findProposal(world.store, order.operation_id);
  return proposal?.id ?? '';
}

function confirmed(world: World, id: string, proposal: string, actor = OLGA): Promise<void> {
  return confirm(world.bridge, actor, { operation_id: id, proposal_id: proposal });
}

/** Everything that the ledger tells of an operation: who did what. */
async function told(world: World, id: string): Promise<string[]> {
  const text = 'select actor, action from ledger where operation_id = $1 order by at, id';
  const rows = await world.rows(text, id);
  return rows.map((row) => `${String(row['actor'])} ${String(row['action'])}`).sort();
}

const notResolvable = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error);
  assert.equal(Reflect.get(error, 'code'), 'not_resolvable', error.stack);
  assert.match(error.message, words);
  return true;
};

withWorlds((inWorld) => {
  inWorld(
    'what two people say has happened is committed, told and delivered once',
    async (world) => {
      const [caller, id] = await inDoubt(world, true);
      const proposal = await proposed(world, happened(id));
      assert.equal((await caller.operation(id)).outcome, 'in_doubt', 'one person is not enough');
      await world.run(confirmed(world, id, proposal));
      const answer = await caller.operation(id);
      assert.deepEqual(
        [answer.outcome, answer.route, answer.prompt],
        ['approved', 'continue', 'enrolled'],
      );
      assert.deepEqual(await told(world, id), [
        'flows subscribe.in_doubt',
        'flows subscribe.intent',
        'staff:olga proposal.confirmed',
        'staff:olga subscribe.approved',
        'staff:otto proposal.made',
      ]);
      const [row] = await world.rows(
        `select detail from ledger where action = 'subscribe.approved'`,
      );
      const detail = Object.fromEntries(Object.entries(row?.['detail'] ?? {}));
      assert.deepEqual(
        [detail['proposed_by'], detail['reason'], detail['evidence'], detail['gateway_reference']],
        ['staff:otto', SEEN.reason, SEEN.evidence, `mandate-of-${id}`],
      );
      await world.deliver();
      await world.settleFor(120_000);
      await world.deliver();
      assert.equal(world.billing.received.length, 1);
      assert.equal(await world.count(`job where kind = 'settle'`), 0);
      const next = await world.rows('select next_charge_date from subscription');
      assert.notEqual(next[0]?.['next_charge_date'], null, 'the gateway was asked for its date');
    },
  );

  inWorld('that nothing has happened is proposed only when nothing can happen', async (world) => {
    const [caller, id] = await inDoubt(world, false);
    await assert.rejects(propose(world.bridge, OTTO, nothing(id)), notResolvable(/may still take/));
    await world.clock.advance(PROVED_MS);
    const proposal = await proposed(world, nothing(id));
    await world.run(confirmed(world, id, proposal));
    assert.deepEqual(
      [(await caller.operation(id)).outcome, await world.count('outbox')],
      ['failed', 0],
    );
    // The plan is free again for this customer.
    world.gateway.lookUps = 'answered';
    await new Caller(world, { customer: caller.customer }).enrol();
  });

  inWorld('the one who proposes does not confirm, and that they tried is told', async (world) => {
    const [caller, id] = await inDoubt(world, true);
    const proposal = await proposed(world, happened(id));
    const elsewhere = { ...OTTO, origin: 'console 192.0.2.99' };
    await assert.rejects(confirmed(world, id, proposal, elsewhere), {
      code: 'second_person_needed',
    });
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    assert.ok((await told(world, id)).includes('staff:otto proposal.own_refused'));
  });

  inWorld('a proposal falls away where settle finds the truth', async (world) => {
    const [caller, id] = await inDoubt(world, true);
    await world.clock.advance(PROVED_MS);
    const proposal = await proposed(world, nothing(id));
    world.gateway.lookUps = 'answered';
    await world.settleFor(60_000);
    assert.equal((await caller.operation(id)).outcome, 'approved');
    await assert.rejects(confirmed(world, id, proposal), notResolvable(/truth was found/));
    const order = { operation_id: id, proposal_id: proposal, reason: 'too late' };
    await assert.rejects(refuse(world.bridge, OLGA, order), notResolvable(/truth was found/));
    await assert.rejects(propose(world.bridge, OTTO, nothing(id)), notResolvable(/has ended/));
  });

  inWorld('a proposal is good for a day, and then makes room for another', async (world) => {
    const [, id] = await inDoubt(world, true);
    const first = await proposed(world, happened(id));
    await assert.rejects(
      propose(world.bridge, ADA, happened(id)),
      notResolvable(/another proposal/),
    );
    await world.clock.advance(DAY_MS);
    await assert.rejects(confirmed(world, id, first), notResolvable(/older than a day/));
    const second = await proposed(world, happened(id), OLGA);
    await assert.rejects(confirmed(world, id, first, ADA), { code: 'unknown_resource' });
    await world.run(confirmed(world, id, second, OTTO));
    assert.deepEqual(await world.states('subscribe'), ['approved']);
  });

  inWorld('who refuses leaves it in doubt; who has proposed takes it back', async (world) => {
    const [caller, id] = await inDoubt(world, true);
    const first = await proposed(world, happened(id));
    const order = { operation_id: id, proposal_id: first, reason: 'that list is of last week' };
    await refuse(world.bridge, OLGA, order);
    await assert.rejects(refuse(world.bridge, ADA, order), notResolvable(/has been answered/));
    await assert.rejects(confirmed(world, id, first, ADA), notResolvable(/has been answered/));
    const second = await proposed(world, happened(id));
    await refuse(world.bridge, OTTO, { ...order, proposal_id: second });
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    assert.deepEqual(
      (await told(world, id)).filter((line) => line.includes('proposal')),
      [
        'staff:olga proposal.refused',
        'staff:otto proposal.made',
        'staff:otto proposal.made',
        'staff:otto proposal.withdrawn',
      ],
    );
  });

  inWorld('of two who confirm at once, one does', async (world) => {
    const [, id] = await inDoubt(world, true);
    const proposal = await proposed(world, happened(id));
    const both = [confirmed(world, id, proposal, OLGA), confirmed(world, id, proposal, ADA)];
    const ends = await world.run(Promise.allSettled(both));
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const approvals = (await told(world, id)).filter((line) => line.endsWith('.approved'));
    assert.equal(approvals.length, 1);
    assert.deepEqual([await world.count('subscription'), await world.count('outbox')], [1, 1]);
  });

  for (const [first, words] of [
    ['settle', 'with held as ('],
    ['the confirmation', 'from card_token'],
  ] as const) {
    inWorld(
      `where settle and a confirmation meet, ${first} wins and billing hears it once`,
      async (world) => {
        const [caller, id] = await inDoubt(world, true);
        const proposal = await proposed(world, happened(id));
        await world.clock.advance(PROVED_MS);
        world.gateway.lookUps = 'answered';
        // Who comes second stands still: before its statement, or behind what it has read for it.
        const wake = holds(world, words, first === 'settle' ? 'before' : 'after');
        const slow = await world.begun<unknown>(
          first === 'settle' ? confirmed(world, id, proposal) : world.settle(),
        );
        if (first === 'settle') await world.settle();
        else await world.run(confirmed(world, id, proposal));
        const ended = await told(world, id);
        wake();
        const end = await slow.end().catch((error: unknown) => error);
        if (first === 'settle') assert.ok(notResolvable(/quicker/)(end));
        assert.deepEqual(await told(world, id), ended, 'who came second tells nothing');
        assert.equal((await caller.operation(id)).outcome, 'approved');
        assert.deepEqual([await world.count('subscription'), await world.count('outbox')], [1, 1]);
        const [row] = await world.rows('select state from proposal');
        assert.equal(row?.['state'], first === 'settle' ? 'open' : 'confirmed');
      },
    );
  }

  inWorld('a proposal that is refused while it is being confirmed ends nothing', async (world) => {
    const [caller, id] = await inDoubt(world, true);
    const proposal = await proposed(world, happened(id));
    const wake = holds(world, 'with held as (', 'before');
    const slow = await world.begun(confirmed(world, id, proposal));
    const order = { operation_id: id, proposal_id: proposal, reason: 'the wrong customer' };
    await refuse(world.bridge, ADA, order);
    wake();
    await assert.rejects(slow.end(), notResolvable(/quicker/));
    assert.equal((await caller.operation(id)).outcome, 'in_doubt');
    assert.deepEqual([await world.count('subscription'), await world.count('outbox')], [0, 0]);
  });

  inWorld('what the gateway has called pending meanwhile is not ended', async (world) => {
    const [, id] = await inDoubt(world, true);
    const proposal = await proposed(world, happened(id));
    const wake = holds(world, 'with held as (', 'before');
    const slow = await world.begun(confirmed(world, id, proposal));
    await world.store.inner.query(`update operation set state = 'pending' where id = $1`, [id]);
    wake();
    await assert.rejects(slow.end(), notResolvable(/quicker/));
    assert.deepEqual(await world.states('subscribe'), ['pending']);
    assert.equal(await world.count('subscription'), 0);
  });
});
