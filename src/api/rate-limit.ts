import type { Clock } from '../system/clock.ts';

/** Keys that are remembered; the one that was used longest ago is forgotten first. */
const KEYS_MAX = 10_000;

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > KEYS_MAX && oldest !== undefined) map.delete(oldest);
}

export interface Buckets {
  /** Takes one token of `key`. 0 where there was one; otherwise seconds until there is, rounded up. */
  take(key: string): number;
}

/** A token bucket for each key, full at first. */
export function openBuckets(perSecond: number, burst: number, clock: Clock): Buckets {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(key) {
      const atMs = clock.monotonicMs();
      const last = buckets.get(key) ?? { tokens: burst, atMs };
      const tokens = Math.min(burst, last.tokens + ((atMs - last.atMs) / 1_000) * perSecond);
      const taken = tokens >= 1;
      remember(buckets, key, { tokens: taken ? tokens - 1 : tokens, atMs });
      return taken ? 0 : Math.ceil((1 - tokens) / perSecond);
    },
  };
}

export interface Lockout {
  /** 0 where `key` may try; otherwise seconds until it may, rounded up. */
  waitS(key: string): number;
  failed(key: string): void;
}

const MINUTE_MS = 60_000;

/** At most `failuresMax` failures for each key in a minute that begins with the first of them. */
export function openLockout(failuresMax: number, clock: Clock): Lockout {
  const minutes = new Map<string, { failures: number; endsAtMs: number }>();
  const current = (key: string): { failures: number; endsAtMs: number } | null => {
    const minute = minutes.get(key);
    return minute !== undefined && clock.monotonicMs() < minute.endsAtMs ? minute : null;
  };
  return {
    waitS(key) {
      const minute = current(key);
      if (minute === null || minute.failures < failuresMax) return 0;
      return Math.ceil((minute.endsAtMs - clock.monotonicMs()) / 1_000);
    },
    failed(key) {
      const minute = current(key) ?? {
        failures: 0,
        endsAtMs: clock.monotonicMs() + MINUTE_MS,
      };
      remember(minutes, key, { ...minute, failures: minute.failures + 1 });
    },
  };
}
