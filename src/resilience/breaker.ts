/** One finished call to a gateway. */
export interface Sample {
  readonly latencyMs: number;
  /** A readable answer, decline or approval, that was not a 5xx. */
  readonly ok: boolean;
}

export interface BreakerPolicy {
  /** The guide's rule: mean latency above 15 s over three consecutive calls. */
  readonly latencyMsMax: number;
  readonly slowCalls: number;
  /** More than this share of failures among the last `window` calls. */
  readonly errorRateMax: number;
  readonly window: number;
  /** How long it stays open before a single probe is let through. */
  readonly openMs: number;
  /** How long a probe may take before another one may be sent. */
  readonly probeMs: number;
}

export const BREAKER_POLICY: BreakerPolicy = {
  latencyMsMax: 15_000,
  slowCalls: 3,
  errorRateMax: 0.5,
  window: 20,
  openMs: 30_000,
  probeMs: 120_000,
};

/**
 * The breaker of one gateway, shared by all replicas through the store. There is no third state:
 * half-open is `open` with a probe on its way.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly changedAtMs: number }
  | {
      readonly state: 'open';
      readonly changedAtMs: number;
      /** The interaction whose call is the probe, and until when. */
      readonly probe: { readonly holder: string; readonly untilMs: number } | null;
    };

export type Admission = 'admit' | 'probe' | 'refuse';

/**
 * Decides about a call before it is made. `probe` means: claim the probe (one conditional update in
 * the store) and, if that succeeds, go on.
 */
export function admission(
  breaker: Breaker,
  holder: string,
  nowMs: number,
  policy: BreakerPolicy,
): Admission {
  if (breaker.state === 'closed') return 'admit';
  if (breaker.probe !== null && breaker.probe.untilMs > nowMs) {
    return breaker.probe.holder === holder ? 'admit' : 'refuse';
  }
  return nowMs - breaker.changedAtMs >= policy.openMs ? 'probe' : 'refuse';
}

/** True when calls since the breaker closed (newest first) say that it has to open. */
export function mustOpen(newestFirst: readonly Sample[], policy: BreakerPolicy): boolean {
  const last = newestFirst.slice(0, policy.slowCalls);
  const sumMs = last.reduce((sum, sample) => sum + sample.latencyMs, 0);
  if (last.length === policy.slowCalls && sumMs / last.length > policy.latencyMsMax) return true;
  const window = newestFirst.slice(0, policy.window);
  const failures = window.filter((sample) => !sample.ok).length;
  return window.length === policy.window && failures / window.length > policy.errorRateMax;
}

/** What a finished call does to the breaker; `null` leaves it as it is. */
export function transition(
  breaker: Breaker,
  holder: string,
  newestFirst: readonly Sample[],
  nowMs: number,
  policy: BreakerPolicy,
): Breaker | null {
  if (breaker.state === 'closed') {
    return mustOpen(newestFirst, policy)
      ? { state: 'open', changedAtMs: nowMs, probe: null }
      : null;
  }
  if (breaker.probe?.holder !== holder) return null;
  const result = newestFirst[0];
  const well = result !== undefined && result.ok && result.latencyMs <= policy.latencyMsMax;
  return well
    ? { state: 'closed', changedAtMs: nowMs }
    : { state: 'open', changedAtMs: nowMs, probe: null };
}
