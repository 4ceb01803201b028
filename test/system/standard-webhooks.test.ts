import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { checkWebhook, signWebhook, webhookSecret } from '../../src/system/standard-webhooks.ts';

const SECRET_TEXT = `whsec_${Buffer.from('a webhook secret of a test').toString('base64')}`;
const secret = webhookSecret(SECRET_TEXT);
const body = Buffer.from('{"type":"subscription.created","data":{"name":"Ana Peña"}}');
const nowMs = Date.now();

test('the reference library accepts what is signed here', () => {
  const headers = signWebhook(secret, 'evt_abc', nowMs, body);
  assert.deepEqual(new Webhook(SECRET_TEXT).verify(body, headers), JSON.parse(body.toString()));
});

test('what the reference library signs is accepted here', () => {
  const given = new Webhook(SECRET_TEXT).sign('evt_abc', new Date(nowMs), body.toString());
  const headers = {
    'webhook-id': 'evt_abc',
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    // While a secret is being changed there are two signatures.
    'webhook-signature': `v1,AAAA ${given}`,
  };
  assert.deepEqual(checkWebhook(secret, headers, body, nowMs), { kind: 'signed', id: 'evt_abc' });
});

test('another body, id, time, secret or version of signature is refused', () => {
  const headers = signWebhook(secret, 'evt_abc', nowMs, body);
  const refused = (changed: Record<string, string>, raw: Uint8Array = body): void => {
    assert.equal(checkWebhook(secret, { ...headers, ...changed }, raw, nowMs).kind, 'refused');
  };
  refused({}, Buffer.concat([body, Buffer.from(' ')]));
  refused({ 'webhook-id': 'evt_abd' });
  refused({ 'webhook-timestamp': String(Math.floor(nowMs / 1000) + 1) });
  refused({ 'webhook-signature': (headers['webhook-signature'] ?? '').replace('v1,', 'v1a,') });
  refused({ 'webhook-signature': 'v1,' });
  refused({ 'webhook-signature': '' });
  const other = webhookSecret(`whsec_${Buffer.alloc(24, 7).toString('base64')}`);
  assert.equal(checkWebhook(other, headers, body, nowMs).kind, 'refused');
});

test('a signature is good for 300 seconds, not for 301, before and after', () => {
  const sentAtMs = 1_800_000_000_000;
  const headers = signWebhook(secret, 'evt_abc', sentAtMs, body);
  const kindAt = (ms: number): string => checkWebhook(secret, headers, body, sentAtMs + ms).kind;
  assert.deepEqual([kindAt(300_000), kindAt(301_000)], ['signed', 'refused']);
  assert.deepEqual([kindAt(-300_000), kindAt(-301_000)], ['signed', 'refused']);
});

test('a secret that is too short is not taken', () => {
  assert.throws(() => webhookSecret('whsec_c2hvcnQ='), RangeError);
});
