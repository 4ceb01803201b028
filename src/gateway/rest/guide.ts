import type { Field, LookUp, RestMapping, Step } from './mapping.ts';

const METADATA: readonly Field[] = [
  { to: 'metadata.call_id', from: 'interaction_id' },
  { to: 'metadata.interaction_id', from: 'interaction_id' },
  { to: 'metadata.operation_id', from: 'operation_id' },
  { to: 'metadata.source', value: 'ivr_payment_flow' },
];

const PLAN: readonly Field[] = [
  { to: 'plan_id', from: 'plan_id' },
  { to: 'interval_count', from: 'interval_count' },
  { to: 'interval_unit', from: 'interval_unit' },
  { to: 'amount', from: 'amount' },
  { to: 'currency', from: 'currency' },
];

function post(path: string, fields: readonly Field[]): Step {
  return { method: 'POST', path, fields: [...fields, ...METADATA], answer: 'object' };
}

function change(verb: string, fields: readonly Field[] = []): Step {
  return post(`/v1/subscriptions/{subscription_id}/${verb}`, fields);
}

const BY_KEY: LookUp = {
  path: '/v1/operations/{idempotency_key}',
  list_at: null,
  status_at: 'status_code',
  answer_at: 'body',
  absent: ['Not_Found'],
};

/**
 * The guide's own endpoint ("JSON Payload Construction", "JSON Payload for Subscription Creation"),
 * with the routes beside it that the sandbox gateway speaks. A mapping file changes what is
 * different; `amount` and `currency` are left out of the token's request, for a token has no price.
 */
export const GUIDE_MAPPING: RestMapping = {
  authorization: 'client_credentials',
  token_path: '/oauth/token',
  token_scope: null,
  api_key_header: 'X-API-Key',
  headers: [],
  idempotency: { header: 'Idempotency-Key', retention_ms: 86_400_000 },
  body: 'json',
  postal_code: false,
  absence_is_proof_after_ms: 60_000,
  tokenise: post('/v1/tokens', [
    { to: 'card_number', from: 'pan' },
    { to: 'cvv', from: 'cvv' },
    { to: 'expiry_month', from: 'expiry_month' },
    { to: 'expiry_year', from: 'expiry_year' },
    { to: 'customer_id', from: 'customer_id' },
    { to: 'recurring_flag', value: true },
    { to: 'postal_code', from: 'postal_code' },
  ]),
  verify: null,
  subscribe: post('/v1/subscriptions', [
    { to: 'customer_id', from: 'customer_id' },
    { to: 'payment_method_token', from: 'token' },
    ...PLAN,
    { to: 'first_charge_date', from: 'first_charge_date' },
    { to: 'metadata.ivr_session_id', from: 'interaction_id' },
    { to: 'metadata.consent_id', from: 'consent_id' },
    { to: 'metadata.entry_mode', value: 'moto' },
    { to: 'metadata.language', from: 'language' },
  ]),
  read: {
    method: 'GET',
    path: '/v1/subscriptions/{subscription_id}',
    fields: [],
    answer: 'object',
  },
  cancel: change('cancel'),
  pause: change('pause'),
  resume: change('resume'),
  change_plan: change('change-plan', PLAN),
  change_card: change('change-card', [{ to: 'payment_method_token', from: 'token' }]),
  charge: null,
  look_up: { tokenise: BY_KEY, subscribe: BY_KEY, change: BY_KEY, charge: null },
  answers: {
    token: 'token_id',
    network_transaction_id: 'network_transaction_id',
    card_brand: 'card_brand',
    card_last4: 'card_last4',
    card_fingerprint: null,
    subscription: 'subscription_id',
    status: 'status',
    statuses: {
      active: ['active'],
      paused: ['paused'],
      past_due: ['past_due'],
      cancelled: ['cancelled'],
    },
    next_charge_date: 'next_charge_date',
    charge: 'charge_id',
    transaction_id: 'gateway_transaction_id',
    error: 'error_code',
    verdict: { at: 'status', approved: [], pending: ['pending'], declined: ['declined'] },
  },
  errors: [],
  webhook: { idempotency_key: 'data.idempotency_key', subscription: 'data.subscription_id' },
};
