import { AsyncResource } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { access } from 'node:fs';
import { ServerResponse } from 'node:http';
import { systemClock } from './clock.ts';
import type { WhenQuiet } from './virtual-clock.ts';
import { exchanges } from './wire.ts';

/** Node tells there of every request that one of its servers begins to serve. */
const SERVED = 'http.server.request.start';

/** Turns of the loop, one after the other, in which nothing may have happened. */
const QUIET_TURNS = 3;

/** Real time after which it is plain that something is stuck. */
const PATIENCE_MS = 60_000;

export interface Quiet {
  readonly whenQuiet: WhenQuiet;
  close(): void;
}

/**
 * Knows when a process that holds a whole system (clients, servers and store) has nothing left to do
 * but to wait for a timer. It decides by counting and never by how long something takes, because on a
 * busy machine everything may take long:
 *
 * - As many exchanges of our HTTP client are open as requests are being served. Otherwise a request,
 *   an answer or the end of a connection is on its way between two sockets of this process.
 * - In {@link QUIET_TURNS} turns of the event loop nobody has made an asynchronous resource: no
 *   socket, no write, no file operation, no tick, no work for the thread pool. Node numbers them, so
 *   that two numbers tell how many there were in between. Each turn takes a round through the thread
 *   pool, which has one thread (`UV_THREADPOOL_SIZE=1`) and so answers in order: what was in it
 *   before, such as a signature, has come back.
 *
 * What only runs on promises, such as a query of the embedded database, ends within its turn.
 */
export function watchQuiet(): Quiet {
  let open = 0;
  let serving = 0;
  const exchanged = (message: unknown): void => {
    open += message === 'begun' ? 1 : -1;
  };
  const served = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('response' in message)) return;
    if (!(message.response instanceof ServerResponse)) return;
    serving += 1;
    message.response.once('close', () => {
      serving -= 1;
    });
  };
  subscribe(exchanges.name, exchanged);
  subscribe(SERVED, served);
  const inBalance = (): boolean => open === serving;
  return {
    whenQuiet: () =>
      new Promise((resolve, reject) => {
        const endMs = systemClock.monotonicMs() + PATIENCE_MS;
        untilStill(inBalance, resolve, () => {
          if (systemClock.monotonicMs() < endMs) return true;
          reject(
            new Error(
              `the system does not come to rest: ${open} exchanges are open and ${serving} requests are being served`,
            ),
          );
          return false;
        });
      }),
    close() {
      unsubscribe(exchanges.name, exchanged);
      unsubscribe(SERVED, served);
    },
  };
}

/** The number that Node gives to the next asynchronous resource. */
function nextNumber(): number {
  return new AsyncResource('tokenline.quiet', { requireManualDestroy: true }).asyncId();
}

/** The round through the thread pool, and the second number. */
const OWN_RESOURCES = 2;

/**
 * Takes turns until enough of them, one after the other, were still. With callbacks alone: where
 * anything in the process keeps asynchronous context, a promise is a resource and would be counted.
 */
function untilStill(inBalance: () => boolean, done: () => void, mayGoOn: () => boolean): void {
  let still = 0;
  const turn = (): void => {
    const before = nextNumber();
    access('/', () => {
      const idle = nextNumber() - before === OWN_RESOURCES;
      still = idle && inBalance() ? still + 1 : 0;
      if (still === QUIET_TURNS) return done();
      if (mayGoOn()) turn();
    });
  };
  turn();
}
