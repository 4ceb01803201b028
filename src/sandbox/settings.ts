import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

const shut = { additionalProperties: false };
const text = Type.String({ minLength: 1 });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** The make-believe Genesys Cloud. */
export const GenesysSettings = Type.Object(
  {
    /** The agent's page as its OAuth client. */
    clientId: text,
    redirectUri: text,
    /** Of the bridge: `http://host:port/agent`. */
    agentPage: text,
    /** Id of the secure flow that an agent may send a caller to. */
    flowId: text,
  },
  shut,
);
export type GenesysSettings = Static<typeof GenesysSettings>;

/** Everything the sandbox is started with: one JSON document on its standard input. */
export const SandboxSettings = Type.Object(
  {
    host: text,
    /** 0 takes any free port. */
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    /** Where its ledger is kept; made when it is not there. */
    dataDir: text,
    tls: nullable(Type.Object({ certPem: text, keyPem: text }, shut)),
    /** IANA name; decides which day it is, and so whether a first charge is due. */
    timeZone: text,
    gateway: Type.Object(
      {
        clientId: text,
        clientSecret: text,
        apiKey: text,
        /** Life of a bearer, seconds. */
        bearerSeconds: Type.Number({ exclusiveMinimum: 0 }),
      },
      shut,
    ),
    /**
     * True leaves the issuer's word to `POST /v1/tokens/{id}/verify`, as gateways do whose stored
     * cards are checked in a second step; false asks the issuer while tokenising.
     */
    verification: Type.Boolean(),
    /** False for a gateway that has none: whoever wants to charge again posts each charge. */
    subscriptions: Type.Boolean(),
    /** Where the gateway's events go, signed with a Standard Webhooks secret (`whsec_…`). */
    webhook: nullable(Type.Object({ url: text, secret: text }, shut)),
    /** The console as a client of the sandbox's identity provider; `null` where there is none. */
    people: nullable(
      Type.Object({ issuer: text, clientId: text, clientSecret: text, redirectUri: text }, shut),
    ),
    /** `null` where another Genesys is configured. */
    genesys: nullable(GenesysSettings),
    /** What deliveries to `/billing/events` are signed with (`whsec_…`). */
    billingSecret: text,
  },
  shut,
);
export type SandboxSettings = Static<typeof SandboxSettings>;

/** @throws TypeError naming the keys that are wrong, never their values. */
export function readSandboxSettings(document: unknown): SandboxSettings {
  if (Value.Check(SandboxSettings, document)) return document;
  const where = Value.Errors(SandboxSettings, document).map(
    (error) => `${error.instancePath || '/'} ${error.message}`,
  );
  throw new TypeError(`the sandbox's settings are wrong: ${[...new Set(where)].join('; ')}`);
}
