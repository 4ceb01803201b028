import type { WebhookReading } from '../gateway.ts';
import { membersOf, parsed, textOf } from '../json.ts';
import { ok } from '../answered.ts';
import type { PayPalLine } from './line.ts';
import { postRequest } from './requests.ts';

/** As wide as other gateways' (Stripe's libraries); PayPal names none. */
const TOLERANCE_MS = 300_000;

/** The caller is PayPal's own sender, which waits; a slow answer is no reason to keep a socket. */
const CHECK_MS = 8_000;

/** `PAYPAL-…` headers in lower case, by their names in the question to PayPal. */
const HEADERS = {
  auth_algo: 'paypal-auth-algo',
  cert_url: 'paypal-cert-url',
  transmission_id: 'paypal-transmission-id',
  transmission_sig: 'paypal-transmission-sig',
  transmission_time: 'paypal-transmission-time',
} as const;

/** Where PayPal keeps its certificates; nothing else is worth a question. */
const CERT_URL = /^https:\/\/api(-m)?(\.sandbox)?\.paypal\.com\/[\w./-]{1,200}$/;

const SHORT = /^[\x21-\x7e]{1,500}$/;

/**
 * Reads an event that PayPal says is its own: `POST /v1/notifications/verify-webhook-signature`, with
 * the event's bytes as they came. The other way, RSA over `id|time|webhookId|crc32(body)` with a
 * certificate from an address in a header, trusts what a stranger sent for longer and needs the way
 * out to one more host. What is old, or cannot be PayPal's, is refused without a question.
 */
export async function readPayPalWebhook(
  line: PayPalLine,
  webhookId: string,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
  nowMs: number,
  within: <T>(ms: number, work: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): Promise<WebhookReading> {
  const question = questionOf(headers, webhookId);
  if (question === null) return refused('it has not the five headers of a signature of PayPal’s');
  if (!CERT_URL.test(question['cert_url'] ?? '')) {
    return refused('its certificate is not at PayPal’s');
  }
  const sentAtMs = Date.parse(question['transmission_time'] ?? '');
  if (!(Math.abs(nowMs - sentAtMs) <= TOLERANCE_MS)) {
    return refused('it is older or newer than five minutes');
  }
  const event = membersOf(parsed(rawBody));
  const id = textOf(event, 'id');
  if (event === null || id === null) return refused('it is no event');
  const body = asked(question, rawBody);
  const request = postRequest('/v1/notifications/verify-webhook-signature', null, body);
  const ask = async (): Promise<string | null> => {
    const exchange = await within(CHECK_MS, (signal) => line.exchange(request, signal));
    if ('outcome' in exchange) return null;
    if (exchange.kind === 'answered' && exchange.response.status === 401) return RENEW;
    return ok(exchange, (members) => textOf(members, 'verification_status'));
  };
  let status = await ask();
  if (status === RENEW && (await line.renew())) status = await ask();
  if (status === 'FAILURE') return refused('PayPal says that it is not its own');
  if (status !== 'SUCCESS') return refused('PayPal could not be asked about it');
  // PayPal knows no subscription of ours: what it tells of is a payment.
  const idempotencyKey = textOf(membersOf(event['resource']), 'custom_id');
  return { kind: 'events', events: [{ id, idempotencyKey, subscriptionReference: null }] };
}

const RENEW = 'renew';

/** `null` where a header is missing, or is no text that could stand there. */
function questionOf(
  headers: Readonly<Record<string, string>>,
  webhookId: string,
): Readonly<Record<string, string>> | null {
  const question: Record<string, string> = { webhook_id: webhookId };
  for (const [name, header] of Object.entries(HEADERS)) {
    const value = headers[header] ?? '';
    if (!SHORT.test(value)) return null;
    question[name] = value;
  }
  return question;
}

/** The event goes as it came: written anew it would be another text, and its checksum another. */
function asked(question: object, rawBody: Uint8Array): Buffer {
  const head = JSON.stringify(question).slice(0, -1);
  return Buffer.concat([Buffer.from(`${head},"webhook_event":`), rawBody, Buffer.from('}')]);
}

function refused(reason: string): WebhookReading {
  return { kind: 'refused', reason };
}
