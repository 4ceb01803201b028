import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stripe } from 'stripe';
import { STRIPE_VERSION } from '../../../src/gateway/stripe/words.ts';
import {
  changePlanParams,
  pauseParams,
  resumeParams,
  setupIntentParams,
  subscriptionParams,
} from '../../../src/gateway/stripe/requests.ts';
import { valueOf } from '../../conformance/gateway/rig.ts';
import { changeOrder, never, stripeWorld, subscribeOrder, verifyOrder, YEARLY } from './world.ts';

/** The official package as a second client of the same double: it has to see what the adapter sees. */

const keyed = (idempotencyKey: string) => ({ idempotencyKey });
const HABITS = { cancel: 'now', proration: 'none' } as const;

test('the official package speaks the version that the adapter pins', () => {
  assert.equal(Stripe.API_VERSION, STRIPE_VERSION);
});

test('the package enrols with the adapter’s own parameters, and both read the same', async (t) => {
  const { sdk, adapter, double, tokenise } = await stripeWorld(t);
  const paymentMethod = await tokenise('op_card');
  const customer = await sdk.customers.create(
    { metadata: { tokenline_customer_id: 'customer-ada' } },
    keyed('cus'),
  );
  const intent = await sdk.setupIntents.create(
    setupIntentParams(verifyOrder('op_verify', paymentMethod), customer.id),
    keyed('seti'),
  );
  assert.equal(intent.status, 'succeeded');
  const made = await sdk.subscriptions.create(
    subscriptionParams(subscribeOrder('op_sub', paymentMethod), customer.id, 'price_Monthly', null),
    keyed('sub'),
  );
  const read = valueOf(await adapter.read(made.id, never));
  const end = made.items.data[0]?.current_period_end ?? 0;
  assert.equal(read.subscriptionReference, made.id);
  assert.equal(read.status, 'active');
  const inNewYork = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' });
  assert.equal(read.nextChargeDate, inNewYork.format(end * 1000));
  assert.deepEqual(double.problems, []);
});

test('what the adapter makes, the package finds, with our ids in its metadata', async (t) => {
  const { sdk, adapter, double, subscription, token } = await stripeWorld(t);
  const reference = await subscription('op_enrol');
  const made = await sdk.subscriptions.retrieve(reference);
  assert.equal(made.status, 'active');
  assert.equal(made.metadata['tokenline_operation_id'], 'op_enrol');
  assert.equal(made.metadata['tokenline_consent_id'], 'con_abc');
  assert.equal(made.items.data[0]?.price.id, 'price_Monthly');

  const other = await token('op_other_card');
  const changes = [
    changeOrder('op_card', 'change_card', reference, { tokenReference: other }),
    changeOrder('op_plan', 'change_plan', reference, { plan: YEARLY }),
    changeOrder('op_pause', 'pause', reference),
  ];
  for (const order of changes) valueOf(await adapter.change(order, never));
  const changed = await sdk.subscriptions.retrieve(reference);
  assert.equal(changed.default_payment_method, other);
  assert.deepEqual(
    changed.items.data.map(({ price }) => price.id),
    ['price_Yearly'],
    'one item: the new price is in the place of the old one',
  );
  assert.equal(changed.pause_collection?.behavior, 'void');
  assert.equal(changed.metadata['tokenline_last_operation_id'], 'op_pause');

  valueOf(await adapter.change(changeOrder('op_resume', 'resume', reference), never));
  assert.equal((await sdk.subscriptions.retrieve(reference)).pause_collection, null);
  valueOf(await adapter.change(changeOrder('op_cancel', 'cancel', reference), never));
  const ended = await sdk.subscriptions.retrieve(reference);
  assert.equal(ended.status, 'canceled');
  assert.match(ended.cancellation_details?.comment ?? '', /op_cancel/);
  assert.deepEqual(double.problems, []);
});

test('the package changes with the adapter’s parameters, and the adapter reads it', async (t) => {
  const { sdk, adapter, subscription } = await stripeWorld(t);
  const reference = await subscription('op_enrol');
  const order = changeOrder('op_any', 'pause', reference);
  const statusOf = async (): Promise<string> =>
    valueOf(await adapter.read(reference, never)).status;
  await sdk.subscriptions.update(reference, pauseParams(order), keyed('pause'));
  assert.equal(await statusOf(), 'paused');
  await sdk.subscriptions.update(reference, resumeParams(order), keyed('resume'));
  assert.equal(await statusOf(), 'active');
  const before = await sdk.subscriptions.retrieve(reference);
  const item = before.items.data[0]?.id ?? '';
  const params = changePlanParams(order, HABITS, item, 'price_Yearly');
  const after = await sdk.subscriptions.update(reference, params, keyed('plan'));
  assert.deepEqual(
    after.items.data.map(({ id, price }) => [id, price.id]),
    [[item, 'price_Yearly']],
  );
});

test('both understand the same decline', async (t) => {
  const { sdk, adapter, double, token } = await stripeWorld(t);
  const paymentMethod = await token('op_card');
  const customer = [...double.account.customers.keys()][0] ?? '';
  const decline = (): void => {
    double.account.manners.declines.push({ step: 'subscribe', code: 'lost_card' });
  };
  decline();
  const order = subscribeOrder('op_sub', paymentMethod);
  await assert.rejects(
    sdk.subscriptions.create(
      subscriptionParams(order, customer, 'price_Monthly', null),
      keyed('sdk'),
    ),
    (error) => error instanceof Stripe.errors.StripeCardError && error.decline_code === 'lost_card',
  );
  decline();
  const reply = await adapter.subscribe(order, never);
  assert.deepEqual(reply.outcome, { kind: 'declined', errorCode: 'card_declined' });
  assert.equal(reply.rawCode, 'lost_card');
});
