/**
 * One way of writing a line: what the reader goes by, what its error messages offer, and a row of
 * the generated page (`docs/reference/call-files.md`).
 */
export interface Form<T> {
  /** As it is written behind its verb; capitals stand for what is filled in. */
  readonly form: string;
  /** One sentence. */
  readonly does: string;
  readonly pattern: RegExp;
  /** @returns what is wrong, as a sentence, where the pattern alone does not say it. */
  readonly read: (match: RegExpExecArray) => T | string;
}

/** Words in double quotes, for a pattern. */
export const QUOTED = '"([^"]+)"';

/** `5 s`, `1.5 s`, `90 seconds`, `2 min`, for a pattern. */
export const DURATION = String.raw`(\d+(?:\.\d+)?) (s|seconds?|min|minutes?|ms)`;

export function durationMs(count: string | undefined, unit: string | undefined): number {
  const factor = unit === 'ms' ? 1 : unit?.startsWith('m') === true ? 60_000 : 1_000;
  return Math.round(Number(count) * factor);
}

/** A whole pattern: nothing before it and nothing behind it. */
export function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`);
}
