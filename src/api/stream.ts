import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { Fault } from '../payment/fault.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import { SECURITY_HEADERS } from './problem.ts';

export interface StreamMeans {
  readonly clock: Clock;
  readonly log: Log;
}

/** Between two looks at the database, while anybody watches. */
const LOOK_EVERY_MS = 1_000;
/** Between two looks at whether somebody may still watch. */
const CHECK_EVERY_MS = 15_000;
/** After how long a browser that lost the stream connects again. */
const RETRY_MS = 3_000;

interface Watcher {
  readonly out: ServerResponse;
  /** Rejects where their session is over, or the right is gone. */
  readonly check: () => Promise<unknown>;
  checkedAtMs: number;
}

/** Everybody who watches one picture, and the loop that takes it for all of them. */
class Watchers {
  readonly #all = new Set<Watcher>();
  readonly #means: StreamMeans;
  readonly #look: () => Promise<object>;
  readonly #ended: () => void;
  #looking = false;
  #closed = false;

  /** @param ended is told when nobody watches any more. */
  constructor(means: StreamMeans, look: () => Promise<object>, ended: () => void) {
    this.#means = means;
    this.#look = look;
    this.#ended = ended;
  }

  get count(): number {
    return this.#all.size;
  }

  async add(out: ServerResponse, check: Watcher['check']): Promise<void> {
    const watcher = { out, check, checkedAtMs: this.#means.clock.monotonicMs() };
    this.#all.add(watcher);
    out.once('close', () => this.#leave(watcher));
    out.write(`retry: ${RETRY_MS}\n\n`);
    await this.#show([watcher]);
    if (!this.#looking) this.#next();
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#all) this.#end(watcher, 'away');
  }

  #next(): void {
    this.#looking = this.#all.size > 0 && !this.#closed;
    if (this.#looking) this.#means.clock.after(LOOK_EVERY_MS, () => void this.#again());
  }

  async #again(): Promise<void> {
    await this.#checkSessions();
    await this.#show(this.#all);
    this.#next();
  }

  async #show(watchers: Iterable<Watcher>): Promise<void> {
    let text = 'event: away\ndata: {}';
    try {
      text = `data: ${JSON.stringify(await this.#look())}`;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      this.#means.log.alarm('console.stream_failed', { error: name });
    }
    for (const { out } of watchers) out.write(`${text}\n\n`);
  }

  async #checkSessions(): Promise<void> {
    const nowMs = this.#means.clock.monotonicMs();
    for (const watcher of this.#all) {
      if (nowMs - watcher.checkedAtMs < CHECK_EVERY_MS) continue;
      watcher.checkedAtMs = nowMs;
      await watcher.check().catch(() => this.#end(watcher, 'signed_out'));
    }
  }

  #leave(watcher: Watcher): void {
    this.#all.delete(watcher);
    if (this.#all.size === 0) this.#ended();
  }

  #end(watcher: Watcher, event: string): void {
    this.#leave(watcher);
    watcher.out.end(`event: ${event}\ndata: {}\n\n`);
  }
}

/**
 * Server-sent events (HTML Living Standard §9.2): a picture of how things are, once a second. The
 * database is asked once for all who watch the same, and not at all while nobody does.
 */
export class Stream<Q> {
  readonly #watched = new Map<string, Watchers>();
  readonly #means: StreamMeans;
  readonly #look: (query: Q) => Promise<object>;
  readonly #watchersMax: number;

  /** @param watchersMax of all that is watched; each holds a connection. */
  constructor(means: StreamMeans, look: (query: Q) => Promise<object>, watchersMax: number) {
    this.#means = means;
    this.#look = look;
    this.#watchersMax = watchersMax;
  }

  /** @throws {Fault} `too_many_requests` where too many watch already. */
  assertRoom(): void {
    let count = 0;
    for (const watchers of this.#watched.values()) count += watchers.count;
    if (count < this.#watchersMax) return;
    throw new Fault(
      'too_many_requests',
      'Close some of the pages that are open.',
      RETRY_MS / 1_000,
    );
  }

  /** Turns an answer into a stream. @param check rejects once somebody may not watch any more. */
  async send(reply: FastifyReply, query: Q, check: () => Promise<unknown>): Promise<void> {
    reply.hijack();
    reply.raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      // Proxies that hold answers back would hold the events back (nginx, X-Accel-Buffering).
      'x-accel-buffering': 'no',
    });
    await this.#watchersOf(query).add(reply.raw, check);
  }

  close(): void {
    for (const watchers of this.#watched.values()) watchers.close();
  }

  #watchersOf(query: Q): Watchers {
    const name = JSON.stringify(query);
    const known = this.#watched.get(name);
    if (known) return known;
    const made = new Watchers(
      this.#means,
      () => this.#look(query),
      () => {
        if (this.#watched.get(name) === made) this.#watched.delete(name);
      },
    );
    this.#watched.set(name, made);
    return made;
  }
}
