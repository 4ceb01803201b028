import type { Card } from '../../card/card.ts';
import type { Clock } from '../../system/clock.ts';
import type { HttpClient } from '../../system/http-client.ts';
import { bodyOf } from '../card-body.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../tokenize.ts';
import { openPayPalCredential, type PayPalClient } from './line.ts';
import { findSetupToken } from './objects.ts';
import { customerIdAt, postRequest } from './requests.ts';
import { readPayPal } from './words.ts';

export interface PayPalCardSettings extends PayPalClient {
  /**
   * ISO 3166-1 alpha-2. PayPal takes no postal code without a country, and a caller says none;
   * `null` where cards come from several countries: then no postal code is sent.
   */
  readonly cardCountry: string | null;
}

/** A setup token with the card as bytes; everything else is text. */
function payload(card: Card, order: TokeniseOrder, cardCountry: string | null): Buffer {
  const month = String(card.expiryMonth).padStart(2, '0');
  const address =
    cardCountry === null || card.postalCode === null
      ? {}
      : { billing_address: { postal_code: card.postalCode, country_code: cardCountry } };
  const rest = JSON.stringify({ expiry: `${card.expiryYear}-${month}`, ...address });
  const customer = JSON.stringify({ id: customerIdAt(order.customerId) });
  return bodyOf([
    `{"customer":${customer},"payment_source":{"card":{"number":"`,
    card.pan.reveal(),
    '","security_code":"',
    card.cvv.reveal(),
    `",${rest.slice(1)}}}`,
  ]);
}

/**
 * The digit side of PayPal: `POST /v3/vault/setup-tokens`
 * (https://developer.paypal.com/docs/api/payment-tokens/v3/#setup-tokens_create). The account needs
 * Advanced Credit and Debit Card Payments and the vault (docs/guides/paypal.md).
 *
 * @param origin PayPal's, which `http` speaks to.
 */
export function openPayPalTokenizer(
  origin: string,
  settings: PayPalCardSettings,
  http: HttpClient,
  clock: Clock,
): GatewayTokenizer {
  const credential = openPayPalCredential(settings, http, clock);
  return {
    name: 'paypal',
    origin,
    prepare: (signal) => credential.prepare(signal),
    request(card, order) {
      const body = payload(card, order, settings.cardCountry);
      const request = postRequest('/v3/vault/setup-tokens', order.idempotencyKey, body);
      return { ...request, headers: { ...credential.headers(), ...request.headers } };
    },
    read: (exchange) => readPayPal(exchange, findSetupToken),
    renewCredential: () => credential.renew(),
  };
}
