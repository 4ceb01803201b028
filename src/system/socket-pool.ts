import type { Clock, Timer } from './clock.ts';
import { dial, type Connection, type Dialled } from './connection.ts';
import type { Peer } from './origin.ts';

interface Idle {
  readonly connection: Connection;
  readonly untilMs: number;
  readonly timer: Timer;
}

/** What a request in the queue gets: a connection that is free, or leave to open one. */
type Turn = Connection | 'dial' | 'aborted';

/**
 * The sockets to one peer. A request takes one for itself and gives it back; where all are taken it
 * waits its turn, first come first served.
 */
export class SocketPool {
  readonly #peer: Peer;
  readonly #clock: Clock;
  readonly #socketsMax: number;
  /** Sockets that are open or being opened. */
  #open = 0;
  /** The one used last is taken first: the others then grow old and are closed. */
  readonly #idle: Idle[] = [];
  readonly #queue: ((turn: Turn) => void)[] = [];

  constructor(peer: Peer, clock: Clock, socketsMax: number) {
    this.#peer = peer;
    this.#clock = clock;
    this.#socketsMax = socketsMax;
  }

  /** A connection for one request, or why there is none. Ends early when the signal is aborted. */
  async lease(signal: AbortSignal): Promise<Dialled> {
    if (signal.aborted) return { kind: 'not_sent', reason: 'aborted' };
    const idle = this.#takeIdle();
    if (idle !== null) return { kind: 'connected', connection: idle };
    const turn = await this.#turn(signal);
    if (turn === 'aborted') return { kind: 'not_sent', reason: 'aborted' };
    if (turn !== 'dial') return { kind: 'connected', connection: turn };
    const dialled = await dial(this.#peer, signal, (connection) => this.#closed(connection));
    if (dialled.kind === 'not_sent') this.#freeSlot();
    return dialled;
  }

  /**
   * Gives a connection back.
   *
   * @param idleMs how long it may lie idle; 0 and less closes it unless somebody waits for it.
   */
  release(connection: Connection, idleMs: number): void {
    if (connection.dead) return;
    const next = this.#queue.shift();
    if (next) return next(connection);
    if (idleMs <= 0) return connection.destroy();
    const timer = this.#clock.after(idleMs, () => connection.destroy());
    this.#idle.push({ connection, untilMs: this.#clock.monotonicMs() + idleMs, timer });
  }

  closeIdle(): void {
    for (const { connection, timer } of this.#idle.splice(0)) {
      timer.cancel();
      connection.destroy();
    }
  }

  #takeIdle(): Connection | null {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      idle.timer.cancel();
      // A process that was held up meets its timers late, and the peer's end of the connection too.
      const stale = this.#clock.monotonicMs() >= idle.untilMs;
      if (!stale && !idle.connection.dead) return idle.connection;
      idle.connection.destroy();
    }
    return null;
  }

  #turn(signal: AbortSignal): Promise<Turn> {
    if (this.#open < this.#socketsMax) {
      this.#open += 1;
      return Promise.resolve('dial');
    }
    return new Promise((resolve) => {
      const take = (turn: Turn): void => {
        signal.removeEventListener('abort', abort);
        resolve(turn);
      };
      const abort = (): void => {
        const place = this.#queue.indexOf(take);
        if (place !== -1) this.#queue.splice(place, 1);
        take('aborted');
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#queue.push(take);
    });
  }

  #closed(connection: Connection): void {
    const place = this.#idle.findIndex((idle) => idle.connection === connection);
    for (const idle of place === -1 ? [] : this.#idle.splice(place, 1)) idle.timer.cancel();
    this.#freeSlot();
  }

  /** The place of a socket that is no more goes to the first in the queue. */
  #freeSlot(): void {
    const next = this.#queue.shift();
    if (next) next('dial');
    else this.#open -= 1;
  }
}
