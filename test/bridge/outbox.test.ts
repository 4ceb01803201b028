import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import { replayDeadLetter } from '../../src/bridge/deliver.ts';
import { Caller, enrol } from './caller.ts';
import { deliverFor } from './deliver-for.ts';
import { eventOf } from './receiver.ts';
import { CLIENT, LIMITS, type World } from './world.ts';
import { withWorlds } from './worlds.ts';

async function eventIds(world: World): Promise<string[]> {
  return (await world.rows('select id from outbox order by subscription_id, sequence')).map((row) =>
    String(row['id']),
  );
}

withWorlds((inWorld) => {
  inWorld('an event is committed with its subscription, or neither is', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    let seen = -1;
    world.gateway.onArrival = async ({ step }) => {
      if (step === 'subscribe') seen = await world.count('outbox');
    };
    world.store.rule = (text) => (text.includes('insert into outbox') ? 'before' : null);
    const answer = await caller.subscribe(token);
    assert.equal(answer.outcome, 'in_doubt');
    assert.equal(seen, 0);
    assert.deepEqual([await world.count('subscription'), await world.count('outbox')], [0, 0]);
    world.store.rule = () => null;
    await world.settleFor(40_000);
    assert.deepEqual([await world.count('subscription'), await world.count('outbox')], [1, 1]);
  });

  inWorld(
    'an event is signed as Standard Webhooks says, and tells the whole state',
    async (world) => {
      // The receiver's library looks at the machine's clock.
      await world.clock.advance(Math.max(0, Date.now() - world.clock.now()));
      world.clock.manual.jumpWall(Date.now() - world.clock.now());
      const answer = await enrol(world);
      await world.deliver();
      const [delivery] = world.billing.received;
      assert.ok(delivery);
      const webhook = new Webhook(world.secretText);
      const headers = { ...delivery.headers };
      webhook.verify(delivery.text, headers);
      const { type, data } = eventOf(delivery.text);
      assert.equal(type, 'subscription.created');
      assert.equal(data['subscription_id'], answer.subscription_id);
      assert.deepEqual(
        [data['sequence'], data['amount_minor'], data['currency'], data['status']],
        [1, 2_999, 'USD', 'active'],
      );
      assert.equal(data['confirmation_code'], answer.confirmation_code);
      assert.throws(() => webhook.verify(delivery.text.replace('2999', '1999'), headers));
      assert.equal(delivery.headers['webhook-id'], (await eventIds(world))[0]);
    },
  );

  inWorld('an event that fails is sent again on its schedule, under the same id', async (world) => {
    await enrol(world);
    world.billing.answer = () => 500;
    await deliverFor(world, 84 * 3_600_000);
    const times = world.billing.received.map((delivery) => delivery.atMs);
    const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
    assert.equal(gaps.length, LIMITS.deliverDelaysMs.length);
    for (const [i, delayMs] of LIMITS.deliverDelaysMs.entries()) {
      const gap = gaps[i] ?? 0;
      assert.ok(gap >= delayMs && gap <= delayMs * 1.1 + 2, `${i}: ${gap} after ${delayMs}`);
    }
    assert.equal(new Set(world.billing.received.map((delivery) => delivery.id)).size, 1);
    assert.ok(world.alarms().includes('event.dead'));
    assert.equal((await world.verbs.gauges()).deliveries_dead, 1);
    assert.equal(await world.count(`ledger where action = 'event.dead'`), 1);
    assert.equal(await world.count('job'), 0);
  });

  inWorld('a dead letter is replayed under its own id', async (world) => {
    await enrol(world);
    world.billing.answer = () => 410;
    await world.deliver();
    assert.equal((await world.verbs.gauges()).deliveries_dead, 1, 'gone is gone at once');
    const [id] = await eventIds(world);
    assert.ok(id);
    world.billing.answer = () => 204;
    assert.equal(await replayDeadLetter(world.bridge, CLIENT, id), true);
    assert.equal(await replayDeadLetter(world.bridge, CLIENT, id), false, 'it is not dead now');
    await world.deliver();
    assert.deepEqual(
      world.billing.received.map((delivery) => delivery.id),
      [id, id],
    );
    assert.equal((await world.verbs.gauges()).deliveries_dead, 0);
    assert.equal(await world.count(`ledger where action = 'event.replayed'`), 1);
    assert.equal(await replayDeadLetter(world.bridge, CLIENT, id), false, 'it was delivered');
    assert.equal(await replayDeadLetter(world.bridge, CLIENT, 'evt_nobody'), false);
  });

  for (const reception of ['reset', 'refused', 'hang', 301, 302, 307, 404, 429, 503] as const) {
    inWorld(`billing that answers ${reception} hears of it again`, async (world) => {
      await enrol(world);
      world.billing.answer = () => reception;
      const startedMs = world.clock.monotonicMs();
      await world.deliver();
      assert.ok(world.clock.monotonicMs() - startedMs <= 15_000, 'a receiver has 15 s');
      world.billing.answer = () => 200;
      await deliverFor(world, 6_000);
      assert.equal(world.billing.received.length, 2);
      assert.equal(await world.count('outbox where delivered_at is not null'), 1);
      assert.deepEqual(world.counted.slice(-2), ['delivered failed', 'delivered delivered']);
    });
  }

  inWorld('a slow receiver is waited for', async (world) => {
    await enrol(world);
    world.billing.delayMs = 14_000;
    await world.deliver();
    assert.equal(await world.count('outbox where delivered_at is not null'), 1);
  });

  inWorld(
    'events of one subscription come in their order, however the receiver is',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      await caller.change('pause', id);
      await caller.change('resume', id);
      const other = await enrol(world);
      let failures = 4;
      world.billing.answer = ({ text }) => (text.includes(id) && failures-- > 0 ? 500 : 200);
      await world.deliver();
      assert.equal(
        world.billing.received.length,
        2,
        'one of each: the other one is not kept waiting',
      );
      assert.ok(world.billing.received.some(({ text }) => text.includes(other.subscription_id)));
      await deliverFor(world, 12 * 3_600_000);
      const sequences = world.billing.received
        .filter(({ text }) => text.includes(id))
        .map(({ text }) => Number(eventOf(text).data['sequence']));
      assert.deepEqual(sequences, [1, 1, 1, 1, 1, 2, 3]);
    },
  );

  inWorld('a dead letter does not keep what comes after it', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    await caller.change('pause', id);
    world.billing.answer = ({ text }) => (text.includes('"sequence":1') ? 410 : 200);
    await deliverFor(world, 10_000);
    assert.deepEqual(world.billing.types(), ['subscription.created', 'subscription.paused']);
  });

  inWorld(
    'a worker that dies after billing has heard leaves an event that is sent again',
    async (world) => {
      await enrol(world);
      world.store.rule = (text) => (text.includes('update outbox set') ? 'dies' : null);
      await world.begun(world.deliver());
      world.store.rule = () => null;
      assert.equal(world.billing.received.length, 1);
      assert.equal(await world.deliver(), 0, 'its lease keeps the event');
      await world.clock.advance(45_000);
      assert.equal(await world.deliver(), 1);
      const ids = world.billing.received.map((delivery) => delivery.id);
      assert.equal(ids.length, 2);
      assert.equal(new Set(ids).size, 1, 'billing can tell that it is the same event');
    },
  );

  inWorld('a worker whose lease has run out changes nothing', async (world) => {
    await enrol(world);
    world.billing.delayMs = 10_000;
    const query = world.store.query.bind(world.store);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let first = true;
    world.store.query = async (text, values) => {
      if (first && text.includes('update outbox set')) {
        first = false;
        await held;
      }
      return query(text, values);
    };
    world.billing.delayMs = 0;
    const late = await world.begun(world.deliver());
    await world.clock.advance(45_000);
    world.billing.answer = () => 500;
    assert.equal(await world.deliver(), 1);
    release();
    await late.end();
    assert.equal(await world.count('outbox where delivered_at is not null'), 0);
    assert.equal(await world.count(`job where kind = 'deliver'`), 1, 'the second one has the job');
    assert.equal(await world.count(`ledger where action = 'event.delivered'`), 0);
  });

  inWorld('two workers at once deliver each event once', async (world) => {
    for (let n = 0; n < 6; n++) await enrol(world);
    const counts = await Promise.all([world.deliver(), world.deliver(), world.deliver()]);
    assert.equal(
      counts.reduce((sum, n) => sum + n, 0),
      6,
    );
    const ids = world.billing.received.map((delivery) => delivery.id);
    assert.equal(new Set(ids).size, 6);
    assert.equal(ids.length, 6);
  });
});
