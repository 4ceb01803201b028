/** What a derived key is made of. */
export interface KeyParts {
  /** The `Idempotency-Key` header, which goes before everything else. */
  readonly header: string | null;
  readonly interactionId: string;
  /** The step of the call, such as `subscribe` or `pause:sub_…`. */
  readonly step: string;
  /** The caller's attempt at this step, where the request counts it. */
  readonly attempt: number | null;
  /** Stands in for the attempt where there is none: the same content is the same request. */
  readonly content: string;
}

/**
 * The idempotency key of a request (design §5): the header, else interaction, step and attempt. A
 * request that does not count its attempts is told from another one by its content, so that a caller
 * who keys a second card is not taken for a repeat of the first.
 */
export function operationKey(parts: KeyParts): string {
  if (parts.header !== null) return `h:${parts.header}`;
  const base = `${parts.interactionId}:${parts.step}`;
  return parts.attempt === null ? `c:${base}:${parts.content}` : `a:${base}:${parts.attempt}`;
}

/** The attempt as the wire has it: a number, or a number in a string, or nothing. */
export function attemptOf(attempt: string | number | undefined): number | null {
  return attempt === undefined ? null : Number(attempt);
}
