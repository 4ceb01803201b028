import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FaultyLine } from '../conformance/gateway/faulty-line.ts';
import { CLIENT, startPayPalDouble, type PayPalDouble } from '../doubles/paypal/double.ts';
import { signatureOf, WEBHOOK_ID } from '../doubles/paypal/signer.ts';
import { approved, Caller } from './caller.ts';
import type { Answer } from './http.ts';
import { System, until } from './system.ts';

describe('a whole system with PayPal', () => {
  let double: PayPalDouble;
  let line: FaultyLine;
  let system: System;

  before(async () => {
    double = await startPayPalDouble();
    line = await FaultyLine.open(double.origin, (path) => path === '/v1/oauth2/token');
    system = await System.start({
      engine: 'pglite',
      limits: { deadline_ms: 4_000, wait_ms_max: 20_000 },
      gateway: {
        name: 'paypal',
        url: line.origin,
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        paypal: { webhook_id: WEBHOOK_ID, card_country: 'US' },
      },
    });
  });
  after(async () => {
    await system.stop();
    await line.close();
    await double.close();
    assert.deepEqual(double.problems, []);
  });

  const capturesOf = (caller: Caller) =>
    double.account.orders
      .map(({ capture }) => capture)
      .filter(({ invoice_id: id }) => String(id).startsWith(`${caller.subscriptionId}.`));

  test('a caller enrols: one charge at PayPal, and billing hears of both', async () => {
    const caller = new Caller(system);
    const answer = await caller.enrol();
    assert.equal(answer.body['status'], 'active');
    const [capture, ...more] = capturesOf(caller);
    assert.ok(capture);
    assert.deepEqual(more, []);
    assert.deepEqual(capture['amount'], { currency_code: 'USD', value: '29.99' });
    assert.equal(capture['custom_id'], answer.body['operation_id']);
    assert.equal(answer.body['gateway_transaction_id'], capture['id']);
    for (const type of ['subscription.created', 'charge.succeeded']) {
      const event = await until(type, async () => {
        const events = await system.billing();
        const ours = events.filter(
          ({ body }) => body.data['subscription_id'] === caller.subscriptionId,
        );
        return ours.find((one) => one.type === type) ?? null;
      });
      assert.equal(event.body.data['gateway'], 'paypal');
      assert.ok(event.verified);
    }
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
    for (const field of ['outcome', 'route', 'retry_field', 'error_code', 'prompt_text']) {
      assert.equal(lost?.[field], plain[field], field);
    }
    assert.equal(code?.['retry_field'], 'cvv');
  });

  test('a card that can be stored and not charged leaves no subscription', async () => {
    const caller = new Caller(system);
    await caller.consent();
    approved(await caller.tokenise(1, '4000000000000341'));
    const answer = await caller.subscribe();
    assert.equal(answer.body['outcome'], 'declined', answer.text);
    assert.equal(answer.body['error_code'], 'insufficient_funds');
  });

  test('an enrolment whose answer was lost is paid once, and the caller hears it', async () => {
    const caller = new Caller(system);
    await caller.consent();
    approved(await caller.tokenise());
    line.next({ kind: 'reset', after: true });
    const first = await caller.subscribe();
    assert.equal(first.body['outcome'], 'in_doubt', first.text);
    const last = await caller.ended(first);
    assert.equal(last.body['outcome'], 'approved', last.text);
    assert.equal(capturesOf(caller).length, 1);
  });

  test('pause, resume, change of card and cancel ask nothing of PayPal', async () => {
    const caller = new Caller(system);
    await caller.enrol();
    const path = `/v1/subscriptions/${caller.subscriptionId}`;
    const body = { interaction_id: caller.interactionId };
    const orders = double.account.orders.length;
    approved(await system.ask('bridge', 'POST', `${path}/pause`, body));
    approved(await system.ask('bridge', 'POST', `${path}/resume`, body));
    approved(await caller.tokenise(2, '5555555555554444'));
    const carded = { ...body, payment_method_token: caller.tokenId };
    approved(await system.ask('bridge', 'POST', `${path}/change-card`, carded));
    approved(await caller.cancel());
    assert.equal(double.account.orders.length, orders);
  });

  test('an event that PayPal has signed is taken; another is refused', async () => {
    const event = {
      id: 'WH-WHOLE',
      event_type: 'PAYMENT.CAPTURE.COMPLETED',
      resource: { id: 'CAPTUREWHOLE', custom_id: 'op_whole' },
    };
    const rawBody = Buffer.from(JSON.stringify(event));
    const send = (body: Buffer): Promise<Answer> =>
      system.send('bridge', {
        method: 'POST',
        path: '/v1/webhooks/paypal',
        headers: { 'content-type': 'application/json', ...signatureOf(rawBody, Date.now()) },
        body: body.toString(),
      });
    const right = await send(rawBody);
    assert.ok(right.status >= 200 && right.status < 300, right.text);
    const wrong = await send(Buffer.from(rawBody.toString().replace('op_whole', 'op_other')));
    assert.ok(wrong.status >= 400 && wrong.status < 500, wrong.text);
  });

  test('an account that may not charge cards sends the caller to a person and raises an alarm', async () => {
    const caller = new Caller(system);
    await caller.consent();
    approved(await caller.tokenise());
    double.account.manners.cardsRefused = true;
    const answer = await caller.subscribe();
    double.account.manners.cardsRefused = false;
    assert.equal(answer.body['error_code'], 'gateway_rejected', answer.text);
    assert.equal(answer.body['route'], 'agent');
    assert.match(system.written(), /gateway\.rejected[^\n]*NOT_ENABLED_FOR_CARD_PROCESSING/);
  });
});
