import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { sleep } from '../../src/system/clock.ts';
import { watchQuiet } from '../../src/system/quiet.ts';
import { VirtualClock } from '../../src/system/virtual-clock.ts';
import { openHttpClient } from '../../src/system/wire.ts';

/** Every fourth answer takes its time; the others take none of the virtual kind, only real work. */
const REQUESTS = 120;
const SLOW_EVERY = 4;
const SLOW_MS = 10_000;

const busy = Array.from(
  { length: availableParallelism() * 2 },
  () => new Worker('for (;;);', { eval: true }),
);
const signed = promisify<string | null, Uint8Array, KeyObject, Buffer>(sign);
const { privateKey } = generateKeyPairSync('ed25519');

const clock = new VirtualClock(0);
const quiet = watchQuiet();
const server = createServer((request, response) => {
  void (async () => {
    // What a request of the product does: the thread pool, the disk, the thread pool again.
    await signed(null, Buffer.from(request.url ?? ''), privateKey);
    const text = await readFile(import.meta.filename);
    const signature = await signed(null, text, privateKey);
    if (request.url?.startsWith('/slow') === true) await sleep(clock, SLOW_MS);
    response.end(signature.toString('hex').repeat(1_000));
  })();
});
await new Promise<void>((listening) => {
  server.listen(0, '127.0.0.1', listening);
});
const { port } = server.address() as AddressInfo;
const http = openHttpClient({ origin: `http://127.0.0.1:${port}` }, clock);

const seen = { early: 0, slow: 0, answered: 0 };

async function work(): Promise<void> {
  for (let index = 0; index < REQUESTS; index += 1) {
    const isSlow = index % SLOW_EVERY === 0;
    const startedMs = clock.monotonicMs();
    // A jump while a quick request is on its way would be seen here.
    const ticking = clock.after(1, () => undefined);
    const exchange = await http.exchange(
      { method: 'GET', path: isSlow ? '/slow' : '/quick', headers: {}, body: null },
      new AbortController().signal,
    );
    ticking.cancel();
    const tookMs = clock.monotonicMs() - startedMs;
    if (exchange.kind === 'answered') seen.answered += 1;
    if (isSlow && tookMs === SLOW_MS) seen.slow += 1;
    if (!isSlow && tookMs !== 0) seen.early += 1;
  }
}

await clock.passUntil(work(), quiet.whenQuiet, 3_600_000);
process.stdout.write(JSON.stringify(seen), () => {
  quiet.close();
  for (const worker of busy) void worker.terminate();
  process.exit(0);
});
