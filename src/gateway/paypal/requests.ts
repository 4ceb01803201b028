import { createHash } from 'node:crypto';
import { decimalText } from '../../payment/money.ts';
import type { HttpRequest } from '../../system/http-client.ts';
import type { ChargeOrder } from '../gateway.ts';

/** `POST /v1/oauth2/token` (https://developer.paypal.com/api/rest/authentication/). */
export const TOKEN_PATH = '/v1/oauth2/token';

export function getRequest(path: string): HttpRequest {
  return { method: 'GET', path, headers: { accept: 'application/json' }, body: null };
}

/**
 * @param requestId the idempotency key, `PayPal-Request-Id`; `null` for a call that changes nothing.
 */
export function postRequest(path: string, requestId: string | null, body: Uint8Array): HttpRequest {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    // Without it an order's answer is its id and status alone: neither capture nor decline.
    prefer: 'return=representation',
    ...(requestId !== null && { 'paypal-request-id': requestId }),
  };
  return { method: 'POST', path, headers, body };
}

const jsonBytes = (body: object): Buffer => Buffer.from(JSON.stringify(body), 'utf8');

/** PayPal takes 22 signs of base64url at most: 128 bits of a hash, the same for every call. */
export function customerIdAt(customerId: string): string {
  return createHash('sha256').update(customerId).digest().subarray(0, 16).toString('base64url');
}

/** The second, digit-free step has a key of its own. */
export const verificationKey = (idempotencyKey: string): string => `${idempotencyKey}.verify`;

/** Reads a payment as it stands now. */
export const captureRequest = (captureId: string): HttpRequest =>
  getRequest(`/v2/payments/captures/${encodeURIComponent(captureId)}`);

/** Turns a setup token, which lives for three days, into one that may be charged. */
export function paymentTokenRequest(idempotencyKey: string, setupToken: string): HttpRequest {
  const body = { payment_source: { token: { id: setupToken, type: 'SETUP_TOKEN' } } };
  return postRequest('/v3/vault/payment-tokens', verificationKey(idempotencyKey), jsonBytes(body));
}

/** It changes nothing twice, so it needs no key; PayPal takes none here either. */
export function deleteTokenRequest(paymentToken: string): HttpRequest {
  const path = `/v3/vault/payment-tokens/${encodeURIComponent(paymentToken)}`;
  return { method: 'DELETE', path, headers: { accept: 'application/json' }, body: null };
}

/** What PayPal takes for a network's reference (`network_transaction_reference.id`). */
const NETWORK_REFERENCE = /^[a-zA-Z0-9\-_@.:&+=*^'~#!$%()]{9,36}$/;

/**
 * One order, made and captured at once (Orders v2, "single-step create"). `invoice_id` is that of the
 * period: an account that blocks payments with the same invoice id takes no second one for it,
 * whatever we do.
 */
export function orderRequest(order: ChargeOrder): HttpRequest {
  const { price, credential } = order;
  const body = {
    intent: 'CAPTURE',
    purchase_units: [
      {
        custom_id: order.operationId,
        invoice_id: invoiceIdOf(order),
        amount: { currency_code: price.currency, value: decimalText(price) },
      },
    ],
    payment_source: {
      card: { vault_id: order.tokenReference, stored_credential: storedCredential(credential) },
    },
  };
  return postRequest('/v2/checkout/orders', order.idempotencyKey, jsonBytes(body));
}

export const invoiceIdOf = (order: Pick<ChargeOrder, 'subscriptionId' | 'dueDate'>): string =>
  `${order.subscriptionId}.${order.dueDate}`;

/** `FIRST` goes with a customer, a network's reference with the merchant, and nothing else does. */
function storedCredential(credential: ChargeOrder['credential']): object {
  if (credential.use === 'first') {
    return { payment_initiator: 'CUSTOMER', payment_type: 'RECURRING', usage: 'FIRST' };
  }
  const { networkTransactionId: id } = credential;
  return {
    payment_initiator: 'MERCHANT',
    payment_type: 'RECURRING',
    usage: 'SUBSEQUENT',
    ...(id !== null &&
      NETWORK_REFERENCE.test(id) && { previous_network_transaction_reference: { id } }),
  };
}
