import type { FastifyInstance, FastifyReply } from 'fastify';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Fault } from '../../payment/fault.ts';
import { secretText, type Randomness } from '../../system/randomness.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const NONCE_BYTES = 16;
/** Stands in a page where the nonce of its style sheets goes. */
const NONCE = /\{\{nonce\}\}/g;

/**
 * Nothing from anywhere else, no inline script. Genesys' components put their style sheets into the
 * page themselves, each with the nonce of the page's `csp-nonce`.
 *
 * @param framedBy origins that may show the page in a frame; none for most pages.
 */
function policyOf(nonce: string, framedBy: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${framedBy.length === 0 ? "'none'" : framedBy.join(' ')}`,
  ].join('; ');
}

const PERMISSIONS = 'camera=(), geolocation=(), microphone=(), payment=()';

/** Every file of a folder that a page may load, by its address below it. */
export function filesOf(folder: string): ReadonlySet<string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Set(
    names
      .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
  );
}

/** Sends one of the files of a folder. */
export async function sendFile(
  reply: FastifyReply,
  folder: string,
  name: string,
): Promise<FastifyReply> {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const body = await readFile(join(folder, name));
  return reply.header('cache-control', 'no-cache').type(type).send(body);
}

/**
 * A document that is the same for everybody and holds no data, with a nonce of its own each time.
 *
 * @throws where it has not been built.
 */
export function openDocument(
  file: string,
  randomness: Randomness,
  framedBy: readonly string[] = [],
): (reply: FastifyReply) => FastifyReply {
  const text = readFileSync(file, 'utf8');
  return (reply) => {
    const nonce = secretText(randomness, NONCE_BYTES);
    return reply
      .header('content-security-policy', policyOf(nonce, framedBy))
      .header('permissions-policy', PERMISSIONS)
      .type('text/html; charset=utf-8')
      .send(text.replaceAll(NONCE, nonce));
  };
}

/**
 * Serves the console's pages: one document for every address that is not a file, so that an address
 * can be kept and shared, and the files that it loads. None of them holds data.
 *
 * @throws where the pages have not been built.
 */
export function servePages(app: FastifyInstance, pageFolder: string, randomness: Randomness): void {
  const files = filesOf(pageFolder);
  const send = openDocument(join(pageFolder, 'index.html'), randomness);
  const sendPage = (reply: FastifyReply): FastifyReply =>
    send(reply.header('cross-origin-opener-policy', 'same-origin'));

  app.get('/console', (_, reply) => sendPage(reply));
  app.get<{ Params: { '*': string } }>('/console/*', async (request, reply) => {
    const name = request.params['*'];
    if (files.has(name)) return sendFile(reply, pageFolder, name);
    // An address of a page has no dot; what has one is a file that is not there.
    if (name.includes('.') || name.startsWith('api/')) {
      throw new Fault('unknown_route', 'The console has no such page.');
    }
    return sendPage(reply);
  });
}
