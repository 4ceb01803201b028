import { Type, type Static } from 'typebox';
import { CAPTURE_MODES } from '../payment/capture.ts';
import { FAULTS, type FaultCode } from '../payment/fault.ts';

/**
 * What an access token may be used for: `calls` and `cards` are the contact centre's, `operator` has
 * the switch, `auditor` reads the ledger.
 */
export const SCOPES = ['calls', 'cards', 'operator', 'auditor'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * RFC 6749 4.4.2. Open, because a server has to ignore parameters that it does not know (3.2); the
 * client may also name itself by HTTP Basic (2.3.1).
 */
export const AccessTokenRequest = Type.Object({
  grant_type: Type.String({ maxLength: 64, description: 'client_credentials.' }),
  client_id: Type.Optional(Type.String({ maxLength: 64, description: 'Unless in the header.' })),
  client_secret: Type.Optional(
    Type.String({ maxLength: 256, description: 'Unless in the header.' }),
  ),
  scope: Type.Optional(
    Type.String({ maxLength: 128, description: 'Some of the client’s scopes; all where absent.' }),
  ),
});
export type AccessTokenRequest = Static<typeof AccessTokenRequest>;

/** RFC 6749 5.1. */
export const AccessTokenAnswer = Type.Object({
  access_token: Type.String({ description: 'A bearer token.' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  scope: Type.String({ description: 'What it may be used for, separated by spaces.' }),
});
export type AccessTokenAnswer = Static<typeof AccessTokenAnswer>;

export const ProbeAnswer = Type.Object({
  status: Type.Enum(['ok', 'ready']),
  capture: Type.Optional(
    Type.Enum([...CAPTURE_MODES], {
      description: 'How cards come; the bridge’s readiness says it.',
    }),
  ),
});

const faultCodes = Object.keys(FAULTS).filter((code): code is FaultCode =>
  Object.hasOwn(FAULTS, code),
);

/** RFC 9457, with a stable `code`. */
export const Problem = Type.Object({
  type: Type.String({ description: 'urn:tokenline:fault: and the code.' }),
  title: Type.String({ description: 'What the code means.' }),
  status: Type.Integer({ description: 'The HTTP status.' }),
  code: Type.Enum(faultCodes, { description: 'Stable; docs/reference/errors.md lists them.' }),
  detail: Type.String({ description: 'What to do. Never repeats a value of the request.' }),
  instance: Type.Optional(
    Type.String({ description: 'With internal_error: the id that is in the log.' }),
  ),
});
