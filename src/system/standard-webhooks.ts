import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Standard Webhooks, symmetric signatures: what Tokenline sends to billing and what the sandbox
 * gateway sends to Tokenline.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Older or newer than this is refused: a recorded request cannot be played again later. */
export const WEBHOOK_TOLERANCE_MS = 300_000;

/** "Secrets … prefixed with `whsec_`", Base64 behind it ("Signature scheme"). */
const PREFIX = 'whsec_';

/** @throws RangeError where the text holds no secret. */
export function webhookSecret(text: string): Uint8Array {
  const secret = Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text, 'base64');
  if (secret.length < 24) throw new RangeError('a webhook secret has 24 bytes or more in Base64');
  return secret;
}

function signature(secret: Uint8Array, id: string, seconds: string, body: Uint8Array): string {
  const mac = createHmac('sha256', secret).update(`${id}.${seconds}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

/** The three headers of a signed event. The id stays the same on every delivery of one event. */
export function signWebhook(
  secret: Uint8Array,
  id: string,
  sentAtMs: number,
  body: Uint8Array,
): Record<string, string> {
  const seconds = String(Math.floor(sentAtMs / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signature(secret, id, seconds, body),
  };
}

export type WebhookCheck =
  | { readonly kind: 'signed'; readonly id: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Checks the signature on the raw bytes, in constant time, and that it is not an old one.
 *
 * @param headers names in lower case.
 */
export function checkWebhook(
  secret: Uint8Array,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
  nowMs: number,
): WebhookCheck {
  const id = headers['webhook-id'];
  const seconds = headers['webhook-timestamp'];
  const given = headers['webhook-signature'];
  if (!id || !seconds || !given) return refused('a webhook header is missing');
  if (!/^\d{1,12}$/.test(seconds)) return refused('webhook-timestamp is no number of seconds');
  if (Math.abs(nowMs - Number(seconds) * 1000) > WEBHOOK_TOLERANCE_MS) {
    return refused('webhook-timestamp is outside the tolerance');
  }
  // Compared as text: Base64 that is read leniently has many spellings of one signature.
  const expected = Buffer.from(signature(secret, id, seconds, rawBody), 'latin1');
  // "Space delimited list of signatures": while a secret is being changed there are two.
  const matches = given.split(' ').some((one) => {
    const bytes = Buffer.from(one, 'latin1');
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  return matches ? { kind: 'signed', id } : refused('no signature matches');
}

function refused(reason: string): WebhookCheck {
  return { kind: 'refused', reason };
}
