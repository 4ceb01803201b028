import { ConfigError, readText } from '../system/yaml-file.ts';
import type { Clock } from '../system/clock.ts';
import { gatewayOriginOf, type GatewayName } from '../system/config-gateway.ts';
import type { Config } from '../system/config.ts';
import type { HttpClient } from '../system/http-client.ts';
import { openHttpClient } from '../system/wire.ts';
import { ok, trouble, type Diagnosis } from './diagnosis.ts';
import { payPalChecks } from './doctor-paypal.ts';
import { restChecks } from './doctor-rest.ts';
import { stripeChecks } from './doctor-stripe.ts';

/** What the gateway itself says, asked with the credentials that the configuration gives. */
export async function gatewayChecks(config: Config, clock: Clock): Promise<Diagnosis[]> {
  const { name, url, caFile } = config.gateway;
  const origin = url ?? gatewayOriginOf(name, config.mode);
  if (name === 'rest' && origin === null) return restChecks(config, null, clock);
  if (name === 'sandbox' || origin === null) return [ok('gateway', name)];
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
    return await asked(name, config, { origin, http }, clock);
  } finally {
    await http.close();
  }
}

function asked(
  name: Exclude<GatewayName, 'sandbox'>,
  config: Config,
  { origin, http }: { readonly origin: string; readonly http: HttpClient },
  clock: Clock,
): Promise<Diagnosis[]> {
  switch (name) {
    case 'stripe':
      return stripeChecks(config, http, clock);
    case 'rest':
      return restChecks(config, { origin, http }, clock);
    case 'paypal':
      return inBothWorlds(config, clock, (other) => payPalChecks(config, http, other, clock));
  }
}

/** PayPal's sandbox beside its live world; a double has none. */
async function inBothWorlds<T>(
  { mode, gateway }: Config,
  clock: Clock,
  ask: (other: HttpClient | null) => Promise<T>,
): Promise<T> {
  const origin = gatewayOriginOf(gateway.name, mode === 'live' ? 'sandbox' : 'live');
  if (gateway.url !== null || origin === null) return ask(null);
  const other = openHttpClient({ origin }, clock);
  try {
    return await ask(other);
  } finally {
    await other.close();
  }
}
