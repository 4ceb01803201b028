import type { Card } from '../../card/card.ts';
import type { Clock } from '../../system/clock.ts';
import type { HttpClient } from '../../system/http-client.ts';
import { bodyOf } from '../card-body.ts';
import { readExchange } from '../reading.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../tokenize.ts';
import { openCredential, type CredentialSettings } from './credential.ts';
import { findToken } from './words.ts';

/**
 * The guide's payload for `POST /v1/tokens` ("JSON Payload Construction") with the postal code, and
 * with our operation in its metadata, so that `settle` finds it. `amount` and `currency` are left
 * out: a token has no price, and what a flow says about one decides nothing.
 */
function payload(card: Card, order: TokeniseOrder): Buffer {
  const rest = JSON.stringify({
    expiry_month: String(card.expiryMonth).padStart(2, '0'),
    expiry_year: String(card.expiryYear),
    customer_id: order.customerId,
    recurring_flag: true,
    ...(card.postalCode === null ? {} : { postal_code: card.postalCode }),
    metadata: {
      call_id: order.interactionId,
      interaction_id: order.interactionId,
      operation_id: order.operationId,
      source: 'ivr_payment_flow',
    },
  });
  return bodyOf([
    '{"card_number":"',
    card.pan.reveal(),
    '","cvv":"',
    card.cvv.reveal(),
    `",${rest.slice(1)}`,
  ]);
}

/** @param origin the gateway's, which `http` speaks to. */
export function openSandboxTokenizer(
  origin: string,
  settings: CredentialSettings,
  http: HttpClient,
  clock: Clock,
): GatewayTokenizer {
  const credential = openCredential(settings, http, clock);
  return {
    name: 'sandbox',
    origin,
    prepare: (signal) => credential.prepare(signal),
    request: (card, order) => ({
      method: 'POST',
      path: '/v1/tokens',
      headers: {
        ...credential.headers(),
        'content-type': 'application/json',
        accept: 'application/json',
        'idempotency-key': order.idempotencyKey,
      },
      body: payload(card, order),
    }),
    read: (exchange) => readExchange(exchange, findToken),
    renewCredential: () => credential.renew(),
  };
}
