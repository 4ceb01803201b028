import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { Randomness } from '../system/randomness.ts';

export interface Scrubber {
  /** Overwrites the stack frame that the last TLS record was read into. */
  scrub(): void;
  /** Records of zeros that have been read so far. */
  recordCount(): number;
  close(): void;
}

/** `TLSWrap::ClearOut` of Node reads into an array of this size on the C stack. */
const RECORD_BYTES = 16_384;

/** A pre-shared key of both ends of the pair: nobody else can be one of them. */
const KEY_BYTES = 32;

const HINT = 'scrub';

/**
 * Node reads every decrypted record into an array on the C stack, which keeps the record's bytes until
 * another one is read. A TLS connection of this process to itself is that other one: it carries 16 KB
 * of zeros after each capture. Without it `test/fault/card-memory.test.ts` finds card numbers on the
 * stack.
 *
 * @param onLost called when the connection ends by itself.
 */
export async function openScrubber(randomness: Randomness, onLost: () => void): Promise<Scrubber> {
  const psk = Buffer.from(randomness.bytes(KEY_BYTES));
  // RFC 4279: keys instead of certificates, which TLS 1.3 of Node does not offer.
  const common = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;
  const server = createServer({ ...common, pskIdentityHint: HINT, pskCallback: () => psk });
  server.on('error', onLost).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  const sender = connect({
    ...common,
    host: '127.0.0.1',
    port,
    pskCallback: () => ({ psk, identity: HINT }),
    checkServerIdentity: () => undefined,
  });
  const [[receiver]] = await Promise.all([secured(server), once(sender, 'secureConnect')]);
  server.close();
  return pump(sender, receiver, onLost);
}

function pump(sender: TLSSocket, receiver: TLSSocket, onLost: () => void): Scrubber {
  const zeros = Buffer.alloc(RECORD_BYTES);
  let outstandingBytes = 0;
  let again = false;
  let open = true;
  let recordCount = 0;
  const scrub = (): void => {
    if (!open) return;
    if (outstandingBytes > 0) {
      again = true;
      return;
    }
    outstandingBytes = RECORD_BYTES;
    sender.write(zeros);
  };
  receiver.on('data', (chunk: Buffer) => {
    outstandingBytes -= chunk.length;
    if (outstandingBytes > 0) return;
    recordCount++;
    if (!again) return;
    again = false;
    scrub();
  });
  for (const socket of [sender, receiver]) {
    socket.on('error', () => {});
    socket.on('close', () => {
      if (open) onLost();
      open = false;
    });
    socket.setNoDelay(true);
    socket.unref();
  }
  return {
    scrub,
    recordCount: () => recordCount,
    close() {
      open = false;
      sender.destroy();
      receiver.destroy();
    },
  };
}

function secured(server: ReturnType<typeof createServer>): Promise<[TLSSocket]> {
  return new Promise((resolve, reject) => {
    server.once('secureConnection', (socket) => resolve([socket]));
    server.once('tlsClientError', reject);
  });
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
