import assert from 'node:assert/strict';
import { type DoubleStep, freshKey, outcomeText, type Rig, testCard, valueOf } from './rig.ts';

/** What the gateway is for: tokens, subscriptions, declines, and each key once. */
export const BUSINESS = {
  async 'a card becomes a token, with the transaction it came under'(rig: Rig) {
    const reply = await rig.tokenise();
    assert.notEqual(valueOf(reply).tokenReference, '');
    assert.notEqual(reply.gatewayTransactionId, null);
    assert.ok(reply.healthy);
    assert.ok(reply.statusCode !== null && reply.statusCode >= 200 && reply.statusCode < 300);
    assert.deepEqual(reply.again, { kind: 'never' });
    assert.ok(reply.latencyMs >= 0);
    assert.equal((await rig.bench.effects()).tokens, 1);
  },

  async 'the request is built from a copy each time, so that it can be wiped and sent again'(
    rig: Rig,
  ) {
    await rig.tokenise();
    const card = testCard();
    const [one, other] = [1, 2].map(() =>
      rig.sides.tokenizer.request(card, rig.tokeniseOrder('op_same')),
    );
    assert.ok(one?.body && other?.body);
    assert.ok(one.body.length > 64, 'a body of 64 bytes or less lives where it cannot be wiped');
    const before = Buffer.from(other.body);
    one.body.fill(0);
    card.pan.zero();
    card.cvv.zero();
    assert.deepEqual(Buffer.from(other.body), before);
  },

  async 'a token is verified in a second step where the capabilities say so'(rig: Rig) {
    const key = freshKey();
    const { tokenReference } = valueOf(await rig.tokenise(key));
    if (!rig.sides.adapter.capabilities.verification) return;
    const reply = await rig.verify(tokenReference, key);
    // It may have another name from now on: PayPal's setup token becomes a payment token.
    const verified = valueOf(reply).tokenReference;
    assert.notEqual(verified, '');
    assert.equal(valueOf(await rig.verify(tokenReference, key)).tokenReference, verified);
    assert.equal((await rig.bench.effects()).tokens, 1);
  },

  async 'a token becomes one subscription, charged at most once'(rig: Rig) {
    const token = await rig.token();
    const reply = await rig.subscribe(token);
    if (!rig.sides.adapter.capabilities.subscriptions) {
      assert.equal(reply.outcome.kind, 'failed');
      return;
    }
    const grant = valueOf(reply);
    assert.notEqual(grant.subscriptionReference, '');
    assert.equal(grant.status, 'active');
    assert.match(grant.nextChargeDate ?? '', /^\d{4}-\d{2}-\d{2}$/);
    assert.notEqual(reply.gatewayTransactionId, null);
    const effects = await rig.bench.effects();
    assert.equal(effects.subscriptions, 1);
    assert.ok(effects.charges <= 1);
  },

  async 'a subscription is paused and resumed, or the adapter says that it cannot'(rig: Rig) {
    const { capabilities } = rig.sides.adapter;
    if (!capabilities.subscriptions) return;
    const reference = await rig.subscription();
    const paused = await rig.change('pause', reference);
    if (!capabilities.pause) return assert.equal(paused.outcome.kind, 'failed');
    assert.equal(valueOf(paused).status, 'paused');
    assert.equal(valueOf(await rig.change('resume', reference)).status, 'active');
  },

  async 'plan and card are changed, or the adapter says that it cannot'(rig: Rig) {
    const { capabilities } = rig.sides.adapter;
    if (!capabilities.subscriptions) return;
    const reference = await rig.subscription();
    const plan = {
      id: 'recurring_yearly_premium',
      price: { amountMinor: 29_900, currency: 'USD' },
      interval: { count: 1, unit: 'year' },
    } as const;
    const planned = await rig.change('change_plan', reference, { plan });
    assert.equal(planned.outcome.kind, capabilities.changePlan ? 'approved' : 'failed');
    const tokenReference = await rig.token();
    const carded = await rig.change('change_card', reference, { tokenReference });
    assert.equal(carded.outcome.kind, capabilities.changeCard ? 'approved' : 'failed');
    assert.equal((await rig.bench.effects()).subscriptions, 1);
  },

  async 'a subscription is cancelled, and read as it is'(rig: Rig) {
    if (!rig.sides.adapter.capabilities.subscriptions) return;
    const reference = await rig.subscription();
    const before = valueOf(await rig.read(reference));
    assert.equal(before.subscriptionReference, reference);
    assert.equal(before.status, 'active');
    assert.equal(valueOf(await rig.change('cancel', reference)).status, 'cancelled');
    assert.equal(valueOf(await rig.read(reference)).status, 'cancelled');
  },

  async 'a subscription that is not there is no subscription'(rig: Rig) {
    const reply = await rig.read('sub_nobodyhasthisone');
    assert.equal(reply.outcome.kind, 'failed');
    const { subscriptions: offered } = rig.sides.adapter.capabilities;
    assert.equal(reply.statusCode, offered ? 404 : null);
  },

  async 'a stored card is charged, first by the caller and then by the merchant'(rig: Rig) {
    const { capabilities } = rig.sides.adapter;
    const token = await rig.token();
    const first = await rig.charge(token);
    if (capabilities.subscriptions) return assert.equal(first.outcome.kind, 'failed');
    const grant = valueOf(first);
    assert.notEqual(grant.chargeReference, '');
    assert.notEqual(first.gatewayTransactionId, null);
    assert.equal((await rig.bench.effects()).charges, 1);
    for (const networkTransactionId of [grant.networkTransactionId, null]) {
      const use = { use: 'recurring', networkTransactionId } as const;
      const later = valueOf(await rig.charge(token, freshKey(), undefined, use));
      assert.notEqual(later.chargeReference, grant.chargeReference);
    }
    assert.equal((await rig.bench.effects()).charges, 3);
    assert.equal((await rig.bench.effects()).subscriptions, 0);
  },

  async 'each decline code that it names is understood when a stored card is charged'(rig: Rig) {
    if (rig.sides.adapter.capabilities.subscriptions) return;
    const token = await rig.token();
    await declinesOf(rig, 'charge', () => rig.charge(token));
    assert.equal((await rig.bench.effects()).charges, 0);
    const stops = rig.bench.stops ?? [];
    assert.ok(stops.length > 0, 'the bench names no code that forbids another try');
    for (const { code } of rig.bench.declines) {
      await rig.bench.decline('charge', code);
      const { advice } = await rig.charge(token);
      assert.equal(advice === 'stop', stops.includes(code), code);
    }
  },

  async 'a charge that was declined stays declined under its key, and not under another'(rig: Rig) {
    const decline = rig.bench.declines[0];
    if (rig.sides.adapter.capabilities.subscriptions || !decline) return;
    const token = await rig.token();
    const key = freshKey();
    await rig.bench.decline('charge', decline.code);
    const first = await rig.charge(token, key);
    assert.equal(first.outcome.kind, 'declined');
    assert.deepEqual((await rig.charge(token, key)).outcome, first.outcome);
    assert.equal((await rig.charge(token)).outcome.kind, 'approved');
    assert.equal((await rig.bench.effects()).charges, 1);
  },

  async 'each decline code that it names is understood when a card is tokenised'(rig: Rig) {
    await declinesOf(rig, 'tokenise', () => rig.tokenise());
    assert.equal((await rig.bench.effects()).tokens, 0);
  },

  async 'each decline code that it names is understood when a subscription is made'(rig: Rig) {
    if (!rig.sides.adapter.capabilities.subscriptions) return;
    const token = await rig.token();
    await declinesOf(rig, 'subscribe', () => rig.subscribe(token));
    assert.equal((await rig.bench.effects()).subscriptions, 0);
  },

  async 'each decline code that it names is understood when a token is verified'(rig: Rig) {
    if (!rig.sides.adapter.capabilities.verification) return;
    const { tokenReference } = valueOf(await rig.tokenise());
    await declinesOf(rig, 'verify', () => rig.verify(tokenReference));
  },

  async 'a decline code that nobody knows is a plain decline, and is kept for the ledger'(
    rig: Rig,
  ) {
    await rig.bench.decline('tokenise', 'A_Code_That_Is_New');
    const reply = await rig.tokenise();
    assert.equal(outcomeText(reply), 'declined card_declined');
    assert.equal(reply.rawCode, 'A_Code_That_Is_New');
    assert.ok(reply.healthy);
  },

  async 'what the gateway will tell later is pending, and stays so until it has told'(rig: Rig) {
    if (!rig.bench.pend) return;
    await rig.bench.pend('tokenise');
    const key = freshKey();
    assert.equal(outcomeText(await rig.tokenise(key)), 'pending');
    const found = await rig.lookUp('tokenise', key);
    assert.equal(found.kind === 'token' && outcomeText(found.reply), 'pending');
  },

  async 'the same key twice is one effect and one answer'(rig: Rig) {
    const key = freshKey();
    const first = await rig.tokenise(key);
    const second = await rig.tokenise(key);
    assert.deepEqual(second.outcome, first.outcome);
    assert.equal((await rig.bench.effects()).tokens, 1);
    const token = await rig.token();
    const keys = freshKey();
    if (!rig.sides.adapter.capabilities.subscriptions) {
      const made = await rig.charge(token, keys);
      assert.deepEqual(valueOf(await rig.charge(token, keys)), valueOf(made));
      assert.equal((await rig.bench.effects()).charges, 1);
      return;
    }
    const one = await rig.subscribe(token, keys);
    assert.deepEqual((await rig.subscribe(token, keys)).outcome, one.outcome);
    const effects = await rig.bench.effects();
    assert.equal(effects.subscriptions, 1);
    assert.ok(effects.charges <= 1);
  },

  async 'the same key at the same time is one effect, and nobody hears a failure'(rig: Rig) {
    const key = freshKey();
    await rig.tokenise();
    const replies = await Promise.all([rig.tokenise(key), rig.tokenise(key), rig.tokenise(key)]);
    for (const { outcome } of replies) assert.match(outcome.kind, /^(approved|pending|in_doubt)$/);
    assert.ok(replies.some(({ outcome }) => outcome.kind === 'approved'));
    assert.equal((await rig.bench.effects()).tokens, 2);
  },
};

async function declinesOf(
  rig: Rig,
  step: DoubleStep,
  attempt: () => ReturnType<Rig['tokenise'] | Rig['subscribe'] | Rig['charge']>,
): Promise<void> {
  assert.ok(rig.bench.declines.length > 0, 'the bench names no decline');
  for (const { code, errorCode } of rig.bench.declines) {
    await rig.bench.decline(step, code);
    const reply = await attempt();
    assert.equal(outcomeText(reply), `declined ${errorCode}`, code);
    assert.equal(reply.rawCode, code);
    assert.deepEqual(reply.again, { kind: 'never' });
    assert.ok(reply.healthy, 'a decline is no illness of the gateway');
  }
}
