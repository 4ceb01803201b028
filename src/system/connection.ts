import type { Socket } from 'node:net';
import type { Exchange, NoAnswerReason, NotSentReason } from './http-client.ts';
import { ResponseParser } from './http-parser.ts';
import type { Peer } from './origin.ts';

type WithoutLatency<T> = T extends unknown ? Omit<T, 'latencyMs'> : never;

/** How a conversation on a connected socket ended. */
export type Ending =
  | {
      readonly exchange: WithoutLatency<Extract<Exchange, { kind: 'answered' }>>;
      /** The socket may be used again. */
      readonly reusable: boolean;
      readonly peerIdleMs: number | null;
    }
  | { readonly exchange: WithoutLatency<Extract<Exchange, { kind: 'no_answer' }>> };

export type Dialled =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'not_sent'; readonly reason: NotSentReason };

/** What a conversation hears of its socket. */
interface Hearer {
  data(chunk: Buffer): void;
  ended(): void;
  closed(): void;
}

/**
 * One connected socket with at most one request on its way. Whatever the peer does while none is
 * (data, an end, an error) makes the connection dead, so that it is never used again.
 */
export class Connection {
  readonly #socket: Socket;
  #hearer: Hearer | null = null;
  #dead = false;

  /** @param onClosed called once, when the socket has been closed for whatever reason. */
  constructor(socket: Socket, onClosed: (connection: Connection) => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.#hearer) this.#hearer.data(chunk);
      else this.destroy();
    });
    socket.on('end', () => {
      if (this.#hearer) this.#hearer.ended();
      else this.destroy();
    });
    socket.on('error', () => this.destroy());
    socket.on('close', () => {
      this.#dead = true;
      this.#hearer?.closed();
      onClosed(this);
    });
  }

  get dead(): boolean {
    return this.#dead || this.#socket.destroyed;
  }

  destroy(): void {
    this.#dead = true;
    this.#socket.destroy();
  }

  /**
   * Writes one request and reads its response. From here on every failure is `no_answer`: the
   * peer may have got all of it.
   *
   * @param bytes the whole request; filled with zeros as soon as it has been written or the
   *   socket has died.
   * @param signal not aborted yet.
   * @param bodyBytesMax the longest response body that is taken.
   */
  converse(bytes: Buffer, signal: AbortSignal, bodyBytesMax: number): Promise<Ending> {
    return new Promise((resolve) => {
      const parser = new ResponseParser(bodyBytesMax);
      let written = false;
      const wipe = (): void => {
        written = true;
        bytes.fill(0);
        this.#socket.off('close', wipe);
      };
      const settle = (ending: Ending): void => {
        this.#hearer = null;
        signal.removeEventListener('abort', abort);
        resolve(ending);
      };
      const fail = (reason: NoAnswerReason): void => {
        this.destroy();
        parser.wipe();
        // A destroyed socket reads no more of the buffer, even where its write is still pending.
        wipe();
        settle({ exchange: { kind: 'no_answer', reason } });
      };
      const abort = (): void => fail('aborted');
      const look = (): void => {
        const parsed = parser.parsed;
        if (parsed.kind === 'failed') return fail(parsed.reason);
        if (parsed.kind === 'reading') return;
        const { response, keepAlive, peerIdleMs } = parsed;
        // A peer that answers before it has read the request is not waited for.
        const reusable = keepAlive && written && !parser.excess && !this.dead;
        if (!reusable) this.destroy();
        settle({ exchange: { kind: 'answered', response }, reusable, peerIdleMs });
      };
      this.#hearer = {
        data(chunk) {
          parser.push(chunk);
          // A gateway may say a card back: its bytes stay in one place, which the reader wipes.
          chunk.fill(0);
          look();
        },
        ended() {
          parser.end();
          look();
        },
        closed: () => fail('reset'),
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#socket.on('close', wipe);
      this.#socket.write(bytes, wipe);
    });
  }
}

/**
 * Connects to the peer, TLS included. No byte of a request exists yet, so every failure is
 * `not_sent`.
 */
export function dial(
  peer: Peer,
  signal: AbortSignal,
  onClosed: (connection: Connection) => void,
): Promise<Dialled> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: 'not_sent', reason: 'aborted' });
    const socket = peer.open();
    let stage: 'connect' | 'tls' = 'connect';
    const forget = (): void => {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', failed).removeListener('close', closed);
    };
    const fail = (reason: NotSentReason): void => {
      forget();
      // A socket that is being destroyed may have an error left to tell.
      socket.on('error', () => {});
      socket.destroy();
      resolve({ kind: 'not_sent', reason });
    };
    const abort = (): void => fail('aborted');
    const failed = (error: NodeJS.ErrnoException): void =>
      fail(error.syscall === 'getaddrinfo' ? 'dns' : stage);
    const closed = (): void => fail(stage);
    const connected = (): void => {
      forget();
      resolve({ kind: 'connected', connection: new Connection(socket, onClosed) });
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', failed).on('close', closed);
    socket.once('connect', () => {
      // The request is one write and its answer is waited for: Nagle's delay would only cost.
      socket.setNoDelay(true);
      if (peer.secure) stage = 'tls';
      else connected();
    });
    if (peer.secure) socket.once('secureConnect', connected);
  });
}
