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
/** How long such a one is drawn, as a share of all that is drawn as it was; and at least. */
const SHARE = 0.3;
const SHORTENED_MS_MIN = 5_000;
/** How much each doubling adds, so that the longer wait is the longer bar. */
const DOUBLING = 0.05;

function drawn(ms: number, wholeMs: number): number {
  if (ms <= WHOLE_MS) return ms;
  const shortened = Math.max(SHORTENED_MS_MIN, SHARE * wholeMs);
  return shortened * (1 + DOUBLING * Math.log2(ms / WHOLE_MS));
}

/** The stretches of time between all moments, as they are drawn. */
export function stretches(moments: readonly number[]): readonly Stretch[] {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  const pairs = sorted.slice(1).map((toMs, at) => ({ fromMs: sorted[at] ?? toMs, toMs }));
  const lengths = pairs.map(({ fromMs, toMs }) => toMs - fromMs);
  const wholeMs = lengths.filter((ms) => ms <= WHOLE_MS).reduce((sum, ms) => sum + ms, 0);
  const whole = lengths.reduce((sum, ms) => sum + drawn(ms, wholeMs), 0);
  let at = 0;
  return pairs.map(({ fromMs, toMs }) => {
    const from = at;
    at += drawn(toMs - fromMs, wholeMs) / Math.max(1, whole);
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
