import type { IncomingMessage } from 'node:http';
import { BodySlab } from './body.ts';

/** How receiving ended. After anything but `whole` nothing is left of the body. */
export type Received = 'whole' | 'too_large' | 'aborted';

export interface Receiving {
  readonly slab: BodySlab;
  readonly ended: Promise<Received>;
  /** Zeroes what has come and takes no more; the rest is read and zeroed, so that the socket serves on. */
  stop(): void;
}

/** What is read of a body that nobody wants, before the socket is given up. */
const UNWANTED_BYTES_MAX = 65_536;

/**
 * Takes the body as it comes. Has to be called in the turn in which the request appears: a chunk that
 * waits in the stream's own buffer would be a copy that nobody zeroes.
 */
export function receive(request: IncomingMessage): Receiving {
  const slab = new BodySlab();
  let wanted = true;
  let unwantedBytes = 0;
  let end: (received: Received) => void = () => {};
  const ended = new Promise<Received>((resolve) => {
    end = resolve;
  });
  const stop = (): void => {
    wanted = false;
    slab.zero();
  };
  request.on('data', (chunk: Buffer) => {
    if (wanted && slab.add(chunk)) return;
    chunk.fill(0);
    if (wanted) {
      stop();
      end('too_large');
    }
    unwantedBytes += chunk.length;
    if (unwantedBytes > UNWANTED_BYTES_MAX) request.destroy();
  });
  request.on('end', () => end('whole'));
  request.on('error', () => {});
  request.on('close', () => {
    if (!request.complete) stop();
    end('aborted');
  });
  return { slab, ended, stop };
}

/** For requests whose body is not asked for: whatever it is, it may be a card. */
export function discard(request: IncomingMessage): void {
  receive(request).stop();
}
