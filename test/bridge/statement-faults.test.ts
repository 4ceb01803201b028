import assert from 'node:assert/strict';
import { Caller, finishOf, type SubscriptionAnswer, type TokenAnswer } from './caller.ts';
import { findings } from './ledger-walk.ts';
import type { Failing } from './watched-store.ts';
import { keyed, World } from './world.ts';
import { withWorlds } from './worlds.ts';

/** A client that sends again, under the same key, what ended in a fault: once, after a moment. */
async function persistent<T>(world: World, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    await world.clock.advance(1_000);
    return ask().catch(() => null);
  }
}

/** A call as far as it gets; `null` where the caller was passed to a person. */
async function call(
  world: World,
  caller: Caller,
): Promise<{ card: TokenAnswer | null; answer: SubscriptionAnswer | null }> {
  const disclosure = await persistent(world, () => caller.disclose());
  const consent =
    disclosure && (await persistent(world, () => caller.press(disclosure.disclosure_id, '1')));
  const card = consent && (await persistent(world, () => caller.card({ attempt: 1 })));
  if (!card || card.token_id === '') return { card, answer: null };
  const answer = await persistent(world, () => caller.subscribe(card.token_id, { attempt: 1 }));
  return { card, answer };
}

/** What has to hold once everything has come to its end. */
async function consistent(world: World, told: SubscriptionAnswer | null): Promise<void> {
  const truth = [...world.gateway.subscriptions.values()];
  assert.ok(truth.length <= 1, 'never two subscriptions');
  const rows = await world.rows('select id, gateway_reference from subscription');
  assert.deepEqual(
    rows.map((row) => row['gateway_reference']),
    truth.map((one) => one.reference),
    'we and the gateway know the same subscriptions',
  );
  assert.equal(await world.count('outbox'), truth.length, 'billing hears of each');
  assert.equal(
    await world.count(`operation where state in ('started', 'pending', 'in_doubt')`),
    0,
    'everything ends',
  );
  assert.equal(await world.count(`job where kind = 'settle'`), 0);
  const ended = await world.count(`ledger where action = 'subscribe.approved'`);
  assert.equal(ended, truth.length, 'the ledger tells of each once');
  if (told?.outcome === 'approved') assert.equal(told.subscription_id, rows[0]?.['id']);
  if (told?.outcome === 'failed' || told?.outcome === 'declined') assert.equal(truth.length, 0);
  await world.seal();
  assert.deepEqual(await findings(world), []);
}

withWorlds((inWorld, store) => {
  for (const failing of ['before', 'after'] as const satisfies readonly Failing[]) {
    inWorld(`a whole call, with each statement lost ${failing} it is committed`, async () => {
      let failed = 0;
      for (let n = 0; ; n++) {
        const world = await World.open(store());
        const first = world.store.asked.length;
        world.store.rule = (_text, index) => (index === first + n ? failing : null);
        const caller = new Caller(world);
        const { answer } = await call(world, caller);
        if (world.store.asked.length <= first + n) break;
        failed += 1;
        world.store.rule = () => null;
        await world.settleFor(180_000);
        await consistent(world, answer);
      }
      assert.ok(failed >= 10, `${failed} statements`);
    });

    inWorld(`settling, with each statement lost ${failing} it is committed`, async () => {
      let failed = 0;
      for (const effectAfterMs of [0, 3_000, null]) {
        for (let n = 0; ; n++) {
          const world = await World.open(store());
          const caller = new Caller(world);
          const token = await caller.ready();
          world.gateway.will('subscribe', { does: 'lose', effectAfterMs });
          const answer = await caller.subscribe(token);
          assert.equal(answer.outcome, 'in_doubt');
          await world.clock.advance(2_000);
          const first = world.store.asked.length;
          world.store.rule = (_text, index) => (index === first + n ? failing : null);
          await world.settle().catch(() => 0);
          const asked = world.store.asked.length - first;
          world.store.rule = () => null;
          if (asked <= n) break;
          failed += 1;
          await world.settleFor(180_000);
          await consistent(world, answer);
        }
      }
      assert.ok(failed >= 12, `${failed} statements`);
    });
  }

  inWorld('a whole call, with the process dying in each statement', async () => {
    for (const dies of ['dies', 'dies_after'] as const) {
      for (let n = 0; ; n++) {
        const world = await World.open(store());
        const first = world.store.asked.length;
        let died = false;
        world.store.rule = (_text, index) => {
          if (index === first + n) died = true;
          return index === first + n ? dies : null;
        };
        const caller = new Caller(world);
        await world.begun(untilDeath(world, caller, () => died));
        if (!died) {
          assert.ok(n >= 8, `${n} statements`);
          break;
        }
        world.store.rule = () => null;
        await world.restart();
        await world.settleFor(180_000);
        await consistent(world, null);
      }
    }
  });
});

/** The call up to the statement in which the process dies: it never answers again. */
async function untilDeath(world: World, caller: Caller, died: () => boolean): Promise<void> {
  const { verbs } = world;
  const request = {
    interaction_id: caller.interaction,
    customer_id: caller.customer,
    plan_id: caller.plan,
    language: caller.language,
  };
  const { disclosure_id: disclosure } = JSON.parse(await verbs.disclose(keyed(request))) as {
    disclosure_id: string;
  };
  const pressed = {
    interaction_id: caller.interaction,
    disclosure_id: disclosure,
    key_pressed: '1',
  };
  await verbs.consent(keyed(pressed));
  const begun = await verbs.begin(caller.beginRequest());
  if (begun.kind !== 'go' || died()) return;
  const reply = await caller.send(begun.operation_id, 10_000);
  const text = await verbs.finish(begun.operation_id, finishOf(reply, 5_000));
  const { token_id: token } = JSON.parse(text) as { token_id: string };
  await caller.subscribeText(token);
}
