/**
 * How a card gets to the gateway (docs/concepts/capture-modes.md). The words of the configuration's
 * key `capture`; a test holds the two lists together.
 *
 * - `bridge`  the flow sends it to the tokenizer, which sends it on.
 * - `direct`  the flow sends it to the gateway itself; Tokenline gets the token.
 * - `link`    the caller gives it on a page of the gateway's while the call waits.
 */
export const CAPTURE_MODES = ['bridge', 'direct', 'link'] as const;

export type CaptureMode = (typeof CAPTURE_MODES)[number];
