import { ConfigError, readText } from '../system/yaml-file.ts';
import type { Clock } from '../system/clock.ts';
import { gatewayOriginOf } from '../system/config-gateway.ts';
import type { Config } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { openHttpClient } from '../system/wire.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { restChecks } from './doctor-rest.ts';
import { stripeChecks } from './doctor-stripe.ts';

/** What the gateway itself says, asked with the credentials that the configuration gives. */
export async function gatewayChecks(config: Config, clock: Clock): Promise<Diagnosis[]> {
  const { name, url, caFile } = config.gateway;
  const origin = url ?? gatewayOriginOf(name, config.mode);
  if (name === 'rest' && origin === null) return restChecks(config, null, clock);
  const asked = name === 'stripe' || name === 'rest';
  if (!asked || origin === null) return [ok('gateway', name)];
  let http: HttpClient;
  try {
    const ca = caFile === null ? {} : { ca: readText(caFile) };
    http = openHttpClient({ origin, ...ca }, clock);
  } catch (error) {
    const says =
      error instanceof ConfigError ? error.message : 'gateway.url or gateway.ca_file is wrong';
    const todo = 'Give an origin without a path, and a bundle of PEM certificates or none.';
    return [trouble('fail', 'gateway', says, 'Nothing works without it.', todo)];
  }
  try {
    return name === 'rest'
      ? await restChecks(config, { origin, http }, clock)
      : await stripeChecks(config, http, clock);
  } finally {
    await http.close();
  }
}
