import type { GatewayTokenizer } from '../gateway/tokenize.ts';
import { isMapping, openRestTokenizer } from '../gateway/rest/tokenize.ts';
import { openPayPalTokenizer } from '../gateway/paypal/tokenize.ts';
import { openSandboxTokenizer } from '../gateway/sandbox/tokenize.ts';
import { openStripeTokenizer } from '../gateway/stripe/tokenize.ts';
import type { Clock } from '../system/clock.ts';
import { GATEWAY_NAMES } from '../system/config-gateway.ts';
import type { HttpClient } from '../system/http-client.ts';
import { SettingsError, withSetting, type TokenizerSettings } from './settings.ts';

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
    case 'paypal':
      return openPayPalTokenizer(
        settings.origin,
        {
          clientId: credential(settings, 'clientId'),
          clientSecret: credential(settings, 'clientSecret'),
          cardCountry: settings.cardCountry ?? null,
        },
        http,
        clock,
      );
    case 'stripe':
      return openStripeTokenizer(settings.origin, credential(settings, 'apiKey'));
    case 'rest':
      return openRest(settings, http, clock);
    default:
      throw new SettingsError(
        `there is no gateway ${settings.name}; there is ${GATEWAY_NAMES.join(', ')}`,
      );
  }
}

function openRest(
  { mapping, signing = null, origin, credentials }: GatewaySettings,
  http: HttpClient,
  clock: Clock,
): GatewayTokenizer {
  if (!isMapping(mapping)) {
    throw new SettingsError('the settings of the card process are wrong at /gateway/mapping');
  }
  const given = (name: string): string | null => credentials[name] ?? null;
  const own = {
    clientId: given('clientId'),
    clientSecret: given('clientSecret'),
    bearerToken: given('bearerToken'),
    apiKey: given('apiKey'),
  };
  return withSetting('/gateway/credentials', 'what the mapping wants', () =>
    openRestTokenizer({ mapping, signing, origin, ...own }, http, clock),
  );
}
