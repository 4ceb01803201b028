import assert from 'node:assert/strict';
import { BASIC, Caller, PREMIUM } from './caller.ts';
import { DAY_MS, live, nine } from './living.ts';
import { eventOf } from './receiver.ts';
import { type World, type WorldOptions } from './world.ts';
import { withWorlds } from './worlds.ts';

const OWN: WorldOptions = { subscriptions: false };
const dueDates = (world: World): string[] => world.gateway.charges.map((made) => made.dueDate);

/** Types of the events of a subscription, in the order in which they are delivered. */
async function told(world: World): Promise<string[]> {
  while ((await world.deliver()) > 0);
  return world.billing.types();
}

function lastEvent(world: World, type: string): Readonly<Record<string, unknown>> {
  const events = world.billing.received.map(({ text }) => eventOf(text));
  const found = events.findLast((event) => event.type === type);
  assert.ok(found, type);
  return found.data;
}

withWorlds((inWorld) => {
  inWorld(
    'an enrolment makes the first charge, as the caller’s own, and keeps the rest itself',
    async (world) => {
      const caller = new Caller(world);
      const answer = await caller.enrol();
      assert.equal(answer.status, 'active');
      assert.equal(world.gateway.subscriptions.size, 0);
      const [first] = world.gateway.charges;
      assert.equal(world.gateway.charges.length, 1);
      assert.deepEqual(first?.credential, { use: 'first', entryMode: 'moto' });
      assert.deepEqual(first?.price, { amountMinor: 2_999, currency: 'USD' });
      assert.equal(first?.subscriptionId, answer.subscription_id);
      assert.equal(first?.idempotencyKey, answer.operation_id);
      assert.deepEqual(await told(world), ['subscription.created', 'charge.succeeded']);
      const rows = await world.rows('select gateway_reference, next_charge_date from subscription');
      assert.deepEqual(rows, [
        { gateway_reference: answer.subscription_id, next_charge_date: '2026-12-23' },
      ]);
    },
    OWN,
  );

  inWorld(
    'a trial charges nothing now, and asks no gateway',
    async (world) => {
      const caller = new Caller(world, { plan: BASIC });
      assert.equal((await caller.enrol()).status, 'active');
      await live(world, nine('2026-12-07') - 1);
      assert.equal(world.gateway.asked('charge').length, 0);
      await live(world, nine('2026-12-07'));
      assert.deepEqual(dueDates(world), ['2026-12-07']);
      assert.equal(world.gateway.charges[0]?.credential.use, 'recurring');
    },
    OWN,
  );

  inWorld(
    'a year of months is twelve charges, each at nine, under the first one’s network id',
    async (world) => {
      const caller = new Caller(world);
      const { operation_id: first } = await caller.enrol();
      await live(world, nine('2027-11-22'));
      const { charges } = world.gateway;
      assert.equal(charges.length, 12);
      for (const { dueDate, atMs, credential } of charges.slice(1)) {
        assert.equal(atMs, nine(dueDate), dueDate);
        assert.deepEqual(credential, {
          use: 'recurring',
          networkTransactionId: `network-of-${first}`,
        });
      }
      assert.equal(new Set(charges.map((made) => made.idempotencyKey)).size, 12);
      assert.equal((await told(world)).length, 13);
    },
    OWN,
  );

  inWorld(
    'a soft decline is tried again after 1, 3, 5 and 7 days, and past due meanwhile',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      world.gateway.will(
        'charge',
        ...Array.from(
          { length: 5 },
          () => ({ does: 'decline', code: 'insufficient_funds' }) as const,
        ),
      );
      const triesAt: number[] = [];
      world.gateway.onArrival = async ({ step }) => {
        if (step === 'charge') triesAt.push(world.clock.now());
      };
      await live(world, nine('2027-01-22'));
      const days = ['2026-12-23', '2026-12-24', '2026-12-27', '2027-01-01', '2027-01-08'];
      assert.deepEqual(triesAt, days.map(nine));
      const types = (await told(world)).slice(2);
      assert.deepEqual(types, [
        'charge.failed',
        'subscription.past_due',
        ...Array.from({ length: 4 }, () => 'charge.failed'),
      ]);
      const data = lastEvent(world, 'charge.failed');
      assert.deepEqual(
        [data['charge_final'], data['will_retry_at'], data['charge_try'], data['status']],
        [true, null, 5, 'past_due'],
      );
      assert.equal(data['next_charge_date'], '2027-01-23');
      await live(world, nine('2027-01-23'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2027-01-23']);
      const [row] = await world.rows('select status from subscription where id = $1', id);
      assert.equal(row?.['status'], 'active');
    },
    OWN,
  );

  for (const { unit, tries, next } of [
    { unit: 'day', tries: ['2026-11-24'], next: '2026-11-25' },
    { unit: 'week', tries: ['2026-11-30', '2026-12-01', '2026-12-04'], next: '2026-12-07' },
  ] as const) {
    inWorld(
      `what is charged every ${unit} is tried as often as fits before the next is due, and no try is announced in vain`,
      async (world) => {
        const premium = world.plans.findIndex(({ id }) => id === PREMIUM);
        const plan = world.plans[premium];
        assert.ok(plan);
        world.plans[premium] = { ...plan, interval: { count: 1, unit } };
        await new Caller(world).enrol();
        const declines = tries.map(
          () => ({ does: 'decline', code: 'insufficient_funds' }) as const,
        );
        world.gateway.will('charge', ...declines);
        await live(world, nine(next));
        assert.deepEqual(dueDates(world), ['2026-11-23', next]);
        const types = (await told(world)).slice(2);
        assert.deepEqual(types, [
          'charge.failed',
          'subscription.past_due',
          ...tries.slice(1).map(() => 'charge.failed'),
          'charge.succeeded',
        ]);
        const announced = world.billing.received
          .map(({ text }) => eventOf(text))
          .filter(({ type }) => type === 'charge.failed')
          .map(({ data }) => data['will_retry_at']);
        const later = tries.slice(1).map((date) => new Date(nine(date)).toISOString());
        assert.deepEqual(announced, [...later, null]);
      },
      OWN,
    );
  }

  for (const [title, behaviour] of [
    ['a card that has expired', { does: 'decline', code: 'expired_card' }],
    [
      'a card that the issuer never wants to see again',
      { does: 'decline', code: 'card_declined', advice: 'stop' },
    ],
  ] as const) {
    inWorld(
      `${title} is not charged again until it is changed, and then at once`,
      async (world) => {
        const caller = new Caller(world);
        const { subscription_id: id } = await caller.enrol();
        world.gateway.will('charge', behaviour);
        await live(world, nine('2027-03-01'));
        assert.deepEqual(dueDates(world), ['2026-11-23']);
        const asked = world.gateway.asked('charge').length;
        assert.equal(asked, 2);
        assert.deepEqual((await told(world)).slice(2), [
          'charge.failed',
          'subscription.past_due',
          'charge.skipped',
          'charge.skipped',
        ]);
        assert.equal(lastEvent(world, 'charge.skipped')['charge_reason'], 'card_stopped');
        const other = (await new Caller(world, { customer: caller.customer }).card()).token_id;
        const changed = await caller.change('change_card', id, { payment_method_token: other });
        assert.equal(changed.status, 'past_due', 'it has not been paid yet');
        await live(world, world.clock.now() + 1);
        assert.deepEqual(dueDates(world), ['2026-11-23', '2027-02-23']);
        assert.equal((await told(world)).at(-1), 'charge.succeeded');
      },
      OWN,
    );
  }

  inWorld(
    'nothing is charged after a cancel or during a pause, and the rhythm stays',
    async (world) => {
      const paused = new Caller(world);
      const cancelled = new Caller(world);
      const { subscription_id: first } = await paused.enrol();
      const { subscription_id: second } = await cancelled.enrol();
      assert.equal((await cancelled.change('cancel', second)).status, 'cancelled');
      assert.equal((await paused.change('pause', first)).status, 'paused');
      await live(world, nine('2027-02-10'));
      assert.equal(world.gateway.charges.length, 2);
      const resumed = await paused.change('resume', first);
      assert.equal(resumed.next_charge_date, 'February 23, 2027');
      await live(world, nine('2027-03-01'));
      assert.deepEqual(dueDates(world).slice(2), ['2027-02-23']);
    },
    OWN,
  );

  inWorld(
    'a pause while a charge is in doubt waits for its end, and is told so',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      world.gateway.will('charge', { does: 'lose', effectAfterMs: 0 });
      world.gateway.lookUps = 'unanswered';
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      await world.charge();
      const waiting = await caller.change('pause', id);
      assert.deepEqual([waiting.outcome, waiting.route], ['pending', 'wait']);
      await world.settleFor(60_000);
      assert.equal((await caller.operation(waiting.operation_id)).outcome, 'pending');
      world.gateway.lookUps = 'answered';
      await world.settleFor(120_000);
      const ended = await caller.operation(waiting.operation_id);
      assert.deepEqual([ended.outcome, ended.status], ['approved', 'paused']);
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
      assert.deepEqual((await told(world)).slice(2), ['charge.succeeded', 'subscription.paused']);
      await live(world, nine('2027-03-01'));
      assert.equal(world.gateway.charges.length, 2);
    },
    OWN,
  );

  inWorld(
    'a charge whose answer was lost is looked up and not sent twice',
    async (world) => {
      await new Caller(world).enrol();
      world.gateway.will('charge', { does: 'lose', effectAfterMs: 3_000 });
      await live(world, nine('2027-01-01'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
      assert.equal((await told(world)).filter((type) => type === 'charge.succeeded').length, 2);
    },
    OWN,
  );

  inWorld(
    'after weeks without a system the newest period is charged, and billing hears of the others',
    async (world) => {
      await new Caller(world).enrol();
      await world.clock.advance(nine('2027-03-10') - world.clock.now());
      await live(world, nine('2027-03-10'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2027-02-23']);
      assert.deepEqual((await told(world)).slice(2), ['charge.skipped', 'charge.succeeded']);
      const data = lastEvent(world, 'charge.skipped');
      assert.deepEqual(
        [data['charge_due_date'], data['charge_last_due_date'], data['charge_count']],
        ['2026-12-23', '2027-01-23', 2],
      );
      const rows = await world.rows('select due_date, state from charge order by due_date');
      assert.deepEqual(
        rows.map((row) => `${String(row['due_date'])} ${String(row['state'])}`),
        ['2026-11-23 paid', '2026-12-23 skipped', '2027-01-23 skipped', '2027-02-23 paid'],
      );
    },
    OWN,
  );

  inWorld(
    'another plan is charged from the next period on, and what is owed stays as it was',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      world.gateway.will('charge', { does: 'decline', code: 'insufficient_funds' });
      await live(world, nine('2026-12-23'));
      await caller.consent('recurring_yearly_premium');
      const plan = { plan_id: 'recurring_yearly_premium' };
      assert.equal((await caller.change('change_plan', id, plan)).outcome, 'approved');
      await live(world, nine('2028-06-01'));
      const made = world.gateway.charges.map((one) => `${one.dueDate} ${one.price.amountMinor}`);
      assert.deepEqual(made, [
        '2026-11-23 2999',
        '2026-12-23 2999',
        '2027-01-23 29900',
        '2028-01-23 29900',
      ]);
    },
    OWN,
  );

  inWorld(
    'an amount that nobody consented to is not charged, and a person has to look',
    async (world) => {
      await new Caller(world).enrol();
      await world.rows('update subscription set amount_minor = amount_minor + 1');
      await live(world, nine('2026-12-23') + 3 * DAY_MS);
      assert.equal(world.gateway.asked('charge').length, 1);
      assert.ok(world.alarms().includes('charge.not_consented'));
    },
    OWN,
  );

  inWorld(
    'a gateway that is away uses up no try and tells nobody, and is asked again less and less',
    async (world) => {
      await new Caller(world).enrol();
      const away = Array.from({ length: 9 }, () => ({ does: 'unreachable' }) as const);
      world.gateway.will('charge', ...away);
      await live(world, nine('2026-12-25'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
      assert.deepEqual((await told(world)).slice(2), ['charge.succeeded']);
    },
    OWN,
  );

  inWorld(
    'what an operator has switched off is charged when it is switched on again',
    async (world) => {
      await new Caller(world).enrol();
      await world.rows(`update switch set state = 'off'`);
      await live(world, nine('2026-12-24'));
      assert.equal(world.gateway.asked('charge').length, 1);
      assert.equal((await world.verbs.gauges()).charges_overdue, 1);
      await world.rows(`update switch set state = 'on'`);
      await live(world, nine('2026-12-24') + 3_600_000);
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
      assert.equal((await world.verbs.gauges()).charges_overdue, 0);
    },
    OWN,
  );

  inWorld(
    'two processes at once make one charge',
    async (world) => {
      await new Caller(world).enrol();
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      await Promise.all([world.charge(), world.charge(), world.charge()]);
      await world.rows(`update job set lease_until = null where kind = 'charge'`);
      await live(world, nine('2026-12-24'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
    },
    OWN,
  );

  inWorld(
    'a process that takes over while the first one is still at the gateway makes no second charge',
    async (world) => {
      await new Caller(world).enrol();
      await world.clock.advance(nine('2026-12-23') - world.clock.now());
      world.gateway.will('charge', { does: 'approve', afterMs: 5_000 });
      const slow = await world.begun(world.charge());
      await world.rows(`update job set lease_until = null where kind = 'charge'`);
      await world.begun(world.charge());
      await slow.end();
      await live(world, nine('2026-12-24'));
      assert.deepEqual(dueDates(world), ['2026-11-23', '2026-12-23']);
      assert.equal(world.gateway.asked('charge').length, 2);
    },
    OWN,
  );
});
