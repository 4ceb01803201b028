import { Type, type Static, type TEnum } from 'typebox';

/**
 * The shape of `tokenline.yaml` once the defaults have been filled in. Closed everywhere: an unknown
 * key is a slip that would otherwise be ignored in silence. A `description` completes the sentence
 * "expected …"; what each key is for stands in `tokenline.example.yaml`.
 */
const shut = { additionalProperties: false };

const text = (description: string, extra: Record<string, unknown> = {}) =>
  Type.String({ minLength: 1, description, ...extra });

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const whole = (minimum: number, maximum: number, description?: string) =>
  Type.Integer({
    minimum,
    maximum,
    description: description ?? `a whole number from ${minimum} to ${maximum}`,
  });

const milliseconds = (minimum: number, maximum: number) =>
  whole(minimum, maximum, `milliseconds, from ${minimum} to ${maximum}`);

/** The return type is spelled out: without it the words are lost from the file's type. */
const words = <const T extends readonly string[]>(list: T): TEnum<[...T]> =>
  Type.Enum<[...T]>([...list], { description: `one of ${list.join(', ')}` });

const url = text('an address that begins with http:// or https://', { pattern: '^https?://[^/]' });
const path = text('a path');
const secret = text('a secret');
const port = whole(0, 65_535, 'a port from 1 to 65535, or 0 for any free one');

export const MODES = ['sandbox', 'live'] as const;
export const SCOPES = ['calls', 'cards', 'operator', 'auditor'] as const;

const Tls = Type.Object({ cert_file: path, key_file: path }, shut);
const Listen = Type.Object({ host: text('an address or a host name'), port }, shut);
const ListenTls = Type.Object({ ...Listen.properties, tls: nullable(Tls) }, shut);

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
  },
  shut,
);

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
    retry: Type.Object(
      {
        retries_max: whole(0, 10),
        first_delay_ms: milliseconds(1, 60_000),
        delay_ms_max: milliseconds(1, 60_000),
      },
      shut,
    ),
    breaker: Type.Object(
      {
        latency_ms_max: milliseconds(1, 60_000),
        slow_calls: whole(1, 1_000),
        error_rate_max: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'a share from 0 to 1',
        }),
        window: whole(1, 1_000),
        open_ms: milliseconds(1, 3_600_000),
        probe_ms: milliseconds(1, 3_600_000),
      },
      shut,
    ),
  },
  shut,
);

export const ConfigFile = Type.Object(
  {
    mode: words(MODES),
    data: path,
    database_url: nullable(
      text('an address that begins with postgres://', { pattern: '^postgres(ql)?://' }),
    ),
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
    tokenizer: ListenTls,
    sandbox: Listen,
    internal: Type.Object({ url: nullable(url), credential: nullable(secret) }, shut),
    clients: Type.Array(Client, { description: 'a list of clients' }),
    gateway: Type.Object(
      {
        name: text('the name of a gateway', { pattern: '^[a-z][a-z0-9-]{1,31}$' }),
        url: nullable(url),
        api_key: nullable(secret),
        client_id: nullable(text('an id')),
        client_secret: nullable(secret),
        webhook_secret: nullable(secret),
        ca_file: nullable(path),
        verification: Type.Boolean({ description: 'true or false' }),
        absence_is_proof_after_ms: nullable(milliseconds(0, 86_400_000)),
      },
      shut,
    ),
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
    ledger: Type.Object(
      {
        key_file: nullable(path),
        checkpoint_file: nullable(path),
        checkpoint_every_ms: milliseconds(1_000, 3_600_000),
      },
      shut,
    ),
    access: Type.Object({ key_file: nullable(path) }, shut),
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
  'header',
]);
