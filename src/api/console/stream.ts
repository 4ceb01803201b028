import type { FastifyInstance } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Right } from '../../contract/staff.ts';
import { Fault } from '../../payment/fault.ts';
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { SECURITY_HEADERS } from '../problem.ts';
import type { Guard } from './guard.ts';

export interface StreamMeans {
  readonly clock: Clock;
  readonly log: Log;
}

export interface StreamOptions {
  /** Below `/console/api/`. */
  readonly path: string;
  readonly right: Right;
  /** What all who watch see: asked once for all of them. */
  readonly look: () => Promise<object>;
}

/** Between two looks at the database, while anybody watches. */
const LOOK_EVERY_MS = 1_000;
/** Between two looks at whether somebody may still watch. */
const CHECK_EVERY_MS = 15_000;
/** Whoever watches from more pages than this has forgotten some of them. */
const WATCHERS_MAX = 64;
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
  #looking = false;
  #closed = false;

  constructor(means: StreamMeans, look: () => Promise<object>) {
    this.#means = means;
    this.#look = look;
  }

  get full(): boolean {
    return this.#all.size >= WATCHERS_MAX;
  }

  async add(out: ServerResponse, check: Watcher['check']): Promise<void> {
    const watcher = { out, check, checkedAtMs: this.#means.clock.monotonicMs() };
    this.#all.add(watcher);
    out.once('close', () => this.#all.delete(watcher));
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

  #end(watcher: Watcher, event: string): void {
    this.#all.delete(watcher);
    watcher.out.end(`event: ${event}\ndata: {}\n\n`);
  }
}

/**
 * Server-sent events (HTML Living Standard §9.2): a picture of how things are, once a second. The
 * database is asked once for all who watch, and not at all while nobody does. A stream says nothing
 * about a person being there: it ends with their session.
 */
export function openStream(
  app: FastifyInstance,
  guard: Guard,
  means: StreamMeans,
  { path, right, look }: StreamOptions,
): void {
  const watchers = new Watchers(means, look);
  app.get(`/console/api/${path}`, async (request, reply) => {
    await guard.admit(request, right);
    if (watchers.full) {
      throw new Fault(
        'too_many_requests',
        'Close some of the pages that are open.',
        RETRY_MS / 1_000,
      );
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream',
      // Proxies that hold answers back would hold the events back (nginx, X-Accel-Buffering).
      'x-accel-buffering': 'no',
    });
    await watchers.add(reply.raw, () => guard.admit(request, right, false));
  });
  app.addHook('preClose', async () => watchers.close());
}
