import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { approved, Caller } from './caller.ts';
import type { Answer } from './http.ts';
import { System } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

const REQUESTS = 50;

/** The same request many times at once: one effect, and one answer for everybody who gets one. */
async function atOnce(step: () => Promise<Answer>): Promise<Answer> {
  const answers = await Promise.all(Array.from({ length: REQUESTS }, step));
  const done = answers.filter(({ status }) => status === 200);
  for (const { status, body, text } of answers) {
    if (status === 200) continue;
    assert.equal(status, 409, text);
    assert.equal(body['code'], 'operation_in_progress');
  }
  const [first] = done;
  assert.ok(first, 'one of them was carried out');
  assert.deepEqual([...new Set(done.map(({ text }) => text))], [first.text]);
  const repeated = await step();
  assert.equal(repeated.text, first.text, 'a repeat is the same byte for byte');
  return approved(first);
}

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`the same request at the same time, on ${engine}`, () => {
    let system: System;
    before(async () => {
      // Fifty at once on one embedded session stand in a line; nobody is to be sent away from it.
      system = await System.start({ engine, limits: { deadline_ms: 8_000 } });
    });
    after(() => system.stop());

    for (const attempt of [1, null]) {
      const how = attempt === null ? 'told apart by its content' : 'counted by the flow';
      test(`fifty identical requests have one effect at every step, ${how}`, async () => {
        const caller = new Caller(system);
        await caller.consent();
        await caller.script('tokenize', ['delay:300']);
        await caller.script('subscribe', ['delay:300']);
        await atOnce(() => caller.tokenise(attempt));
        const subscribed = await atOnce(() => caller.subscribe());
        const truth = await settledTruth(system, caller);
        assert.equal(truth.tokens, 1);
        assertEnrolment('fifty at once', subscribed.body['outcome'], truth);
        await caller.script('cancel', ['delay:300']);
        await atOnce(() => caller.cancel());
        const { subscriptions, events } = await settledTruth(system, caller);
        assert.deepEqual(
          subscriptions[0]?.changes.map(({ verb }) => verb),
          ['cancel'],
        );
        assert.deepEqual(
          events.map(({ type }) => type),
          ['subscription.created', 'subscription.cancelled'],
        );
      });
    }

    test('the same key with another card or another body is refused', async () => {
      const caller = new Caller(system);
      approved(await caller.tokenise(1));
      const otherCard = await caller.tokenise(1, '5555555555554444');
      assert.equal(otherCard.status, 422);
      assert.equal(otherCard.body['code'], 'key_reused');
      const { tokens } = await settledTruth(system, caller);
      assert.equal(tokens, 1);
    });
  });
}
