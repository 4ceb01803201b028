import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import { Fault } from '../../payment/fault.ts';
import type { Randomness } from '../../system/randomness.ts';
import { filesOf, openDocument, sendFile } from '../console/pages.ts';
import { SIGNED_IN_PATH, type AgentSettings } from './settings.ts';

/** Folders below `/agent/`: the page's own, and the console's, whose parts it uses. */
const FOLDERS = ['agent', 'desk'] as const;

/**
 * The agent's page, the only one that may be framed; the page that Genesys' window comes back to; and
 * the files that both load. None of them holds data.
 *
 * @throws where they have not been built.
 */
export function serveAgentPages(
  app: FastifyInstance,
  { pageFolder, framedBy }: AgentSettings,
  randomness: Randomness,
): void {
  const page = openDocument(join(pageFolder, 'agent', 'index.html'), randomness, framedBy);
  const back = openDocument(join(pageFolder, 'agent', 'signed-in.html'), randomness);
  app.get('/agent', (_, reply) => page(reply));
  // No Cross-Origin-Opener-Policy here: the window has to reach the page that opened it.
  app.get(SIGNED_IN_PATH, (_, reply) => back(reply));
  for (const folder of FOLDERS) {
    const path = join(pageFolder, folder);
    const files = filesOf(path);
    app.get<{ Params: { '*': string } }>(`/agent/${folder}/*`, async (request, reply) => {
      const name = request.params['*'];
      if (files.has(name)) return sendFile(reply, path, name);
      throw new Fault('unknown_route', 'The agent’s page has no such file.');
    });
  }
}
