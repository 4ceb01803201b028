import type { Card } from '../../card/card.ts';
import { bodyOf } from '../card-body.ts';
import { formText } from '../form.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../tokenize.ts';
import { textOf } from '../json.ts';
import { granted, readStripe, stripeHeaders } from './words.ts';

/**
 * `POST /v1/payment_methods` (https://docs.stripe.com/api/payment_methods/create): the card as form
 * bytes, everything else as text. Digits need no escaping in a form.
 */
function payload(card: Card, order: TokeniseOrder): Buffer {
  const rest = formText({
    type: 'card',
    card: { exp_month: card.expiryMonth, exp_year: card.expiryYear },
    billing_details:
      card.postalCode === null ? null : { address: { postal_code: card.postalCode } },
    metadata: {
      tokenline_operation_id: order.operationId,
      tokenline_interaction_id: order.interactionId,
    },
  });
  return bodyOf(['card[number]=', card.pan.reveal(), '&card[cvc]=', card.cvv.reveal(), `&${rest}`]);
}

/**
 * The digit side of Stripe. The account needs access to raw card data, which Stripe gives against an
 * attestation of compliance (docs/guides/stripe.md).
 *
 * @param origin `https://api.stripe.com`, or a double's.
 */
export function openStripeTokenizer(origin: string, apiKey: string): GatewayTokenizer {
  const headers = {
    ...stripeHeaders(apiKey),
    'content-type': 'application/x-www-form-urlencoded',
  };
  return {
    name: 'stripe',
    origin,
    request: (card, order) => ({
      method: 'POST',
      path: '/v1/payment_methods',
      headers: { ...headers, 'idempotency-key': order.idempotencyKey },
      body: payload(card, order),
    }),
    read: (exchange) =>
      readStripe(exchange, (members) => {
        const id = textOf(members, 'id');
        const whole = members['object'] === 'payment_method' && id !== null;
        // Stripe keeps the network's transaction id itself and refers to it in later charges.
        const grant = whole ? { tokenReference: id, networkTransactionId: null } : null;
        return granted(grant, id);
      }),
    // A key is not renewed: it is wrong until somebody changes it.
    renewCredential: () => Promise.resolve(false),
  };
}
