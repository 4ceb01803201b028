import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * The card route as it would be written without any care: the scan has to find the cards here, or it
 * finds nothing anywhere.
 */
const gateway = process.argv[2] ?? '';

const server = createServer((request, response) => {
  void (async () => {
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    const sent = await fetch(`${gateway}/v1/tokens`, {
      method: 'POST',
      body: JSON.stringify({ card_number: body['card_number'], cvv: body['cvv'] }),
    });
    await sent.text();
    response.end('{}');
  })().catch(() => response.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ ready: true, port: (server.address() as AddressInfo).port });
process.once('disconnect', () => process.exit(0));
