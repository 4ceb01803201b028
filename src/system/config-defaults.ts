import { GENESYS_DEFAULTS } from './config-genesys.ts';
import { PAY_LINK } from './config-link.ts';

/** The sandbox's clients. Their secrets are printed at start and open nothing but a sandbox. */
export const SANDBOX_CLIENTS = [
  { id: 'tokenline-sandbox', secret: 'not-a-secret-sandbox', scopes: ['calls', 'cards'] },
  { id: 'tokenline-operator', secret: 'not-a-secret-operator', scopes: ['operator', 'auditor'] },
] as const;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const LIMITS = {
  // Three seconds less than the data action's 30 s (guide, "Timeout Management").
  deadline_ms: 27 * SECOND,
  settle_delays_ms: [2, 5, 15, 60].map((seconds) => seconds * SECOND),
  // A third of the data action's 30 s: the caller who waits is polling meanwhile.
  look_ms_max: 10 * SECOND,
  // The first delivery is made at once; these are the waits after each that failed: the example
  // schedule of Standard Webhooks, "Deliverability and reliability", 75 hours and 35 minutes in all.
  deliver_delays_ms: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
  ],
  // "Waiting longer than 60 seconds causes high abandonment rates" (guide, "Timeout Management").
  wait_ms_max: MINUTE,
  card_tries_per_call: 3,
  card_tries_per_ani_hour: 5,
  card_tries_per_ani_day: 10,
  card_tries_per_customer_day: 10,
  card_tries_per_card_day: 5,
  // docs/concepts/card-testing.md says why these.
  card_testing: {
    bin_window: 20,
    bin_decline_rate_max: 0.5,
    all_window: 100,
    all_decline_rate_max: 0.8,
  },
  // The guide's "maximum of 2 retries" from one second on.
  retry: { retries_max: 2, first_delay_ms: SECOND, delay_ms_max: 8 * SECOND },
  // The guide's circuit breaker: mean latency above 15 s over three consecutive calls.
  breaker: {
    latency_ms_max: 15 * SECOND,
    slow_calls: 3,
    error_rate_max: 0.5,
    window: 20,
    open_ms: 30 * SECOND,
    probe_ms: 2 * MINUTE,
  },
  charges: {
    hour: 9,
    retry_days: [1, 3, 5, 7],
    after_last_try: 'past_due',
    again_after_ms: 60 * MINUTE,
  },
};

const PLANS = [
  {
    // The guide's plan.
    id: 'recurring_monthly_premium',
    name: { 'en-us': 'Premium Monthly', 'es-us': 'Premium Mensual' },
    price: { amount_minor: 2_999, currency: 'USD' },
    interval: { count: 1, unit: 'month' },
    trial_days: 0,
  },
  {
    id: 'recurring_yearly_premium',
    name: { 'en-us': 'Premium Yearly', 'es-us': 'Premium Anual' },
    price: { amount_minor: 29_900, currency: 'USD' },
    interval: { count: 1, unit: 'year' },
    trial_days: 0,
  },
  {
    id: 'recurring_monthly_basic',
    name: { 'en-us': 'Basic Monthly', 'es-us': 'Básico Mensual' },
    price: { amount_minor: 999, currency: 'USD' },
    interval: { count: 1, unit: 'month' },
    trial_days: 14,
  },
];

const COMMON = {
  data: 'tokenline-data',
  database_url: null,
  database_prepared_statements: false,
  database_pool_max: 10,
  prompts: null,
  bridge: { host: '127.0.0.1', port: 8080, tls: null },
  tokenizer: { host: '127.0.0.1', port: 8081, tls: null, pay_connector: null },
  sandbox: { host: '127.0.0.1', port: 8082 },
  line: { host: '127.0.0.1', port: 8083 },
  internal: { url: null, host: null, credential: null, ca_file: null },
  capture: 'bridge',
  direct: { api_key: null, client_id: null, client_secret: null },
  billing: { url: null, secret: null, timeout_ms: 15 * SECOND },
  directory: { url: null, header: null },
  limits: LIMITS,
  pay_link: PAY_LINK,
  ledger: { key_file: null, checkpoint_file: null, checkpoint_every_ms: MINUTE },
  access: { key_file: null },
  sign_in: {
    issuer: null,
    client_id: null,
    client_secret: null,
    public_url: null,
    person_claim: 'preferred_username',
    groups_claim: 'groups',
    roles: {
      viewer: ['tokenline-viewer'],
      operator: ['tokenline-operator'],
      auditor: ['tokenline-auditor'],
      admin: ['tokenline-admin'],
    },
    amr: [],
    // PCI DSS 8.2.8: at most 15 minutes.
    idle_ms: 15 * MINUTE,
    session_ms_max: 12 * HOUR,
  },
  genesys: GENESYS_DEFAULTS,
};

const GATEWAY = {
  url: null,
  api_key: null,
  client_id: null,
  client_secret: null,
  bearer_token: null,
  webhook_secret: null,
  mapping_file: null,
  signing: null,
  ca_file: null,
  verification: true,
  recurring: 'gateway',
  absence_is_proof_after_ms: null,
  stripe: { cancel: 'now', proration: 'none' },
  paypal: { webhook_id: null, card_country: null, card_subscriptions: false },
};

/** The console as a client of the sandbox's identity provider. */
export const SANDBOX_SIGN_IN = {
  client_id: 'tokenline-console',
  client_secret: 'not-a-secret-console-client',
};

/** The agent's page as a client of the sandbox's make-believe Genesys Cloud, and the flow it may begin. */
export const SANDBOX_AGENT = { client_id: 'tokenline-agent', flow_id: 'card-capture-agent' };

/** Credentials of the make-believe gateway, which everybody knows. */
export const SANDBOX_GATEWAY = {
  api_key: 'not-a-secret-gateway-key',
  client_id: 'tokenline',
  client_secret: 'not-a-secret-gateway-client',
  webhook_secret: 'whsec_bm90LWEtc2VjcmV0LWdhdGV3YXktd2ViaG9vaw==',
};

const BRANDS = ['visa', 'mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay', 'maestro'];

/**
 * What holds where the file says nothing, in the file's own shape. Live mode has no merchant, no
 * plans, no clients and no gateway of its own: they have to be given. The make-believe gateway's
 * credentials stand for no other gateway's.
 */
export function defaultsOf(
  mode: 'sandbox' | 'live',
  gatewayName: unknown,
): Readonly<Record<string, unknown>> {
  const brands = [...BRANDS, 'unknown'];
  if (mode === 'live') {
    return { mode, ...COMMON, merchant: { brands }, gateway: GATEWAY, clients: [] };
  }
  return {
    mode,
    ...COMMON,
    merchant: {
      name: 'Tokenline Sandbox',
      support_phone: '+1 317 555 0100',
      time_zone: 'America/New_York',
      brands,
    },
    clients: SANDBOX_CLIENTS,
    gateway:
      gatewayName === 'sandbox' ? { ...GATEWAY, ...SANDBOX_GATEWAY, name: 'sandbox' } : GATEWAY,
    billing: { ...COMMON.billing, secret: 'whsec_bm90LWEtc2VjcmV0LWJpbGxpbmctd2ViaG9vaw==' },
    plans: PLANS,
  };
}
