import { createServer } from 'node:net';
import type { Listen } from '../system/config.ts';
import { CommandFailed } from './exit.ts';

/** An address that is kept until it is released, so that no two roles get the same free port. */
export interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Finds out whether an address can be listened on, before a child process tries: its failure would
 * be a stack in the middle of a log. Port 0 gives a free one.
 *
 * @param key of the configuration, such as `bridge`.
 * @throws {CommandFailed} that names the key to change.
 */
export function holdPort(key: string, { host, port }: Listen): Promise<HeldPort> {
  const variable = `TOKENLINE_${key.toUpperCase()}_PORT`;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CommandFailed(sentenceFor(error.code ?? 'error', key, variable, host, port)));
    });
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
