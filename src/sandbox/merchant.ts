import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkWebhook } from '../system/standard-webhooks.ts';
import { customerByAni, customerById } from './customers.ts';
import type { Answer } from './ledger.ts';
import { notFound } from './refusal.ts';
import { headerOf, rawBody, readingAct, type Parts } from './routes.ts';

/** The merchant's side: billing, which receives events, and the directory, which knows customers. */
export function merchantRoutes(
  server: FastifyInstance,
  parts: Parts,
  billingSecret: Uint8Array,
): void {
  const { world, script, stage } = parts;

  function receive(request: FastifyRequest): Answer {
    const body = rawBody(request);
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const headers = Object.fromEntries(names.map((name) => [name, headerOf(request, name) ?? '']));
    const nowMs = world.clock.now();
    const check = checkWebhook(billingSecret, headers, body, nowMs);
    const document = readable(body);
    const deliveries = world.ledger.billed({
      webhook_id: headers['webhook-id'] ?? '',
      type: typeOf(document),
      body: document,
      verified: check.kind === 'signed',
      at: new Date(nowMs).toISOString(),
    });
    if (check.kind === 'refused') {
      return { status: 401, body: { error_code: 'Invalid_Signature', message: check.reason } };
    }
    return { status: 200, body: { received: true, deliveries } };
  }

  server.post('/billing/events', (request: FastifyRequest, reply: FastifyReply) =>
    stage.play(
      reply,
      script.take('billing'),
      readingAct(() => receive(request)),
    ),
  );

  server.get('/directory', (request: FastifyRequest, reply: FastifyReply) => {
    const answer = (): Answer => {
      const query = new URL(request.url, 'http://sandbox.invalid').searchParams;
      const ani = query.get('ani');
      const found = ani ? customerByAni(ani) : customerById(query.get('customer_id') ?? '');
      if (!found) throw notFound('customer');
      return { status: 200, body: { ...found } };
    };
    return stage.play(reply, script.take('directory'), readingAct(answer));
  });
}

function readable(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function typeOf(document: unknown): string {
  if (typeof document !== 'object' || document === null) return '';
  const type: unknown = Object.fromEntries(Object.entries(document))['type'];
  return typeof type === 'string' ? type : '';
}
