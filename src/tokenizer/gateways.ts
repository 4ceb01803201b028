import type { GatewayTokenizer } from '../gateway/tokenize.ts';
import { openSandboxTokenizer } from '../gateway/sandbox/tokenize.ts';
import { openStripeTokenizer } from '../gateway/stripe/tokenize.ts';
import type { Clock } from '../system/clock.ts';
import { GATEWAY_NAMES } from '../system/config-gateway.ts';
import type { HttpClient } from '../system/http-client.ts';
import { SettingsError, type TokenizerSettings } from './settings.ts';

type GatewaySettings = TokenizerSettings['gateway'];

function credential(settings: GatewaySettings, name: string): string {
  const value = settings.credentials[name];
  if (value !== undefined && value !== '') return value;
  throw new SettingsError(`the gateway ${settings.name} needs the credential ${name}`);
}

/**
 * The digit side of the gateway that the settings name.
 *
 * @param http a client of the gateway's origin.
 * @throws SettingsError for a gateway that there is not, or a credential that is missing.
 */
export function openGatewayTokenizer(
  settings: GatewaySettings,
  http: HttpClient,
  clock: Clock,
): GatewayTokenizer {
  switch (settings.name) {
    case 'sandbox':
      return openSandboxTokenizer(
        settings.origin,
        {
          clientId: credential(settings, 'clientId'),
          clientSecret: credential(settings, 'clientSecret'),
          apiKey: credential(settings, 'apiKey'),
        },
        http,
        clock,
      );
    case 'stripe':
      return openStripeTokenizer(settings.origin, credential(settings, 'apiKey'));
    default:
      throw new SettingsError(
        `there is no gateway ${settings.name}; there is ${GATEWAY_NAMES.join(', ')}`,
      );
  }
}
