import { contractOf, type DataAction, type FlatField } from './data-action.ts';

/**
 * The data action that sends a card to the gateway itself (`capture: direct`), made as those of the
 * contract are. It is in an integration of its own, because a credential belongs to an integration, and
 * that of the gateway is not Tokenline's.
 */

/** As a data action's address; see `BASE_URL`. */
const GATEWAY_URL = '{{TOKENLINE_GATEWAY_URL}}';

/**
 * Less than the bridge's deadline after which a card is taken to have been sent or never to be, with
 * what Genesys needs for a second request after a 401.
 */
const TIMEOUT_SECONDS = 20;

export const SEND_CARD = 'Tokenline Send Card';

const text = (name: string, description: string, required = true): FlatField => ({
  name,
  type: 'string',
  description,
  required,
});

/** What a flow gives. */
export const SEND_CARD_INPUTS: readonly FlatField[] = [
  text('card_number', 'PAN: 12 to 19 digits, no spaces or dashes.'),
  text('cvv', 'Security code: 3 digits, 4 for American Express.'),
  text('expiry_month', 'Two digits.'),
  text('expiry_year', 'Two digits.'),
  text('customer_id', 'The merchant’s id of the customer.'),
  text('interaction_id', 'The conversation; Genesys: Call.ConversationId.'),
  text('operation_id', 'operation_id of Begin Card: the key under which the gateway keeps it.'),
  text('postal_code', 'Of the card’s address.', false),
];

const OUTPUTS: readonly FlatField[] = [
  text('token_reference', 'What the gateway calls the card; empty where it says nothing of it.'),
];

/** What a gateway makes of it, in the shape of `gateway/send-card.ts`. */
export interface SendCardTemplates {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly tokenAt: string;
}

export function sendCardAction({ path, headers, body, tokenAt }: SendCardTemplates): DataAction {
  return {
    name: SEND_CARD,
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: `${GATEWAY_URL}${path}`,
        requestType: 'POST',
        headers,
        requestTemplate: body,
      },
      response: {
        translationMap: { token_reference: tokenAt },
        translationMapDefaults: { token_reference: '""' },
        successTemplate: '{"token_reference": ${token_reference}}',
      },
      timeoutSeconds: TIMEOUT_SECONDS,
    },
    contract: {
      input: { inputSchema: contractOf(SEND_CARD_INPUTS, `${SEND_CARD} input`) },
      output: { successSchema: contractOf(OUTPUTS, `${SEND_CARD} output`) },
    },
    secure: true,
  };
}
