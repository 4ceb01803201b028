import assert from 'node:assert/strict';
import { Fault } from '../../src/payment/fault.ts';
import { BASIC, Caller, enrol, PREMIUM, type SubscriptionAnswer } from './caller.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

function refused(world: World, answer: SubscriptionAnswer, subscriptions = 0): void {
  assert.deepEqual(
    [answer.outcome, answer.error_code, answer.route, answer.subscription_id],
    ['failed', 'not_allowed', 'agent', ''],
  );
  assert.equal(world.gateway.subscriptions.size, subscriptions, 'nothing was sent');
}

withWorlds((inWorld) => {
  inWorld('nobody is enrolled without consent', async (world) => {
    const caller = new Caller(world);
    const { token_id: token } = await caller.card();
    refused(world, await caller.subscribe(token));
    refused(world, await caller.subscribe(token, { consent_id: 'con_abcdefghijkmnpqrstuv' }));
  });

  for (const key of ['2', '', '*', '0']) {
    inWorld(`the key ${JSON.stringify(key)} is no consent`, async (world) => {
      const caller = new Caller(world);
      const { disclosure_id: id } = await caller.disclose();
      const answer = await caller.press(id, key);
      assert.deepEqual([answer.outcome, answer.route, answer.consent_id], ['declined', 'end', '']);
      refused(world, await caller.subscribe((await caller.card()).token_id));
      assert.equal(await world.count(`ledger where action = 'consent.refused'`), 1);
    });
  }

  inWorld('a consent of another customer is none', async (world) => {
    const one = new Caller(world);
    const other = new Caller(world, { interaction: one.interaction });
    const consent = await one.consent();
    const { token_id: token } = await other.card();
    refused(world, await other.subscribe(token, { consent_id: consent }));
  });

  inWorld('a consent of another call is none, nor is its disclosure', async (world) => {
    const one = new Caller(world, { customer: 'ada' });
    const other = new Caller(world, { customer: 'ada' });
    const { disclosure_id: disclosure } = await one.disclose();
    const strange = await other.press(disclosure, '1');
    assert.deepEqual([strange.error_code, strange.consent_id], ['not_found', '']);
    const consent = (await one.press(disclosure, '1')).consent_id;
    refused(world, await other.subscribe((await other.card()).token_id, { consent_id: consent }));
  });

  inWorld('a consent to another plan is none', async (world) => {
    const caller = new Caller(world);
    const consent = await caller.consent(BASIC);
    const { token_id: token } = await caller.card();
    refused(world, await caller.subscribe(token, { consent_id: consent }));
  });

  inWorld('a consent to another price is none', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    const index = world.plans.findIndex((plan) => plan.id === PREMIUM);
    const [plan] = world.plans.slice(index, index + 1);
    assert.ok(plan);
    world.plans[index] = { ...plan, price: { amountMinor: 3_999, currency: 'USD' } };
    refused(world, await caller.subscribe(token));
  });

  inWorld('a consent is used once', async (world) => {
    const caller = new Caller(world);
    const consent = await caller.consent();
    const { token_id: token } = await caller.card();
    const first = await caller.subscribe(token, { consent_id: consent });
    assert.equal(first.outcome, 'approved');
    await caller.change('cancel', first.subscription_id);
    const again = await caller.subscribe(token, { consent_id: consent }, 'another-key');
    refused(world, again, 1);
  });

  inWorld('a consent whose enrolment was declined can be used again', async (world) => {
    const caller = new Caller(world);
    const consent = await caller.consent();
    const { token_id: token } = await caller.card();
    world.gateway.will('subscribe', { does: 'decline', code: 'insufficient_funds' });
    const declined = await caller.subscribe(token, { consent_id: consent, attempt: 1 });
    assert.equal(declined.outcome, 'declined');
    const again = await caller.subscribe(token, { consent_id: consent, attempt: 2 });
    assert.equal(again.outcome, 'approved');
  });

  inWorld('a card of another customer cannot be charged', async (world) => {
    const one = new Caller(world);
    const other = new Caller(world);
    const token = await one.ready();
    await other.consent();
    refused(world, await other.subscribe(token));
  });

  inWorld('an interval that is not the plan’s is refused', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    refused(world, await caller.subscribe(token, { interval_count: 2, attempt: 1 }));
    refused(world, await caller.subscribe(token, { interval_unit: 'week', attempt: 2 }));
    const same = { interval_count: '1', interval_unit: 'month', attempt: 3 } as const;
    assert.equal((await caller.subscribe(token, same)).outcome, 'approved');
  });

  inWorld(
    'an amount that contradicts the consent stops the card before it is sent',
    async (world) => {
      const caller = new Caller(world);
      await caller.consent();
      for (const [amount, currency] of [
        ['39.99', 'USD'],
        ['29.99', 'EUR'],
        ['29.999', 'USD'],
        ['a lot', null],
      ] as const) {
        const begun = await caller.begin({ amount, currency, card_mac: `${amount} ${currency}` });
        assert.ok(begun.kind === 'answer');
        assert.match(begun.answer, /"error_code":"(not_allowed|too_many_attempts)"/);
      }
      assert.equal(world.gateway.asked('tokenise').length, 0);
      const fresh = new Caller(world);
      await fresh.consent();
      assert.equal((await fresh.card({ amount: '29.990', currency: 'USD' })).outcome, 'approved');
      const changing = new Caller(world);
      const card = await changing.card({ amount: '5', currency: 'USD' });
      assert.equal(card.outcome, 'approved', 'without consent there is nothing to contradict');
    },
  );

  inWorld('who is subscribed to the plan is not enrolled again', async (world) => {
    const one = new Caller(world, { customer: 'ada' });
    await one.enrol();
    const later = new Caller(world, { customer: 'ada' });
    const token = await later.ready();
    const answer = await later.subscribe(token);
    assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'not_allowed']);
    assert.equal(answer.is_subscriber, true);
    const basic = new Caller(world, { customer: 'ada', plan: BASIC });
    await basic.enrol();
    assert.equal(world.gateway.subscriptions.size, 2, 'another plan is another subscription');
  });

  inWorld('two enrolments of one customer into one plan at once are one', async (world) => {
    const one = new Caller(world, { customer: 'ada' });
    const other = new Caller(world, { customer: 'ada' });
    const token = await one.ready();
    const otherToken = await other.ready();
    world.gateway.will('subscribe', { does: 'approve', afterMs: 1_000 });
    const both = Promise.allSettled([one.subscribeText(token), other.subscribeText(otherToken)]);
    const ended = await world.run(both);
    assert.equal(world.gateway.subscriptions.size, 1);
    assert.equal(ended.filter((end) => end.status === 'fulfilled').length, 1);
    for (const end of ended) {
      if (end.status === 'rejected')
        assert.ok(end.reason instanceof Fault && end.reason.code === 'operation_in_progress');
    }
  });

  inWorld('an enrolment that ends between two statements of another is seen', async (world) => {
    const one = new Caller(world, { customer: 'ada' });
    const other = new Caller(world, { customer: 'ada' });
    const token = await one.ready();
    const otherToken = await other.ready();
    // The other one has read what it stands on, and waits before it claims.
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const query = world.store.query.bind(world.store);
    let waiting = true;
    world.store.query = async (text, values) => {
      if (waiting && text.includes('insert into operation')) {
        waiting = false;
        await held;
      }
      return query(text, values);
    };
    const late = await world.begun(other.subscribeText(otherToken));
    assert.equal((await one.subscribe(token)).outcome, 'approved');
    release();
    assert.match(await late.end(), /"not_allowed"/);
    assert.equal(world.gateway.subscriptions.size, 1);
  });

  inWorld('an enrolment in doubt stands for every other one of it', async (world) => {
    const one = new Caller(world, { customer: 'ada' });
    const token = await one.ready();
    world.gateway.will('subscribe', { does: 'lose', effectAfterMs: null });
    const first = await one.subscribe(token);
    const other = new Caller(world, { customer: 'ada' });
    const second = await other.subscribe(await other.ready());
    assert.deepEqual(second, first);
    assert.equal(world.gateway.asked('subscribe').length, 1);
  });

  inWorld('a change of plan needs a consent of its own', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    const change = { plan_id: BASIC };
    const none = await caller.change('change_plan', id, { ...change, attempt: '1' });
    assert.equal(none.error_code, 'not_allowed');
    const consent = await caller.consent(BASIC);
    const moved = await caller.change('change_plan', id, { ...change, attempt: '2' });
    assert.equal(moved.outcome, 'approved');
    await caller.consent(PREMIUM);
    const back = await caller.change('change_plan', id, { plan_id: PREMIUM, attempt: '3' });
    assert.equal(back.error_code, 'not_allowed', 'the consent of the enrolment has been used');
    const used = { ...change, consent_id: consent, attempt: '4' };
    assert.equal((await caller.change('change_plan', id, used)).error_code, 'not_allowed');
    assert.equal(world.gateway.count('change'), 1);
  });

  inWorld('a caller cannot change another customer’s subscription or card', async (world) => {
    const { subscription_id: id } = await enrol(world);
    const stranger = new Caller(world, { ani: '+13175550100', customer: 'ada' });
    await stranger.lookup();
    assert.equal((await stranger.change('cancel', id)).error_code, 'not_allowed');
    const caller = new Caller(world);
    const { token_id: token } = await caller.card();
    const change = await caller.change('change_card', id, { payment_method_token: token });
    assert.equal(change.error_code, 'not_allowed');
    assert.equal(world.gateway.count('change'), 0);
  });

  inWorld(
    'what the status does not allow is refused, and a cancelled one stays so',
    async (world) => {
      const caller = new Caller(world);
      const { subscription_id: id } = await caller.enrol();
      assert.equal((await caller.change('resume', id)).error_code, 'not_allowed');
      await caller.change('cancel', id);
      for (const verb of ['pause', 'cancel', 'resume'] as const) {
        const answer = await caller.change(verb, id, { attempt: '9' });
        assert.equal(answer.error_code, 'not_allowed', verb);
      }
      assert.equal(world.gateway.count('change'), 1);
    },
  );

  inWorld('a gateway that cannot pause is not asked to', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.capabilities = { ...world.gateway.capabilities, pause: false };
    assert.equal((await caller.change('pause', id)).error_code, 'not_allowed');
    assert.equal(world.gateway.asked('change').length, 0);
  });

  inWorld('two changes of one subscription at once: one is made', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.will('change', { does: 'approve', afterMs: 1_000 });
    const one = caller.change('pause', id, { attempt: '1' });
    const other = caller.change('pause', id, { attempt: '2' });
    const outcomes = (await Promise.all([one, other])).map((answer) => answer.outcome);
    assert.deepEqual(outcomes.toSorted(), ['approved', 'failed']);
    assert.equal(world.gateway.asked('change').length, 1);
    assert.equal((await caller.change('resume', id)).outcome, 'approved');
    const [row] = await world.rows('select version, open_operation from subscription');
    assert.equal(row?.['open_operation'], null);
  });
});
