import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BeginRequest } from '../../src/contract/internal.ts';
import { readExchange } from '../../src/gateway/reading.ts';
import { findToken } from '../../src/gateway/sandbox/words.ts';
import { Fault } from '../../src/payment/fault.ts';
import { Deadline } from '../../src/resilience/deadline.ts';
import type { CardRequest } from '../../src/tokenizer/body.ts';
import { tokenise } from '../../src/tokenizer/tokenise.ts';
import {
  FINISHED,
  GRANTED,
  HANG,
  OTHER_PAN,
  PAN,
  REFUSED,
  RESET,
  GO,
  answered,
  requestOf,
  run,
  worldOf,
  type Script,
} from './tokenise-world.ts';

test('a card is begun, sent with the operation’s key, finished, and answered byte for byte', async () => {
  const { begins, sent, sentHeaders, finishes, reply, answer } = await run({});
  assert.equal(begins.length, 1);
  const [begun] = begins;
  assert.equal(begun?.interaction_id, 'call-alpha');
  assert.equal(begun.customer_id, 'cus-alpha');
  assert.equal(begun.amount, '29.99');
  assert.deepEqual([begun.card_brand, begun.card_last4, begun.fault], ['visa', '5556', null]);
  assert.match(begun.card_mac_key, /^mk_[a-z]+$/);
  assert.notEqual(begun.card_mac, begun.pan_mac);
  assert.deepEqual(JSON.parse(sent[0] ?? ''), {
    card_number: PAN,
    cvv: '737',
    expiry_month: '12',
    expiry_year: '2030',
    customer_id: 'cus-alpha',
    recurring_flag: true,
    metadata: {
      call_id: 'call-alpha',
      interaction_id: 'call-alpha',
      operation_id: 'op_aaaabbbbccccddddeeee',
      source: 'ivr_payment_flow',
    },
  });
  assert.equal(sentHeaders[0]?.['idempotency-key'], 'op_aaaabbbbccccddddeeee');
  assert.equal(sentHeaders[0]['authorization'], 'Bearer bearer');
  assert.equal(sentHeaders[0]['x-api-key'], 'api-key');
  assert.equal(finishes[0]?.outcome, 'approved');
  assert.equal(finishes[0].token_reference, 'gwtok_abc');
  assert.equal(finishes[0].gateway_transaction_id, 'gwtx_abc');
  assert.equal(Buffer.from(reply?.body ?? '').toString(), '{"outcome":"approved", "as": "it is"}');
  assert.deepEqual(
    [reply?.status, reply?.outcome, answer['outcome']],
    [200, 'approved', 'approved'],
  );
});

test('the same card has the same MACs, another one has not', async () => {
  const world = worldOf({});
  const macs = async (request: CardRequest): Promise<BeginRequest | undefined> => {
    const deadline = new Deadline(world.clock, 27_000);
    await tokenise(world.deps, { request, clientId: 'c', origin: 'o', key: null, deadline });
    return world.begins.at(-1);
  };
  const first = await macs(requestOf());
  const again = await macs(requestOf());
  const otherCvv = await macs(requestOf({}, PAN, '738'));
  const otherPan = await macs(requestOf({}, OTHER_PAN));
  assert.deepEqual(again, first);
  assert.notEqual(otherCvv?.card_mac, first?.card_mac);
  assert.equal(otherCvv?.pan_mac, first?.pan_mac);
  assert.notEqual(otherPan?.pan_mac, first?.pan_mac);
  assert.notEqual(otherPan?.bin_mac, first?.bin_mac);
  const neighbour = await macs(requestOf({}, '4000056655665564'));
  assert.equal(neighbour?.bin_mac, first?.bin_mac, 'of one range');
});

test('a card that is refused here is never sent, and the bridge’s answer is the caller’s', async () => {
  const begin = {
    kind: 'ok',
    value: { kind: 'answer', answer: '{"outcome":"declined"}' },
  } as const;
  const cards: [CardRequest, string, boolean][] = [
    [requestOf({}, '4242424242424241'), 'invalid_card_number', false],
    [requestOf({}, '4242 4242 4242 4242'), 'invalid_card_number', false],
    [requestOf({}, ''), 'invalid_card_number', false],
    [requestOf({}, PAN, '7373'), 'invalid_cvv', true],
    [requestOf({}, PAN, '7 7'), 'invalid_cvv', true],
    [requestOf({ expiry_month: '13' }), 'invalid_expiry', true],
    [requestOf({ expiry_month: '' }), 'invalid_expiry', true],
    [requestOf({ expiry_year: '25' }), 'expired_card', true],
    [requestOf({}, '378282246310005', '7373'), 'unsupported_card', true],
  ];
  for (const [request, fault, counted] of cards) {
    const { begins, sent, finishes, answer } = await run({ begin }, request);
    assert.equal(begins[0]?.fault, fault);
    assert.equal(begins[0].pan_mac !== '', counted, fault);
    assert.equal(begins[0].bin_mac !== '', counted, fault);
    assert.deepEqual([sent.length, finishes.length, answer['outcome']], [0, 0, 'declined']);
  }
});

test('a bridge that wants a refused card sent does not get its way', async () => {
  const { sent, error } = await run({}, requestOf({}, PAN, '1'));
  assert.ok(error instanceof Error && !(error instanceof Fault));
  assert.equal(sent.length, 0);
});

test('a repeat gets the stored answer and sends nothing', async () => {
  const answer = '{"outcome":"approved","token_id":"tok_a"}';
  const run1 = await run({ begin: { kind: 'ok', value: { kind: 'answer', answer } } });
  assert.equal(Buffer.from(run1.reply?.body ?? '').toString(), answer);
  assert.deepEqual([run1.sent.length, run1.finishes.length], [0, 0]);
});

test('a problem of the bridge is the caller’s problem, with its status and its bytes', async () => {
  const body = Buffer.from('{"code":"key_reused", "spaces": 1}');
  for (const status of [400, 409, 422, 503]) {
    const begin = { kind: 'problem', status, body, retryAfter: '2' } as const;
    const { reply, sent } = await run({ begin });
    assert.equal(reply?.status, status);
    assert.equal(reply?.contentType, 'application/problem+json');
    assert.deepEqual(Buffer.from(reply?.body ?? ''), body);
    assert.equal(reply?.retryAfter, '2');
    assert.equal(sent.length, 0);
  }
});

test('a bridge that does not answer within five seconds means that no card is sent', async () => {
  for (const [begin, times] of [
    [{ kind: 'silent', reason: 'not_sent' }, 2],
    [{ kind: 'silent', reason: 'no_answer' }, 2],
    [{ kind: 'silent', reason: 'refused' }, 1],
    [HANG, 1],
  ] as const) {
    const { error, sent, clock, begins } = await run({ begin }, requestOf(), 5_000);
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'bridge_unavailable');
    assert.equal(sent.length, 0);
    assert.equal(begins.length, times);
    assert.equal(clock.monotonicMs(), 5_000);
  }
});

test('a bridge that is being replaced is asked once more, and another one answers', async () => {
  for (const reason of ['not_sent', 'no_answer'] as const) {
    const begin = [
      { kind: 'silent', reason },
      { kind: 'ok', value: GO },
    ] as const;
    const { reply, sent, begins } = await run({ begin });
    assert.equal(reply?.status, 200);
    assert.equal(sent.length, 1);
    assert.deepEqual(begins[0], begins[1], 'the same claim under the same key');
  }
});

test('a gateway that is busy is asked again at most twice, with the same key and the same card', async () => {
  const busy = answered(503, {});
  const { sent, sentHeaders, finishes } = await run({ gateway: [busy, busy, busy, GRANTED] });
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent).size, 1);
  assert.equal(new Set(sentHeaders.map((headers) => headers['idempotency-key'])).size, 1);
  assert.equal(finishes[0]?.outcome, 'in_doubt');
});

test('a later refusal to connect does not undo what may have happened before', async () => {
  const { finishes } = await run({ gateway: [answered(503, {}), REFUSED, REFUSED] });
  assert.equal(finishes[0]?.outcome, 'in_doubt');
  const certain = await run({ gateway: [REFUSED, REFUSED, REFUSED] });
  assert.equal(certain.finishes[0]?.outcome, 'failed');
  assert.equal(certain.finishes[0].error_code, 'gateway_unavailable');
});

test('an answer that is lost is in doubt and is not asked for again', async () => {
  const { sent, finishes } = await run({ gateway: [RESET, GRANTED] });
  assert.deepEqual([sent.length, finishes[0]?.outcome], [1, 'in_doubt']);
});

test('a 401 renews the bearer once and sends again', async () => {
  const refused = answered(401, {});
  const { sent, finishes } = await run({ gateway: [refused, GRANTED] });
  assert.deepEqual([sent.length, finishes[0]?.outcome], [2, 'approved']);
  const twice = await run({ gateway: [refused, refused, GRANTED] });
  assert.deepEqual([twice.sent.length, twice.finishes[0]?.error_code], [2, 'gateway_rejected']);
});

test('a decline is finished with its code, the gateway’s own word beside it', async () => {
  const { finishes } = await run({ gateway: [answered(402, { error_code: 'CVV_Mismatch' })] });
  assert.deepEqual(
    [finishes[0]?.outcome, finishes[0]?.error_code, finishes[0]?.raw_code],
    ['declined', 'cvv_mismatch', 'CVV_Mismatch'],
  );
});

test('a gateway that never answers leaves time to finish within the budget of 27 s', async () => {
  const { finishes, clock } = await run({ gateway: [HANG] }, requestOf(), 25_000);
  assert.equal(finishes[0]?.outcome, 'in_doubt');
  assert.equal(clock.monotonicMs(), 25_000);
  assert.ok((finishes[0]?.budget_ms ?? 0) >= 1_000, 'the bridge has time for a verification');
});

test('waits between attempts never pass the deadline', async () => {
  const later = answered(503, {}, { 'retry-after': '20' });
  const { sentAtMs, finishes } = await run({ gateway: [later, later, GRANTED] });
  assert.deepEqual(sentAtMs, [0, 20_000]);
  assert.equal(finishes[0]?.outcome, 'in_doubt');
});

test('finish is told again until the bridge has it', async () => {
  const down = { kind: 'silent', reason: 'not_sent' } as const;
  const broken = {
    kind: 'problem',
    status: 503,
    body: Buffer.from('{}'),
    retryAfter: null,
  } as const;
  const { finishes, answer, alarms } = await run({ finish: [down, broken, down, FINISHED] });
  assert.equal(finishes.length, 4);
  assert.equal(answer['outcome'], 'approved');
  assert.deepEqual(alarms, []);
});

const IN_DOUBT = {
  outcome: 'in_doubt',
  route: 'wait',
  prompt: 'in_doubt',
  prompt_text: 'We are still checking.',
  operation_id: 'op_aaaabbbbccccddddeeee',
  error_code: 'in_doubt',
  retry_field: 'none',
  attempts_left: 0,
  token_id: '',
  card_brand: 'visa',
  card_last4: '5556',
  gateway: 'sandbox',
  gateway_transaction_id: 'gwtx_abc',
  status_code: 200,
};

test('where finish cannot be told the caller is asked to wait, and no field is missing', async () => {
  const gone = Array.from({ length: 200 }, () => ({ kind: 'silent', reason: 'not_sent' }) as const);
  const cases: Script['finish'][] = [
    gone,
    [HANG],
    [{ kind: 'silent', reason: 'refused' }],
    [{ kind: 'problem', status: 422, body: Buffer.from('{}'), retryAfter: null }],
    [new Error('a bug')],
  ];
  for (const finish of cases) {
    const { reply, answer, alarms, clock } = await run(
      { finish: finish ?? [] },
      requestOf(),
      27_000,
    );
    assert.deepEqual(answer, IN_DOUBT);
    assert.deepEqual([reply?.status, reply?.contentType], [200, 'application/json']);
    assert.ok(alarms.includes('finish.undelivered'));
    assert.ok(clock.monotonicMs() <= 27_000);
  }
  const spanish = await run({ finish: [HANG] }, requestOf({ language: 'es-MX' }));
  assert.equal(spanish.answer['prompt_text'], 'Lo estamos revisando.');
});

test('a bug before anything was sent is a failure, one afterwards a doubt', async () => {
  const bug = (): never => {
    throw new TypeError(`about ${PAN}`);
  };
  const before = await run({ tokenizer: (inner) => ({ ...inner, request: bug }) });
  assert.deepEqual([before.finishes[0]?.outcome, before.sent.length], ['failed', 0]);
  const after = await run({ tokenizer: (inner) => ({ ...inner, read: bug }) });
  assert.deepEqual([after.finishes[0]?.outcome, after.sent.length], ['in_doubt', 1]);
  const thrown = await run({ gateway: [new Error(`about ${PAN}`)] });
  assert.equal(thrown.finishes[0]?.outcome, 'in_doubt');
  for (const { alarms } of [before, after, thrown]) assert.deepEqual(alarms, ['tokenise.bug']);
});

test('a gateway that repeats the card number does not bring it into the ledger', async () => {
  const echo = { error_code: PAN, gateway_transaction_id: `tx-${PAN}` };
  const { finishes, answers } = await run({ gateway: [answered(402, echo)] });
  assert.equal(answers.length, 1);
  assert.ok(
    answers[0]?.every((byte) => byte === 0),
    'the answer is wiped',
  );
  assert.equal(finishes.length, 1);
  const token = await run({ gateway: [answered(200, { token_id: PAN })] });
  assert.equal(token.finishes[0]?.outcome, 'in_doubt');
  assert.equal(token.finishes[0].token_reference, null);
  const raw = await run({
    tokenizer: (inner) => ({
      ...inner,
      read: (exchange) => ({ ...readExchange(exchange, findToken), rawCode: `x${PAN}` }),
    }),
  });
  assert.equal(raw.finishes[0]?.raw_code, null);
  assert.ok(raw.alarms.includes('gateway.echoed_card'));
});

test('the budget of the bridge is a limit as well', async () => {
  const begin = { kind: 'ok', value: { ...GO, budget_ms: 3_000 } } as const;
  const { finishes, clock } = await run({ begin, gateway: [HANG] }, requestOf(), 2_700);
  assert.equal(finishes[0]?.outcome, 'in_doubt');
  assert.equal(clock.monotonicMs(), 2_700);
});
