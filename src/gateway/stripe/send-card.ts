import type { SendCardRequest } from '../send-card.ts';
import { META } from './requests.ts';
import { STRIPE_VERSION } from './words.ts';

/** A field of a form (https://docs.stripe.com/api: bodies are form-encoded, brackets name parts). */
const field = (name: string, input: string): string => `${name}=$esc.url(\${input.${input}})`;

const POSTAL_CODE = field('billing_details[address][postal_code]', 'postal_code');

/**
 * `POST /v1/payment_methods` (https://docs.stripe.com/api/payment_methods/create) with what the card
 * process sends. Its metadata is how the bridge knows whose card it is.
 */
export const STRIPE_SEND_CARD: SendCardRequest = {
  path: '/v1/payment_methods',
  headers: {
    Authorization: 'Bearer ${credentials.apiKey}',
    Accept: 'application/json',
    'Content-Type': 'application/x-www-form-urlencoded',
    'Stripe-Version': STRIPE_VERSION,
    'Idempotency-Key': '${input.operation_id}',
  },
  body: [
    'type=card',
    field('card[number]', 'card_number'),
    field('card[cvc]', 'cvv'),
    field('card[exp_month]', 'expiry_month'),
    `${field('card[exp_year]', 'expiry_year')}#if("$!{input.postal_code}" != "")&${POSTAL_CODE}#end`,
    field(`metadata[${META.operation}]`, 'operation_id'),
    field(`metadata[${META.interaction}]`, 'interaction_id'),
  ].join('&'),
  tokenAt: '$.id',
};
