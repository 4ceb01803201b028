import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stripe } from 'stripe';
import { readStripeWebhook } from '../../../src/gateway/stripe/webhook.ts';
import { API_KEY } from '../../doubles/stripe/double.ts';

const SECRET = 'whsec_of_the_endpoint';
const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
const { webhooks } = new Stripe(API_KEY);

const SUBSCRIPTION = {
  object: 'subscription',
  id: 'sub_abc',
  metadata: { tokenline_operation_id: 'op_enrol' },
};

function eventOf(object: object, more: object = {}): string {
  const event = { id: 'evt_abc', object: 'event', livemode: false, data: { object }, ...more };
  return JSON.stringify(event);
}

/** Signed by Stripe's own package. */
function signed(payload: string, secret = SECRET, atMs = NOW_MS): string {
  return webhooks.generateTestHeaderString({ payload, secret, timestamp: atMs / 1000 });
}

function read(payload: string, header: string | null, live = false, nowMs = NOW_MS) {
  const headers = header === null ? {} : { 'stripe-signature': header };
  return readStripeWebhook({ secret: SECRET, live }, headers, Buffer.from(payload), nowMs);
}

const eventIn = (payload: string) => {
  const reading = read(payload, signed(payload));
  assert.equal(reading.kind, 'events');
  return reading.kind === 'events' ? reading.events[0] : undefined;
};

test('an event leads to its subscription and to the operation that last changed it', () => {
  const payload = eventOf(SUBSCRIPTION);
  assert.deepEqual(eventIn(payload), {
    id: 'evt_abc',
    idempotencyKey: 'op_enrol',
    subscriptionReference: 'sub_abc',
  });
  const metadata = { ...SUBSCRIPTION.metadata, tokenline_last_operation_id: 'op_pause' };
  assert.equal(eventIn(eventOf({ ...SUBSCRIPTION, metadata }))?.idempotencyKey, 'op_pause');
});

test('an invoice leads to its subscription in both places where it has stood', () => {
  const before = { object: 'invoice', id: 'in_abc', subscription: 'sub_abc' };
  const parent = { subscription_details: { subscription: 'sub_abc' } };
  for (const invoice of [before, { object: 'invoice', id: 'in_abc', parent }]) {
    assert.equal(eventIn(eventOf(invoice))?.subscriptionReference, 'sub_abc');
  }
});

test('an event of a SetupIntent, or of a request of ours, leads to the operation', () => {
  const metadata = { tokenline_operation_id: 'op_card' };
  const intent = { object: 'setup_intent', id: 'seti_abc', metadata };
  assert.equal(eventIn(eventOf(intent))?.idempotencyKey, 'op_card');
  const request = { id: 'req_abc', idempotency_key: 'op_card.verify' };
  const bare = eventOf({ object: 'payment_method', id: 'pm_abc' }, { request });
  assert.equal(eventIn(bare)?.idempotencyKey, 'op_card');
});

test('an event of a page leads to the link that it was made for', () => {
  const metadata = { tokenline_operation_id: 'op_link', tokenline_interaction_id: 'call' };
  for (const status of ['complete', 'expired']) {
    const session = { object: 'checkout.session', id: 'cs_test_abc', status, metadata };
    const read = eventIn(eventOf({ ...session, subscription: null }));
    assert.deepEqual(read, {
      id: 'evt_abc',
      idempotencyKey: 'op_link',
      subscriptionReference: null,
    });
  }
});

test('while a secret is being changed there are two signatures, and one is enough', () => {
  const payload = eventOf(SUBSCRIPTION);
  const other = signed(payload, 'whsec_of_before').split(',')[1];
  const [time, ours] = signed(payload).split(',');
  assert.equal(read(payload, `${time},${other},${ours}`).kind, 'events');
  assert.equal(read(payload, `${time},${other}`).kind, 'refused');
});

test('what is not signed, not whole, old or from another time is refused', () => {
  const payload = eventOf(SUBSCRIPTION);
  const header = signed(payload);
  const later = NOW_MS + 299_000;
  assert.equal(read(payload, header, false, later).kind, 'events');
  const refused: [string, ReturnType<typeof read>][] = [
    ['no header', read(payload, null)],
    ['another body', read(payload.replace('sub_abc', 'sub_abd'), header)],
    ['another time', read(payload, header.replace(/t=\d+/, 't=1'))],
    ['a time that is no number', read(payload, header.replace(/t=\d+/, 't=x'))],
    ['a cut signature', read(payload, header.slice(0, -2))],
    ['another scheme', read(payload, header.replace('v1=', 'v0='))],
    ['old', read(payload, header, false, NOW_MS + 301_000)],
    ['of the future', read(payload, header, false, NOW_MS - 301_000)],
    ['of test mode, where money is live', read(payload, header, true)],
    ['no JSON', read('{', signed('{'))],
    ['no event', read('[]', signed('[]'))],
  ];
  for (const [name, reading] of refused) assert.equal(reading.kind, 'refused', name);
});
