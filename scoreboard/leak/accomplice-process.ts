import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

/**
 * A process that leaks what it is given in every way in which a process can: it keeps it in memory,
 * prints it, and answers with it. How it is started puts it into arguments and environment. Whoever
 * looks for leaks has to find all of it here.
 */
process.once('message', (message) => {
  const kept = Buffer.from(String(message), 'base64');
  process.stdout.write(kept);
  process.stderr.write(kept);
  const server = createServer((_, response) => response.end(kept));
  server.listen(0, '127.0.0.1', () => {
    process.send?.((server.address() as AddressInfo).port);
  });
});
process.once('disconnect', () => process.exit(0));
