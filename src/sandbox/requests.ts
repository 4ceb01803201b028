import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { INTERVAL_UNITS } from '../payment/plan.ts';
import { canonicalJson, fingerprint } from '../payment/fingerprint.ts';
import { invalidRequest, Refusal } from './refusal.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const numberOrText = Type.Union([Type.Number(), text(32)]);
const metadata = Type.Optional(Type.Record(Type.String(), Type.Unknown()));

/** The guide's payload for `POST /v1/tokens` ("JSON Payload Construction"). */
export const TokenRequest = Type.Object({
  card_number: text(64),
  cvv: text(16),
  expiry_month: numberOrText,
  expiry_year: numberOrText,
  customer_id: text(255),
  amount: Type.Optional(numberOrText),
  currency: Type.Optional(text(3)),
  recurring_flag: Type.Optional(Type.Boolean()),
  postal_code: Type.Optional(Type.Union([text(16), Type.Null()])),
  metadata,
});
export type TokenRequest = Static<typeof TokenRequest>;

/** The guide's payload for `POST /v1/subscriptions`, and the price and start that it forgets. */
export const SubscriptionRequest = Type.Object({
  customer_id: text(255),
  payment_method_token: text(255),
  plan_id: text(255),
  interval_count: Type.Integer({ minimum: 1, maximum: 366 }),
  interval_unit: Type.Enum([...INTERVAL_UNITS]),
  amount: numberOrText,
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  first_charge_date: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  metadata,
});
export type SubscriptionRequest = Static<typeof SubscriptionRequest>;

/** `POST /v1/pages`: a page on which a customer enters a card. */
export const PageRequest = Type.Object({
  customer_id: text(255),
  language: Type.Optional(Type.Enum(['en-us', 'es-us'])),
  expires_at: text(32),
  return_url: Type.Optional(Type.Union([text(2048), Type.Null()])),
  metadata,
});
export type PageRequest = Static<typeof PageRequest>;

/** `POST /v1/charges`: one charge of a stored card, and how the card is used. */
export const ChargeRequest = Type.Object({
  customer_id: text(255),
  payment_method_token: text(255),
  subscription_id: text(255),
  plan_id: text(255),
  amount: numberOrText,
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  due_date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  stored_credential: Type.Union([
    Type.Object({ initiator: Type.Literal('customer'), usage: Type.Literal('first') }),
    Type.Object({
      initiator: Type.Literal('merchant'),
      usage: Type.Literal('recurring'),
      network_transaction_id: Type.Union([text(255), Type.Null()]),
    }),
  ]),
  metadata,
});
export type ChargeRequest = Static<typeof ChargeRequest>;

export const PlainRequest = Type.Object({ metadata });

export const ChangePlanRequest = Type.Object({
  plan_id: text(255),
  interval_count: Type.Integer({ minimum: 1, maximum: 366 }),
  interval_unit: Type.Enum([...INTERVAL_UNITS]),
  amount: numberOrText,
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  metadata,
});
export type ChangePlanRequest = Static<typeof ChangePlanRequest>;

export const ChangeCardRequest = Type.Object({ payment_method_token: text(255), metadata });
export type ChangeCardRequest = Static<typeof ChangeCardRequest>;

/** The JSON value of a body; an empty one is `{}`. @throws Refusal that repeats nothing of it. */
export function jsonOf(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalidRequest('the body is no JSON');
  }
}

/** @throws Refusal 400 naming the members that are wrong, never their values. */
export function readBody<S extends TSchema>(schema: S, document: unknown): Static<S> {
  if (Value.Check(schema, document)) return document;
  const where = Value.Errors(schema, document).map(
    (error) => `${error.instancePath || '/'} ${error.message}`,
  );
  throw invalidRequest([...new Set(where)].join('; '));
}

/** Ids by which a request is found again: the guide's metadata, and ours beside it. */
export function tracesOf(body: { metadata?: Record<string, unknown> }): {
  interactionId: string;
  operationId: string;
} {
  const value = (name: string): string => {
    const found = body.metadata?.[name];
    return typeof found === 'string' ? found.slice(0, 255) : '';
  };
  return {
    interactionId: value('interaction_id') || value('ivr_session_id'),
    operationId: value('operation_id'),
  };
}

/** The hash that may be kept of a request: without what may not be kept of a card. */
export function requestHash(path: string, document: unknown): string {
  const members = typeof document === 'object' && document !== null ? document : {};
  const kept = Object.entries(members).filter(([name]) => name !== 'card_number' && name !== 'cvv');
  return fingerprint(`${path} ${canonicalJson(Object.fromEntries(kept))}`);
}

/**
 * A PAN belongs into one member only: anywhere else it would be kept.
 *
 * @throws Refusal 400
 */
export function refuseMisplacedPan(request: TokenRequest, idempotencyKey: string): void {
  const { card_number: pan, ...others } = request;
  if (pan.length < 12) return;
  if (canonicalJson(others).includes(pan) || idempotencyKey.includes(pan)) {
    throw new Refusal(400, 'Card_Number_In_Wrong_Place', 'a card number stands in another member');
  }
}
