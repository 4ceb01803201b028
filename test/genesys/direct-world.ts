import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { wantedOf } from '../../src/cli/genesys/wanted.ts';
import type { Wanted } from '../../src/genesys/wanted.ts';
import { loadConfig } from '../../src/system/config.ts';
import { CLIENT_ID } from '../doubles/genesys/double.ts';

const directory = mkdtempSync(join(tmpdir(), 'tokenline-genesys-direct-'));
after(() => rmSync(directory, { recursive: true, force: true }));

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
plans:
  - id: gold
    name: { en-us: Gold, es-us: Oro }
    price: { amount_minor: 500, currency: USD }
    interval: { count: 1, unit: month }
    trial_days: 0
    gateway_reference: price_gold
${GENESYS}`;

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

/** A file of its own for every text. */
export function fileWith(text: string): string {
  const path = join(mkdtempSync(join(directory, 'config-')), 'tokenline.yaml');
  writeFileSync(path, text);
  return path;
}

/** @throws {ConfigError} as the command does. */
export function wantedFrom(text: string, env: Readonly<Record<string, string>> = {}): Wanted {
  return wantedOf(loadConfig(fileWith(text), env), false);
}
