import { join } from 'node:path';
import { startApi, type Api, type ApiMeans } from '../../src/api/api.ts';
import { openApiMetrics } from '../../src/api/metrics.ts';
import { API_LIMITS, type ApiSettings } from '../../src/api/settings.ts';
import { openSigner, openVerifier } from '../../src/system/access-token.ts';
import { openMetrics } from '../../src/system/metrics.ts';
import type { World } from '../bridge/world.ts';
import { silentLog } from '../database.ts';
import { freshKey, INTERNAL_CREDENTIAL } from './running-api.ts';

/**
 * The HTTP face of a world's bridge, at an address that browsers know beforehand.
 *
 * @param directory of the test, for the socket.
 * @param settings of the pages that people sign in to, with what they need in `means`.
 */
export function startWorldApi(
  world: World,
  directory: string,
  address: { readonly host: string; readonly port: number },
  settings: Pick<ApiSettings, 'console' | 'agent'>,
  means: Pick<ApiMeans, 'console' | 'agent'>,
): Promise<Api> {
  const signer = openSigner(freshKey());
  return startApi(
    {
      listen: { ...address, tls: null },
      internal: { socketPath: join(directory, 'run', 'bridge.sock') },
      internalCredential: INTERNAL_CREDENTIAL,
      capture: 'bridge',
      clients: [],
      version: '1.2.3',
      limits: API_LIMITS,
      ...settings,
    },
    world.verbs,
    {
      clock: world.clock,
      randomness: world.bridge.randomness,
      log: silentLog,
      metrics: openApiMetrics(openMetrics('bridge')),
      signer,
      verifier: openVerifier([signer]),
      publicKeys: [signer],
      ...means,
    },
  );
}
