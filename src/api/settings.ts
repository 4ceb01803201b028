import type { Scope } from '../contract/access.ts';
import type { CaptureMode } from '../payment/capture.ts';
import type { AgentSettings } from './agent/settings.ts';
import type { ConsoleSettings } from './console/settings.ts';

/** An OAuth client as it is configured. */
export interface ApiClient {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly Scope[];
}

/** How much of anything is taken at a time. */
export interface ApiLimits {
  /** Of a request's body. */
  readonly bodyBytesMax: number;
  /** Of a gateway's event, which is as long as the gateway likes. */
  readonly webhookBytesMax: number;
  /** How deep a body may be nested. */
  readonly depthMax: number;
  /** Requests that are being served at the same time; the probes do not count. */
  readonly inFlightMax: number;
  /** Requests of one client: on average, and at once. */
  readonly clientPerSecond: number;
  readonly clientBurst: number;
  /** Requests from one address, whoever sends them. */
  readonly peerPerSecond: number;
  readonly peerBurst: number;
  /** Wrong secrets of one client from one address in a minute. */
  readonly failuresPerMinute: number;
  /** A request has to have arrived after this time. */
  readonly receiveMsMax: number;
  /** How long stopping waits for requests that are being served. */
  readonly closeMsMax: number;
}

/**
 * Genesys allows an organisation 2,500 data actions a minute and 50 at the same time (its default
 * limits `requests.volume.max` and `actions.concurrent.executions.max`): twice that is let through.
 */
export const API_LIMITS: ApiLimits = {
  bodyBytesMax: 16 * 1024,
  webhookBytesMax: 256 * 1024,
  depthMax: 8,
  inFlightMax: 500,
  clientPerSecond: 100,
  clientBurst: 200,
  peerPerSecond: 200,
  peerBurst: 400,
  failuresPerMinute: 10,
  receiveMsMax: 10_000,
  closeMsMax: 30_000,
};

/** PEM texts. */
export interface ApiTls {
  readonly cert: string;
  readonly key: string;
}

export interface ApiSettings {
  /** How cards get to the gateway; readiness says it. */
  readonly capture: CaptureMode;
  /** Address of the softphone's page, in sandbox mode: whoever looks for it here is sent there. */
  readonly phone?: string;
  /** Left out where nobody can sign in: then there is no console. */
  readonly console?: ConsoleSettings;
  /** Left out where Genesys has no client for it: then agents have no page. */
  readonly agent?: AgentSettings;
  /** Port 0 is any free one. */
  readonly listen: { readonly host: string; readonly port: number; readonly tls: ApiTls | null };
  /** Where the tokenizer comes in: a Unix socket beside it, or an address between hosts. */
  readonly internal:
    | { readonly socketPath: string }
    | { readonly host: string; readonly port: number; readonly tls: ApiTls | null };
  /** What the tokenizer shows there. */
  readonly internalCredential: string;
  readonly clients: readonly ApiClient[];
  /** Version of the product, for the OpenAPI document. */
  readonly version: string;
  readonly limits: ApiLimits;
}
