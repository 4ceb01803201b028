import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { once } from 'node:events';

/** Answers a call; `null` where there is no such method. */
export type Methods = (method: string, request: Uint8Array) => Uint8Array | null;

/** `UNIMPLEMENTED` of gRPC's status codes. */
const NO_SUCH_METHOD = '12';

/** Serves unary calls of gRPC on a Unix socket, without TLS. */
export async function serveGrpc(socket: string, methods: Methods): Promise<() => Promise<void>> {
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => stream.destroy());
    stream.on('end', () => {
      // One byte that says whether it is compressed, four of length, then the message.
      const request = Buffer.concat(chunks).subarray(5);
      answer(stream, methods(String(headers[':path']), request));
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  return async () => {
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
  };
}

function answer(stream: ServerHttp2Stream, response: Uint8Array | null): void {
  if (stream.destroyed) return;
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if (response === null) {
    stream.respond({ ...headers, 'grpc-status': NO_SUCH_METHOD }, { endStream: true });
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(response.length, 1);
  stream.end(Buffer.concat([prefix, response]));
}
