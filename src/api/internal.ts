import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Verbs } from '../bridge/verbs.ts';
import {
  BeginRequest,
  FinishRequest,
  INTERNAL_CREDENTIAL_HEADER,
  type KeysReply,
} from '../contract/internal.ts';
import { Fault } from '../payment/fault.ts';
import type { PublicKey } from '../system/keys.ts';
import { noteInteraction } from './listener.ts';
import { sendText } from './problem.ts';
import type { ApiSettings } from './settings.ts';
import { openReader } from './validation.ts';

/** `sockaddr_un.sun_path` has 108 bytes on Linux and 104 on other systems (unix(7)). */
const SOCKET_PATH_BYTES_MAX = 103;

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function openGuard(credential: string): (request: FastifyRequest) => void {
  const wanted = sha256(credential);
  return (request) => {
    const shown = request.headers[INTERNAL_CREDENTIAL_HEADER];
    if (typeof shown === 'string' && timingSafeEqual(sha256(shown), wanted)) return;
    throw new Fault('invalid_client', 'Tokenizer and bridge were not started with one credential.');
  };
}

export interface InternalMeans {
  readonly verbs: Verbs;
  readonly credential: string;
  /** What access tokens are verified with; more than one while a key is replaced. */
  readonly publicKeys: readonly PublicKey[];
}

/** The tokenizer's routes. Unknown ones want the credential as well: nothing is told without it. */
export function serveInternal(app: FastifyInstance, means: InternalMeans): void {
  const guard = openGuard(means.credential);
  const readBegin = openReader(BeginRequest, 'body');
  const readFinish = openReader(FinishRequest, 'body');
  const keys: KeysReply = {
    keys: means.publicKeys.map(({ keyId, publicPem }) => ({ key_id: keyId, pem: publicPem })),
  };

  app.addHook('onRequest', async (request) => guard(request));
  app.post('/internal/operations', async (request, reply) => {
    const body = readBegin(request.body);
    noteInteraction(request, body.interaction_id);
    sendText(reply, JSON.stringify(await means.verbs.begin(body)));
    return reply;
  });
  app.post<{ Params: { operation_id: string } }>(
    '/internal/operations/:operation_id/finish',
    async (request, reply) => {
      const body = readFinish(request.body);
      const answer = await means.verbs.finish(request.params.operation_id, body);
      sendText(reply, JSON.stringify({ answer }));
      return reply;
    },
  );
  app.get('/internal/keys', async (_, reply) => {
    sendText(reply, JSON.stringify(keys));
    return reply;
  });
}

/** Makes the directory private, and takes away the socket of a process that was killed. */
function prepareSocket(path: string): void {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(
      `the path of the internal socket is longer than ${SOCKET_PATH_BYTES_MAX} bytes: set TOKENLINE_DATA to a shorter directory`,
    );
  }
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
}

/** Listens where the settings say. @returns the origin for an HTTP client. */
export async function listenInternal(
  app: FastifyInstance,
  settings: ApiSettings['internal'],
): Promise<string> {
  if ('socketPath' in settings) {
    prepareSocket(settings.socketPath);
    await app.listen({ path: settings.socketPath });
    chmodSync(settings.socketPath, 0o600);
    return `http+unix://${settings.socketPath}`;
  }
  await app.listen({ host: settings.host, port: settings.port });
  return `${settings.tls === null ? 'http' : 'https'}://${settings.host}:${portOf(app)}`;
}

/** The port that a listener has got. */
export function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}
