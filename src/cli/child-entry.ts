import { text } from 'node:stream/consumers';

/** A server that a child process runs. */
export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Runs a server as a child process: its settings come as one JSON document on standard input,
 * because secrets are neither for a command line nor for an environment; it says that it is ready
 * by IPC; SIGTERM, and the end of its parent, stop it once what is in flight is done.
 */
export async function runAsChild(start: (settings: unknown) => Promise<Running>): Promise<void> {
  // SIGUSR1 opens Node's inspector unless somebody listens to it.
  process.on('SIGUSR1', () => undefined);
  let running: Running | null = null;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    const closed = running?.close() ?? Promise.resolve();
    closed.then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);
  try {
    running = await start(JSON.parse(await text(process.stdin)));
  } catch (error) {
    return fail(error);
  }
  // A parent that went before this listened sent its `disconnect` to nobody.
  process.send?.({ ready: true, port: running.port }, undefined, undefined, (error) => {
    if (error) stop();
  });
}

/** Says what went wrong without a stack: the reader is an operator. */
function fail(error: unknown): void {
  const sentence = error instanceof Error ? error.message : 'unknown error';
  process.stderr.write(`${sentence}\n`, () => process.exit(1));
}
