import assert from 'node:assert/strict';
import * as schemas from '../../src/contract/schemas.ts';
import { BASIC, Caller, enrol, PREMIUM, read } from './caller.ts';
import { AUDITOR, CLIENT, keyed, PLANS } from './world.ts';
import { withWorlds } from './worlds.ts';

const LANGUAGES = [
  {
    language: 'en-us',
    ani: '+13175550100',
    customer: 'ada',
    enrolled: /^Thank you\. You are now subscribed to Premium Monthly\. Your confirmation code/,
    date: 'December 23, 2026',
    choices:
      /^For Premium Monthly, \$29\.99 every month, press 1\. For Premium Yearly, .* press 2\./,
    cancelled: /cancelled/i,
  },
  {
    language: 'es-us',
    ani: '+13175550111',
    customer: 'luz',
    enrolled: /Premium Mensual/,
    date: '23 de diciembre de 2026',
    choices: /^Para Premium Mensual, .* cada mes, oprima 1\. Para Premium Anual, .* oprima 2\./,
    cancelled: /cancel/i,
  },
] as const;

withWorlds((inWorld) => {
  for (const { language, ani, customer, enrolled, date, choices, cancelled } of LANGUAGES) {
    inWorld(`a caller enrols and manages the subscription, in ${language}`, async (world) => {
      const caller = new Caller(world, { ani, customer, language });
      const prompts = world.bridge.prompts[language];
      const available = await caller.availability();
      assert.equal(available.reason, 'available');
      assert.equal(available.prompt_text, prompts.plain.available);
      const who = await caller.lookup('ani');
      assert.deepEqual(
        [who.customer_id, who.is_subscriber, who.language, who.subscription_id],
        [customer, false, language, ''],
      );
      const request = keyed({ interaction_id: caller.interaction });
      const offered = read(schemas.PlansAnswer, await world.run(world.verbs.plans(request)));
      assert.equal(offered.plan_count, PLANS.length);
      assert.deepEqual(
        offered.plan_ids,
        PLANS.map((plan) => plan.id),
      );
      assert.match(offered.menu_text, choices);
      assert.doesNotMatch(offered.menu_text, /\{|4/);
      const disclosure = await caller.disclose();
      assert.match(disclosure.disclosure_text, /29[.,]99/);
      const agreed = await caller.press(disclosure.disclosure_id, '1');
      assert.deepEqual([agreed.outcome, agreed.route], ['approved', 'continue']);
      const card = await caller.card();
      assert.deepEqual(
        [card.outcome, card.route, card.card_last4, card.attempts_left, card.status_code],
        ['approved', 'continue', '4242', 2, 200],
      );
      const answer = await caller.subscribe(card.token_id, { consent_id: agreed.consent_id });
      assert.match(answer.prompt_text, enrolled);
      assert.equal(answer.next_charge_date, date);
      assert.equal(answer.is_subscriber, true);
      assert.match(answer.confirmation_code, /^[A-Z]{6}$/);

      const known = await caller.lookup('ani');
      assert.deepEqual(
        [known.is_subscriber, known.subscription_id, known.plan_id, known.card_last4],
        [true, answer.subscription_id, PREMIUM, '4242'],
      );
      const text = await world.run(world.verbs.readSubscription(CLIENT, answer.subscription_id));
      const shown = read(schemas.SubscriptionAnswer, text);
      assert.deepEqual([shown.status, shown.next_charge_date], ['active', date]);

      const id = answer.subscription_id;
      const paused = await caller.change('pause', id);
      assert.deepEqual([paused.status, paused.next_charge_date], ['paused', '']);
      assert.equal((await caller.change('resume', id)).status, 'active');
      await caller.consent(BASIC);
      const moved = await caller.change('change_plan', id, { plan_id: BASIC });
      assert.match(moved.amount_text, /9[.,]99/);
      const other = await caller.card({ card_mac: 'another', card_last4: '4444' });
      const swapped = await caller.change('change_card', id, {
        payment_method_token: other.token_id,
      });
      assert.match(swapped.prompt_text, /4444/);
      const ended = await caller.change('cancel', id);
      assert.deepEqual([ended.status, ended.is_subscriber], ['cancelled', false]);
      assert.match(ended.prompt_text, cancelled);
      for (const one of [paused, moved, swapped, ended]) assert.equal(one.outcome, 'approved');

      const truth = [...world.gateway.subscriptions.values()];
      assert.deepEqual(
        truth.map((one) => one.status),
        ['cancelled'],
      );
      for (let round = 0; round < 6; round++) await world.deliver();
      assert.deepEqual(world.billing.types(), [
        'subscription.created',
        'subscription.paused',
        'subscription.resumed',
        'subscription.plan_changed',
        'subscription.card_changed',
        'subscription.cancelled',
      ]);
    });

    inWorld(`a hand-off tells an agent of a ${language} caller what happened`, async (world) => {
      const caller = new Caller(world, { ani, customer, language });
      await caller.availability();
      await caller.lookup();
      world.gateway.will('tokenise', { does: 'decline', code: 'cvv_mismatch' });
      await caller.card();
      const handed = await caller.handOff('caller_asked');
      assert.equal(handed.queue, 'Payment_Support_Group');
      assert.equal(
        handed.skill,
        language === 'en-us' ? 'Payment_Support_English' : 'Payment_Support_Spanish',
      );
      assert.match(handed.agent_note, /tokenise declined \(cvv_mismatch\)/);
      assert.match(handed.agent_note, new RegExp(`Customer ${customer}`));
      assert.doesNotMatch(handed.agent_note, /4242|visa/i);
      assert.deepEqual(await caller.handOff('caller_asked'), handed);
      await caller.card({ attempt: 2 });
      const again = await caller.handOff('caller_asked');
      assert.match(again.agent_note, /tokenise approved/, 'what has happened since is in the note');
      const doubt = await caller.handOff('in_doubt');
      assert.ok(doubt.priority > handed.priority);
    });
  }

  inWorld('a language that the caller chose goes before the customer’s own', async (world) => {
    const caller = new Caller(world, { ani: '+13175550111', customer: 'luz' });
    assert.equal((await caller.lookup('ani')).language, 'es-us');
    const request = { interaction_id: caller.interaction, ani: '+13175550111', language: 'en-us' };
    const chosen = read(schemas.LookupAnswer, await world.run(world.verbs.lookup(keyed(request))));
    assert.equal(chosen.language, 'en-us');
    assert.equal(chosen.prompt_text, world.bridge.prompts['en-us'].plain.welcome_new_caller);
    const handed = await caller.handOff('caller_asked');
    assert.equal(handed.skill, 'Payment_Support_English', 'the call remembers it');
  });

  inWorld('a number that nobody knows is asked for a customer number', async (world) => {
    const caller = new Caller(world, { ani: '+13175550199' });
    const answer = await caller.lookup('ani');
    assert.deepEqual([answer.prompt, answer.customer_id], ['customer_unknown', '']);
    const given = await caller.lookup('customer');
    assert.deepEqual([given.prompt, given.customer_id], ['welcome_new_caller', caller.customer]);
  });

  inWorld('what is unknown is a fault of the caller’s program', async (world) => {
    await assert.rejects(world.verbs.readOperation(CLIENT, 'op_nobody'), {
      code: 'unknown_resource',
    });
    await assert.rejects(world.verbs.readSubscription(CLIENT, 'sub_nobody'), {
      code: 'unknown_resource',
    });
    const caller = new Caller(world);
    const answer = await caller.change('cancel', 'sub_nobody');
    assert.deepEqual([answer.outcome, answer.error_code], ['failed', 'not_found']);
    const strange = await caller.disclose('no_such_plan');
    assert.deepEqual([strange.error_code, strange.disclosure_id], ['not_found', '']);
  });

  inWorld('a next charge that has passed is read from the gateway', async (world) => {
    const caller = new Caller(world, { ani: '+13175550100', customer: 'ada' });
    const { subscription_id: id } = await caller.enrol();
    await world.clock.advance(31 * 24 * 3_600_000);
    const [truth] = world.gateway.subscriptions.values();
    assert.ok(truth);
    truth.nextChargeDate = '2027-01-23';
    assert.equal((await caller.lookup('ani')).next_charge_date, 'January 23, 2027');
    const reads = world.gateway.asked('read').length;
    assert.equal((await caller.lookup('ani')).next_charge_date, 'January 23, 2027');
    assert.equal(world.gateway.asked('read').length, reads, 'it is kept');
    await world.clock.advance(31 * 24 * 3_600_000);
    world.gateway.will('read', { does: 'hang', effectAfterMs: null });
    assert.equal((await caller.lookup('ani')).next_charge_date, '', 'no old date is told');
    assert.equal(
      (await world.rows('select version from subscription where id = $1', id)).length,
      1,
    );
  });

  inWorld('gauges count what is open, waiting and unsealed', async (world) => {
    const caller = new Caller(world);
    const token = await caller.ready();
    world.gateway.will('subscribe', { does: 'lose', effectAfterMs: null });
    await caller.subscribe(token);
    await enrol(world);
    const gauges = await world.verbs.gauges();
    assert.deepEqual(gauges, {
      operations_in_doubt: 1,
      operations_to_settle: 1,
      charges_due: 0,
      charges_overdue: 0,
      deliveries_waiting: 1,
      deliveries_dead: 0,
      ledger_unsealed: gauges.ledger_unsealed,
      breaker_open: 0,
      switch_on: 1,
    });
    assert.ok(gauges.ledger_unsealed >= 12);
    await world.seal();
    assert.equal((await world.verbs.gauges()).ledger_unsealed, 0);
    assert.equal(await world.verbs.ready(), true);
    world.store.rule = () => 'before';
    assert.equal(await world.verbs.ready(), false);
  });

  inWorld(
    'a gateway’s event is a door bell: it hurries a look and is not believed',
    async (world) => {
      const caller = new Caller(world);
      const token = await caller.ready();
      world.gateway.will('subscribe', { does: 'lose', effectAfterMs: 0 });
      const { operation_id: id } = await caller.subscribe(token);
      const bytes = Buffer.from(id, 'utf8');
      await assert.rejects(world.verbs.gatewayEvent('scripted', {}, bytes), {
        code: 'invalid_signature',
      });
      await assert.rejects(world.verbs.gatewayEvent('other', { signature: 'good' }, bytes), {
        code: 'unknown_resource',
      });
      assert.equal(await world.settle(), 0);
      await world.verbs.gatewayEvent('scripted', { signature: 'good' }, bytes);
      assert.equal(await world.settle(), 1);
      assert.deepEqual(await world.states('subscribe'), ['approved']);
      const [truth] = world.gateway.subscriptions.values();
      assert.ok(truth);
      truth.nextChargeDate = '2027-02-01';
      const reference = Buffer.from(truth.reference, 'utf8');
      await world.verbs.gatewayEvent('scripted', { signature: 'good' }, reference);
      const [row] = await world.rows('select next_charge_date from subscription');
      assert.equal(row?.['next_charge_date'], '2027-02-01');
    },
  );

  inWorld(
    'what the gateway does by itself is taken over, told and entered, once',
    async (world) => {
      const caller = new Caller(world);
      await caller.enrol();
      const [truth] = world.gateway.subscriptions.values();
      assert.ok(truth);
      const reference = Buffer.from(truth.reference, 'utf8');
      const ring = () => world.verbs.gatewayEvent('scripted', { signature: 'good' }, reference);
      for (const status of ['past_due', 'active', 'cancelled', 'active'] as const) {
        truth.status = status;
        await Promise.all([ring(), ring()]);
        await ring();
      }
      const [row] = await world.rows('select status, version from subscription');
      assert.deepEqual(row, { status: 'cancelled', version: 4 }, 'what is cancelled stays so');
      const told = await world.rows('select type, sequence from outbox order by sequence');
      assert.deepEqual(
        told.map(({ type, sequence }) => `${String(sequence)} ${String(type)}`),
        [
          '1 subscription.created',
          '2 subscription.past_due',
          '3 subscription.resumed',
          '4 subscription.cancelled',
        ],
      );
      assert.equal(await world.count(`ledger where action = 'subscription.followed'`), 3);
    },
  );

  inWorld('the audit trail of a call is one that an auditor can read', async (world) => {
    const caller = new Caller(world);
    await caller.enrol();
    await world.seal();
    const query = { interaction_id: caller.interaction };
    const text = await world.run(world.verbs.audit(AUDITOR, query));
    const audit = read(schemas.AuditAnswer, text);
    assert.deepEqual(
      audit.entries.map((entry) => entry.action),
      [
        'disclosure.rendered',
        'consent.given',
        'tokenise.intent',
        'tokenise.approved',
        'subscribe.intent',
        'subscribe.approved',
      ],
    );
  });
});
