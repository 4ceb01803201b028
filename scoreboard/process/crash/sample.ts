import type { BoardRun } from '../../board.ts';

/** mulberry32: small, and good enough to choose cases. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = randomOf(seed);
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

/**
 * The cases of a run in an order that the seed gives: all of them, some of them for the short form,
 * or the one that is to be played again.
 */
export function sampled<T extends { readonly id: string }>(
  all: readonly T[],
  { size, seed, replay }: BoardRun,
  short: number,
): readonly T[] {
  if (replay !== null) {
    const found = all.filter(({ id }) => id === replay);
    if (found.length === 0)
      throw new Error(`there is no case ${replay}; one is ${all[0]?.id ?? ''}`);
    return found;
  }
  const mixed = shuffled(all, seed);
  return size === 'short' ? mixed.slice(0, short) : mixed;
}
