import type { AskCounts } from './fleet.ts';

/** The middle of a list, rounded; 0 where it is empty. */
export function median(list: readonly number[]): number {
  const sorted = [...list].sort((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

function listed(counts: ReadonlyMap<string, number>): number | string {
  const texts = [...counts].map(([name, count]) => `${count} × ${name}`);
  if (texts.length === 0) return 0;
  return texts.sort((one, other) => one.localeCompare(other)).join(', ');
}

/** What callers met on the way and asked again for. */
export function retriesOf(counts: AskCounts): Record<string, number | string> {
  return {
    requests: counts.asked,
    'requests without an answer': listed(counts.unanswered),
    'requests answered with a fault': listed(counts.faults),
  };
}
