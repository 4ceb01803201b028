import type { AskCounts } from './fleet.ts';

/** The middle of a list, rounded; 0 where it is empty. */
export function median(list: readonly number[]): number {
  const sorted = [...list].sort((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

/** What callers met on the way and asked again for. */
export function retriesOf({
  asked,
  unanswered,
  faults,
}: AskCounts): Record<string, number | string> {
  const told = [...faults].map(([name, count]) => `${count} × ${name}`);
  return {
    requests: asked,
    'requests without an answer': unanswered,
    'requests answered with a fault':
      told.length === 0 ? 0 : told.sort((one, other) => one.localeCompare(other)).join(', '),
  };
}
