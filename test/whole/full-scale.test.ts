import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approved, Caller } from './caller.ts';
import { System } from './system.ts';
import { assertEnrolment, settledTruth } from './truth.ts';

/** Below the 30 s of a Genesys data action, which would hear nothing after it. */
const ANSWERED_MS_MAX = 29_000;
const RESOLVED_MS_MAX = 30_000;

test('with default limits a gateway that hangs is told of in time, and the truth within 30 s', async (t) => {
  const system = await System.start({ engine: 'pglite', limits: null });
  t.after(() => system.stop());
  const caller = new Caller(system);
  await caller.consent();
  approved(await caller.tokenise());
  await caller.script('subscribe', ['hang']);
  const startMs = performance.now();
  const first = await caller.subscribe();
  const answeredMs = performance.now() - startMs;
  assert.equal(first.body['outcome'], 'in_doubt', first.text);
  assert.equal(first.body['route'], 'wait');
  assert.ok(answeredMs < ANSWERED_MS_MAX, `answered after ${answeredMs} ms`);
  const last = approved(await caller.ended(first, RESOLVED_MS_MAX));
  const resolvedMs = performance.now() - startMs - answeredMs;
  t.diagnostic(`in doubt after ${answeredMs.toFixed()} ms, known ${resolvedMs.toFixed()} ms later`);
  assertEnrolment('full scale', last.body['outcome'], await settledTruth(system, caller));
});
