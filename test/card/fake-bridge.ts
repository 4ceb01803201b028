import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BeginReply, BeginRequest, FinishRequest } from '../../src/contract/internal.ts';
import { openSigner } from '../../src/system/access-token.ts';

export const CREDENTIAL = 'internal-credential-of-a-test';

export type Reply =
  | { readonly status: number; readonly body: string; readonly contentType?: string }
  /** The socket is closed without an answer. */
  | 'reset'
  /** Nothing ever comes. */
  | 'hang';

export const ok = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) });

export const problem = (status: number, code: string): Reply => ({
  status,
  body: JSON.stringify({ type: `urn:tokenline:fault:${code}`, title: code, status, code }),
  contentType: 'application/problem+json',
});

/** What a bridge would say, as far as these tests care. */
export interface FakeBridge {
  readonly origin: string;
  readonly begins: readonly BeginRequest[];
  readonly finishes: readonly { readonly operationId: string; readonly request: FinishRequest }[];
  /** Everything that came over the line, as text. */
  readonly heard: () => string;
  keyRequests(): number;
  /** May be changed at any time. */
  onBegin: (request: BeginRequest) => Reply;
  onFinish: (request: FinishRequest, operationId: string) => Reply;
  onKeys: (() => Reply) | null;
  token(scopes?: readonly string[], nowMs?: number): Promise<string>;
  /** A new signing key, as after a rotation. */
  rotate(): void;
  close(): Promise<void>;
}

export const ANSWER = '{"outcome":"approved","route":"continue", "spaces":  "kept"}';
export const DECLINE = '{"outcome":"declined","route":"retry"}';

export const go = (count: number): BeginReply => ({
  kind: 'go',
  operation_id: `op_${'abcdefghij'[count % 10]}kkkkkkkkkkkkkkkkkkk`,
  gateway_key: `key-of-operation-${'abcdefghij'[count % 10]}`,
  budget_ms: 27_000,
});

function newSigner(): ReturnType<typeof openSigner> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return openSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** @param path of a Unix socket; a TCP port of loopback where there is none. */
export async function startFakeBridge(path?: string): Promise<FakeBridge> {
  let signer = newSigner();
  let heard = '';
  let keyRequests = 0;
  const begins: BeginRequest[] = [];
  const finishes: { operationId: string; request: FinishRequest }[] = [];
  const hear = async (request: IncomingMessage): Promise<unknown> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    heard += `${request.url}\n${text}\n`;
    return text === '' ? null : JSON.parse(text);
  };
  const replyTo = async (request: IncomingMessage): Promise<Reply> => {
    const body = await hear(request);
    if (request.headers['x-tokenline-internal'] !== CREDENTIAL)
      return problem(401, 'invalid_token');
    if (request.url === '/internal/keys') {
      keyRequests++;
      if (bridge.onKeys) return bridge.onKeys();
      return ok({ keys: [{ key_id: signer.keyId, pem: signer.publicPem }] });
    }
    if (request.url === '/internal/operations') {
      begins.push(body as BeginRequest);
      return bridge.onBegin(body as BeginRequest);
    }
    const operationId = /^\/internal\/operations\/(.+)\/finish$/.exec(request.url ?? '')?.[1] ?? '';
    finishes.push({ operationId, request: body as FinishRequest });
    return bridge.onFinish(body as FinishRequest, operationId);
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void replyTo(request).then((reply) => {
      if (reply === 'hang') return;
      if (reply === 'reset') return void request.socket.destroy();
      response.writeHead(reply.status, { 'content-type': reply.contentType ?? 'application/json' });
      response.end(reply.body);
    });
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const bridge: FakeBridge = {
    origin:
      path === undefined
        ? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        : `http+unix://${path}`,
    begins,
    finishes,
    heard: () => heard,
    keyRequests: () => keyRequests,
    onBegin: (request) =>
      ok(request.fault === null ? go(begins.length) : { kind: 'answer', answer: DECLINE }),
    onFinish: () => ok({ answer: ANSWER }),
    onKeys: null,
    token: (scopes = ['cards'], nowMs = Date.now()) =>
      signer.sign('tokenline-test', scopes, nowMs, 600),
    rotate: () => {
      signer = newSigner();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return bridge;
}
