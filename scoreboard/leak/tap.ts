import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/** A TCP proxy on loopback that keeps every byte of both directions. */
export class Tap {
  readonly name: string;
  readonly port: number;
  readonly #upstream: NetConnectOpts;
  readonly #recorded: Buffer[][] = [];
  readonly #open = new Set<Socket>();
  #server: Server;

  private constructor(name: string, upstream: NetConnectOpts, server: Server) {
    this.name = name;
    this.#upstream = upstream;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async open(name: string, upstream: NetConnectOpts): Promise<Tap> {
    return new Tap(name, upstream, await listening(0));
  }

  /** Each direction of each connection, from its first byte to its last. */
  streams(): Buffer[] {
    return this.#recorded.map((chunks) => Buffer.concat(chunks));
  }

  /** The peer is away: connections break, and new ones are refused. */
  away(): void {
    this.#server.close();
    for (const socket of this.#open) broken(socket);
  }

  async back(): Promise<void> {
    this.#server = await listening(this.port);
    this.#server.on('connection', (socket) => this.#join(socket));
  }

  close(): void {
    this.away();
  }

  #join(client: Socket): void {
    const peer = connect({ ...this.#upstream, allowHalfOpen: true });
    this.#pass(client, peer);
    this.#pass(peer, client);
  }

  #pass(from: Socket, to: Socket): void {
    const chunks: Buffer[] = [];
    this.#recorded.push(chunks);
    this.#open.add(from);
    from.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
    from.on('error', () => broken(to));
    from.once('close', () => {
      this.#open.delete(from);
      to.end();
    });
    from.pipe(to);
  }
}

/** A Unix socket knows no reset. */
function broken(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

async function listening(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.unref();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
