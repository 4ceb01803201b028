import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CUSTOMERS } from './customers.ts';
import { jsonOf } from './requests.ts';
import { rawBody, type Parts } from './routes.ts';
import { BEHAVIOURS, OPERATIONS } from './script.ts';

/** What tests and people tell the sandbox, and what it tells them. */
export function controlRoutes(server: FastifyInstance, parts: Parts, forget: () => void): void {
  const { world, script } = parts;

  server.post('/__sandbox/script', (request: FastifyRequest, reply: FastifyReply) => {
    const wrong = script.add(jsonOf(rawBody(request)));
    if (wrong !== null) {
      return reply.code(400).send({ error_code: 'Invalid_Script', message: wrong });
    }
    return { left: script.left() };
  });
  server.get('/__sandbox/script', () => ({ left: script.left() }));
  server.delete('/__sandbox/script', () => {
    script.clear();
    return { left: [] };
  });
  server.get('/__sandbox/ledger', () => world.ledger.shown());
  server.get('/__sandbox/billing', () => ({ events: world.ledger.shownBilling() }));
  server.post('/__sandbox/reset', () => {
    forget();
    return { left: [] };
  });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', () => ({ status: 'ok' }));
  server.get('/', (request: FastifyRequest, reply: FastifyReply) =>
    reply.type('text/plain; charset=utf-8').send(welcome(`${request.protocol}://${request.host}`)),
  );
}

function welcome(origin: string): string {
  const behaviours = Object.entries(BEHAVIOURS).map(
    ([behave, does]) => `  ${behave.padEnd(28)} ${does}`,
  );
  const customers = CUSTOMERS.map(
    ({ ani, customer_id, language, spoken_name }) =>
      `  ${ani}  ${customer_id}  ${language}  ${spoken_name}`,
  );
  return `Tokenline's sandbox: a make-believe payment gateway, billing system and customer directory.
Only published test cards are taken; nothing here moves money.

What happened, from the only side that knows:
  curl ${origin}/__sandbox/ledger
  curl ${origin}/__sandbox/billing

Tell it how to behave (each entry is used once, in order, then everything is approved):
  curl -X POST ${origin}/__sandbox/script -d '[{"operation":"tokenize","behave":"decline:CVV_Mismatch"}]'
  curl ${origin}/__sandbox/script
  curl -X DELETE ${origin}/__sandbox/script
Operations: ${OPERATIONS.join(', ')}, *
Behaviours:
${behaviours.join('\n')}

Begin again with nothing:
  curl -X POST ${origin}/__sandbox/reset

Cards by their last four digits: 4242 approved, 0002 declined, 9995 insufficient funds, 0069 expired,
0127 wrong security code, 0119 processing error, 9987 lost, 9979 stolen, 0036 wrong postal code,
6975 limit exceeded, 0341 stored but declined when it is charged. Any other ending is approved.

Customers:
${customers.join('\n')}
  curl '${origin}/directory?customer_id=${CUSTOMERS[0]?.customer_id ?? ''}'

The gateway (Authorization: Bearer, X-API-Key, and Idempotency-Key on every POST):
  POST /oauth/token                            client credentials to a short-lived bearer
  POST /v1/tokens                              the guide's payload
  POST /v1/tokens/{id}/verify                  asks the issuer about a stored card
  POST /v1/subscriptions                       the guide's payload, amount, currency, first_charge_date
  GET  /v1/subscriptions/{id}
  POST /v1/subscriptions/{id}/cancel|pause|resume|change-plan|change-card
  POST /v1/charges                             one charge of a stored card, for a schedule of one's own
  POST /v1/pages                               a page on which a customer enters a card (pay-by-link)
  GET  /v1/pages/{id}
  POST /v1/pages/{id}/close
  GET  /v1/operations/{idempotency_key}        what became of a request
The merchant:
  POST /billing/events                         signed events (Standard Webhooks)
  GET  /directory?ani=|customer_id=
`;
}
