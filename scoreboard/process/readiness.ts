import { setTimeout as wait } from 'node:timers/promises';
import type { Unit } from './unit.ts';

const LOOK_MS = 50;

/**
 * Watches `/readyz` of some processes.
 *
 * @returns `stop` gives how long each outage was, in milliseconds, to about a twentieth of a second.
 */
export function watchReadiness(units: readonly Unit[]): { stop(): Promise<number[]> } {
  const outages: number[] = [];
  const stop = new AbortController();
  const watches = units.map(async (unit) => {
    let downSinceMs: number | null = null;
    while (!stop.signal.aborted) {
      const ready = await unit.isReady();
      const nowMs = performance.now();
      if (!ready) downSinceMs ??= nowMs;
      else if (downSinceMs !== null) {
        outages.push(Math.round(nowMs - downSinceMs));
        downSinceMs = null;
      }
      await wait(LOOK_MS);
    }
  });
  return {
    async stop() {
      stop.abort();
      await Promise.all(watches);
      return outages;
    },
  };
}
