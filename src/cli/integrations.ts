import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { captureFiles } from '../contract/capture-files.ts';
import { HttpDataActions } from '../line/data-action.ts';
import { readIntegration } from '../line/data-action-file.ts';
import { Integrations, type OpenDataActions } from '../line/integrations.ts';
import type { CaptureMode } from '../payment/capture.ts';
import type { Clock } from '../system/clock.ts';
import type { Config } from '../system/config.ts';
import type { Randomness } from '../system/randomness.ts';
import { openHttpClient } from '../system/wire.ts';

/** What is deployed: flows, data actions, prompts. */
export const GENESYS = fileURLToPath(new URL('../../genesys', import.meta.url));

/** Where a flow's data actions go, and as whom; plain data. */
export interface IntegrationsPlace {
  readonly bridge: string;
  readonly tokenizer: string;
  /** The client of the flows at the bridge. */
  readonly client: { readonly id: string; readonly secret: string };
  readonly capture: CaptureMode;
  /** With `capture: direct`: the gateway as the flow's own integration sees it. */
  readonly gateway: GatewayPlace;
}

export interface GatewayPlace {
  readonly name: string;
  readonly url: string;
  readonly apiKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * What the flow's integration with the gateway is told. The make-believe gateway has one credential,
 * which everybody knows; with any other the bridge's own stays where it is.
 */
export function gatewayPlaceOf({ gateway, direct }: Config, url: string): GatewayPlace {
  const own = gateway.name === 'sandbox' ? gateway : direct;
  return {
    name: gateway.name,
    url: new URL(url).origin,
    apiKey: direct.apiKey ?? own.apiKey ?? '',
    clientId: direct.clientId ?? own.clientId ?? '',
    clientSecret: direct.clientSecret ?? own.clientSecret ?? '',
  };
}

/** The data actions of an organisation, over HTTP, as Genesys runs them. */
export function openIntegrations(
  place: IntegrationsPlace,
  ports: { readonly clock: Clock; readonly randomness: Randomness },
): OpenDataActions {
  const { bridge, tokenizer, client, capture, gateway } = place;
  const { clock, randomness } = ports;
  const addresses = {
    TOKENLINE_BRIDGE_URL: bridge,
    TOKENLINE_TOKENIZER_URL: tokenizer,
    TOKENLINE_GATEWAY_URL: gateway.url,
  };
  const credentials = {
    bridge: {
      loginUrl: `${bridge}/oauth/token`,
      clientId: client.id,
      clientSecret: client.secret,
    },
    gateway: {
      loginUrl: `${gateway.url}/oauth/token`,
      apiKey: gateway.apiKey,
      clientId: gateway.clientId,
      clientSecret: gateway.clientSecret,
    },
  };
  const below = (path: string): string => join(GENESYS, path);
  const { integrations } = captureFiles(capture, gateway.name);
  return new Integrations(
    integrations.map(({ category, credential, actions, authentication }) => {
      const paths = {
        actions: actions.map(below),
        authentication: authentication === null ? null : below(authentication),
      };
      return new HttpDataActions({
        category,
        files: readIntegration(paths, addresses),
        credentials: credentials[credential],
        clock,
        randomness,
        connect: (origin) => openHttpClient({ origin }, clock),
      });
    }),
  );
}
