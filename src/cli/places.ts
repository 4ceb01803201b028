import type { Config } from '../system/config.ts';
import { callable } from './ports.ts';

/** Where the processes of one system find each other. */
export interface Places {
  readonly bridgePort: number;
  readonly tokenizerPort: number;
  readonly sandboxPort: number;
  readonly linePort: number;
  /** Secret of the internal line. */
  readonly credential: string;
  readonly version: string;
}

function originOf(listen: Config['bridge'], port: number): string {
  return `${listen.tls === null ? 'http' : 'https'}://${callable(listen.host)}:${port}`;
}

export function bridgeOrigin(config: Config, places: Places): string {
  return originOf(config.bridge, places.bridgePort);
}

export function tokenizerOrigin(config: Config, places: Places): string {
  return originOf(config.tokenizer, places.tokenizerPort);
}

export function sandboxOrigin(config: Config, places: Places): string {
  return `http://${callable(config.sandbox.host)}:${places.sandboxPort}`;
}

export function lineOrigin(config: Config, places: Places): string {
  return `http://${callable(config.line.host)}:${places.linePort}`;
}
