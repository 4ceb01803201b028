import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayReply } from '../../src/gateway/gateway.ts';
import { joinReplies, readExchange, type Found } from '../../src/gateway/reading.ts';
import type { ErrorCode, Outcome } from '../../src/payment/outcome.ts';
import type { Exchange } from '../../src/system/http-client.ts';

function answered(status: number, body: unknown, headers: Record<string, string> = {}): Exchange {
  const bytes = Buffer.from(JSON.stringify(body));
  return { kind: 'answered', response: { status, headers, body: bytes }, latencyMs: 7 };
}

function found(changed: Partial<Found<string>> = {}): () => Found<string> {
  const nothing = { granted: null, pending: false, meaning: null, rawCode: null };
  return () => ({ ...nothing, gatewayTransactionId: null, ...changed });
}

const kindOf = (exchange: Exchange, find: () => Found<string> | null): string =>
  readExchange(exchange, find).outcome.kind;

test('only a 2xx with what was asked for is approved', () => {
  for (let status = 100; status < 600; status++) {
    const kind = kindOf(answered(status, {}), found({ granted: 'tok_abc' }));
    assert.equal(kind === 'approved', status >= 200 && status < 300, String(status));
  }
});

test('only a 2xx says that the answer comes later', () => {
  for (let status = 100; status < 600; status++) {
    const kind = kindOf(answered(status, {}), found({ pending: true }));
    assert.equal(kind === 'pending', status >= 200 && status < 300, String(status));
  }
});

test('a 5xx is no decline, whatever its body says', () => {
  for (let status = 500; status < 600; status++) {
    assert.equal(kindOf(answered(status, {}), found({ meaning: 'card_declined' })), 'in_doubt');
  }
});

test('a decline in a 401 or a 429 is about us, not about the card', () => {
  for (const status of [401, 429]) {
    assert.equal(kindOf(answered(status, {}), found({ meaning: 'card_declined' })), 'failed');
  }
});

test('a body that says yes and no at once has said neither', () => {
  const both = found({ granted: 'tok_abc', meaning: 'card_declined' });
  assert.equal(kindOf(answered(200, {}), both), 'in_doubt');
});

test('every status without a rule of its own is in doubt', () => {
  for (const status of [100, 304, 408, 410, 418, 425, 451, 500, 507, 599]) {
    assert.equal(kindOf(answered(status, {}), found()), 'in_doubt', String(status));
  }
});

test('a card number that a gateway echoes is not kept', () => {
  for (const echoed of ['4242424242424242', 'card 4242 4242 4242 4242 refused']) {
    const reply = readExchange(
      answered(402, {}),
      found({ rawCode: echoed, gatewayTransactionId: echoed }),
    );
    assert.doesNotMatch(`${reply.rawCode} ${reply.gatewayTransactionId}`, /4242/);
  }
});

test('a UUID is kept as the transaction’s id, and a code is not longer than its column', () => {
  const uuid = '3b241101-e2bb-4255-8caf-413612345678';
  const given = found({ rawCode: 'x'.repeat(300), gatewayTransactionId: uuid });
  const reply = readExchange(answered(402, {}), given);
  assert.equal(reply.gatewayTransactionId, uuid);
  assert.equal(reply.rawCode?.length, 64);
});

test('what was not sent has failed, and what got no answer is in doubt', () => {
  const notSent = (reason: 'dns' | 'connect' | 'tls' | 'aborted' | 'closed') =>
    readExchange<string>({ kind: 'not_sent', reason, latencyMs: 1 }, found());
  for (const reason of ['dns', 'connect', 'tls', 'closed'] as const) {
    assert.deepEqual(notSent(reason).outcome, { kind: 'failed', errorCode: 'gateway_unavailable' });
    assert.equal(notSent(reason).again.kind, 'again');
  }
  assert.deepEqual(notSent('aborted').outcome, { kind: 'failed', errorCode: 'gateway_timeout' });
  assert.equal(notSent('aborted').again.kind, 'never');
  for (const reason of ['reset', 'aborted', 'malformed', 'too_large'] as const) {
    const reply = readExchange({ kind: 'no_answer', reason, latencyMs: 1 }, found());
    assert.deepEqual(reply.outcome, { kind: 'in_doubt' });
    assert.equal(reply.again.kind, 'never');
  }
});

function reply(outcome: Outcome<string>, latencyMs: number): GatewayReply<string> {
  return {
    outcome,
    again: { kind: 'never' },
    latencyMs,
    healthy: true,
    statusCode: null,
    rawCode: null,
    gatewayTransactionId: null,
  };
}

test('a doubt ends by an answer about the same key, never by a later failure', () => {
  const failed = { kind: 'failed', errorCode: 'gateway_unavailable' as ErrorCode } as const;
  const doubt = { kind: 'in_doubt' } as const;
  const yes = { kind: 'approved', value: 'tok_abc' } as const;
  const no = { kind: 'declined', errorCode: 'card_declined' as ErrorCode } as const;
  const joined = (one: Outcome<string>, other: Outcome<string>): string =>
    joinReplies(reply(one, 1), reply(other, 2)).outcome.kind;
  assert.equal(joined(doubt, failed), 'in_doubt');
  assert.equal(joined(doubt, yes), 'approved');
  assert.equal(joined(doubt, no), 'declined');
  assert.equal(joined(failed, doubt), 'in_doubt');
  assert.equal(joined(failed, yes), 'approved');
  assert.equal(joined(failed, failed), 'failed');
});

test('the slowest attempt is the latency that the breaker sees', () => {
  const doubt = { kind: 'in_doubt' } as const;
  assert.equal(joinReplies(reply(doubt, 20), reply(doubt, 3)).latencyMs, 20);
});

test('a 402 is a decline only in the gateway’s own words: anything on the way may send one', () => {
  assert.equal(kindOf(answered(402, {}), found()), 'in_doubt');
  assert.equal(
    kindOf(answered(402, {}), () => null),
    'in_doubt',
  );
  assert.equal(kindOf(answered(402, {}), found({ rawCode: 'A_NEW_WORD' })), 'declined');
});
