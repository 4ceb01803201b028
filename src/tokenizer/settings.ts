import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { BRANDS } from '../card/brand.ts';
import type { Language } from '../payment/language.ts';

const pem = Type.String({ minLength: 1 });

const optionalText = Type.Union([Type.String({ minLength: 1 }), Type.Null()]);

/** See `AwsSigning`. */
const Signing = Type.Object({
  kind: Type.Literal('aws_sigv4'),
  region: Type.String({ minLength: 1 }),
  service: Type.String({ minLength: 1 }),
  accessKeyId: optionalText,
  secretAccessKey: optionalText,
  sessionToken: optionalText,
  credentialsFile: optionalText,
});

/**
 * Everything that the card process is told. It comes as one JSON document on its standard input:
 * neither a command line nor an environment holds a secret.
 */
export const TokenizerSettings = Type.Object(
  {
    /** Of the product; goes into `/openapi.json`. */
    version: Type.String({ minLength: 1 }),
    listen: Type.Object({
      host: Type.String({ minLength: 1 }),
      /** 0 is any free port. */
      port: Type.Integer({ minimum: 0, maximum: 65_535 }),
      /** PEM texts; `null` behind a proxy that ends TLS on the same host. */
      tls: Type.Union([Type.Object({ cert: pem, key: pem }), Type.Null()]),
    }),
    internal: Type.Object({
      /** Of the bridge: `http+unix:///…/bridge.sock`, or a URL. */
      origin: Type.String({ minLength: 1 }),
      credential: Type.String({ minLength: 16 }),
      /** PEM bundle in place of the public authorities. */
      ca: Type.Optional(Type.Union([pem, Type.Null()])),
    }),
    gateway: Type.Object({
      name: Type.String({ minLength: 1 }),
      origin: Type.String({ minLength: 1 }),
      /** PEM bundle in place of the public authorities. */
      ca: Type.Union([pem, Type.Null()]),
      /** By the gateway's own names, such as `apiKey`. */
      credentials: Type.Record(Type.String(), Type.String()),
      /** Of a gateway named `rest`; its parent has checked it. */
      mapping: Type.Optional(Type.Unknown()),
      signing: Type.Optional(Type.Union([Signing, Type.Null()])),
      /** ISO 3166-1 alpha-2 of the cards' addresses, for a gateway that takes no postal code alone. */
      cardCountry: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
    }),
    /** HTTP Basic of `POST /v1/pay-connector`; without it there is no such route. */
    payConnector: Type.Optional(
      Type.Union([
        Type.Object({
          username: Type.String({ minLength: 1 }),
          password: Type.String({ minLength: 16 }),
        }),
        Type.Null(),
      ]),
    ),
    mode: Type.Enum(['live', 'test']),
    /** IANA name. */
    timeZone: Type.String({ minLength: 1 }),
    brands: Type.Array(Type.Enum([...BRANDS])),
    deadlineMs: Type.Integer({ minimum: 100 }),
    retry: Type.Object({
      retriesMax: Type.Integer({ minimum: 0, maximum: 10 }),
      firstDelayMs: Type.Integer({ minimum: 0 }),
      delayMsMax: Type.Integer({ minimum: 0 }),
    }),
    inFlightMax: Type.Integer({ minimum: 1 }),
    receiveMsMax: Type.Integer({ minimum: 100 }),
    /** What a caller hears while an operation is in doubt and the bridge cannot be reached. */
    inDoubtTexts: Type.Object({
      'en-us': Type.String({ minLength: 1 }),
      'es-us': Type.String({ minLength: 1 }),
    } satisfies Record<Language, unknown>),
  },
  { additionalProperties: false },
);
export type TokenizerSettings = Static<typeof TokenizerSettings>;

/** What holds where the configuration does not say it. */
export const TOKENIZER_LIMITS = { inFlightMax: 256, receiveMsMax: 10_000 } as const;

const validator = Compile(TokenizerSettings);

/** A mistake in the settings: somebody has to change them. The message repeats no value. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

/** @throws SettingsError naming what is wrong. */
export function readSettings(text: string): TokenizerSettings {
  const settings = parsed(text);
  if (validator.Check(settings)) return settings;
  const paths = validator.Errors(settings).map(({ instancePath }) => instancePath || '/');
  throw new SettingsError(`the settings of the card process are wrong at ${paths.join(', ')}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingsError('the settings of the card process are no JSON; it wants them on stdin');
  }
}

/**
 * Does what only works with good settings. What the library says about a bad one may repeat it.
 *
 * @param path of the setting, such as `/gateway/origin`.
 * @throws SettingsError
 */
export function withSetting<T>(path: string, wanted: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(`the settings of the card process are wrong at ${path}: ${wanted}`);
  }
}
