import { createHmac, timingSafeEqual } from 'node:crypto';
import type { GatewayEvent, WebhookReading } from '../gateway.ts';
import { idOf } from './objects.ts';
import { META } from './requests.ts';
import { membersOf, parsed, textOf, type Members } from '../json.ts';

/** https://docs.stripe.com/webhooks#replay-attacks: the tolerance of Stripe's own libraries. */
const TOLERANCE_MS = 300_000;

export interface WebhookSettings {
  /** `whsec_…` of the endpoint; its text, not what it may encode, is the key. */
  readonly secret: string;
  /** Events of the other mode are not ours, also where one endpoint gets both. */
  readonly live: boolean;
}

/**
 * Reads an event whose `Stripe-Signature` is right: `t=<seconds>,v1=<hex>`, HMAC-SHA256 of
 * `<t>.<body>`; there is one `v1` for each secret while a secret is being changed
 * (https://docs.stripe.com/webhooks#verify-manually).
 */
export function readStripeWebhook(
  settings: WebhookSettings,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
  nowMs: number,
): WebhookReading {
  const pairs = (headers['stripe-signature'] ?? '').split(',').map((pair) => pair.split('='));
  const valuesOf = (name: string): string[] =>
    pairs.flatMap(([key, value]) => (key?.trim() === name && value !== undefined ? [value] : []));
  const [time = ''] = valuesOf('t');
  if (!/^\d{1,12}$/.test(time)) return refused('it has no Stripe-Signature with a time');
  const expected = createHmac('sha256', settings.secret)
    .update(`${time}.`)
    .update(rawBody)
    .digest();
  if (!valuesOf('v1').some((given) => sameBytes(given, expected))) {
    return refused('no signature is that of the endpoint’s secret');
  }
  if (Math.abs(nowMs - Number(time) * 1000) > TOLERANCE_MS) {
    return refused('it is older or newer than five minutes');
  }
  const event = membersOf(parsed(rawBody));
  const id = textOf(event, 'id');
  if (event === null || id === null) return refused('it is no event');
  if (event['livemode'] !== settings.live) return refused('it is of the other mode');
  return { kind: 'events', events: [eventOf(id, event)] };
}

function sameBytes(hex: string, expected: Buffer): boolean {
  const given = /^[0-9a-f]{64}$/.test(hex) ? Buffer.from(hex, 'hex') : Buffer.alloc(0);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function refused(reason: string): WebhookReading {
  return { kind: 'refused', reason };
}

function eventOf(id: string, event: Members): GatewayEvent {
  const object = membersOf(membersOf(event['data'])?.['object']);
  const metadata = membersOf(object?.['metadata']);
  const requested = textOf(membersOf(event['request']), 'idempotency_key');
  return {
    id,
    idempotencyKey:
      textOf(metadata, META.lastOperation) ??
      textOf(metadata, META.operation) ??
      requested?.split('.')[0] ??
      null,
    subscriptionReference: object === null ? null : subscriptionIn(object),
  };
}

/** Of an invoice, the subscription stood at its top until API 2025-03-31, and at its parent since. */
function subscriptionIn(object: Members): string | null {
  if (object['object'] === 'subscription') return textOf(object, 'id');
  const details = membersOf(membersOf(object['parent'])?.['subscription_details']);
  return idOf(object['subscription']) ?? idOf(details?.['subscription']);
}
