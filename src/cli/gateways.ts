import type { GatewayAdapter } from '../gateway/gateway.ts';
import { openPayPalAdapter } from '../gateway/paypal/adapter.ts';
import { openSandboxAdapter } from '../gateway/sandbox/adapter.ts';
import { openRestAdapter } from '../gateway/rest/adapter.ts';
import type { RestSettings } from '../gateway/rest/line.ts';
import { openStripeAdapter } from '../gateway/stripe/adapter.ts';
import type { Clock } from '../system/clock.ts';
import type { GatewayConfig } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { ConfigError } from '../system/yaml-file.ts';

/** @throws {ConfigError} that names the key. */
function needed(value: string | null, key: string, gateway: string): string {
  if (value !== null) return value;
  throw new ConfigError([`gateway.${key}: the gateway ${gateway} needs it`]);
}

/** What a gateway has to know of the merchant. */
export interface GatewayMerchant {
  /** IANA name. */
  readonly timeZone: string;
  readonly plans: readonly { readonly id: string; readonly gatewayReference: string | null }[];
}

/** What the gateway calls each plan, by plan id; a plan without a name there is not in it. */
export function referencesOf(plans: GatewayMerchant['plans']): ReadonlyMap<string, string> {
  return new Map(
    plans.flatMap(({ id, gatewayReference }) =>
      gatewayReference === null ? [] : [[id, gatewayReference] as const],
    ),
  );
}

/**
 * The token side of the gateway that the configuration names.
 *
 * @param http a client of the gateway's origin.
 */
export function openAdapter(
  config: GatewayConfig & { readonly rest: RestSettings | null },
  merchant: GatewayMerchant,
  http: HttpClient,
  clock: Clock,
): GatewayAdapter {
  const { name, absenceIsProofAfterMs } = config;
  const proof = absenceIsProofAfterMs === null ? {} : { absenceIsProofAfterMs };
  switch (name) {
    case 'sandbox':
      return openSandboxAdapter(
        {
          clientId: needed(config.clientId, 'client_id', name),
          clientSecret: needed(config.clientSecret, 'client_secret', name),
          apiKey: needed(config.apiKey, 'api_key', name),
          webhookSecret: needed(config.webhookSecret, 'webhook_secret', name),
          verification: config.verification,
          recurring: config.recurring,
          ...proof,
        },
        http,
        clock,
      );
    case 'rest': {
      const { rest, webhookSecret } = config;
      if (rest === null) throw new Error('a gateway named rest comes with its mapping');
      const references = referencesOf(merchant.plans);
      return openRestAdapter({ ...rest, webhookSecret, references, ...proof }, http, clock);
    }
    case 'paypal':
      return openPayPalAdapter(
        {
          clientId: needed(config.clientId, 'client_id', name),
          clientSecret: needed(config.clientSecret, 'client_secret', name),
          webhookId: needed(config.paypal.webhookId, 'paypal.webhook_id', name),
          cardCountry: config.paypal.cardCountry,
          ...proof,
        },
        http,
        clock,
      );
    case 'stripe':
      return openStripeAdapter(
        {
          apiKey: needed(config.apiKey, 'api_key', name),
          webhookSecret: needed(config.webhookSecret, 'webhook_secret', name),
          timeZone: merchant.timeZone,
          prices: referencesOf(merchant.plans),
          ...config.stripe,
          ...proof,
        },
        http,
        clock,
      );
  }
}
