import { wantedOf } from '../../src/cli/genesys/wanted.ts';
import type { Wanted } from '../../src/genesys/wanted.ts';
import { loadConfig } from '../../src/system/config.ts';
import { CLIENT_ID } from '../doubles/genesys/double.ts';
import { fileWith, GOLD_PLAN } from '../system/config-text.ts';

/** Test keys that nobody has. */
export const DIRECT_KEY = 'rk_test_sendcards';
export const REST = {
  apiKey: 'rest-direct-api-key',
  clientId: 'flow-at-gateway',
  clientSecret: 'rest-direct-client-secret',
};
/** What stays with the bridge. */
export const BRIDGE_OWN = ['sk_test_bridge', 'rest-bridge-secret', 'rest-bridge-api-key'];

const GENESYS = `
genesys:
  client_id: ${CLIENT_ID}
  bridge_url: https://pay.example.com
  phone_numbers: ['+13175550100']
`;

export const STRIPE_FILE = `
capture: direct
direct: { api_key: ${DIRECT_KEY} }
gateway: { name: stripe, api_key: sk_test_bridge, webhook_secret: whsec_abc }
${GOLD_PLAN}${GENESYS}`;

export const REST_FILE = `
capture: direct
direct:
  api_key: ${REST.apiKey}
  client_id: ${REST.clientId}
  client_secret: ${REST.clientSecret}
gateway:
  name: rest
  url: https://gateway.example.com/
  client_id: bridge-at-gateway
  client_secret: rest-bridge-secret
  api_key: rest-bridge-api-key
${GENESYS}`;

/** @throws {ConfigError} as the command does. */
export function wantedFrom(text: string, env: Readonly<Record<string, string>> = {}): Wanted {
  return wantedOf(loadConfig(fileWith(text), env), false);
}
