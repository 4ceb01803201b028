import type { GatewayAdapter } from '../gateway/gateway.ts';
import { openSandboxAdapter } from '../gateway/sandbox/adapter.ts';
import type { Clock } from '../system/clock.ts';
import type { GatewayConfig } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { ConfigError } from '../system/yaml-file.ts';

/** Gateways that there are, by the name that the configuration gives them. */
export const GATEWAY_NAMES = ['sandbox'] as const;
export type GatewayName = (typeof GATEWAY_NAMES)[number];

/** @throws {ConfigError} for a name that is not one of them. */
export function gatewayName(name: string): GatewayName {
  const known = GATEWAY_NAMES.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new ConfigError([
    `gateway.name: there is no gateway ${name}; there is ${GATEWAY_NAMES.join(', ')}`,
  ]);
}

/** @throws {ConfigError} that names the key. */
function needed(value: string | null, key: string, gateway: string): string {
  if (value !== null) return value;
  throw new ConfigError([`gateway.${key}: the gateway ${gateway} needs it`]);
}

/**
 * The token side of the gateway that the configuration names.
 *
 * @param http a client of the gateway's origin.
 */
export function openAdapter(config: GatewayConfig, http: HttpClient, clock: Clock): GatewayAdapter {
  const name = gatewayName(config.name);
  switch (name) {
    case 'sandbox':
      return openSandboxAdapter(
        {
          clientId: needed(config.clientId, 'client_id', name),
          clientSecret: needed(config.clientSecret, 'client_secret', name),
          apiKey: needed(config.apiKey, 'api_key', name),
          webhookSecret: needed(config.webhookSecret, 'webhook_secret', name),
          verification: config.verification,
          ...(config.absenceIsProofAfterMs === null
            ? {}
            : { absenceIsProofAfterMs: config.absenceIsProofAfterMs }),
        },
        http,
        clock,
      );
  }
}
