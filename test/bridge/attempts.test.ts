import assert from 'node:assert/strict';
import { purge } from '../../src/store/jobs.ts';
import { Caller, type TokenAnswer } from './caller.ts';
import type { World } from './world.ts';
import { withWorlds } from './worlds.ts';

const MISMATCH = { does: 'decline', code: 'cvv_mismatch' } as const;

/** A card that no other attempt of the world has given. */
function anotherCard(world: World): { card_mac: string; pan_mac: string } {
  const name = world.name('card');
  return { card_mac: name, pan_mac: name };
}

async function decline(caller: Caller, pan?: string): Promise<TokenAnswer> {
  const { world } = caller;
  world.gateway.will('tokenise', MISMATCH);
  const card = anotherCard(world);
  const answer = await caller.card({ ...card, ...(pan && { pan_mac: pan }) });
  world.gateway.recovers('tokenise');
  return answer;
}

async function limited(caller: Caller, changes: { pan_mac?: string } = {}): Promise<void> {
  const asked = caller.world.gateway.asked('tokenise').length;
  const answer = await caller.card({ ...anotherCard(caller.world), ...changes });
  assert.deepEqual(
    [answer.outcome, answer.error_code, answer.route, answer.attempts_left >= 0],
    ['failed', 'too_many_attempts', 'agent', true],
  );
  assert.equal(caller.world.gateway.asked('tokenise').length, asked, 'nothing was sent');
}

withWorlds((inWorld) => {
  inWorld('three failed cards in a call, and then a person', async (world) => {
    const caller = new Caller(world);
    const first = await decline(caller);
    assert.deepEqual([first.route, first.retry_field, first.attempts_left], ['retry', 'cvv', 2]);
    const second = await decline(caller);
    assert.deepEqual([second.route, second.attempts_left], ['retry', 1]);
    assert.notEqual(second.prompt_text, '');
    const third = await decline(caller);
    assert.deepEqual(
      [third.outcome, third.route, third.retry_field, third.prompt, third.attempts_left],
      ['declined', 'agent', 'none', 'too_many_attempts', 0],
    );
    await limited(caller);
    const available = await caller.availability();
    assert.deepEqual(
      [available.outcome, available.reason, available.route],
      ['failed', 'too_many_attempts', 'agent'],
    );
  });

  for (const { by, step, subscriptions } of [
    { by: 'the gateway subscribes', step: 'subscribe', subscriptions: true },
    { by: 'Tokenline charges', step: 'charge', subscriptions: false },
  ] as const) {
    inWorld(
      `the third card of a call that is declined where ${by} goes to a person, and the second does not`,
      async (world) => {
        const caller = new Caller(world);
        await caller.consent();
        await decline(caller);
        for (const [tries, heard] of [
          [2, ['declined', 'card_declined', 'retry', 'card', 'card_declined']],
          [3, ['declined', 'card_declined', 'agent', 'none', 'too_many_attempts']],
        ] as const) {
          const { token_id: token } = await caller.card(anotherCard(world));
          world.gateway.will(step, { does: 'decline', code: 'card_declined' });
          const answer = await caller.subscribe(token, { attempt: tries });
          const { outcome, error_code: code, route, retry_field: field, prompt } = answer;
          assert.deepEqual([outcome, code, route, field, prompt], heard);
          const again = await caller.subscribe(token, { attempt: tries });
          assert.deepEqual(again, answer);
        }
      },
      { subscriptions },
    );
  }

  inWorld('nor is a fourth card asked for where the third was to replace one', async (world) => {
    const { subscription_id: id } = await new Caller(world, { customer: 'ada' }).enrol();
    const caller = new Caller(world, { customer: 'ada' });
    await decline(caller);
    await decline(caller);
    const { token_id: token } = await caller.card(anotherCard(world));
    world.gateway.will('change', { does: 'decline', code: 'card_declined' });
    const answer = await caller.change('change_card', id, { payment_method_token: token });
    const { outcome, route, prompt } = answer;
    assert.deepEqual([outcome, route, prompt], ['declined', 'agent', 'too_many_attempts']);
  });

  inWorld('whoever settles the third card routes the caller alike', async (world) => {
    const caller = new Caller(world);
    await caller.consent();
    await decline(caller);
    await decline(caller);
    const { token_id: token } = await caller.card(anotherCard(world));
    world.gateway.will('subscribe', { does: 'hang', effectAfterMs: null });
    world.gateway.will('subscribe', { does: 'decline', code: 'insufficient_funds' });
    const { operation_id: id, outcome } = await caller.subscribe(token);
    assert.equal(outcome, 'in_doubt');
    await world.settleFor(60_000);
    const ended = await caller.operation(id);
    assert.deepEqual(
      [ended.outcome, ended.error_code, ended.route, ended.prompt],
      ['declined', 'insufficient_funds', 'agent', 'too_many_attempts'],
    );
  });

  inWorld(
    'a suspicion is not told to the flow either, not even at the last attempt',
    async (world) => {
      const caller = new Caller(world);
      for (let n = 0; n < 3; n++) {
        world.gateway.will('tokenise', { does: 'decline', code: 'suspected_fraud' });
        const answer = await caller.card(anotherCard(world));
        assert.equal(answer.error_code, 'card_declined');
        assert.doesNotMatch(JSON.stringify(answer), /fraud/);
      }
    },
  );

  inWorld('our own declines count as well, and are not sent', async (world) => {
    const caller = new Caller(world);
    for (const fault of ['invalid_card_number', 'invalid_cvv', 'expired_card'] as const) {
      const answer = await caller.card({ ...anotherCard(world), fault });
      assert.deepEqual([answer.outcome, answer.error_code], ['declined', fault]);
    }
    await limited(caller);
    assert.equal(world.gateway.asked('tokenise').length, 0);
    assert.ok(!world.counted.some((line) => line.startsWith('call tokenise')));
  });

  inWorld('one number may try five cards an hour, whoever it says it is', async (world) => {
    // As long as E.164 allows: even this must not stand in a table as a run of digits.
    const ani = '+442079460155123';
    for (let n = 0; n < 5; n++) {
      const caller = new Caller(world, { ani });
      assert.equal((await caller.availability()).reason, 'available');
      await decline(caller);
    }
    const next = new Caller(world, { ani });
    assert.equal((await next.availability()).reason, 'too_many_attempts');
    await limited(next);
    await world.clock.advance(3_600_000);
    const later = new Caller(world, { ani });
    assert.equal((await later.availability()).reason, 'available');
    assert.equal((await later.card(anotherCard(world))).outcome, 'approved');
    const [row] = await world.rows('select ani from interaction limit 1');
    assert.equal(row?.['ani'], '+4420 7946 0155 123');
  });

  inWorld('one number may try ten cards a day', async (world) => {
    const ani = '+13175550156';
    // From midnight UTC on: windows are those of the clock.
    await world.clock.advance(12 * 3_600_000);
    for (let n = 0; n < 10; n++) {
      const caller = new Caller(world, { ani });
      await caller.availability();
      await decline(caller);
      await world.clock.advance(1_800_000);
    }
    await world.clock.advance(3_600_000);
    const next = new Caller(world, { ani });
    assert.equal((await next.availability()).reason, 'too_many_attempts');
    await limited(next);
    await world.clock.advance(24 * 3_600_000);
    assert.equal((await new Caller(world, { ani }).availability()).reason, 'available');
  });

  inWorld('one customer may try ten cards a day, from any number', async (world) => {
    for (let n = 0; n < 10; n++) await decline(new Caller(world, { customer: 'ada' }));
    await limited(new Caller(world, { customer: 'ada' }));
    const other = new Caller(world, { customer: 'luz' });
    assert.equal((await other.card(anotherCard(world))).outcome, 'approved');
  });

  inWorld('one card may be tried five times a day, by anyone', async (world) => {
    for (let n = 0; n < 5; n++) await decline(new Caller(world), 'one card');
    await limited(new Caller(world), { pan_mac: 'one card' });
    assert.equal((await new Caller(world).card(anotherCard(world))).outcome, 'approved');
  });

  inWorld('numbers that are no PAN are not counted as one card', async (world) => {
    for (let n = 0; n < 7; n++) {
      const card = { ...anotherCard(world), pan_mac: '', fault: 'invalid_card_number' } as const;
      const answer = await new Caller(world).card(card);
      assert.equal(answer.error_code, 'invalid_card_number');
    }
    assert.equal(await world.count(`velocity where subject like 'card_day:%'`), 0);
  });

  inWorld('near a limit prompts no longer tell which field was wrong', async (world) => {
    for (let n = 0; n < 3; n++) await decline(new Caller(world, { customer: 'ada' }));
    const caller = new Caller(world, { customer: 'ada' });
    const first = await decline(caller);
    assert.equal(first.error_code, 'cvv_mismatch', 'the first answer of a call is honest');
    const second = await decline(caller);
    assert.deepEqual(
      [second.prompt, second.error_code, second.retry_field],
      ['card_declined', 'card_declined', 'card'],
    );
    const [row] = await world.rows(
      `select error_code, raw_code from operation order by id = $1 desc limit 1`,
      second.operation_id,
    );
    assert.deepEqual([row?.['error_code'], row?.['raw_code']], ['cvv_mismatch', 'cvv_mismatch']);
  });

  inWorld('the keyed hashes of cards are purged with their windows', async (world) => {
    await decline(new Caller(world), 'one card');
    await purge(world.store, world.clock.now() - 48 * 3_600_000);
    assert.ok((await world.count('velocity')) > 0);
    await purge(world.store, world.clock.now() + 1);
    assert.equal(await world.count('velocity'), 0);
  });
});
