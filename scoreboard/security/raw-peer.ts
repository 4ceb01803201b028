import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A peer that is not served has been forgotten. */
const PATIENCE_MS = 15_000;

export interface RawAnswer {
  readonly text: string;
  /** Of every status line in it; a body need not end with its line. */
  readonly statuses: readonly number[];
  /** False where the connection was still open after a long wait. */
  readonly ended: boolean;
}

/**
 * Sends bytes as they are and takes what comes back.
 *
 * @param more true where the connection is left open for more: who asks for several things in one go
 *   waits for all of their answers.
 */
export function sendBytes(port: number, bytes: Buffer | string, more = false): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (ended: boolean): void => {
      clearTimeout(patience);
      socket.destroy();
      const lines = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)];
      resolve({ text, statuses: lines.map((match) => Number(match[1])), ended });
    };
    const patience = setTimeout(() => done(false), PATIENCE_MS);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    // What is cut off is an end as well.
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
    if (more) socket.write(bytes);
    else socket.end(bytes);
  });
}

/** Sends a request so slowly that it never ends. @returns how long the peer put up with it. */
export async function drip(port: number, everyMs: number, forMs: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const state = { open: true };
  socket.on('error', () => (state.open = false));
  socket.on('close', () => (state.open = false));
  const startMs = performance.now();
  socket.write('POST /v1/availability HTTP/1.1\r\nhost: a\r\n');
  while (state.open && performance.now() - startMs < forMs) {
    await wait(everyMs);
    if (state.open) socket.write('x');
  }
  const keptMs = performance.now() - startMs;
  socket.destroy();
  return keptMs;
}
