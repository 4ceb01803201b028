/** A stretch between two neighbouring moments, with its place from 0 to 1. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: number;
  readonly to: number;
  /** Drawn shorter than it was. */
  readonly broken: boolean;
}

/** Longer stretches than this are drawn shortened, or a call would be a dot beside a day's wait. */
const WHOLE_MS = 45_000;
/** How much of a whole one each doubling adds. */
const DOUBLING = 0.12;

function drawn(ms: number): number {
  if (ms <= WHOLE_MS) return ms;
  return WHOLE_MS * (1 + DOUBLING * Math.log2(ms / WHOLE_MS));
}

/** The stretches of time between all moments, as they are drawn. */
export function stretches(moments: readonly number[]): readonly Stretch[] {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  const pairs = sorted.slice(1).map((toMs, at) => ({ fromMs: sorted[at] ?? toMs, toMs }));
  const whole = pairs.reduce((sum, { fromMs, toMs }) => sum + drawn(toMs - fromMs), 0);
  let at = 0;
  return pairs.map(({ fromMs, toMs }) => {
    const from = at;
    at += drawn(toMs - fromMs) / Math.max(1, whole);
    return { fromMs, toMs, from, to: at, broken: toMs - fromMs > WHOLE_MS };
  });
}

/** Where a moment stands, from 0 to 1. */
export function placeOf(line: readonly Stretch[], ms: number): number {
  for (const { fromMs, toMs, from, to } of line) {
    if (ms <= toMs) return from + ((to - from) * Math.max(0, ms - fromMs)) / (toMs - fromMs);
  }
  return line.length === 0 ? 0 : 1;
}
