import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIGNED_IN_PATH, type AgentSettings } from '../api/agent/settings.ts';
import type { GenesysLine } from '../bridge/seat/genesys-conversations.ts';
import type { GenesysSettings } from '../sandbox/settings.ts';
import type { Config } from '../system/config.ts';
import { SANDBOX_AGENT } from '../system/config-defaults.ts';
import { publicOrigin } from './console-settings.ts';
import { sandboxOrigin, type Places } from './places.ts';

const BUILT = fileURLToPath(new URL('../', import.meta.url));

/** Where the sandbox has its make-believe Genesys Cloud. */
function besideUrl(config: Config, places: Places): string {
  return `${sandboxOrigin(config, places)}/genesys`;
}

/** The make-believe Genesys Cloud; `null` in live mode. */
export function genesysSettings(config: Config, places: Places): GenesysSettings | null {
  if (config.mode !== 'sandbox') return null;
  const origin = publicOrigin(config, places);
  return {
    clientId: SANDBOX_AGENT.client_id,
    redirectUri: `${origin}${SIGNED_IN_PATH}`,
    agentPage: `${origin}/agent`,
    flowId: SANDBOX_AGENT.flow_id,
  };
}

/** Genesys, and who may frame the page; `null` where Genesys has no client for it. */
function genesysOf(
  config: Config,
  places: Places,
): (Omit<GenesysLine, 'redirectUri'> & { readonly framedBy: readonly string[] }) | null {
  const beside = genesysSettings(config, places);
  if (beside !== null) {
    const { clientId, flowId } = beside;
    const apiUrl = besideUrl(config, places);
    const framedBy = [sandboxOrigin(config, places)];
    return { loginUrl: `${apiUrl}/login`, apiUrl, clientId, flowId, framedBy };
  }
  const { region, apiUrl, loginUrl, agentClientId, agentFlowId, agentFramedBy } = config.genesys;
  if (agentClientId === null || agentFlowId === null) return null;
  if (region === null || apiUrl === null || loginUrl === null) return null;
  const framedBy = [`https://apps.${region}`, ...agentFramedBy];
  return { loginUrl, apiUrl, clientId: agentClientId, flowId: agentFlowId, framedBy };
}

/** The agent's page, and Genesys behind it; `null` where there is none. */
export function agentSettings(
  config: Config,
  places: Places,
): { readonly page: AgentSettings; readonly line: GenesysLine } | null {
  const genesys = genesysOf(config, places);
  if (genesys === null) return null;
  const { framedBy, ...line } = genesys;
  const origin = publicOrigin(config, places);
  return {
    page: {
      mode: config.mode,
      publicOrigin: origin,
      pageFolder: join(BUILT, 'console'),
      loginUrl: line.loginUrl,
      clientId: line.clientId,
      framedBy,
    },
    line: { ...line, redirectUri: `${origin}${SIGNED_IN_PATH}` },
  };
}
