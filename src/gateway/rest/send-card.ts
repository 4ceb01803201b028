import type { SendCardRequest } from '../send-card.ts';

/** A member of a JSON object. */
const member = (name: string, input: string): string =>
  `"${name}": "$esc.jsonString(\${input.${input}})"`;

const METADATA = [
  member('call_id', 'interaction_id'),
  member('interaction_id', 'interaction_id'),
  member('operation_id', 'operation_id'),
  '"source": "ivr_payment_flow"',
].join(', ');

const POSTAL_CODE = `#if("$!{input.postal_code}" != ""), ${member('postal_code', 'postal_code')}#end`;

/**
 * The guide's payload ("JSON Payload Construction") with our operation in its metadata. A gateway with
 * another mapping needs another request: the mapping describes what our own card process sends.
 */
export const REST_SEND_CARD: SendCardRequest = {
  path: '/v1/tokens',
  headers: {
    Authorization: 'Bearer ${authResponse.access_token}',
    'X-API-Key': '${credentials.apiKey}',
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'Idempotency-Key': '${input.operation_id}',
  },
  body: `{${[
    member('card_number', 'card_number'),
    member('cvv', 'cvv'),
    member('expiry_month', 'expiry_month'),
    member('expiry_year', 'expiry_year'),
    member('customer_id', 'customer_id'),
    '"recurring_flag": true',
    `"metadata": {${METADATA}}${POSTAL_CODE}`,
  ].join(', ')}}`,
  tokenAt: '$.token_id',
};
