import type { BoardRun, Violation } from '../../board.ts';
import type { Played } from './case.ts';
import { chainBreaches } from './chain.ts';
import { House } from './house.ts';
import { Lane } from './lane.ts';

/** Systems side by side: a case waits for most of its time. */
const LANES_FULL = 12;
const LANES_SHORT = 4;

export interface Results<T> {
  readonly done: readonly { readonly played: T; readonly result: Played; readonly ms: number }[];
  readonly violations: readonly Violation[];
}

/** Plays cases on several systems at once, each of them one after the other. */
export async function playCases<T extends { readonly id: string }>(
  cases: readonly T[],
  play: (lane: Lane, one: T) => Promise<Played>,
  { size, progress }: BoardRun,
): Promise<Results<T>> {
  const count = Math.min(size === 'full' ? LANES_FULL : LANES_SHORT, cases.length);
  const house = await House.open(count);
  const lanes: Lane[] = [];
  const done: { played: T; result: Played; ms: number }[] = [];
  const violations: Violation[] = [];
  const queue = [...cases];
  try {
    const opening = Array.from({ length: count }, async (_, index) => {
      lanes.push(await Lane.open(house, index));
    });
    await Promise.all(opening);
    await Promise.all(
      lanes.map(async (lane) => {
        for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
          const startMs = performance.now();
          const result = await play(lane, one);
          const ms = performance.now() - startMs;
          done.push({ played: one, result, ms });
          for (const { promise, what } of result.breaches) {
            violations.push({ promise, what: `${one.id}: ${what}`, replay: one.id });
          }
          if (!house.whole) throw new Error('the make-believe gateways have ended');
          progress(done.length, cases.length);
        }
        await lane.stop();
        for (const { promise, what } of await chainBreaches(lane)) {
          violations.push({ promise, what, replay: '' });
        }
      }),
    );
  } finally {
    await Promise.all(lanes.map((lane) => lane.close().catch(() => undefined)));
    await house.close();
  }
  return { done, violations };
}

export function figuresOf(results: Results<unknown>): Record<string, number | string> {
  const { done } = results;
  const total = (pick: (played: Played) => number): number =>
    done.reduce((sum, { result }) => sum + pick(result), 0);
  const longest = (values: readonly number[]): string =>
    `${(Math.max(0, ...values) / 1000).toFixed(1)} s`;
  const times = done.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    restarts: total(({ restarts }) => restarts),
    'operations ended by settle': total(({ settled }) => settled),
    'deaths under the next caller': total(({ byNext }) => (byNext ? 1 : 0)),
    'longest until quiet': longest(done.map(({ result }) => result.quietMs)),
    'median of a case': `${((times[Math.floor(times.length / 2)] ?? 0) / 1000).toFixed(1)} s`,
    'longest case': longest(times),
  };
}
