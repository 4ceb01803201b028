import { sleep, type Clock } from '../system/clock.ts';
import type { Randomness } from '../system/randomness.ts';
import type { Deadline } from './deadline.ts';

/** What one attempt says about another one. */
export type Again =
  /** It ended, or trying again could do harm. */
  | { readonly kind: 'never' }
  /** Connect failure, 429, 502, 503, 504: the same request with the same key may be sent again. */
  | { readonly kind: 'again'; readonly notBeforeMs: number | null }
  /** 401: once, after the credential has been renewed. */
  | { readonly kind: 'renew_credential' };

export interface RetryPolicy {
  /** Further attempts after the first: the guide's "maximum of 2 retries". */
  readonly retriesMax: number;
  /** The first wait; each further one is twice as long at the most. */
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

export const RETRY_POLICY: RetryPolicy = { retriesMax: 2, firstDelayMs: 1_000, delayMsMax: 8_000 };

/**
 * How long to wait before the `retry`-th further attempt: capped exponential with full jitter, and
 * never before the time that the gateway asked for (`Retry-After`).
 */
export function retryDelayMs(
  policy: RetryPolicy,
  retry: number,
  notBeforeMs: number | null,
  randomness: Randomness,
): number {
  const ceiling = Math.min(policy.delayMsMax, policy.firstDelayMs * 2 ** (retry - 1));
  return Math.max(notBeforeMs ?? 0, randomness.fraction() * ceiling);
}

export interface RetryDeps {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly deadline: Deadline;
  readonly policy: RetryPolicy;
  /** Gets a fresh credential; `false` when there is none to get. */
  readonly renewCredential: () => Promise<boolean>;
}

/**
 * Attempts until one says `never`, the retries are used up, or the next wait would pass the
 * deadline. Every attempt's answer is handed to `join` with the one before it, so that a later
 * "could not connect" cannot hide an earlier request that may have taken effect.
 */
export async function withRetry<T extends { readonly again: Again }>(
  deps: RetryDeps,
  attempt: (signal: AbortSignal) => Promise<T>,
  join: (earlier: T, later: T) => T,
): Promise<T> {
  let answer = await deps.deadline.within(attempt);
  let renewed = false;
  for (let retry = 1; retry <= deps.policy.retriesMax; retry++) {
    if (answer.again.kind === 'never') return answer;
    if (answer.again.kind === 'renew_credential') {
      if (renewed || !(await deps.renewCredential())) return answer;
      renewed = true;
    } else {
      const delayMs = retryDelayMs(deps.policy, retry, answer.again.notBeforeMs, deps.randomness);
      if (delayMs >= deps.deadline.leftMs()) return answer;
      await sleep(deps.clock, delayMs);
    }
    answer = join(answer, await deps.deadline.within(attempt));
  }
  return answer;
}
