import { createServer } from 'node:net';
import type { Listen } from '../system/config.ts';
import { systemRandomness } from '../system/randomness.ts';
import { CommandFailed } from './exit.ts';

/** An address that is kept until it is released, so that no two roles get the same free port. */
export interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Free ports are looked for here. Above, from 32,768, Linux takes those of outgoing connections
 * (`ip_local_port_range`): one of them could be gone before the child process listens on it.
 */
const FREE_FROM = 15_000;
const FREE_TO = 32_000;
const FREE_TRIES = 50;

/**
 * Finds out whether an address can be listened on, before a child process tries: its failure would
 * be a stack in the middle of a log. Port 0 gives a free one.
 *
 * @param key of the configuration, such as `bridge`.
 * @throws {CommandFailed} that names the key to change.
 */
export async function holdPort(key: string, { host, port }: Listen): Promise<HeldPort> {
  const mayTry = port === 0 ? FREE_TRIES : 0;
  for (let tries = 0; tries < mayTry; tries += 1) {
    const tried = FREE_FROM + Math.floor(systemRandomness.fraction() * (FREE_TO - FREE_FROM));
    const held = await listen(host, tried);
    if (typeof held === 'object') return held;
    if (held !== 'EADDRINUSE') break;
  }
  const held = await listen(host, port);
  if (typeof held === 'object') return held;
  const variable = `TOKENLINE_${key.toUpperCase()}_PORT`;
  throw new CommandFailed(sentenceFor(held, key, variable, host, port));
}

/** @returns the code of the error where it cannot be listened on. */
function listen(host: string, port: number): Promise<HeldPort | string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        release: () => new Promise((released) => server.close(() => released())),
      });
    });
  });
}

function sentenceFor(
  code: string,
  key: string,
  variable: string,
  host: string,
  port: number,
): string {
  switch (code) {
    case 'EADDRINUSE':
      return (
        `${key}.port: port ${port} on ${host} is in use by another program. ` +
        `Stop it, or change ${key}.port (${variable}).`
      );
    case 'EACCES':
      return `${key}.port: this user may not listen on port ${port}. Choose one above 1023 (${variable}).`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${key}.host: ${host} is no address of this machine.`;
    default:
      return `${key}: cannot listen on ${host}:${port} (${code}).`;
  }
}

/** A host that can be called where `host` is listened on. */
export function callable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
