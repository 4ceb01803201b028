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

/** Where a span of a text stands, as well as the text's own lines tell. */
export function positionInside(
  written: { readonly text: string; readonly position: Position },
  span: { readonly start: number },
): Position {
  const before = written.text.slice(0, span.start);
  const lines = before.split('\n');
  const { file, line, column } = written.position;
  if (lines.length === 1) return { file, line, column: column + span.start };
  return { file, line: line + lines.length - 1, column: column + (lines.at(-1) ?? '').length };
}
