import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  admission,
  BREAKER_POLICY,
  transition,
  type Breaker,
  type Sample,
} from '../../src/resilience/breaker.ts';

/** One thing that happens to a breaker. */
type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  /** A call of an interaction: asks for leave and, with it, ends so. */
  | { readonly kind: 'call'; readonly holder: string; readonly sample: Sample };

/** The breaker as the guide tells it, with everything remembered and counted anew each time. */
class Slow {
  nowMs = 0;
  open = false;
  openedAt = 0;
  probe: { holder: string; until: number } | null = null;
  history: Sample[] = [];

  admits(holder: string): boolean {
    if (!this.open) return true;
    if (this.probe && this.nowMs < this.probe.until) return this.probe.holder === holder;
    if (this.nowMs < this.openedAt + 30_000) return false;
    this.probe = { holder, until: this.nowMs + 120_000 };
    return true;
  }

  ended(holder: string, sample: Sample): void {
    if (this.open) {
      if (this.probe?.holder !== holder) return;
      this.probe = null;
      this.openedAt = this.nowMs;
      this.open = !(sample.ok && sample.latencyMs <= 15_000);
      this.history = [];
      return;
    }
    this.history.push(sample);
    const lastThree = this.history.slice(-3);
    const lastTwenty = this.history.slice(-20);
    const total = lastThree.reduce((sum, one) => sum + one.latencyMs, 0);
    const bad = lastTwenty.filter((one) => !one.ok).length;
    const tooSlow = lastThree.length === 3 && total > 3 * 15_000;
    const tooBad = lastTwenty.length === 20 && bad * 2 > 20;
    if (!tooSlow && !tooBad) return;
    this.open = true;
    this.openedAt = this.nowMs;
    this.probe = null;
    this.history = [];
  }
}

/** The reducer with what the store does around it: the probe's claim, the samples since a change. */
class Fast {
  nowMs = 0;
  breaker: Breaker = { state: 'closed', changedAtMs: 0 };
  newestFirst: Sample[] = [];

  admits(holder: string): boolean {
    const verdict = admission(this.breaker, holder, this.nowMs, BREAKER_POLICY);
    if (verdict === 'probe' && this.breaker.state === 'open') {
      const probe = { holder, untilMs: this.nowMs + BREAKER_POLICY.probeMs };
      this.breaker = { ...this.breaker, probe };
    }
    return verdict !== 'refuse';
  }

  ended(holder: string, sample: Sample): void {
    this.newestFirst.unshift(sample);
    const { breaker, newestFirst, nowMs } = this;
    const next = transition(breaker, holder, newestFirst, nowMs, BREAKER_POLICY);
    if (!next) return;
    this.breaker = next;
    this.newestFirst = [];
  }
}

const sample = fc.record({
  latencyMs: fc.oneof(
    fc.integer({ min: 0, max: 40_000 }),
    fc.constantFrom(14_999, 15_000, 15_001, 30_000),
  ),
  ok: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 0, max: 140_000 }), fc.constantFrom(29_999, 30_000, 120_000)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      holder: fc.constantFrom('a', 'b', 'c'),
      sample,
    }),
  },
);

test('the breaker is the slow and obvious one, whatever happens to it', () => {
  let opened = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
      const slow = new Slow();
      const fast = new Fast();
      for (const one of steps) {
        if (one.kind === 'wait') {
          slow.nowMs += one.ms;
          fast.nowMs += one.ms;
          continue;
        }
        const admitted = slow.admits(one.holder);
        assert.equal(fast.admits(one.holder), admitted);
        if (!admitted) continue;
        slow.ended(one.holder, one.sample);
        fast.ended(one.holder, one.sample);
        assert.equal(fast.breaker.state, slow.open ? 'open' : 'closed');
        if (slow.open) opened += 1;
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(opened > 100, 'it has been open');
});

test('closed or open, a breaker that is not called never changes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (nowMs) => {
      const open: Breaker = { state: 'open', changedAtMs: 0, probe: null };
      assert.equal(
        transition(open, 'x', [{ latencyMs: 1, ok: true }], nowMs, BREAKER_POLICY),
        null,
      );
      const closed: Breaker = { state: 'closed', changedAtMs: 0 };
      assert.equal(transition(closed, 'x', [], nowMs, BREAKER_POLICY), null);
    }),
  );
});
