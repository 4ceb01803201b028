/** Where something stands in a file, for a message that a person can follow. */
export interface Position {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Something that is wrong with a flow, or that Tokenline does not understand. */
export interface Problem {
  readonly position: Position;
  /** The rule that was broken, such as `unknown-key`; the list is in the documentation of `check`. */
  readonly rule: string;
  /** One sentence: what is wrong and what to do. */
  readonly message: string;
}

/** `file:line: rule: message`, as `tokenline check` prints it. */
export function problemLine({ position, rule, message }: Problem): string {
  return `${position.file}:${position.line}: ${rule}: ${message}`;
}
