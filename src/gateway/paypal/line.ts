import type { Clock } from '../../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import { openBearer, type Credential } from '../credential.ts';
import type { GatewayReply } from '../gateway.ts';
import type { Members } from '../json.ts';
import type { Found } from '../reading.ts';
import { TOKEN_PATH } from './requests.ts';
import { readPayPal } from './words.ts';

export interface PayPalClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A bearer of an app of the merchant's (https://developer.paypal.com/api/rest/authentication/). */
export function openPayPalCredential(
  { clientId, clientSecret }: PayPalClient,
  http: HttpClient,
  clock: Clock,
): Credential {
  const settings = { path: TOKEN_PATH, clientId, clientSecret, scope: null, headers: {} };
  return openBearer(settings, http, clock);
}

/** Requests in the name of one app. */
export interface PayPalLine {
  /** A reply instead of an exchange: there was no bearer, and nothing has been sent. */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange | GatewayReply<never>>;
  ask<T>(
    request: HttpRequest,
    signal: AbortSignal,
    find: (members: Members) => Found<T> | null,
  ): Promise<GatewayReply<T>>;
  renew(): Promise<boolean>;
}

export function openPayPalLine(client: PayPalClient, http: HttpClient, clock: Clock): PayPalLine {
  const credential = openPayPalCredential(client, http, clock);
  async function exchange(
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<Exchange | GatewayReply<never>> {
    const refused = await credential.prepare(signal);
    if (refused) return refused;
    const headers = { ...credential.headers(), ...request.headers };
    return http.exchange({ ...request, headers }, signal);
  }
  return {
    exchange,
    async ask(request, signal, find) {
      const answered = await exchange(request, signal);
      return 'outcome' in answered ? answered : readPayPal(answered, find);
    },
    renew: () => credential.renew(),
  };
}
