import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { approved, Caller } from './caller.ts';
import { System, until } from './system.ts';

/** The guide's 15 s at a fiftieth. */
const BREAKER = {
  latency_ms_max: 300,
  slow_calls: 3,
  error_rate_max: 1,
  window: 20,
  open_ms: 4_000,
  probe_ms: 30_000,
};
/** What a caller may wait for a "not now": no gateway is asked. */
const QUICKLY_MS = 1_000;

for (const engine of ['pglite', 'postgres'] as const) {
  describe(`the breaker and the switch, on ${engine}`, () => {
    let system: System;
    before(async () => {
      system = await System.start({ engine, limits: { breaker: BREAKER } });
    });
    after(() => system.stop());

    const operationsAtGateway = async (): Promise<number> =>
      (await system.ledger()).operations.length;

    async function assertRefused(errorCode: string): Promise<void> {
      const caller = new Caller(system);
      const startMs = performance.now();
      const { body } = await caller.availability();
      const tookMs = performance.now() - startMs;
      assert.equal(body['reason'], errorCode);
      assert.equal(body['outcome'], 'failed');
      assert.equal(body['route'], 'agent');
      assert.ok(tookMs < QUICKLY_MS, `said after ${tookMs} ms`);
      const sentBefore = await operationsAtGateway();
      const card = await caller.tokenise();
      assert.equal(card.body['outcome'], 'failed', card.text);
      assert.equal(card.body['error_code'], errorCode);
      assert.equal(card.body['route'], 'agent');
      await caller.consent();
      assert.equal(await operationsAtGateway(), sentBefore, 'nothing was sent');
    }

    async function switched(state: 'on' | 'off'): Promise<void> {
      const body = { automated_payments: state, reason: 'a drill' };
      const answer = approved(await system.ask('bridge', 'PUT', '/v1/switch', body, 'operator'));
      assert.equal(answer.body['state'], state);
    }

    const shown = async (): Promise<Readonly<Record<string, unknown>>> =>
      (await system.ask('bridge', 'GET', '/v1/switch', undefined, 'operator')).body;

    async function restart(): Promise<void> {
      assert.equal(await system.terminate(), 0);
      await system.start();
    }

    test('two slow calls leave it closed and the third one opens it, before digits are asked for', async () => {
      for (const count of [1, 2, 3]) {
        const caller = new Caller(system);
        assert.equal((await caller.availability()).body['reason'], 'available', `call ${count}`);
        await caller.script('tokenize', ['delay:500']);
        approved(await caller.tokenise());
      }
      await assertRefused('breaker_open');
    });

    test('a restart leaves it open, one probe is let through, and its success closes it', async () => {
      await restart();
      assert.equal((await shown())['breaker'], 'open');
      const probe = new Caller(system);
      await until('the probe', async () => {
        const { body } = await probe.availability();
        return body['reason'] === 'available' ? true : null;
      });
      await assertRefused('breaker_open');
      approved(await probe.tokenise());
      assert.equal((await shown())['breaker'], 'closed');
      await new Caller(system).enrol();
    });

    test('the operator’s switch is heard by the very next call, and kept over a restart', async () => {
      const enrolled = new Caller(system);
      await enrolled.consent();
      approved(await enrolled.tokenise());
      await switched('off');
      await assertRefused('switched_off');
      const refused = await enrolled.subscribe();
      assert.equal(refused.body['error_code'], 'switched_off', 'also for who had begun');
      await restart();
      await assertRefused('switched_off');
      assert.equal((await shown())['reason'], 'a drill');
      await switched('on');
      assert.equal((await new Caller(system).availability()).body['reason'], 'available');
      await new Caller(system).enrol();
    });

    test('a client of the flows cannot switch anything', async () => {
      const body = { automated_payments: 'off', reason: 'not mine' };
      const { status, body: problem } = await system.ask('bridge', 'PUT', '/v1/switch', body);
      assert.equal(status, 403);
      assert.equal(problem['code'], 'missing_scope');
      assert.equal((await shown())['state'], 'on');
    });
  });
}
