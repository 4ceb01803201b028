import { gatewayAuthenticationAction, type DataAction } from '../contract/data-action.ts';
import { sendCardAction } from '../contract/send-card.ts';
import { REST_SEND_CARD } from '../gateway/rest/send-card.ts';
import { STRIPE_SEND_CARD } from '../gateway/stripe/send-card.ts';

/** What an integration with a gateway is made of. */
export interface GatewayIntegration {
  readonly action: DataAction;
  /** `null` where the credential stands in a header as it is. */
  readonly authentication: object | null;
}

/** By the way in which a gateway takes a card; `rest` is the guide's own endpoint, and the sandbox. */
export function gatewayIntegrations(): Readonly<Record<'stripe' | 'rest', GatewayIntegration>> {
  return {
    stripe: { action: sendCardAction(STRIPE_SEND_CARD), authentication: null },
    rest: {
      action: sendCardAction(REST_SEND_CARD),
      authentication: gatewayAuthenticationAction(),
    },
  };
}
