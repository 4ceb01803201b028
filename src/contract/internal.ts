import { Type, type Static } from 'typebox';
import { BRANDS_SEEN } from '../payment/brand.ts';

/**
 * The line between tokenizer and bridge: a Unix socket or loopback, with a credential of its own.
 * No field can carry a PAN or a CVV; `card_mac`, `pan_mac` and `bin_mac` are keyed hashes whose
 * key never leaves the tokenizer's memory (PCI DSS 3.5.1.1).
 */
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const text = (maxLength: number) => Type.String({ maxLength });

/** Claims the key and asks for leave to send. Sent before the first byte goes to the gateway. */
export const BeginRequest = Type.Object({
  client_id: text(64),
  /** Where the request came from, such as `tokenizer 203.0.113.7`. */
  origin: text(64),
  /** The `Idempotency-Key` header. */
  key: nullable(text(255)),
  interaction_id: text(64),
  customer_id: text(64),
  call_id: nullable(text(64)),
  attempt: nullable(Type.Integer({ minimum: 1, maximum: 99 })),
  language: nullable(text(16)),
  amount: nullable(text(32)),
  currency: nullable(text(3)),
  /** SHA-256, as letters, of the request without its card fields. */
  body_hash: text(64),
  card_mac: text(64),
  /** The same over the PAN alone: counts attempts per card. */
  pan_mac: text(64),
  /** The same over the first six digits: counts declines per range. Empty where `pan_mac` is. */
  bin_mac: text(64),
  /** Names the key of `card_mac`; another name means that the two cannot be compared. */
  card_mac_key: text(64),
  card_brand: Type.Enum([...BRANDS_SEEN]),
  card_last4: Type.String({ pattern: '^([0-9]{4})?$' }),
  /** What our own validation said, or `null` where the card may be sent. */
  fault: nullable(
    Type.Enum([
      'invalid_card_number',
      'invalid_cvv',
      'invalid_expiry',
      'expired_card',
      'unsupported_card',
    ]),
  ),
});
export type BeginRequest = Static<typeof BeginRequest>;

export const BeginReply = Type.Union([
  Type.Object({
    kind: Type.Literal('go'),
    operation_id: Type.String(),
    /** The idempotency key for the gateway: the same after a crash. */
    gateway_key: Type.String(),
    /** Milliseconds that are left of the request's budget. */
    budget_ms: Type.Number(),
  }),
  /** The caller's answer is known already: a replay, a refusal, our own decline. */
  Type.Object({ kind: Type.Literal('answer'), answer: Type.String() }),
]);
export type BeginReply = Static<typeof BeginReply>;

/** What the gateway said, without digits. `POST /internal/operations/{id}/finish`. */
export const FinishRequest = Type.Object({
  outcome: Type.Enum(['approved', 'pending', 'declined', 'failed', 'in_doubt']),
  error_code: nullable(text(32)),
  token_reference: nullable(text(255)),
  network_transaction_id: nullable(text(255)),
  gateway_transaction_id: nullable(text(255)),
  status_code: nullable(Type.Integer()),
  raw_code: nullable(text(64)),
  latency_ms: Type.Number(),
  healthy: Type.Boolean(),
  /** Milliseconds that are left, for the gateway's digit-free verification step. */
  budget_ms: Type.Number(),
});
export type FinishRequest = Static<typeof FinishRequest>;

export const FinishReply = Type.Object({ answer: Type.String() });
export type FinishReply = Static<typeof FinishReply>;

/** `GET /internal/keys`: the public keys that access tokens are verified with. */
export const KeysReply = Type.Object({
  keys: Type.Array(Type.Object({ key_id: Type.String(), pem: Type.String() })),
});
export type KeysReply = Static<typeof KeysReply>;

/** The header that carries the shared credential of the internal line. */
export const INTERNAL_CREDENTIAL_HEADER = 'x-tokenline-internal';
