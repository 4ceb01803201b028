import { Description, type ArrivedRequest, type Judgement } from '../description.ts';
import { textAt, type Dialect, type Json, type Verb, type Wish } from './double.ts';
import { digits, header, object, operation, text } from './openapi.ts';

const JSON_TYPE = 'application/json';
const MONEY = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$' };

const metadata = object({
  call_id: text,
  interaction_id: text,
  operation_id: text,
  source: { const: 'ivr_payment_flow' },
});

const token = object(
  {
    card_number: digits(12, 19),
    cvv: digits(3, 4),
    expiry_month: digits(2, 2),
    expiry_year: digits(4, 4),
    customer_id: text,
    recurring_flag: { const: true },
    postal_code: text,
    metadata,
  },
  ['postal_code'],
);

const plan = {
  plan_id: text,
  interval_count: { type: 'integer', minimum: 1 },
  interval_unit: { enum: ['day', 'week', 'month', 'year'] },
  amount: MONEY,
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
};

const subscription = object({
  customer_id: text,
  payment_method_token: text,
  ...plan,
  first_charge_date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
  metadata: object({
    ...(metadata['properties'] as Json),
    ivr_session_id: text,
    consent_id: text,
    entry_mode: { const: 'moto' },
    language: text,
  }),
});

const identified = [
  header('x-api-key', { const: 'an-api-key' }),
  header('accept', { const: JSON_TYPE }),
];
const keyed = [
  ...identified,
  header('idempotency-key', { type: 'string', pattern: '^[A-Za-z_.]{1,255}$' }),
  header('content-type', { const: JSON_TYPE }),
];

const post = (body: Json) => ({ post: operation(keyed, JSON_TYPE, body) });
const bare = object({ metadata });

/** The guide's endpoint, described as its author would: nothing but what is written here is taken. */
const DESCRIPTION = {
  paths: {
    '/v1/tokens': post(token),
    '/v1/subscriptions': post(subscription),
    '/v1/subscriptions/{id}': { get: operation(identified, null, null) },
    '/v1/subscriptions/{id}/cancel': post(bare),
    '/v1/subscriptions/{id}/pause': post(bare),
    '/v1/subscriptions/{id}/resume': post(bare),
    '/v1/subscriptions/{id}/change-plan': post(object({ ...plan, metadata })),
    '/v1/subscriptions/{id}/change-card': post(object({ payment_method_token: text, metadata })),
    '/v1/operations/{key}': { get: operation(identified, null, null) },
  },
};

function wish({ template, names, body }: Judgement, request: ArrivedRequest): Wish {
  const key = request.headers['idempotency-key'] ?? '';
  const tag = textAt(body, 'metadata', 'operation_id');
  const id = names['id'] ?? '';
  const verb = /\{id\}\/(.+)$/.exec(template)?.[1]?.replace('-', '_') as Verb | undefined;
  if (verb) return { step: 'change', key, tag, id, verb };
  switch (template) {
    case '/v1/tokens':
      return { step: 'tokenise', key, tag };
    case '/v1/subscriptions':
      return { step: 'subscribe', key, tag };
    case '/v1/operations/{key}':
      return { step: 'look_up', by: 'key', value: names['key'] ?? '' };
    default:
      return { step: 'read', id };
  }
}

export function guideDialect(): Dialect {
  return {
    description: new Description(DESCRIPTION, { body: 'json', closed: true }),
    tokenPath: '/oauth/token',
    refuse: ({ headers }) =>
      /^Bearer bearer-\d+$/.test(headers['authorization'] ?? '') ? null : 'no bearer',
    wish,
    granted: ({ kind, id, status }, transaction) =>
      kind === 'token'
        ? { token_id: id, gateway_transaction_id: transaction, network_transaction_id: 'net' }
        : {
            subscription_id: id,
            status,
            next_charge_date: '2027-01-31',
            gateway_transaction_id: transaction,
          },
    declined: (code, transaction) => ({
      status: 402,
      body: { error_code: code, message: 'no', gateway_transaction_id: transaction },
    }),
    pending: (transaction) => ({ status: 'pending', gateway_transaction_id: transaction }),
    absent: { status: 404, body: { error_code: 'Not_Found', message: 'no such thing' } },
    found: ([answer]) => ({
      status: 200,
      body: { status_code: answer?.status, body: answer?.body },
    }),
  };
}
