import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { STRIPE_SEND_CARD } from '../../../src/gateway/stripe/send-card.ts';
import { openStripeAdapter } from '../../../src/gateway/stripe/adapter.ts';
import { rendered } from '../../../src/line/data-action-template.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { openHttpClient } from '../../../src/system/wire.ts';
import { API_KEY, startStripeDouble, type StripeDouble } from '../../doubles/stripe/double.ts';

let double: StripeDouble;
before(async () => {
  double = await startStripeDouble();
});
after(() => double.close());

const OPERATION = 'op_aaaaaaaaaaaaaaaaaaaa';

/** The data action, as Genesys makes a request of it. */
async function send(operationId: string): Promise<string> {
  const input = {
    card_number: '4242'.repeat(4),
    cvv: '123',
    expiry_month: '12',
    expiry_year: '34',
    customer_id: 'ada',
    interaction_id: 'call-one',
    operation_id: operationId,
  };
  const values = { input, credentials: { apiKey: API_KEY } };
  const headers = Object.entries(STRIPE_SEND_CARD.headers).map(
    ([name, template]): [string, string] => [name, rendered(template, values)],
  );
  const answer = await fetch(`${double.origin}${STRIPE_SEND_CARD.path}`, {
    method: 'POST',
    headers,
    body: rendered(STRIPE_SEND_CARD.body, values),
  });
  const body = (await answer.json()) as { id?: string };
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.id ?? '';
}

test('a card that a flow has sent is proved by its metadata, and nobody else’s is', async (t) => {
  const http = openHttpClient({ origin: double.origin }, systemClock);
  t.after(() => http.close());
  const adapter = openStripeAdapter(
    {
      apiKey: API_KEY,
      webhookSecret: 'whsec_none',
      timeZone: 'America/New_York',
      prices: new Map(),
      cancel: 'now',
      proration: 'none',
    },
    http,
    systemClock,
  );
  const lookUp = (operationId: string, token: string) =>
    adapter.lookUp(
      {
        kind: 'tokenise',
        idempotencyKey: operationId,
        operationId,
        customerId: 'ada',
        subscriptionReference: null,
        gatewayTransactionId: token,
        charge: null,
      },
      new AbortController().signal,
    );
  const token = await send(OPERATION);
  assert.equal(await send(OPERATION), token, 'sent again it is the same card');
  const found = await lookUp(OPERATION, token);
  assert.ok(found.kind === 'token' && found.reply.outcome.kind === 'approved');
  assert.equal(found.reply.outcome.value.tokenReference, token);
  assert.equal(found.reply.outcome.value.card?.last4, '4242');
  assert.deepEqual(await lookUp('op_bbbbbbbbbbbbbbbbbbbb', token), { kind: 'absent' });
  assert.deepEqual(await lookUp(OPERATION, 'pm_nobodys'), { kind: 'absent' });
  assert.deepEqual(double.problems, [], 'its official description has nothing against it');
});
