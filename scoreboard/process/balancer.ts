import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What stands before replicas in production: takes connections in turn to the backends, and passes
 * over one that refuses.
 */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #backends: readonly number[];
  readonly #open = new Set<Socket>();
  #turn = 0;

  private constructor(server: Server, port: number, backends: readonly number[]) {
    this.#server = server;
    this.port = port;
    this.#backends = backends;
    server.on('connection', (client) => this.#serve(client, this.#backends.length));
  }

  static async open(backends: readonly number[]): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((listening, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', listening);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new Balancer(server, port, backends);
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #serve(client: Socket, triesLeft: number): void {
    const port = this.#backends[this.#turn++ % this.#backends.length];
    if (triesLeft === 0 || port === undefined) {
      client.resetAndDestroy();
      return;
    }
    client.on('error', () => undefined);
    const backend = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    // Nothing of the client's has been read before this, so another backend can have all of it.
    const refused = (): void => this.#serve(client, triesLeft - 1);
    backend.once('error', refused);
    backend.once('connect', () => {
      backend.off('error', refused);
      this.#join(client, backend);
      this.#join(backend, client);
    });
  }

  /** A break on one side is a break on the other; an orderly end stays one. */
  #join(from: Socket, to: Socket): void {
    this.#open.add(from);
    from.on('error', () => to.resetAndDestroy());
    from.once('close', () => {
      this.#open.delete(from);
      to.end();
    });
    from.pipe(to);
  }
}
