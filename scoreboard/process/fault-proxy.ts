import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificates } from './certificate.ts';
import { Link } from './fault-link.ts';

/** What the proxy does to one turn of a connection: a request and its answer. */
export type Mode =
  | { readonly kind: 'normal' }
  /** The request is swallowed, and the connection is reset. */
  | { readonly kind: 'reset_before' }
  /** The request is delivered, and the connection is reset in place of the answer. */
  | { readonly kind: 'reset_after' }
  /** The request is swallowed, and nothing more is said. */
  | { readonly kind: 'black_hole' }
  /** The request is delivered, and the connection is reset in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** The answer comes that much later, in slices where `sliceBytes` is given. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly sliceBytes?: number }
  /** The request is delivered that much later, whether or not anybody waits for its answer. */
  | { readonly kind: 'late_delivery'; readonly holdMs: number }
  /** These bytes in place of the peer's answer, which has been asked (`deliver`) or not. */
  | { readonly kind: 'answer'; readonly deliver: boolean; readonly bytes: Buffer }
  /** Another peer's certificate: for a proxy with TLS, used up by a connection. */
  | { readonly kind: 'tls_failure' };

/** One turn as it was played. */
export interface Turn {
  readonly mode: Mode;
  /** The first line of the request, as text. */
  readonly line: string;
}

/** An entry of the script: used once, by the first turn that it is for. */
export interface Scripted {
  readonly mode: Mode;
  /** Which turns it is for, by the first line of the request; any where it is left out. */
  readonly when?: (line: string) => boolean;
}

/** Told of every turn while it happens; the turn goes on when it has returned. */
export interface Observer {
  /** The whole request has come, and nothing has been done with it. */
  request?(turn: Turn): Promise<void> | void;
  /** True where the answer's first byte is to be sent alone. */
  splits?(turn: Turn): boolean;
  /** The answer's first byte has been sent, alone. */
  firstByte?(turn: Turn): Promise<void> | void;
}

export interface ProxyOptions {
  /** Where the peer is: a port of this machine, or a Unix socket. */
  readonly upstream: NetConnectOpts;
  /**
   * `http` knows where a message with a `Content-Length` ends; `bytes` takes each chunk for a whole
   * message, which is good enough for a protocol whose ends take turns.
   */
  readonly protocol: 'http' | 'bytes';
  /** Ends TLS here, so that faults are laid over what is inside it; the upstream is plain. */
  readonly secure?: Pick<Certificates, 'own' | 'stranger'>;
}

const NORMAL: Mode = { kind: 'normal' };

/**
 * A TCP proxy on loopback that breaks connections as a script tells it. Every direction of a
 * connection is one chain of promises, so that nothing overtakes what is being held or sliced.
 */
export class FaultProxy {
  readonly port: number;
  /** Connections that were accepted. */
  accepted = 0;
  /** Requests that are held back and will be delivered, or have not been answered since. */
  held = 0;
  /** Every turn, in the order of their requests. */
  readonly turns: Turn[] = [];
  observer: Observer = {};
  readonly #options: ProxyOptions;
  readonly #contexts: { readonly own: SecureContext; readonly stranger: SecureContext } | null;
  readonly #links = new Set<Link>();
  #server: Server;
  #script: Scripted[] = [];
  #always: Mode = NORMAL;

  private constructor(options: ProxyOptions, server: Server, port: number) {
    this.#options = options;
    const { secure } = options;
    this.#contexts = secure
      ? { own: createSecureContext(secure.own), stranger: createSecureContext(secure.stranger) }
      : null;
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(options: ProxyOptions): Promise<FaultProxy> {
    const server = await listening(0);
    return new FaultProxy(options, server, (server.address() as AddressInfo).port);
  }

  /** Adds entries behind those that are left. */
  script(...entries: readonly Scripted[]): void {
    this.#script.push(...entries);
  }

  /** What every turn gets that the script has nothing for. */
  always(mode: Mode): void {
    this.#always = mode;
  }

  /** Entries that no turn has used up. */
  left(): number {
    return this.#script.length;
  }

  /** Takes back everything that it was told: the network is well again. */
  heal(): void {
    this.#script = [];
    this.#always = NORMAL;
  }

  /** Closes connections between two turns, so that the next request has to connect. */
  async dropIdle(): Promise<void> {
    await Promise.all([...this.#links].filter(({ idle }) => idle).map((link) => link.leave()));
  }

  /** Resets every connection, whatever is on its way. */
  resetAll(): void {
    for (const link of this.#links) link.reset();
  }

  /** Listens no more: whoever connects is refused by the system. Turns go on to their end. */
  async refuse(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    await this.dropIdle();
  }

  /** Listens again, on the same port. */
  async accept(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = await listening(this.port);
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    for (const link of this.#links) link.destroy();
  }

  #accept(socket: Socket): void {
    this.accepted += 1;
    const { upstream, protocol } = this.#options;
    const strange = this.#contexts !== null && this.#takesStranger();
    const link = new Link(socket, {
      protocol,
      secureContext: this.#contexts?.[strange ? 'stranger' : 'own'] ?? null,
      dial: () => connect(upstream),
      begin: (line) => this.#begin(line),
      observer: () => this.observer,
      held: (change) => {
        this.held += change;
      },
      closed: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }

  #takesStranger(): boolean {
    const place = this.#script.findIndex(({ mode }) => mode.kind === 'tls_failure');
    if (place !== -1) this.#script.splice(place, 1);
    return place !== -1;
  }

  #begin(line: string): Turn {
    const place = this.#script.findIndex(
      ({ mode, when }) => mode.kind !== 'tls_failure' && (when === undefined || when(line)),
    );
    const mode = place === -1 ? this.#always : (this.#script.splice(place, 1)[0]?.mode ?? NORMAL);
    const turn = { mode, line };
    this.turns.push(turn);
    return turn;
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  // A board that has failed is not to be kept by what it did not come to close.
  server.unref();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
