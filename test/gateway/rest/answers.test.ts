import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeOrder, GatewayReply, LookUpOrder } from '../../../src/gateway/gateway.ts';
import { openReader } from '../../../src/gateway/rest/answers.ts';
import { readLookUp } from '../../../src/gateway/rest/look-up.ts';
import { wordAt } from '../../../src/gateway/rest/place.ts';
import type { Exchange, HttpClient } from '../../../src/system/http-client.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { openRestAdapter } from '../../../src/gateway/rest/adapter.ts';
import { mappingOf } from './opened.ts';

function answered(status: number, body: string): Exchange {
  return {
    kind: 'answered',
    response: { status, headers: {}, body: Buffer.from(body) },
    latencyMs: 0,
  };
}

const NEVER = new AbortController().signal;

test('a number that cannot be read exactly names nothing', () => {
  assert.equal(wordAt({ id: 9_007_199_254_740_991 }, 'id'), '9007199254740991');
  const body: unknown = JSON.parse('{"id":9007199254740993}');
  assert.equal(wordAt(body, 'id'), null);
  const reply = openReader(mappingOf({})).token(answered(200, '{"token_id":9007199254740993}'));
  assert.equal(reply.outcome.kind, 'in_doubt');
});

test('a 200 that says declined is no token, whatever id it brings', () => {
  const reply = openReader(mappingOf({})).token(
    answered(200, '{"token_id":"tok_1","status":"declined"}'),
  );
  assert.deepEqual(reply.outcome, { kind: 'declined', errorCode: 'card_declined' });
});

const CHANGE: Omit<ChangeOrder, 'verb' | 'status'> = {
  idempotencyKey: 'op_1',
  operationId: 'op_1',
  interactionId: 'call-a',
  customerId: 'customer-ada',
  subscriptionReference: 'agreement-1',
  plan: null,
  tokenReference: 'tok_2',
};

/** A change that a 204 answers, which says nothing but yes. */
async function changed(verb: ChangeOrder['verb'], status: ChangeOrder['status']): Promise<unknown> {
  const http: HttpClient = {
    exchange: () => Promise.resolve(answered(204, '')),
    close: () => Promise.resolve(),
  };
  const none = { answer: 'or_none' };
  const mapping = mappingOf({
    authorization: 'none',
    api_key_header: null,
    change_card: none,
    pause: none,
  });
  const adapter = openRestAdapter(
    {
      mapping,
      origin: 'http://127.0.0.1',
      clientId: null,
      clientSecret: null,
      bearerToken: null,
      apiKey: null,
      signing: null,
      webhookSecret: null,
      references: new Map(),
    },
    http,
    systemClock,
  );
  const reply: GatewayReply<{ status: string }> = await adapter.change(
    { ...CHANGE, verb, status },
    NEVER,
  );
  return reply.outcome.kind === 'approved' ? reply.outcome.value.status : reply.outcome.kind;
}

test('another card neither resumes a subscription nor pays what is owed', async () => {
  assert.equal(await changed('change_card', 'paused'), 'paused');
  assert.equal(await changed('change_card', 'past_due'), 'past_due');
  assert.equal(await changed('pause', 'active'), 'paused');
});

test('a list of several is not known to be of the operation that was sought', () => {
  const mapping = mappingOf({});
  const way = {
    path: '/debits?op={operation_id}',
    list_at: 'data',
    status_at: null,
    answer_at: null,
    absent: [],
  };
  const order: LookUpOrder = {
    kind: 'charge',
    idempotencyKey: 'op_1',
    operationId: 'op_1',
    customerId: 'customer-ada',
    subscriptionReference: null,
    gatewayTransactionId: null,
    charge: null,
  };
  const look = (body: string): string =>
    readLookUp(mapping, openReader(mapping), way, order, answered(200, body)).kind;
  assert.equal(look('{"data":[]}'), 'absent');
  assert.equal(look('{}'), 'unanswered');
  assert.equal(look('{"data":[{"charge_id":"c1"}]}'), 'charge');
  assert.equal(look('{"data":[{"charge_id":"c1"},{"charge_id":"c2"}]}'), 'unanswered');
});

test('a 404 proves absence only with the gateway’s own word for it', () => {
  const mapping = mappingOf({});
  const way = mapping.look_up.subscribe;
  assert.ok(way);
  const order: LookUpOrder = {
    kind: 'subscribe',
    idempotencyKey: 'op_1',
    operationId: 'op_1',
    customerId: 'customer-ada',
    subscriptionReference: null,
    gatewayTransactionId: null,
    charge: null,
  };
  const look = (status: number, body: string): string =>
    readLookUp(mapping, openReader(mapping), way, order, answered(status, body)).kind;
  assert.equal(look(404, '{"error_code":"Not_Found"}'), 'absent');
  assert.equal(look(404, '{"error_code":"No_Such_Route"}'), 'unanswered');
  assert.equal(look(404, '<html>'), 'unanswered');
  assert.equal(look(503, '{"error_code":"Not_Found"}'), 'unanswered');
});

test('a word that nobody knows is neither a yes nor a no', () => {
  const reader = openReader(
    mappingOf({ answers: { verdict: { at: 'state', approved: ['OK'], declined: ['NO'] } } }),
  );
  const outcome = (state: string): string =>
    reader.token(answered(200, `{"token_id":"tok_1","state":"${state}"}`)).outcome.kind;
  assert.equal(outcome('OK'), 'approved');
  assert.equal(outcome('NO'), 'declined');
  assert.equal(outcome('REVIEW'), 'in_doubt');
});

test('after a lost or stolen card the answer says that it must not be charged again', () => {
  const mapping = mappingOf({ errors: [{ word: 'CLOSED', means: 'card_declined', stop: true }] });
  const reader = openReader(mapping);
  const advice = (word: string): unknown =>
    reader.charge(answered(402, `{"error_code":"${word}"}`)).advice;
  assert.equal(advice('Stolen_Card'), 'stop');
  assert.equal(advice('CLOSED'), 'stop');
  assert.equal(advice('Insufficient_Funds'), undefined);
});
