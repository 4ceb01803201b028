import { Type, type Static } from 'typebox';
import { CAPTURE_MODES, Direct } from './config-capture.ts';
import { PayLink } from './config-link.ts';
import { Gateway } from './config-gateway.ts';
import { Genesys } from './config-genesys.ts';
import {
  milliseconds,
  nullable,
  path,
  port,
  secret,
  shut,
  text,
  url,
  whole,
  words,
} from './config-shape.ts';

export const MODES = ['sandbox', 'live'] as const;
export const SCOPES = ['calls', 'cards', 'operator', 'auditor'] as const;

const Tls = Type.Object({ cert_file: path, key_file: path }, shut);
const Listen = Type.Object({ host: text('an address or a host name'), port }, shut);
const ListenTls = Type.Object({ ...Listen.properties, tls: nullable(Tls) }, shut);

/** HTTP Basic (RFC 7617 §2: no colon in a name). */
const PayConnector = Type.Object(
  {
    username: text('letters, digits and . _ -', { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }),
    password: text('a secret of 24 characters or more', { minLength: 24 }),
  },
  shut,
);

const Client = Type.Object(
  {
    id: text('letters, digits and . _ -', { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }),
    secret,
    scopes: Type.Array(words(SCOPES), {
      minItems: 1,
      description: `a list of ${SCOPES.join(', ')}`,
    }),
  },
  shut,
);

const Plan = Type.Object(
  {
    id: text('letters, digits and . _ : @ + -', {
      pattern: '^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}$',
    }),
    name: Type.Object({ 'en-us': text('a name'), 'es-us': text('a name') }, shut),
    price: Type.Object(
      {
        amount_minor: whole(1, 9_999_999_999, 'the amount in the smallest unit: 2999 is 29.99 USD'),
        currency: text('an ISO 4217 code in capitals', { pattern: '^[A-Z]{3}$' }),
      },
      shut,
    ),
    interval: Type.Object(
      { count: whole(1, 366), unit: words(['day', 'week', 'month', 'year']) },
      shut,
    ),
    trial_days: whole(0, 366),
    gateway_reference: Type.Optional(text('what the gateway calls the plan')),
  },
  shut,
);

const share = Type.Number({ minimum: 0, maximum: 1, description: 'a share from 0 to 1' });

const Limits = Type.Object(
  {
    deadline_ms: milliseconds(1_000, 60_000),
    settle_delays_ms: Type.Array(milliseconds(0, 86_400_000), {
      minItems: 1,
      description: 'a list of milliseconds',
    }),
    look_ms_max: milliseconds(100, 60_000),
    deliver_delays_ms: Type.Array(milliseconds(0, 604_800_000), {
      minItems: 1,
      description: 'a list of milliseconds',
    }),
    wait_ms_max: milliseconds(1_000, 600_000),
    card_tries_per_call: whole(1, 10),
    card_tries_per_ani_hour: whole(1, 1_000),
    card_tries_per_ani_day: whole(1, 1_000),
    card_tries_per_customer_day: whole(1, 1_000),
    card_tries_per_card_day: whole(1, 1_000),
    card_testing: Type.Object(
      {
        bin_window: whole(1, 1_000),
        bin_decline_rate_max: share,
        all_window: whole(1, 1_000),
        all_decline_rate_max: share,
      },
      shut,
    ),
    retry: Type.Object(
      {
        retries_max: whole(0, 10),
        first_delay_ms: milliseconds(1, 60_000),
        delay_ms_max: milliseconds(1, 60_000),
      },
      shut,
    ),
    charges: Type.Object(
      {
        hour: whole(0, 23, 'an hour from 0 to 23'),
        // Visa's limit of tries in 30 days, the first one left out; see payment/retry-charge.ts.
        retry_days: Type.Array(whole(1, 30), {
          maxItems: 14,
          description: 'a list of at most 14 numbers of days, each from 1 to 30',
        }),
        after_last_try: words(['past_due', 'cancel']),
        again_after_ms: milliseconds(60_000, 86_400_000),
      },
      shut,
    ),
    breaker: Type.Object(
      {
        latency_ms_max: milliseconds(1, 60_000),
        slow_calls: whole(1, 1_000),
        error_rate_max: share,
        window: whole(1, 1_000),
        open_ms: milliseconds(1, 3_600_000),
        probe_ms: milliseconds(1, 3_600_000),
      },
      shut,
    ),
  },
  shut,
);

const groups = Type.Array(text('the name of a group'), { description: 'a list of groups' });

/** Who signs people in to the console (OpenID Connect), and which of its groups has which role. */
const SignIn = Type.Object(
  {
    issuer: nullable(url),
    client_id: nullable(text('the client id at the identity provider')),
    client_secret: nullable(secret),
    public_url: nullable(url),
    person_claim: text('the name of a claim'),
    groups_claim: text('the name of a claim'),
    roles: Type.Object({ viewer: groups, operator: groups, auditor: groups, admin: groups }, shut),
    amr: Type.Array(text('a method of RFC 8176 such as mfa'), { description: 'a list of methods' }),
    idle_ms: milliseconds(60_000, 900_000),
    session_ms_max: milliseconds(300_000, 86_400_000),
  },
  shut,
);

/**
 * The shape of `tokenline.yaml` once the defaults have been filled in. Closed everywhere; what each
 * key is for stands in `tokenline.example.yaml`.
 */
export const ConfigFile = Type.Object(
  {
    mode: words(MODES),
    data: path,
    database_url: nullable(
      text('an address that begins with postgres://', { pattern: '^postgres(ql)?://' }),
    ),
    database_prepared_statements: Type.Boolean(),
    database_pool_max: whole(1, 1_000),
    prompts: nullable(path),
    merchant: Type.Object(
      {
        name: text('a name'),
        support_phone: text('a telephone number', { pattern: '^[+0-9][0-9 ().-]{2,24}$' }),
        time_zone: text('an IANA time zone such as America/New_York'),
        brands: Type.Array(
          words([
            'visa',
            'mastercard',
            'amex',
            'discover',
            'diners',
            'jcb',
            'unionpay',
            'maestro',
            'unknown',
          ]),
          { minItems: 1, description: 'a list of card brands' },
        ),
      },
      shut,
    ),
    bridge: ListenTls,
    tokenizer: Type.Object(
      { ...ListenTls.properties, pay_connector: nullable(PayConnector) },
      shut,
    ),
    sandbox: Listen,
    line: Listen,
    internal: Type.Object(
      {
        url: nullable(url),
        host: nullable(text('an address or a host name')),
        credential: nullable(secret),
        ca_file: nullable(path),
      },
      shut,
    ),
    clients: Type.Array(Client, { description: 'a list of clients' }),
    capture: words(CAPTURE_MODES),
    direct: Direct,
    gateway: Gateway,
    billing: Type.Object(
      {
        url: nullable(url),
        // https://github.com/standard-webhooks/standard-webhooks, "Signature scheme"
        secret: nullable(
          text('whsec_ and the Base64 of 24 to 64 bytes', {
            pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$',
          }),
        ),
        timeout_ms: milliseconds(100, 60_000),
      },
      shut,
    ),
    directory: Type.Object(
      {
        url: nullable(url),
        header: nullable(
          text('a header such as "Authorization: Bearer …"', { pattern: '^[A-Za-z0-9-]+: .+$' }),
        ),
      },
      shut,
    ),
    plans: Type.Array(Plan, { minItems: 1, description: 'a list of plans' }),
    limits: Limits,
    pay_link: PayLink,
    ledger: Type.Object(
      {
        key_file: nullable(path),
        checkpoint_file: nullable(path),
        checkpoint_every_ms: milliseconds(1_000, 3_600_000),
      },
      shut,
    ),
    access: Type.Object({ key_file: nullable(path) }, shut),
    sign_in: SignIn,
    genesys: Genesys,
  },
  shut,
);
export type ConfigFile = Static<typeof ConfigFile>;

/**
 * Keys that hold a secret: each may be given as `<key>_file` instead, which names a file whose text,
 * without the line break at its end, is the value.
 */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'database_url',
  'credential',
  'secret',
  'api_key',
  'client_secret',
  'webhook_secret',
  'bearer_token',
  'secret_access_key',
  'session_token',
  'password',
  'header',
]);
