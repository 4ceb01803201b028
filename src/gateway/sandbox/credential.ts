import type { Clock } from '../../system/clock.ts';
import type { HttpClient } from '../../system/http-client.ts';
import { openBearer, type Credential } from '../credential.ts';

export interface CredentialSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Sent as `X-API-Key` with every request (guide, "HTTP Action Configuration"). */
  readonly apiKey: string;
}

/** What the guide's gateway wants: an API key, and a bearer from `POST /oauth/token`. */
export function openCredential(
  { clientId, clientSecret, apiKey }: CredentialSettings,
  http: HttpClient,
  clock: Clock,
): Credential {
  const headers = { 'x-api-key': apiKey };
  return openBearer(
    { path: '/oauth/token', clientId, clientSecret, scope: null, headers },
    http,
    clock,
  );
}
