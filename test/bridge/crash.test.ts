import assert from 'node:assert/strict';
import { TokenAnswer } from '../../src/contract/schemas.ts';
import { Caller, finishOf, read } from './caller.ts';
import { withWorlds } from './worlds.ts';

/** The statement that commits an outcome. */
const isFinish = (text: string): boolean => text.includes('update operation set state');

withWorlds((inWorld) => {
  inWorld('a process that dies before it sends leaves an enrolment that is made', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.store.rule = (text) => (text.includes('insert into operation') ? 'dies_after' : null);
    await world.begun(caller.subscribeText(token));
    world.store.rule = () => null;
    await world.restart();
    assert.deepEqual(await world.states('subscribe'), ['started']);
    await world.clock.advance(27_999);
    assert.equal(await world.settle(), 0, 'another process may still be at it');
    await world.clock.advance(1);
    await world.settle();
    assert.deepEqual(await world.states('subscribe'), ['approved']);
    assert.equal(world.gateway.subscriptions.size, 1);
  });

  inWorld('a process that dies before it refuses leaves nothing that is sent', async (world) => {
    const caller = new Caller(world);
    const stranger = new Caller(world);
    const token = await caller.ready();
    await stranger.consent();
    const cases = [
      () => caller.subscribeText(token, { interval_count: 7 }),
      () => stranger.subscribeText(token),
      () => caller.subscribeText('tok_abcdefghijkmnpqrstuv', { attempt: 4 }),
    ];
    for (const refused of cases) {
      world.store.rule = (text) => (text.includes('insert into operation') ? 'dies_after' : null);
      await world.begun(refused());
      world.store.rule = () => null;
      await world.restart();
      await world.settleFor(120_000);
    }
    assert.deepEqual(await world.states('subscribe'), ['failed', 'failed', 'failed']);
    assert.equal(world.gateway.asked('subscribe').length, 0);
    assert.equal((await caller.subscribe(token)).outcome, 'approved', 'its consent is free');
  });

  inWorld('a process that dies between gateway and commit loses nothing', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.store.rule = (text) => (isFinish(text) ? 'dies' : null);
    await world.begun(caller.subscribeText(token));
    world.store.rule = () => null;
    await world.restart();
    assert.equal(world.gateway.subscriptions.size, 1);
    await world.settleFor(30_000);
    assert.deepEqual(await world.states('subscribe'), ['approved']);
    assert.equal(await world.count('subscription'), 1);
    assert.equal(world.gateway.asked('subscribe').length, 1);
  });

  inWorld('a card process that dies after begin leaves an attempt that ends', async (world) => {
    const caller = new Caller(world);
    const begun = await caller.begin();
    assert.equal(begun.kind, 'go');
    await world.settleFor(60_000);
    assert.deepEqual(await world.states('tokenise'), ['failed']);
    assert.equal(await world.count('job'), 0);
  });

  inWorld('a card process that dies before finish leaves a token that is found', async (world) => {
    const caller = new Caller(world);
    const begun = await caller.begin();
    assert.ok(begun.kind === 'go');
    await world.run(caller.send(begun.operation_id, 10_000));
    await world.restart();
    await world.settleFor(60_000);
    assert.deepEqual(await world.states('tokenise'), ['approved']);
    const polled = await caller.operation(begun.operation_id);
    await caller.consent();
    assert.equal((await caller.subscribe(polled.token_id)).outcome, 'approved');
  });

  inWorld(
    'an outcome that cannot be committed is told as in doubt, because it is',
    async (world) => {
      const caller = new Caller(world);
      const token = await caller.ready();
      world.store.rule = (text) => (isFinish(text) ? 'before' : null);
      const answer = await caller.subscribe(token);
      world.store.rule = () => null;
      assert.deepEqual([answer.outcome, answer.route], ['in_doubt', 'wait']);
      assert.ok(world.alarms().includes('operation.not_committed'));
      await world.settleFor(40_000);
      assert.equal((await caller.operation(answer.operation_id)).outcome, 'approved');
    },
  );

  inWorld('a settler and a late commit of the call agree on one outcome', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    const query = world.store.query.bind(world.store);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let first = true;
    world.store.query = async (text, values) => {
      if (first && isFinish(text)) {
        first = false;
        await held;
      }
      return query(text, values);
    };
    const late = await world.begun(caller.subscribeText(token));
    await world.settleFor(40_000);
    const [row] = await world.rows(`select answer from operation where kind = 'subscribe'`);
    release();
    assert.equal(await late.end(), row?.['answer']);
    assert.equal(await world.count('subscription'), 1);
    assert.equal(await world.count(`ledger where action = 'subscribe.approved'`), 1);
  });

  inWorld('a card process that is late does not take back what was settled', async (world) => {
    const caller = new Caller(world);
    const begun = await caller.begin();
    assert.ok(begun.kind === 'go');
    await world.settleFor(60_000);
    const settled = await caller.operation(begun.operation_id);
    assert.equal(settled.outcome, 'failed');
    const reply = await world.run(caller.send(begun.operation_id, 5_000));
    const late = world.verbs.finish(begun.operation_id, finishOf(reply, 5_000));
    const { outcome } = read(TokenAnswer, await world.run(late));
    assert.equal(outcome, 'failed');
    assert.deepEqual(await world.states('tokenise'), ['failed']);
    assert.equal(await world.count('card_token'), 0);
    assert.equal(await world.count(`ledger where action = 'tokenise.approved'`), 0);
  });
});
