import { readFileSync } from 'node:fs';
import { Description } from '../description.ts';

type Node = Record<string, unknown>;

function at(node: unknown, ...path: readonly string[]): Node {
  let here = node;
  for (const name of path) here = (here as Node)[name];
  if (typeof here !== 'object' || here === null) throw new Error(`${path.join('/')} is not there`);
  return here as Node;
}

const FORM = ['requestBody', 'content', 'application/x-www-form-urlencoded', 'schema'];

/**
 * Stripe's public description of August 2023 as a judge of requests, with what the product uses and
 * it does not have yet. Each addition follows the types of the `stripe` package, 23.1.
 */
export function stripeDescription(): Description {
  const file = new URL('../../specs/stripe/requests.json', import.meta.url);
  const document: Node = JSON.parse(readFileSync(file, 'utf8')) as Node;
  const paths = at(document, 'paths');
  // `SetupIntentCreateParams.PaymentMethodOptions.Card.moto`; gated, and left out of the public file.
  for (const path of ['/v1/setup_intents', '/v1/setup_intents/{intent}/confirm']) {
    const options = at(paths, path, 'post', ...FORM, 'properties', 'payment_method_options');
    at(options, 'properties', 'card', 'properties')['moto'] = { type: 'boolean' };
  }
  // `InvoiceCreatePreviewParams`, as far as a change of plan is concerned; came in November 2024.
  const item = {
    type: 'object',
    properties: { id: { type: 'string' }, price: { type: 'string' } },
  };
  const details = {
    type: 'object',
    properties: {
      items: { type: 'array', items: item },
      proration_behavior: { enum: ['always_invoice', 'create_prorations', 'none'] },
      proration_date: { type: 'integer' },
    },
  };
  const schema = {
    type: 'object',
    properties: {
      customer: { type: 'string' },
      subscription: { type: 'string' },
      subscription_details: details,
    },
  };
  const content = { 'application/x-www-form-urlencoded': { schema } };
  paths['/v1/invoices/create_preview'] = { post: { parameters: [], requestBody: { content } } };
  // `WebhookEndpointListParams`.
  const limit = { in: 'query', name: 'limit', required: false, schema: { type: 'integer' } };
  paths['/v1/webhook_endpoints'] = { get: { parameters: [limit] } };
  checkout(paths);
  return new Description(document, { body: 'form', closed: true });
}

const TEXT = { type: 'string' };
const METADATA = { type: 'object', additionalProperties: TEXT };
const inQuery = (name: string, schema: Node, required = false): Node => ({
  in: 'query',
  name,
  required,
  schema,
});
const PAGING = [
  inQuery('limit', { type: 'integer' }),
  inQuery('starting_after', TEXT),
  inQuery('ending_before', TEXT),
];
const EXPAND = { type: 'array', items: TEXT };

/**
 * `Checkout.SessionCreateParams`, `SessionRetrieveParams`, `SessionListParams`, `SessionExpireParams`
 * and `SetupAttemptListParams`, as far as a page that saves a card is concerned. The compiler compares
 * what is sent with all of them (`test/gateway/stripe/requests.test.ts`).
 */
function checkout(paths: Node): void {
  const body = (properties: Node, required: readonly string[] = []): Node => ({
    content: {
      'application/x-www-form-urlencoded': { schema: { type: 'object', properties, required } },
    },
  });
  const create = body(
    {
      mode: { enum: ['payment', 'setup', 'subscription'] },
      customer: TEXT,
      payment_method_types: { type: 'array', items: { enum: ['card'] } },
      success_url: TEXT,
      cancel_url: TEXT,
      expires_at: { type: 'integer' },
      locale: { enum: ['auto', 'en', 'es', 'es-419'] },
      metadata: METADATA,
      setup_intent_data: { type: 'object', properties: { description: TEXT, metadata: METADATA } },
    },
    ['mode', 'success_url'],
  );
  paths['/v1/checkout/sessions'] = {
    post: { parameters: [], requestBody: create },
    get: { parameters: [...PAGING, inQuery('customer', TEXT)] },
  };
  paths['/v1/checkout/sessions/{session}'] = { get: { parameters: [inQuery('expand', EXPAND)] } };
  paths['/v1/checkout/sessions/{session}/expire'] = {
    post: { parameters: [], requestBody: body({ expand: EXPAND }) },
  };
  paths['/v1/setup_attempts'] = {
    get: { parameters: [...PAGING, inQuery('setup_intent', TEXT, true)] },
  };
}
