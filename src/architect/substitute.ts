/** A `{{key}}` of the text that got no value. */
export interface OpenPlaceholder {
  readonly key: string;
  /** Of its first brace, in the text as it was written. */
  readonly offset: number;
}

/** The text that YAML reads, and the way back to the text that was written. */
export interface Substituted {
  readonly text: string;
  readonly open: readonly OpenPlaceholder[];
  /** From an offset of `text` to one of the original; a place inside a value is its placeholder's. */
  originalOffset(offset: number): number;
}

/** What Archy takes as a key between the braces. */
const PLACEHOLDER = /\{\{([ \t]*)([\w.-]+)([ \t]*)\}\}/g;
/**
 * Braces mean a map to YAML. An open placeholder goes through it as text, in characters of Unicode's
 * private use area, one for one, so that no position moves.
 */
const OPEN = '\uE000';
const CLOSE = '\uE001';

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly original: number;
}

/**
 * Puts values for `{{key}}` into the text, before it is YAML, as Archy and the Terraform provider
 * do (`substitutions` of `genesyscloud_flow`).
 */
export function substitute(written: string, values: Readonly<Record<string, string>>): Substituted {
  const pieces: Piece[] = [];
  const open: OpenPlaceholder[] = [];
  let text = '';
  let from = 0;
  for (const match of written.matchAll(PLACEHOLDER)) {
    const [whole, before = '', key = '', after = ''] = match;
    text += written.slice(from, match.index);
    from = match.index + whole.length;
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value === undefined) {
      if (!inComment(written, match.index)) open.push({ key, offset: match.index });
      text += `${OPEN}${OPEN}${before}${key}${after}${CLOSE}${CLOSE}`;
    } else {
      pieces.push({ start: text.length, end: text.length + value.length, original: match.index });
      text += value;
      pieces.push({ start: text.length, end: Infinity, original: from });
    }
  }
  text += written.slice(from);
  return { text, open, originalOffset: (offset) => originalOffset(pieces, offset) };
}

function originalOffset(pieces: readonly Piece[], offset: number): number {
  const piece = pieces.findLast(
    ({ start, end }) => start <= offset && (offset < end || end === start),
  );
  if (piece === undefined) return offset;
  return piece.end === Infinity ? piece.original + (offset - piece.start) : piece.original;
}

function inComment(text: string, offset: number): boolean {
  return /^\s*#/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset));
}

/** A text of the YAML as it was written: open placeholders get their braces back. */
export function withBraces(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

/** The key of the first open placeholder in a text that YAML has read, or `null`. */
export function openPlaceholder(text: string): string | null {
  return /\{\{[ \t]*([\w.-]+)[ \t]*\}\}/.exec(text)?.[1] ?? null;
}
