import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LookUpOrder } from '../../../src/gateway/gateway.ts';
import type { AgreedPlan } from '../../../src/gateway/stripe/prices.ts';
import { outcomeText, valueOf } from '../../conformance/gateway/rig.ts';
import {
  BASIC,
  changeOrder,
  factsOf,
  never,
  stripeWorld,
  subscribeOrder,
  verifyOrder,
  YEARLY,
} from './world.ts';

function lookUpOrder(
  kind: LookUpOrder['kind'],
  operationId: string,
  subscriptionReference: string | null = null,
): LookUpOrder {
  return {
    ...factsOf(operationId),
    kind,
    subscriptionReference,
    gatewayTransactionId: null,
    charge: null,
  };
}

test('a customer is made once, also by calls at the same time, and found again by others', async (t) => {
  const { adapter, double, tokenise } = await stripeWorld(t);
  const cards = await Promise.all(['op_a', 'op_b', 'op_c'].map(tokenise));
  const replies = await Promise.all(
    cards.map((card, index) => adapter.verify(verifyOrder(`op_verify${index}`, card), never)),
  );
  // The same key at the same time is told to come back; the caller's retry does.
  assert.ok(replies.some(({ outcome }) => outcome.kind === 'approved'));
  assert.equal(double.account.customers.size, 1);
  const [customer] = double.account.customers.values();
  assert.deepEqual(customer?.['metadata'], { tokenline_customer_id: 'customer-ada' });
});

test('a customer whose name has quotes in it is found as it is', async (t) => {
  const { adapter, double, tokenise } = await stripeWorld(t);
  for (const customerId of [`o'hara`, `back\\slash`]) {
    for (const operationId of ['op_first', 'op_second']) {
      const order = { ...verifyOrder(`${operationId}${customerId}`, await tokenise(operationId)) };
      valueOf(await adapter.verify({ ...order, customerId }, never));
    }
  }
  assert.equal(double.account.customers.size, 2);
});

test('a customer who was deleted at Stripe fails one operation and is made again', async (t) => {
  const { adapter, double, token, tokenise } = await stripeWorld(t);
  await token('op_first');
  double.reset();
  double.account.customers.clear();
  const lost = await adapter.verify(verifyOrder('op_lost', await tokenise('op_b')), never);
  assert.equal(outcomeText(lost), 'failed gateway_rejected');
  assert.equal(lost.rawCode, 'resource_missing');
  valueOf(await adapter.verify(verifyOrder('op_again', await tokenise('op_c')), never));
});

test('nothing is charged where Stripe’s price is not what was agreed to', async (t) => {
  const { adapter, double, token } = await stripeWorld(t);
  const card = await token('op_card');
  const differs = [
    { price: { amountMinor: 2_998, currency: 'USD' } },
    { price: { amountMinor: 2_999, currency: 'EUR' } },
    { interval: { count: 3, unit: 'month' } },
  ] as const;
  for (const [index, changed] of differs.entries()) {
    const reply = await adapter.subscribe(subscribeOrder(`op_${index}`, card, changed), never);
    assert.equal(outcomeText(reply), 'failed gateway_rejected');
    assert.equal(reply.rawCode, 'price_differs');
  }
  const unnamed = subscribeOrder('op_unnamed', card, { planId: 'gold' });
  assert.equal((await adapter.subscribe(unnamed, never)).rawCode, 'plan_without_price');
  assert.equal(double.account.subscriptions.size, 0);
  assert.ok(!double.seen.includes('POST /v1/subscriptions'));
});

for (const timeZone of [
  'America/New_York',
  'Pacific/Auckland',
  'Pacific/Kiritimati',
  'Etc/GMT+12',
]) {
  test(`a first charge that is due later begins then, on the day of ${timeZone}`, async (t) => {
    const { adapter, double, token } = await stripeWorld(t, { timeZone });
    const order = subscribeOrder('op_trial', await token('op_card'), {
      firstChargeDate: '2031-03-31',
    });
    const grant = valueOf(await adapter.subscribe(order, never));
    assert.equal(grant.status, 'active');
    assert.equal(grant.nextChargeDate, '2031-03-31');
    assert.equal(double.account.charges.length, 0);
  });
}

test('the end of a period is found in both places where it has stood', async (t) => {
  const { adapter, double, token } = await stripeWorld(t);
  const card = await token('op_card');
  const dates = [];
  for (const oldPeriodEnd of [false, true]) {
    double.account.manners.oldPeriodEnd = oldPeriodEnd;
    const order = subscribeOrder(`op_${oldPeriodEnd}`, card);
    dates.push(valueOf(await adapter.subscribe(order, never)).nextChargeDate);
  }
  assert.match(dates[0] ?? '', /^\d{4}-\d{2}-\d{2}$/);
  assert.equal(dates[0], dates[1]);
});

test('a card that was saved with a wrong code or postal code is refused, and let go', async (t) => {
  const { adapter, double, tokenise } = await stripeWorld(t);
  const wrong = { cvc_check: 'cvv_mismatch', postal: 'postal_code_mismatch' } as const;
  for (const [kind, errorCode] of Object.entries(wrong)) {
    const id = await tokenise(`op_${kind}`);
    const stored = double.account.paymentMethods.get(id);
    assert.ok(stored);
    if (kind === 'postal') stored['billing_details'] = { address: { postal_code: '00000' } };
    // https://docs.stripe.com/testing: saved, and its security code check fails.
    else Object.assign(stored['card'] as object, { last4: '0101' });
    const reply = await adapter.verify(verifyOrder(`op_verify_${kind}`, id), never);
    assert.equal(outcomeText(reply), `declined ${errorCode}`);
    assert.equal(stored['customer'], null, 'it stays with nobody');
  }
  assert.deepEqual(double.problems, []);
});

test('an account without access to raw card data is recognised by Stripe’s words', async (t) => {
  const { double, sendCard } = await stripeWorld(t);
  double.account.manners.rawCardsRefused = true;
  const reply = await sendCard('op_raw');
  assert.equal(outcomeText(reply), 'failed gateway_rejected');
  assert.equal(reply.rawCode, 'raw_card_data_not_enabled');
});

test('an account without the MOTO flag is recognised, and is no decline', async (t) => {
  const { adapter, double, tokenise } = await stripeWorld(t);
  double.account.manners.motoRefused = true;
  const reply = await adapter.verify(verifyOrder('op_moto', await tokenise('op_card')), never);
  assert.equal(outcomeText(reply), 'failed gateway_rejected');
  assert.equal(reply.rawCode, 'moto_not_enabled');
  assert.deepEqual(reply.again, { kind: 'never' });
});

test('a request whose key is in use is in doubt, and may be asked again', async (t) => {
  const { adapter, double, token } = await stripeWorld(t);
  const order = subscribeOrder('op_twice', await token('op_card'));
  double.workMs = 400;
  const replies = await Promise.all([
    adapter.subscribe(order, never),
    adapter.subscribe(order, never),
  ]);
  const doubt = replies.find(({ outcome }) => outcome.kind === 'in_doubt');
  assert.equal(doubt?.statusCode, 409);
  assert.equal(doubt.again.kind, 'again');
  const again = valueOf(await adapter.subscribe(order, never));
  const first = replies.find(({ outcome }) => outcome.kind === 'approved');
  assert.deepEqual(first?.outcome, { kind: 'approved', value: again });
});

test('a key that was used with other terms is in doubt: the first request counts', async (t) => {
  const { adapter, token } = await stripeWorld(t);
  const order = subscribeOrder('op_terms', await token('op_card'));
  valueOf(await adapter.subscribe(order, never));
  const reply = await adapter.subscribe({ ...order, consentId: 'con_other' }, never);
  assert.equal(outcomeText(reply), 'in_doubt');
});

test('an operation is found behind others, over several pages', async (t) => {
  const { adapter, double, token } = await stripeWorld(t);
  const card = await token('op_card');
  for (let count = 0; count < 5; count++) {
    valueOf(await adapter.subscribe(subscribeOrder(`op_sub${count}`, card), never));
  }
  const found = await adapter.lookUp(lookUpOrder('subscribe', 'op_sub0'), never);
  assert.equal(found.kind === 'subscription' && outcomeText(found.reply), 'approved');
  assert.equal(double.seen.filter((line) => line === 'GET /v1/subscriptions').length, 3);
  const none = await adapter.lookUp(lookUpOrder('subscribe', 'op_none'), never);
  assert.deepEqual(none, { kind: 'absent' });
});

test('a change is found as the last one of its subscription', async (t) => {
  const { adapter, subscription } = await stripeWorld(t);
  const reference = await subscription('op_enrol');
  valueOf(await adapter.change(changeOrder('op_pause', 'pause', reference), never));
  const look = async (kind: LookUpOrder['kind'], operationId: string): Promise<string> => {
    const found = await adapter.lookUp(lookUpOrder(kind, operationId, reference), never);
    return found.kind === 'subscription' ? outcomeText(found.reply) : found.kind;
  };
  assert.equal(await look('pause', 'op_pause'), 'approved');
  assert.equal(await look('resume', 'op_resume'), 'absent');
  assert.equal(await look('cancel', 'op_cancel'), 'absent');
  valueOf(await adapter.change(changeOrder('op_cancel', 'cancel', reference), never));
  assert.equal(await look('cancel', 'op_cancel'), 'approved');
});

test('a cancel at the end of the period is cancelled, and says until when it lasts', async (t) => {
  const { adapter, double, subscription } = await stripeWorld(t, { cancel: 'period_end' });
  const reference = await subscription('op_enrol');
  const paidUntil = valueOf(await adapter.read(reference, never)).nextChargeDate;
  const grant = valueOf(await adapter.change(changeOrder('op_end', 'cancel', reference), never));
  assert.equal(grant.status, 'cancelled');
  assert.equal(grant.nextChargeDate, null);
  assert.equal(grant.endsOn, paidUntil);
  assert.equal(double.account.subscriptions.get(reference)?.['status'], 'active');
  assert.deepEqual(double.problems, []);
});

test('a plan that cannot be charged at once is not changed', async (t) => {
  const { adapter, double, subscription } = await stripeWorld(t, { proration: 'now' });
  const reference = await subscription('op_enrol');
  double.account.manners.declines.push({ step: 'change', code: 'insufficient_funds' });
  const order = changeOrder('op_plan', 'change_plan', reference, { plan: YEARLY });
  assert.equal(outcomeText(await adapter.change(order, never)), 'declined insufficient_funds');
  const found = await adapter.lookUp(lookUpOrder('change_plan', 'op_plan', reference), never);
  assert.deepEqual(found, { kind: 'absent' });
});

test('a quote says what a change of plan charges now', async (t) => {
  const quoteFor = async (proration: 'none' | 'next_invoice' | 'now', plan: AgreedPlan) => {
    const { adapter, double, subscription } = await stripeWorld(t, { proration });
    const subscriptionReference = await subscription('op_enrol');
    const order = { customerId: 'customer-ada', subscriptionReference, plan };
    const reply = await adapter.quote?.(order, never);
    assert.ok(reply);
    const quote = valueOf(reply);
    assert.deepEqual(double.problems, []);
    assert.match(quote.nextChargeDate ?? '', /^\d{4}-/);
    return quote.dueNow;
  };
  const nothing = { amountMinor: 0, currency: 'USD' };
  assert.deepEqual(await quoteFor('none', BASIC), nothing);
  assert.deepEqual(await quoteFor('next_invoice', BASIC), nothing);
  // The double credits half of the month that has been paid for.
  assert.deepEqual(await quoteFor('now', YEARLY), { amountMinor: 28_401, currency: 'USD' });
  // Another interval begins a new period at once, whatever the habit.
  assert.deepEqual(await quoteFor('none', YEARLY), YEARLY.price);
});

test('a subscription that Stripe has not completed is pending, never a success', async (t) => {
  const { adapter, double, subscription } = await stripeWorld(t);
  const reference = await subscription('op_enrol');
  const stored = double.account.subscriptions.get(reference);
  assert.ok(stored);
  const statuses = {
    trialing: 'approved',
    active: 'approved',
    past_due: 'approved',
    unpaid: 'approved',
    paused: 'approved',
    incomplete: 'pending',
    a_status_that_is_new: 'in_doubt',
  };
  for (const [status, expected] of Object.entries(statuses)) {
    stored['status'] = status;
    assert.equal(outcomeText(await adapter.read(reference, never)), expected, status);
  }
});
