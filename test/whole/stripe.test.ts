import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Stripe } from 'stripe';
import { FaultyLine } from '../conformance/gateway/faulty-line.ts';
import { API_KEY, startStripeDouble, type StripeDouble } from '../doubles/stripe/double.ts';
import { approved, Caller, PLAN } from './caller.ts';
import type { Answer } from './http.ts';
import { System, until } from './system.ts';

const WEBHOOK_SECRET = 'whsec_whole_system';

const PLANS = [
  {
    id: PLAN,
    name: { 'en-us': 'Premium Monthly', 'es-us': 'Premium Mensual' },
    price: { amount_minor: 2_999, currency: 'USD' },
    interval: { count: 1, unit: 'month' },
    trial_days: 0,
    gateway_reference: 'price_Monthly',
  },
  {
    id: 'yearly',
    name: { 'en-us': 'Premium Yearly', 'es-us': 'Premium Anual' },
    price: { amount_minor: 29_900, currency: 'USD' },
    interval: { count: 1, unit: 'year' },
    trial_days: 0,
    gateway_reference: 'price_Yearly',
  },
];

const { webhooks } = new Stripe(API_KEY);

describe('a whole system with Stripe', () => {
  let double: StripeDouble;
  let line: FaultyLine;
  let system: System;

  before(async () => {
    double = await startStripeDouble();
    double.account.addPrice('price_Monthly', 2_999, 'usd', 'month', 1);
    double.account.addPrice('price_Yearly', 29_900, 'usd', 'year', 1);
    line = await FaultyLine.open(double.origin, (path) => /^\/v1\/(customers|prices)\b/.test(path));
    system = await System.start({
      engine: 'pglite',
      limits: { deadline_ms: 4_000, wait_ms_max: 20_000 },
      gateway: {
        name: 'stripe',
        url: line.origin,
        api_key: API_KEY,
        webhook_secret: WEBHOOK_SECRET,
      },
      config: { plans: PLANS },
    });
  });
  after(async () => {
    await system.stop();
    await line.close();
    await double.close();
    assert.deepEqual(double.problems, []);
  });

  const subscriptionOf = (caller: Caller): Record<string, unknown> => {
    const wanted = caller.interactionId;
    const found = [...double.account.subscriptions.values()].filter(({ metadata }) =>
      Object.values(metadata as object).includes(wanted),
    );
    assert.equal(found.length, 1, 'one enrolment is one subscription');
    return found[0] ?? {};
  };

  const read = (caller: Caller): Promise<Answer> =>
    system.ask('bridge', 'GET', `/v1/subscriptions/${caller.subscriptionId}`);

  test('a caller enrols, and billing hears of it', async () => {
    const caller = new Caller(system);
    const answer = await caller.enrol();
    assert.equal(answer.body['is_subscriber'], true);
    assert.match(String(answer.body['next_charge_date']), /\d{4}/);
    const stored = subscriptionOf(caller);
    assert.equal(stored['status'], 'active');
    assert.equal(
      (stored['metadata'] as Record<string, string>)['tokenline_consent_id'],
      caller.consentId,
    );
    const event = await until('the event for billing', async () => {
      const events = await system.billing();
      return events.find(({ body }) => body.data['gateway_subscription'] === stored['id']) ?? null;
    });
    assert.equal(event.type, 'subscription.created');
    assert.equal(event.body.data['gateway'], 'stripe');
    assert.ok(event.verified);
  });

  test('a lost and a plainly declined card sound the same, and a wrong code is asked again', async () => {
    const heard = new Map<string, Answer>();
    for (const pan of ['4000000000000002', '4000000000009987', '4000000000000127']) {
      const caller = new Caller(system);
      await caller.consent();
      heard.set(pan.slice(-4), await caller.tokenise(1, pan));
    }
    const [plain, lost, code] = ['0002', '9987', '0127'].map((last4) => heard.get(last4)?.body);
    assert.equal(plain?.['outcome'], 'declined');
    for (const field of [
      'outcome',
      'route',
      'retry_field',
      'error_code',
      'prompt',
      'prompt_text',
    ]) {
      assert.equal(lost?.[field], plain[field], field);
    }
    assert.equal(code?.['error_code'], 'cvv_mismatch');
    assert.equal(code['retry_field'], 'cvv');
  });

  test('a card that can be saved and not charged leaves no subscription', async () => {
    const caller = new Caller(system);
    await caller.consent();
    approved(await caller.tokenise(1, '4000000000000341'));
    const before = double.account.subscriptions.size;
    const answer = await caller.subscribe();
    assert.equal(answer.body['outcome'], 'declined', answer.text);
    assert.equal(double.account.subscriptions.size, before);
  });

  test('an enrolment whose answer was lost is found by its metadata, once', async () => {
    const caller = new Caller(system);
    await caller.consent();
    approved(await caller.tokenise());
    line.next({ kind: 'reset', after: true });
    const first = await caller.subscribe();
    assert.equal(first.body['outcome'], 'in_doubt', first.text);
    const last = await caller.ended(first);
    assert.equal(last.body['outcome'], 'approved', last.text);
    assert.equal(subscriptionOf(caller)['status'], 'active');
    const lists = double.seen.filter((request) => request === 'GET /v1/subscriptions');
    assert.ok(lists.length > 0, 'it was looked up');
  });

  test('a verification whose answer was lost ends as what Stripe says of it', async () => {
    const caller = new Caller(system);
    await caller.consent();
    // The card itself arrives; the answer to its verification does not.
    line.next(
      { kind: 'status', status: 200, text: null, after: true },
      { kind: 'reset', after: true },
    );
    const first = await caller.tokenise();
    assert.equal(first.body['outcome'], 'in_doubt', first.text);
    const last = await caller.ended(first);
    assert.equal(last.body['outcome'], 'approved', last.text);
    approved(await caller.subscribe());
  });

  test('pause, resume, change of card and cancel arrive, each where it belongs', async () => {
    const caller = new Caller(system);
    await caller.enrol();
    const path = `/v1/subscriptions/${caller.subscriptionId}`;
    const body = { interaction_id: caller.interactionId };
    approved(await system.ask('bridge', 'POST', `${path}/pause`, body));
    assert.deepEqual(subscriptionOf(caller)['pause_collection'], {
      behavior: 'void',
      resumes_at: null,
    });
    approved(await system.ask('bridge', 'POST', `${path}/resume`, body));
    assert.equal(subscriptionOf(caller)['pause_collection'], null);
    approved(await caller.tokenise(2, '5555555555554444'));
    const carded = { ...body, payment_method_token: caller.tokenId };
    const changed = approved(await system.ask('bridge', 'POST', `${path}/change-card`, carded));
    assert.equal(changed.body['outcome'], 'approved');
    approved(await caller.cancel());
    assert.equal(subscriptionOf(caller)['status'], 'canceled');
  });

  test('a change to a yearly plan says what is charged now, then makes it', async () => {
    const caller = new Caller(system);
    await caller.enrol();
    const interaction = { interaction_id: caller.interactionId };
    const disclosed = await system.ask('bridge', 'POST', '/v1/disclosures', {
      ...interaction,
      customer_id: caller.customerId,
      plan_id: 'yearly',
      subscription_id: caller.subscriptionId,
      language: 'en-us',
    });
    assert.match(
      String(disclosed.body['disclosure_text']),
      /^We will charge your card \$299\.00 today for the change of your plan\./,
    );
    const { body } = await system.ask('bridge', 'POST', '/v1/consents', {
      ...interaction,
      disclosure_id: disclosed.body['disclosure_id'],
      key_pressed: '1',
    });
    const path = `/v1/subscriptions/${caller.subscriptionId}/change-plan`;
    const asked = { ...interaction, plan_id: 'yearly', consent_id: body['consent_id'] };
    approved(await system.ask('bridge', 'POST', path, asked));
    const { data } = subscriptionOf(caller)['items'] as { data: { price: { id: string } }[] };
    assert.deepEqual(
      data.map(({ price }) => price.id),
      ['price_Yearly'],
    );
  });

  test('an event with Stripe’s signature brings the new date; one without is refused', async () => {
    const caller = new Caller(system);
    await caller.enrol();
    const before = (await read(caller)).body['next_charge_date'];
    const stored = subscriptionOf(caller);
    const item = (stored['items'] as { data: Record<string, unknown>[] }).data[0];
    assert.ok(item);
    item['current_period_end'] = Number(item['current_period_end']) + 40 * 24 * 3_600;
    const event = {
      id: 'evt_Whole',
      object: 'event',
      livemode: false,
      type: 'invoice.paid',
      data: {
        object: {
          object: 'invoice',
          parent: { subscription_details: { subscription: stored['id'] } },
        },
      },
    };
    const payload = JSON.stringify(event);
    const send = (header: string): Promise<Answer> =>
      system.send('bridge', {
        method: 'POST',
        path: '/v1/webhooks/stripe',
        headers: { 'content-type': 'application/json', 'stripe-signature': header },
        body: payload,
      });
    const wrong = await send(webhooks.generateTestHeaderString({ payload, secret: 'whsec_other' }));
    assert.ok(wrong.status >= 400 && wrong.status < 500, wrong.text);
    assert.equal((await read(caller)).body['next_charge_date'], before);
    const right = await send(
      webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET }),
    );
    assert.ok(right.status >= 200 && right.status < 300, right.text);
    assert.notEqual((await read(caller)).body['next_charge_date'], before);
  });

  test('a charge that Stripe could not make, and an end, reach callers and billing', async () => {
    const caller = new Caller(system);
    await caller.enrol();
    const stored = subscriptionOf(caller);
    for (const [theirs, ours, type] of [
      ['past_due', 'past_due', 'subscription.past_due'],
      ['canceled', 'cancelled', 'subscription.cancelled'],
    ] as const) {
      stored['status'] = theirs;
      const object = { object: 'subscription', id: stored['id'] };
      const event = { id: `evt_${ours}`, object: 'event', livemode: false, data: { object } };
      const payload = JSON.stringify(event);
      const header = webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });
      const answer = await system.send('bridge', {
        method: 'POST',
        path: '/v1/webhooks/stripe',
        headers: { 'content-type': 'application/json', 'stripe-signature': header },
        body: payload,
      });
      assert.ok(answer.status < 300, answer.text);
      assert.equal((await read(caller)).body['status'], ours);
      await until(`${type} at billing`, async () => {
        const events = await system.billing();
        const found = events.find(
          (told) =>
            told.type === type && told.body.data['subscription_id'] === caller.subscriptionId,
        );
        return found ?? null;
      });
    }
  });

  test('an account without the MOTO flag sends the caller to a person and raises an alarm', async () => {
    double.account.manners.motoRefused = true;
    const caller = new Caller(system);
    await caller.consent();
    const answer = await caller.tokenise();
    double.account.manners.motoRefused = false;
    assert.equal(answer.body['error_code'], 'gateway_rejected', answer.text);
    assert.equal(answer.body['route'], 'agent');
    assert.match(system.written(), /gateway\.rejected[^\n]*moto_not_enabled/);
  });
});
