import type { CaptureMode } from '../payment/capture.ts';
import { dataActions, fileNameOf } from './data-action.ts';
import { ROUTES, type Route } from './routes.ts';
import { SEND_CARD } from './send-card.ts';

/** An integration of the organisation: a credential, and the data actions that use it. */
export interface IntegrationFiles {
  /** The category of its actions in flows, which is its name. */
  readonly category: 'Tokenline' | 'Tokenline Gateway';
  /** Whose credential it has. */
  readonly credential: 'bridge' | 'gateway';
  /** Paths of `*.custom.json`, below `genesys/`. */
  readonly actions: readonly string[];
  /** Path of the `*.custom-auth.json` that gets its access token, or `null`. */
  readonly authentication: string | null;
}

/** Everything that is deployed for one way of capture; paths are below `genesys/`. */
export interface CaptureFiles {
  readonly flows: readonly string[];
  /** Ours first. */
  readonly integrations: readonly [IntegrationFiles, ...IntegrationFiles[]];
}

const FRONT = 'flows/recurring-payments.yaml';
const AUTHENTICATION = 'data-actions/tokenline-access-token.custom-auth.json';

/** The folder of a route's data action: those of one way of capture alone have one of their own. */
export function actionFolder({ capture }: Pick<Route, 'capture'>): string {
  return capture === null || capture === 'bridge' ? 'data-actions' : `${capture}/data-actions`;
}

/**
 * `Tokenline`: what there is in every mode, and what the flows of this one name. Those of `link` are those of
 * `bridge`: what a published flow names has to be there, although no call comes to it.
 */
function own(mode: CaptureMode): IntegrationFiles {
  const capture = mode === 'link' ? 'bridge' : mode;
  return {
    category: 'Tokenline',
    credential: 'bridge',
    actions: dataActions()
      .filter(([id]) => ROUTES[id].capture === null || ROUTES[id].capture === capture)
      .map(([id, action]) => `${actionFolder(ROUTES[id])}/${fileNameOf(action)}`),
    authentication: AUTHENTICATION,
  };
}

/**
 * The integration with the gateway, by the way in which it takes a card: with Stripe the key stands in a
 * header, the guide's endpoint gives a bearer for client credentials. None where it takes no card.
 */
function toGateway(gateway: string): IntegrationFiles[] {
  if (!['stripe', 'rest', 'sandbox'].includes(gateway)) return [];
  const folder = `direct/data-actions/${gateway === 'stripe' ? 'stripe' : 'rest'}`;
  return [
    {
      category: 'Tokenline Gateway',
      credential: 'gateway',
      actions: [`${folder}/${fileNameOf({ name: SEND_CARD })}`],
      authentication: gateway === 'stripe' ? null : `${folder}/${GATEWAY_AUTHENTICATION}`,
    },
  ];
}

export const GATEWAY_AUTHENTICATION = 'tokenline-gateway-access-token.custom-auth.json';

/**
 * Which flows and data actions belong to a way of capture: what the deployer puts into an organisation,
 * and what the line plays.
 *
 * @param gateway its name in the configuration.
 */
export function captureFiles(capture: CaptureMode, gateway: string): CaptureFiles {
  const folder = capture === 'direct' ? 'direct/flows' : 'flows';
  return {
    flows: [FRONT, `${folder}/card-capture.yaml`, `${folder}/card-capture-agent.yaml`],
    integrations: [own(capture), ...(capture === 'direct' ? toGateway(gateway) : [])],
  };
}
