import { request as inPlain } from 'node:http';
import { request as overTls } from 'node:https';

/**
 * Asks the server of its own container how it is, for HEALTHCHECK: the images have no other client.
 * `node probe-process.js PORT PATH`; exit code 0 where it is well.
 */

/** Within the 3 s that HEALTHCHECK gives it. */
const TIMEOUT_MS = 2_500;

/** @returns its status, or 0 where none came. */
function ask(port: number, path: string, tls: boolean): Promise<number> {
  return new Promise((resolve) => {
    const where = { host: '127.0.0.1', port, path, timeout: TIMEOUT_MS };
    // It sends nothing, and the certificate is made out for another name than 127.0.0.1.
    const asked = tls ? overTls({ ...where, rejectUnauthorized: false }) : inPlain(where);
    asked.on('response', (response) => resolve(response.resume().statusCode ?? 0));
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end();
  });
}

const [port, path = '/readyz'] = process.argv.slice(2);
const status = (await ask(Number(port), path, true)) || (await ask(Number(port), path, false));
process.exit(status === 200 ? 0 : 1);
