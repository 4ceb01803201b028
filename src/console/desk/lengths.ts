const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;
const DAY = 24 * H;

/** A length of time in its two largest units: `340 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function lengthOf(ms: number): string {
  if (ms < S) return `${Math.round(ms)} ms`;
  if (ms < MIN) return `${(ms / S).toFixed(1)} s`;
  const [large, unit, small, rest] =
    ms < H ? [MIN, 'min', S, 's'] : ms < DAY ? [H, 'h', MIN, 'min'] : [DAY, 'days', H, 'h'];
  const whole = Math.floor(ms / large);
  const left = Math.floor((ms % large) / small);
  const name = unit === 'days' && whole === 1 ? 'day' : unit;
  return left === 0 ? `${whole} ${name}` : `${whole} ${name} ${left} ${rest}`;
}

/** Between two moments; ISO 8601. */
export function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
