import type { PlatformSettings } from '../../genesys/platform.ts';
import { ConfigError, type Config } from '../../system/config.ts';

/**
 * How the organisation is reached.
 *
 * @throws {ConfigError} that names each key of `genesys` that is missing.
 */
export function platformSettings({ genesys, clients, direct, gateway }: Config): PlatformSettings {
  const { apiUrl, loginUrl, clientId, clientSecret } = genesys;
  const missing: string[] = [];
  if (apiUrl === null || loginUrl === null) {
    missing.push('genesys.region: tokenline genesys needs it: the region of your organisation');
  }
  if (clientId === null) {
    missing.push('genesys.client_id: tokenline genesys needs it: an OAuth client, Admin > OAuth');
  }
  if (clientSecret === null) {
    missing.push(
      'genesys.client_secret: tokenline genesys needs it, or genesys.client_secret_file',
    );
  }
  if (apiUrl === null || loginUrl === null || clientId === null || clientSecret === null) {
    throw new ConfigError(missing);
  }
  const secrets = [
    clientSecret,
    ...clients.map(({ secret }) => secret),
    // With the sandbox the flow's integration has what the bridge has.
    ...[direct.apiKey, direct.clientSecret, gateway.apiKey, gateway.clientSecret].filter(
      (secret) => secret !== null,
    ),
  ];
  return { apiUrl, loginUrl, clientId, clientSecret, secrets };
}
