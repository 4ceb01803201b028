import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';

/**
 * The gateway of the benchmark: answers the guide's tokenise call at once, so that what is left of a
 * request's time is ours. Prints its port.
 */
const letters = (): string => randomBytes(12).toString('hex').replaceAll(/[0-9]/g, 'x');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const body =
      request.url === '/oauth/token'
        ? { access_token: letters(), token_type: 'Bearer', expires_in: 3600 }
        : {
            token_id: `tk_${letters()}`,
            status: 'active',
            card_brand: 'visa',
            card_last4: '4242',
            gateway_transaction_id: `tx_${letters()}`,
            network_transaction_id: `nt_${letters()}`,
          };
    const text = JSON.stringify(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) console.log(address.port);
});
