import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Certificate, Certificates } from './certificates.ts';

/** A server at the other end, and what it has got to see. */
export interface Peer {
  readonly port: number;
  /** Bytes of requests that it could read: decrypted ones, or plain ones. */
  readonly bytes: () => number;
  readonly connections: () => number;
  /** From the next connection on it shows another certificate; open ones are cut. */
  readonly swap: (to: Certificate) => void;
  readonly close: () => Promise<void>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

/** With this OpenSSL shows even what nobody should take. */
const WHATEVER = 'DEFAULT:@SECLEVEL=0';

function counting(server: Server, event: 'connection' | 'secureConnection', answer: string) {
  const sockets = new Set<Socket>();
  let bytes = 0;
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on(event, (socket: Socket) => {
    socket.on('error', () => {});
    // A request of ours is one write, and small enough for one record.
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.write(answer);
    });
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { bytes: () => bytes, connections: () => connections, cut };
}

async function listening(server: Server, cut: () => void): Promise<Pick<Peer, 'port' | 'close'>> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function tlsPeer(options: TlsOptions, answer = ANSWER): Promise<Peer> {
  const server = createTlsServer({ ...options });
  server.on('tlsClientError', () => {});
  const { bytes, connections, cut } = counting(server, 'secureConnection', answer);
  const { port, close } = await listening(server, cut);
  const swap = (to: Certificate): void => {
    server.setSecureContext({ key: to.key, cert: to.cert });
    cut();
  };
  return { port, close, bytes, connections, swap };
}

/** A peer below TLS. @param behave what it does once the first bytes have come. */
async function tcpPeer(behave: (socket: Socket) => void): Promise<Peer> {
  const server = createServer((socket) => socket.once('data', () => behave(socket)));
  const { connections, cut } = counting(server, 'connection', '');
  let plain = 0;
  server.on('connection', (socket: Socket) =>
    socket.on('data', (chunk: Buffer) => {
      // A handshake is no request: only what could be read counts.
      if (chunk.includes('HTTP/1.1')) plain += chunk.length;
    }),
  );
  const { port, close } = await listening(server, cut);
  return { port, close, connections, bytes: () => plain, swap: () => {} };
}

/** RFC 8446 §6: a fatal alert, `protocol_version`, as somebody sends who wants an older one. */
const DOWNGRADE = Buffer.from('15030100020246', 'hex');
/** A record of type handshake that holds nothing of sense. */
const GARBAGE = Buffer.concat([Buffer.from('1603030040', 'hex'), Buffer.alloc(64, 7)]);

export interface PeerCase {
  readonly name: string;
  readonly good: boolean;
  /** False where even a client that minds nothing cannot get through: nothing to compare with. */
  readonly reachable: boolean;
  readonly open: () => Promise<Peer>;
}

/** Every peer of the board: some to be used, most to be refused before a byte has been sent. */
export function peerCases(made: Certificates): PeerCase[] {
  const tls = (name: string, good: boolean, options: TlsOptions): PeerCase => ({
    name,
    good,
    reachable: true,
    open: () => tlsPeer(options),
  });
  const tcp = (name: string, behave: (socket: Socket) => void): PeerCase => ({
    name,
    good: false,
    reachable: false,
    open: () => tcpPeer(behave),
  });
  const old = { ...made.goodRsa, ciphers: WHATEVER } as const;
  const ciphers = (name: string, list: string): PeerCase =>
    tls(name, false, {
      ...made.goodRsa,
      maxVersion: 'TLSv1.2',
      ciphers: `${list}:@SECLEVEL=0`,
    });
  return [
    tls('good', true, made.good),
    tls('good, TLS 1.2 only', true, { ...made.good, maxVersion: 'TLSv1.2' }),
    tls('good, TLS 1.3 only', true, { ...made.good, minVersion: 'TLSv1.3' }),
    tls('good, RSA of 2,048 bits', true, made.goodRsa),
    tls('TLS 1.0 only', false, { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1' }),
    tls('TLS 1.1 only', false, { ...old, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }),
    tls('expired', false, made.expired),
    tls('not yet valid', false, made.notYet),
    tls('for another host', false, made.otherHost),
    tls('for hosts below this one', false, made.wildcard),
    tls('self-signed', false, made.selfSigned),
    tls('of an unknown authority', false, made.unknown),
    tls('signed by a leaf', false, made.byLeaf),
    tls('for clients only', false, made.forClients),
    tls('RSA of 1,024 bits', false, { ...made.weakKey, ciphers: WHATEVER }),
    tls('signed with SHA-1', false, { ...made.sha1, ciphers: WHATEVER }),
    ciphers('no encryption', 'eNULL'),
    ciphers('no authentication', 'aNULL'),
    ciphers('no forward secrecy', 'AES128-SHA:AES256-SHA:AES128-GCM-SHA256'),
    tcp('plain HTTP', (socket) => socket.end(ANSWER)),
    tcp('closes in the handshake', (socket) => socket.end()),
    tcp('resets in the handshake', (socket) => void socket.resetAndDestroy()),
    tcp('wants an older version', (socket) => socket.end(DOWNGRADE)),
    tcp('answers with garbage', (socket) => socket.end(GARBAGE)),
    tcp('never answers', () => {}),
  ];
}
