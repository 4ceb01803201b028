import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The double's own, in place of PayPal's certificate. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

export const WEBHOOK_ID = 'WEBHOOKDOUBLE';
export const CERT_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-double';

/** `id|time|webhookId|crc32(body)` (https://developer.paypal.com/api/rest/webhooks/rest/). */
function signedText(id: string, time: string, webhookId: string, body: Uint8Array): string {
  return [id, time, webhookId, crc32(body)].join('|');
}

/** The headers that PayPal sends an event with. */
export function signatureOf(rawBody: Uint8Array, sentAtMs: number): Record<string, string> {
  const id = 'transmission-double-abc';
  const time = new Date(sentAtMs).toISOString();
  const text = signedText(id, time, WEBHOOK_ID, rawBody);
  return {
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-cert-url': CERT_URL,
    'paypal-transmission-id': id,
    'paypal-transmission-sig': createSign('RSA-SHA256').update(text).sign(privateKey, 'base64'),
    'paypal-transmission-time': time,
  };
}

/**
 * What PayPal says about a signature. The event is taken from the question byte for byte: one that
 * was written anew has another checksum.
 */
export function isSigned(question: Readonly<Record<string, unknown>>, text: string): boolean {
  const mark = '"webhook_event":';
  const event = text.slice(text.indexOf(mark) + mark.length, -1);
  const given = (name: string): string => String(question[name]);
  const signed = signedText(
    given('transmission_id'),
    given('transmission_time'),
    given('webhook_id'),
    Buffer.from(event),
  );
  const signature = Buffer.from(given('transmission_sig'), 'base64');
  return (
    // Node reads base64 past what does not belong in it.
    signature.toString('base64') === given('transmission_sig') &&
    given('webhook_id') === WEBHOOK_ID &&
    given('cert_url') === CERT_URL &&
    createVerify('RSA-SHA256').update(signed).verify(publicKey, signature)
  );
}
