import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Deadline } from '../../src/resilience/deadline.ts';
import { RETRY_POLICY, retryDelayMs, withRetry, type Again } from '../../src/resilience/retry.ts';
import { sleep } from '../../src/system/clock.ts';
import { ManualClock } from '../clock.ts';
import { seededRandomness } from '../randomness.ts';

const policy = fc.record({
  retriesMax: fc.integer({ min: 0, max: 6 }),
  firstDelayMs: fc.integer({ min: 1, max: 5_000 }),
  delayMsMax: fc.integer({ min: 1, max: 20_000 }),
});
const notBefore = fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: null });

test('a wait is within its ceiling, unless the gateway asks for more', () => {
  const retry = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(policy, retry, notBefore, fc.integer(), (rules, n, notBeforeMs, seed) => {
      const delayMs = retryDelayMs(rules, n, notBeforeMs, seededRandomness(seed));
      const ceiling = Math.min(rules.delayMsMax, rules.firstDelayMs * 2 ** (n - 1));
      assert.ok(delayMs >= (notBeforeMs ?? 0), 'never before Retry-After');
      assert.ok(delayMs <= Math.max(ceiling, notBeforeMs ?? 0));
    }),
  );
});

test('the jitter is full: waits are spread over the whole range', () => {
  const randomness = seededRandomness(3);
  const waits = Array.from({ length: 500 }, () => retryDelayMs(RETRY_POLICY, 1, null, randomness));
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
  assert.ok(mean > 450 && mean < 550, `${mean}`);
  assert.ok(Math.min(...waits) < 50 && Math.max(...waits) > 950);
});

interface Exchange {
  readonly again: Again;
  readonly latencyMs: number;
  readonly obeys: boolean;
}

const exchange = fc.record({
  again: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('again' as const), notBeforeMs: notBefore }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'never' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'renew_credential' as const }) },
  ),
  latencyMs: fc.integer({ min: 0, max: 40_000 }),
  obeys: fc.constant(true),
});

interface Run {
  readonly attempts: number;
  readonly renewals: number;
  readonly tookMs: number;
  readonly waits: readonly { readonly afterMs: number; readonly again: Again }[];
}

async function run(
  rules: typeof RETRY_POLICY,
  budgetMs: number,
  script: readonly Exchange[],
  seed: number,
): Promise<Run> {
  const clock = new ManualClock();
  let attempts = 0;
  let renewals = 0;
  let endedAt = 0;
  let last: Again = { kind: 'never' };
  const waits: { afterMs: number; again: Again }[] = [];
  const work = withRetry<{ again: Again }>(
    {
      clock,
      randomness: seededRandomness(seed),
      deadline: new Deadline(clock, budgetMs),
      policy: rules,
      renewCredential: () => Promise.resolve(++renewals > 0),
    },
    async (signal) => {
      if (attempts > 0) waits.push({ afterMs: clock.monotonicMs() - endedAt, again: last });
      const planned = script[attempts++];
      if (!planned) return { again: { kind: 'never' } };
      await sleep(clock, planned.latencyMs, signal);
      endedAt = clock.monotonicMs();
      last = signal.aborted ? { kind: 'never' } : planned.again;
      return { again: last };
    },
    (_earlier, later) => later,
  );
  const ended = work.then(() => clock.monotonicMs());
  // Beyond every budget; what has ended does not move any more.
  await clock.advance(100_000);
  return { attempts, renewals, tookMs: await ended, waits };
}

test('attempts are bounded by the policy, and everything by the deadline', async () => {
  const budget = fc.integer({ min: 0, max: 30_000 });
  const script = fc.array(exchange, { minLength: 1, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(policy, budget, script, fc.integer(), async (rules, budgetMs, plan, seed) => {
      const { attempts, renewals, tookMs, waits } = await run(rules, budgetMs, plan, seed);
      assert.ok(attempts >= 1 && attempts <= rules.retriesMax + 1);
      assert.ok(renewals <= 1, 'a credential is renewed once');
      assert.ok(tookMs <= budgetMs, `${tookMs} of ${budgetMs}`);
      for (const { afterMs, again } of waits) {
        assert.notEqual(again.kind, 'never', 'what has ended is not tried again');
        if (again.kind === 'again') assert.ok(afterMs >= (again.notBeforeMs ?? 0));
      }
    }),
    { numRuns: 60 },
  );
});

test('a deadline that is over leaves nothing, and never gives time back', async () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 1_000);
  await clock.advance(400);
  assert.equal(deadline.leftMs(), 600);
  clock.jumpWall(-3_600_000);
  assert.equal(deadline.leftMs(), 600, 'the wall clock does not matter');
  await clock.advance(700);
  assert.equal(deadline.leftMs(), 0);
  assert.equal(deadline.over(), true);
});
