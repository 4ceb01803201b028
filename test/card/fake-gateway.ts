import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ok, type Reply } from './fake-bridge.ts';

export interface TokenCall {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A gateway with whatever answer a test wants; with bearers, the sandbox's two routes. */
export interface FakeGateway {
  readonly origin: string;
  readonly calls: readonly TokenCall[];
  tokensIssued(): number;
  /** May be changed at any time. `index` counts the calls from 0. */
  onToken: (call: TokenCall, index: number) => Reply | Promise<Reply>;
  /** An authorization of an earlier bearer is refused from now on. */
  forgetBearers(): void;
  close(): Promise<void>;
}

export const GRANT: Reply = ok({ token_id: 'gwtok_abc', gateway_transaction_id: 'gwtx_abc' });

export const CREDENTIALS = { clientId: 'client', clientSecret: 'secret', apiKey: 'api-key' };

/** @param checksBearers false for one that takes whatever authorization it is given. */
export async function startFakeGateway(
  tls: { readonly cert: string; readonly key: string } | null = null,
  checksBearers = true,
): Promise<FakeGateway> {
  const calls: TokenCall[] = [];
  let bearers = 0;
  let forgotten = 0;
  const replyTo = async (request: IncomingMessage): Promise<Reply> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (/^\/(v1\/oauth2|oauth)\/token$/.test(request.url ?? '')) {
      return ok({ access_token: `bearer-${++bearers}`, expires_in: 600 });
    }
    const bearer = /^Bearer bearer-(\d+)$/.exec(request.headers.authorization ?? '')?.[1];
    const known = bearer !== undefined && Number(bearer) > forgotten;
    if (checksBearers && !known) return { status: 401, body: '{}' };
    const call = { headers: request.headers, text };
    const index = calls.push(call) - 1;
    return gateway.onToken(call, index);
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    replyTo(request).then(
      (reply) => {
        if (reply === 'hang') return;
        if (reply === 'reset') return void request.socket.destroy();
        response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
      },
      () => {},
    );
  };
  const server = tls === null ? createServer(serve) : createTlsServer({ ...tls }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gateway: FakeGateway = {
    origin: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    calls,
    tokensIssued: () => bearers,
    onToken: () => GRANT,
    forgetBearers: () => {
      forgotten = bearers;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
