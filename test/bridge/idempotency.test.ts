import assert from 'node:assert/strict';
import { Fault } from '../../src/payment/fault.ts';
import { Caller, enrol, finishOf, read } from './caller.ts';
import { SubscriptionAnswer } from '../../src/contract/schemas.ts';
import { CLIENT, keyed, type World } from './world.ts';
import { withWorlds } from './worlds.ts';

const REUSED = { name: 'Fault', code: 'key_reused', status: 422 };
const RUNNING = { name: 'Fault', code: 'operation_in_progress', status: 409, retryAfterS: 1 };

function texts(world: World, caller: Caller, token: string, key: string | null): Promise<string> {
  return world.run(caller.subscribeText(token, {}, key));
}

withWorlds((inWorld) => {
  inWorld('the same key and body get the stored answer, byte for byte', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    const first = await texts(world, caller, token, 'key-one');
    await world.clock.advance(60_000);
    await world.restart();
    assert.equal(await texts(world, caller, token, 'key-one'), first);
    assert.equal(world.gateway.asked('subscribe').length, 1);
    const changed = keyed({ interaction_id: caller.interaction }, 'key-two');
    const { subscription_id: id } = read(SubscriptionAnswer, first);
    const paused = await world.run(world.verbs.changeSubscription('pause', id, changed));
    assert.equal(await world.run(world.verbs.changeSubscription('pause', id, changed)), paused);
    assert.equal(world.gateway.count('change'), 1);
  });

  inWorld(
    'an answer in doubt is repeated too, and after settling the settled one',
    async (world) => {
      const caller = new Caller(world);
      const token = await caller.ready();
      world.gateway.will('subscribe', { does: 'lose', effectAfterMs: 0 });
      const first = await texts(world, caller, token, 'key-one');
      assert.equal(read(SubscriptionAnswer, first).outcome, 'in_doubt');
      assert.equal(await texts(world, caller, token, 'key-one'), first);
      await world.clock.advance(2_000);
      await world.settle();
      const settled = await texts(world, caller, token, 'key-one');
      assert.equal(read(SubscriptionAnswer, settled).outcome, 'approved');
      assert.equal(await texts(world, caller, token, 'key-one'), settled);
      assert.equal(world.gateway.count('subscribe'), 1);
    },
  );

  inWorld('another body under a used key is refused', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    await texts(world, caller, token, 'key-one');
    const other = caller.subscribeText(token, { interval_count: 2 }, 'key-one');
    await assert.rejects(world.run(other), REUSED);
    await assert.rejects(
      world.run(
        world.verbs.consent(
          keyed(
            { interaction_id: caller.interaction, disclosure_id: 'dis_x', key_pressed: '1' },
            'key-one',
          ),
        ),
      ),
      REUSED,
      'nor may another verb use it',
    );
    assert.equal(world.gateway.count('subscribe'), 1);
  });

  inWorld('another card under a used key is refused, the same one is not', async (world) => {
    const caller = new Caller(world);
    const first = await caller.card({ key: 'key-one' });
    assert.deepEqual(await caller.card({ key: 'key-one' }), first);
    await assert.rejects(caller.begin({ key: 'key-one', card_mac: 'another card' }), REUSED);
    await assert.rejects(caller.begin({ key: 'key-one', body_hash: 'another body' }), REUSED);
    // After a restart the card process has another MAC key: the cards cannot be compared.
    const after = { key: 'key-one', card_mac: 'cannot be compared', card_mac_key: 'mac-key-two' };
    assert.deepEqual(await caller.card(after), first);
    assert.equal(world.gateway.count('tokenise'), 1);
  });

  inWorld('while the first one runs a repeat is told to ask again', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'approve', afterMs: 5_000 });
    const running = await world.begun(caller.subscribeText(token, {}, 'key-one'));
    await assert.rejects(caller.subscribeText(token, {}, 'key-one'), RUNNING);
    const answer = await running.end();
    assert.equal(await texts(world, caller, token, 'key-one'), answer);
    const begun = await caller.begin({ key: 'key-card' });
    assert.equal(begun.kind, 'go');
    await assert.rejects(caller.begin({ key: 'key-card' }), RUNNING);
  });

  inWorld('fifty identical requests at once are one effect at the gateway', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'approve', afterMs: 1_000 });
    const all = Array.from({ length: 50 }, () => caller.subscribeText(token, {}, 'key-one'));
    const ended = await world.run(Promise.allSettled(all));
    const answers = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.ok(answers.length >= 1);
    assert.equal(new Set(answers).size, 1);
    for (const one of ended) {
      if (one.status === 'rejected')
        assert.ok(one.reason instanceof Fault && one.reason.code === 'operation_in_progress');
    }
    assert.equal(world.gateway.asked('subscribe').length, 1);
    assert.equal(world.gateway.subscriptions.size, 1);
    assert.equal(await world.count(`ledger where action = 'subscribe.intent'`), 1);
  });

  inWorld('fifty identical card requests at once count as one attempt', async (world) => {
    const caller = new Caller(world, { ani: '+13175550100' });
    await caller.availability();
    const request = caller.beginRequest({ attempt: 1 });
    const all = Array.from({ length: 50 }, () => world.verbs.begin(request));
    const ended = await world.run(Promise.allSettled(all));
    const went = ended.filter((one) => one.status === 'fulfilled' && one.value.kind === 'go');
    assert.equal(went.length, 1);
    const [call] = await world.rows('select card_tries from interaction');
    assert.equal(call?.['card_tries'], 1);
    const counts = await world.rows('select subject, n from velocity order by subject');
    assert.deepEqual(
      counts.map((row) => row['n']),
      [1, 1, 1, 1],
    );
  });

  inWorld('without a header the attempt makes the key', async (world) => {
    const caller = new Caller(world);
    world.gateway.will('tokenise', { does: 'decline', code: 'cvv_mismatch' });
    const declined = await caller.card({ attempt: 1 });
    assert.equal(declined.outcome, 'declined');
    assert.deepEqual(await caller.card({ attempt: 1 }), declined);
    assert.equal((await caller.card({ attempt: 2 })).outcome, 'approved');
    await assert.rejects(caller.begin({ attempt: 2, card_mac: 'another card' }), REUSED);
  });

  inWorld('without header and attempt the content makes the key', async (world) => {
    const caller = new Caller(world);
    const first = await caller.card({ card_mac: 'one card' });
    assert.deepEqual(await caller.card({ card_mac: 'one card' }), first);
    const second = await caller.card({ card_mac: 'another card' });
    assert.notEqual(second.token_id, first.token_id);
    assert.equal(world.gateway.count('tokenise'), 2);
    const { disclosure_id: id } = await caller.disclose();
    assert.equal((await caller.disclose()).disclosure_id, id);
    assert.notEqual((await caller.press(id, '2')).outcome, (await caller.press(id, '1')).outcome);
    assert.equal(await world.count('consent'), 1);
  });

  inWorld('an attempt in words and in digits is the same attempt', async (world) => {
    const { subscription_id: id } = await enrol(world);
    const interaction = { interaction_id: 'call-9' };
    const one = { ...keyed({ ...interaction, attempt: '1' }), bodyHash: 'same' };
    const other = { ...keyed({ ...interaction, attempt: 1 }), bodyHash: 'same' };
    const first = await world.run(world.verbs.changeSubscription('pause', id, one));
    assert.equal(await world.run(world.verbs.changeSubscription('pause', id, other)), first);
  });

  inWorld('keys of one client mean nothing to another', async (world) => {
    const one = new Caller(world);
    const other = new Caller(world);
    const token = await one.ready();
    const otherToken = await other.ready();
    const first = await texts(world, one, token, 'key-one');
    const actor = { ...CLIENT, clientId: 'another-client' };
    const ask = keyed(other.subscribeRequest(otherToken), 'key-one', actor);
    const second = await world.run(world.verbs.subscribe(ask));
    assert.notEqual(second, first);
    assert.equal(world.gateway.subscriptions.size, 2);
    await assert.rejects(
      world.verbs.subscribe(keyed(other.subscribeRequest(otherToken), 'key-one')),
      REUSED,
    );
  });

  inWorld('a repeat after a crash is told that it is being looked up', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'approve' });
    world.store.rule = (text) => (text.includes('update operation set state') ? 'dies' : null);
    await world.begun(caller.subscribeText(token, {}, 'key-one'));
    world.store.rule = () => null;
    await world.restart();
    await assert.rejects(caller.subscribeText(token, {}, 'key-one'), RUNNING);
    await world.clock.advance(28_001);
    const told = await caller.subscribe(token, {}, 'key-one');
    assert.deepEqual([told.outcome, told.route], ['in_doubt', 'wait']);
    await world.settle();
    const truth = await caller.subscribe(token, {}, 'key-one');
    assert.equal(truth.outcome, 'approved');
    assert.equal(world.gateway.count('subscribe'), 1);
  });

  inWorld('a card process that finishes twice hears the same twice', async (world) => {
    const caller = new Caller(world);
    const begun = await caller.begin();
    assert.ok(begun.kind === 'go');
    const reply = await caller.send(begun.operation_id, 10_000);
    const request = finishOf(reply, 5_000);
    const first = await world.run(world.verbs.finish(begun.operation_id, request));
    await world.restart();
    assert.equal(await world.run(world.verbs.finish(begun.operation_id, request)), first);
    const late = { ...request, outcome: 'failed', error_code: 'gateway_unavailable' } as const;
    assert.equal(await world.run(world.verbs.finish(begun.operation_id, late)), first);
    await assert.rejects(world.verbs.finish('op_nobody', request), { code: 'unknown_resource' });
  });
});
