import assert from 'node:assert/strict';
import type { ChangeQuote, GatewayReply } from '../../src/gateway/gateway.ts';
import { BASIC, Caller } from './caller.ts';
import { withWorlds } from './worlds.ts';

function replyOf(outcome: GatewayReply<ChangeQuote>['outcome']): GatewayReply<ChangeQuote> {
  return {
    outcome,
    again: { kind: 'never' },
    latencyMs: 1,
    healthy: true,
    statusCode: 200,
    rawCode: null,
    gatewayTransactionId: null,
  };
}

function quoteOf(amountMinor: number): GatewayReply<ChangeQuote> {
  const dueNow = { amountMinor, currency: 'USD' };
  return replyOf({ kind: 'approved', value: { dueNow, nextChargeDate: '2027-03-31' } });
}

withWorlds((inWorld) => {
  inWorld('a change that charges at once says so before consent', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.quote = () => Promise.resolve(quoteOf(1_234));
    const { disclosure_text: text, outcome } = await caller.disclose(BASIC, id);
    assert.equal(outcome, 'approved');
    assert.match(
      text,
      /^We will charge your card \$12\.34 today for the change of your plan\. You /,
    );
    assert.match(text, /March 31, 2027/);
    const [kept] = await world.rows(`select text from disclosure where plan_id = '${BASIC}'`);
    assert.equal(kept?.['text'], text, 'it is kept with the consent, word for word');
  });

  inWorld('a change that charges nothing at once does not speak of it', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    for (const quote of [() => Promise.resolve(quoteOf(0)), undefined]) {
      if (quote) world.gateway.quote = quote;
      else delete world.gateway.quote;
      const plan = quote ? BASIC : 'recurring_yearly_premium';
      const { disclosure_text: text } = await caller.disclose(plan, id);
      assert.match(text, /^You are about to/);
    }
  });

  inWorld('what the gateway cannot reckon is not disclosed', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.quote = () => Promise.resolve(replyOf({ kind: 'in_doubt' }));
    const answer = await caller.disclose(BASIC, id);
    assert.deepEqual(
      [answer.outcome, answer.error_code, answer.route, answer.disclosure_text],
      ['failed', 'gateway_unavailable', 'agent', ''],
    );
  });

  inWorld('a subscription of somebody else, or of the same plan, is not quoted', async (world) => {
    const caller = new Caller(world);
    const { subscription_id: id } = await caller.enrol();
    world.gateway.quote = () => assert.fail('nobody is asked');
    const stranger = new Caller(world);
    assert.equal((await stranger.disclose(BASIC, id)).error_code, 'not_allowed');
    assert.equal((await caller.disclose(caller.plan, id)).error_code, 'not_allowed');
    assert.equal((await caller.disclose(BASIC, 'sub_abc')).error_code, 'not_found');
  });
});
