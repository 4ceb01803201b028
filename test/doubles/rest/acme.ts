import { Description, type ArrivedRequest, type Judgement } from '../description.ts';
import { textAt, type Dialect, type Json, type Wish } from './double.ts';
import { digits, header, object, operation, query, text } from './openapi.ts';

const FORM = 'application/x-www-form-urlencoded';

const identified = [
  header('authorization', { const: 'Bearer fixed-for-ever' }),
  header('acme-version', { const: '7' }),
];
const forms = [...identified, header('content-type', { const: FORM })];

const tag = object({ op: text, call: text });
const money = object({
  minor: { type: 'integer', minimum: 1 },
  iso: { type: 'string', pattern: '^[A-Z]{3}$' },
});
const tariff = object({
  code: text,
  every: { type: 'integer' },
  per: { enum: ['D', 'W', 'M', 'Y'] },
});

const post = (body: Json) => operation(forms, FORM, body);

/** A gateway with everything otherwise: forms, nested names, words of its own, minor units. */
const DESCRIPTION = {
  paths: {
    '/vault/cards': {
      post: post(
        object({
          request: text,
          holder: object({ ref: text, zip: text }, ['zip']),
          card: object({
            number: digits(12, 19),
            exp: digits(4, 4),
            security: object({ code: digits(3, 4) }),
          }),
          channel: { const: 'MOTO' },
          tag,
        }),
      ),
      get: operation([...identified, query('op')], null, null),
    },
    '/agreements': {
      post: post(
        object({ request: text, card: text, holder: text, money, tariff, start: text, tag }),
      ),
      get: operation([...identified, query('op')], null, null),
    },
    '/debits': {
      post: post(
        object(
          {
            request: text,
            card: text,
            holder: text,
            money,
            contract: text,
            due: text,
            use: { enum: ['CIT', 'MIT'] },
            channel: { const: 'moto' },
            trace: text,
            tag,
          },
          ['channel', 'trace'],
        ),
      ),
      get: operation([...identified, query('op')], null, null),
    },
    '/agreements/{id}': { get: operation(identified, null, null) },
    '/agreements/{id}/end': { post: post(object({ request: text, tag })) },
    '/agreements/{id}/tariff': { put: post(object({ request: text, money, tariff, tag })) },
  },
};

function wish({ template, names, query: given, body }: Judgement, request: ArrivedRequest): Wish {
  const key = textAt(body, 'request');
  const mark = textAt(body, 'tag', 'op');
  const id = names['id'] ?? '';
  if (request.method === 'GET' && template !== '/agreements/{id}') {
    return { step: 'look_up', by: 'tag', value: String(given['op']) };
  }
  switch (template) {
    case '/vault/cards':
      return { step: 'tokenise', key, tag: mark };
    case '/debits':
      return { step: 'charge', key, tag: mark };
    case '/agreements':
      return { step: 'subscribe', key, tag: mark };
    case '/agreements/{id}/end':
      return { step: 'change', key, tag: mark, id, verb: 'cancel' };
    case '/agreements/{id}/tariff':
      return { step: 'change', key, tag: mark, id, verb: 'change_plan' };
    default:
      return { step: 'read', id };
  }
}

const PHASES = { active: 'RUNNING', paused: 'HALTED', cancelled: 'ENDED' } as const;

export function acmeDialect(): Dialect {
  return {
    description: new Description(DESCRIPTION, { body: 'form', closed: true }),
    tokenPath: null,
    refuse: ({ headers }) => (headers['authorization'] === undefined ? 'who are you' : null),
    wish,
    granted: ({ kind, id, status }, transaction) => ({
      result: {
        state: 'OK',
        txn: transaction,
        ...(kind !== 'subscription'
          ? { [kind === 'token' ? 'card' : 'debit']: { id }, scheme: { trace: 77 } }
          : { agreement: { id, phase: PHASES[status], due: '2027-01-31T00:00:00Z' } }),
      },
    }),
    // A no comes with 200.
    declined: (code, transaction) => ({
      status: 200,
      body: { result: { state: 'NO', txn: transaction }, fault: { code } },
    }),
    pending: (transaction) => ({ result: { state: 'WAIT', txn: transaction } }),
    absent: { status: 404, body: { fault: { code: 'NO_SUCH' } } },
    found: (answers) => ({ status: 200, body: { items: answers.map((answer) => answer.body) } }),
  };
}

/** The mapping file of this gateway, as `docs/guides/generic-rest.md` shows it. */
export const ACME_MAPPING = {
  authorization: 'bearer',
  api_key_header: null,
  headers: [{ name: 'Acme-Version', value: '7' }],
  idempotency: { header: null },
  body: 'form',
  postal_code: true,
  tokenise: {
    path: '/vault/cards',
    fields: [
      { to: 'request', from: 'idempotency_key' },
      { to: 'holder.ref', from: 'customer_id' },
      { to: 'holder.zip', from: 'postal_code' },
      { to: 'card.number', from: 'pan' },
      { to: 'card.exp', from: 'expiry_mmyy' },
      { to: 'card.security.code', from: 'cvv' },
      { to: 'channel', value: 'MOTO' },
      { to: 'tag.op', from: 'operation_id' },
      { to: 'tag.call', from: 'interaction_id' },
    ],
  },
  subscribe: {
    path: '/agreements',
    fields: [
      { to: 'request', from: 'idempotency_key' },
      { to: 'card', from: 'token' },
      { to: 'holder', from: 'customer_id' },
      { to: 'money.minor', from: 'amount_minor' },
      { to: 'money.iso', from: 'currency' },
      { to: 'tariff.code', from: 'plan_reference' },
      { to: 'tariff.every', from: 'interval_count' },
      {
        to: 'tariff.per',
        from: 'interval_unit',
        words: { day: 'D', week: 'W', month: 'M', year: 'Y' },
      },
      { to: 'start', from: 'first_charge_date' },
      { to: 'tag.op', from: 'operation_id' },
      { to: 'tag.call', from: 'interaction_id' },
    ],
  },
  read: { path: '/agreements/{subscription_id}' },
  cancel: {
    path: '/agreements/{subscription_id}/end',
    fields: [
      { to: 'request', from: 'idempotency_key' },
      { to: 'tag.op', from: 'operation_id' },
      { to: 'tag.call', from: 'interaction_id' },
    ],
  },
  pause: null,
  resume: null,
  change_plan: {
    method: 'PUT',
    path: '/agreements/{subscription_id}/tariff',
    fields: [
      { to: 'request', from: 'idempotency_key' },
      { to: 'money.minor', from: 'amount_minor' },
      { to: 'money.iso', from: 'currency' },
      { to: 'tariff.code', from: 'plan_reference' },
      { to: 'tariff.every', from: 'interval_count' },
      {
        to: 'tariff.per',
        from: 'interval_unit',
        words: { day: 'D', week: 'W', month: 'M', year: 'Y' },
      },
      { to: 'tag.op', from: 'operation_id' },
      { to: 'tag.call', from: 'interaction_id' },
    ],
  },
  change_card: null,
  look_up: {
    tokenise: {
      path: '/vault/cards?op={operation_id}',
      list_at: 'items',
      status_at: null,
      answer_at: null,
      absent: [],
    },
    subscribe: {
      path: '/agreements?op={operation_id}',
      list_at: 'items',
      status_at: null,
      answer_at: null,
      absent: [],
    },
    change: {
      path: '/agreements?op={operation_id}',
      list_at: 'items',
      status_at: null,
      answer_at: null,
      absent: [],
    },
  },
  answers: {
    token: 'result.card.id',
    network_transaction_id: 'result.scheme.trace',
    subscription: 'result.agreement.id',
    status: 'result.agreement.phase',
    statuses: {
      active: ['RUNNING'],
      paused: ['HALTED'],
      past_due: ['ARREARS'],
      cancelled: ['ENDED'],
    },
    next_charge_date: 'result.agreement.due',
    transaction_id: 'result.txn',
    error: 'fault.code',
    verdict: { at: 'result.state', approved: ['OK'], pending: ['WAIT'], declined: ['NO'] },
  },
  errors: [
    { word: 'BAD_CODE', means: 'cvv_mismatch' },
    { word: 'NO_MONEY', means: 'insufficient_funds' },
    { word: 'STOLEN', means: 'card_declined', stop: true },
    { word: 'FRAUD_RULE', means: 'suspected_fraud' },
    { word: 'TOO_OLD', means: 'expired_card' },
  ],
  webhook: { idempotency_key: 'about.op', subscription: 'about.agreement' },
};

/** The same gateway for a merchant who has its agreements not: Tokenline keeps the schedule. */
export const ACME_CHARGE_MAPPING = {
  ...ACME_MAPPING,
  subscribe: null,
  read: null,
  cancel: null,
  change_plan: null,
  charge: {
    method: 'POST',
    path: '/debits',
    answer: 'object',
    fields: [
      { to: 'request', from: 'idempotency_key' },
      { to: 'card', from: 'token' },
      { to: 'holder', from: 'customer_id' },
      { to: 'money.minor', from: 'amount_minor' },
      { to: 'money.iso', from: 'currency' },
      { to: 'contract', from: 'subscription_id' },
      { to: 'due', from: 'due_date' },
      { to: 'use', from: 'credential_use', words: { first: 'CIT', recurring: 'MIT' } },
      { to: 'channel', from: 'entry_mode' },
      { to: 'trace', from: 'network_transaction_id' },
      { to: 'tag.op', from: 'operation_id' },
      { to: 'tag.call', from: 'interaction_id' },
    ],
  },
  look_up: {
    tokenise: ACME_MAPPING.look_up.tokenise,
    subscribe: null,
    change: null,
    charge: { ...ACME_MAPPING.look_up.subscribe, path: '/debits?op={operation_id}' },
  },
  answers: { ...ACME_MAPPING.answers, charge: 'result.debit.id' },
};
