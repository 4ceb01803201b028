import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock, Timer } from '../system/clock.ts';

export interface ChildOptions {
  /** For people: `bridge`. */
  readonly name: string;
  /** Path of the module that it runs. */
  readonly entry: string;
  /** Flags for Node, such as a loader. */
  readonly execArgv: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Goes to its standard input as JSON. */
  readonly settings: unknown;
  readonly clock: Clock;
  /** Tells the operator something. */
  readonly say: (line: string) => void;
}

export interface Child {
  readonly name: string;
  readonly pid: () => number | null;
  /** Resolves with the port once it is ready; rejects where it ends before its first readiness. */
  readonly ready: Promise<number>;
  /** Asks it to stop and waits for it; after `graceMs` it is killed. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

export const FIRST_BACKOFF_MS = 250;
export const BACKOFF_MS_MAX = 5_000;
/** Who ran this long was well: the next fall begins with the shortest wait again. */
const WELL_AFTER_MS = 60_000;

/** No core file: it would hold everything that the process held. */
const WITHOUT_CORE = 'ulimit -c 0; exec "$0" "$@"';

function readyPort(message: unknown): number | null {
  if (typeof message !== 'object' || message === null) return null;
  if (!('ready' in message) || message.ready !== true) return null;
  return 'port' in message && typeof message.port === 'number' ? message.port : 0;
}

/** Keeps one child process running: starts it, and starts it again when it falls. */
export function keepChild(options: ChildOptions): Child {
  const { name, clock, say } = options;
  let current: ChildProcess | null = null;
  let stopping = false;
  let everReady = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let timer: Timer | null = null;
  let gone: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (gone = resolve));
  let resolveReady: (port: number) => void = () => undefined;
  let rejectReady: (error: Error) => void = () => undefined;
  const ready = new Promise<number>((resolve, reject) => {
    resolveReady = resolve;
    rejectReady = reject;
  });
  // Who is not waiting any more does not have to hear of it.
  ready.catch(() => undefined);

  function start(): void {
    const startedMs = clock.monotonicMs();
    const child = begin(options);
    current = child;
    child.on('message', (message) => {
      const port = readyPort(message);
      if (port === null) return;
      if (everReady && !stopping) say(`${name} is running again`);
      everReady = true;
      resolveReady(port);
    });
    child.once('error', (error) => rejectReady(error));
    child.once('exit', (code, signal) => {
      current = null;
      const how = signal ?? `exit code ${code ?? 0}`;
      if (stopping || !everReady) {
        rejectReady(new Error(`${name} ended before it was ready (${how})`));
        return gone();
      }
      if (clock.monotonicMs() - startedMs >= WELL_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      say(`${name} ended by itself (${how}); starting it again in ${backoffMs} ms`);
      timer = clock.after(backoffMs, start);
      backoffMs = Math.min(BACKOFF_MS_MAX, backoffMs * 2);
    });
  }

  start();
  return {
    name,
    pid: () => current?.pid ?? null,
    ready,
    async stop(graceMs) {
      stopping = true;
      timer?.cancel();
      if (current === null) return;
      current.kill('SIGTERM');
      const late = clock.after(graceMs, () => {
        say(`${name} did not stop within ${Math.round(graceMs / 1000)} s; it is killed`);
        current?.kill('SIGKILL');
      });
      await ended;
      late.cancel();
    },
    kill() {
      stopping = true;
      timer?.cancel();
      current?.kill('SIGKILL');
    },
  };
}

function begin(options: ChildOptions): ChildProcess {
  const command = ['-c', WITHOUT_CORE, process.execPath, ...options.execArgv, options.entry];
  const child = spawn('/bin/sh', command, {
    env: options.env,
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C reaches the parent alone, which stops its children in order.
    detached: true,
  });
  // It may end before it has read them; its exit says so.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(options.settings));
  return child;
}
