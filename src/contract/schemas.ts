import { Type, type Static, type TSchema } from 'typebox';
import { INTERVAL_UNITS } from '../payment/plan.ts';
import {
  Attempt,
  COMMON,
  Count,
  CustomerId,
  ErrorCodeField,
  Flag,
  InteractionId,
  LanguageOf,
  LanguageTag,
  OwnId,
  PhoneNumber,
  Reference,
  RetryFieldField,
  Text,
} from './fields.ts';

/** Closed: an unknown key is a slip that would otherwise be ignored in silence. */
const shut = { additionalProperties: false };

export const AvailabilityRequest = Type.Object(
  {
    interaction_id: InteractionId,
    ani: Type.Optional(PhoneNumber('The caller’s number.')),
    dnis: Type.Optional(PhoneNumber('The number that was called.')),
    language: Type.Optional(LanguageTag),
  },
  shut,
);
export const AvailabilityAnswer = Type.Object({
  ...COMMON,
  reason: Text('available, switched_off, breaker_open or too_many_attempts.'),
  pay_link: Text('off, choice or only: whether a card may, or has to, be entered on a page.'),
});

export const LookupRequest = Type.Object(
  {
    interaction_id: InteractionId,
    ani: Type.Optional(PhoneNumber('The caller’s number.')),
    customer_id: Type.Optional(CustomerId),
    language: Type.Optional(
      LanguageOf('The language that the caller chose; without it the customer’s own.'),
    ),
  },
  shut,
);
export const LookupAnswer = Type.Object({
  ...COMMON,
  customer_id: Text('Empty where the caller is not known.'),
  is_subscriber: Flag('True with a subscription that is not cancelled.'),
  subscription_id: Text('Empty without one.'),
  plan_id: Text('The plan’s id.'),
  plan_name: Text('The plan’s spoken name.'),
  status: Text('active, paused, past_due, cancelled, or empty.'),
  amount_text: Text('The price as it is spoken.'),
  next_charge_date: Text('As it is spoken, or empty.'),
  card_brand: Text('The brand of the card on file.'),
  card_last4: Text('Its last four digits.'),
  language: Text('The customer’s language.'),
});

export const PlansRequest = Type.Object(
  { interaction_id: InteractionId, language: Type.Optional(LanguageTag) },
  shut,
);
export const PlansAnswer = Type.Object({
  ...COMMON,
  plan_ids: Type.Array(Type.String(), { description: 'In the order in which they are offered.' }),
  plan_texts: Type.Array(Type.String(), { description: 'Name and price, as they are spoken.' }),
  plan_count: Count('How many there are.'),
  menu_text: Text('What to say to let the caller choose: each plan with its key, from 1 to 9.'),
});

export const DisclosureRequest = Type.Object(
  {
    interaction_id: InteractionId,
    customer_id: CustomerId,
    plan_id: Reference('From plans/list.'),
    subscription_id: Type.Optional(
      Reference(
        'For a change of plan: the subscription that changes. Says what is charged at once.',
      ),
    ),
    language: LanguageTag,
  },
  shut,
);
export const DisclosureAnswer = Type.Object({
  ...COMMON,
  error_code: ErrorCodeField,
  disclosure_id: Text('Goes into the consent.'),
  disclosure_text: Text('Has to be said word for word before consent.'),
  amount_text: Text('The price as it is spoken.'),
});

export const ConsentRequest = Type.Object(
  {
    interaction_id: InteractionId,
    disclosure_id: OwnId('The disclosure that was just said.'),
    key_pressed: Type.String({
      pattern: '^[0-9*#]?$',
      description: 'The key; 1 consents, anything else and nothing is no.',
    }),
  },
  shut,
);
export const ConsentAnswer = Type.Object({
  ...COMMON,
  error_code: ErrorCodeField,
  consent_id: Text('Needed to subscribe; empty where there was no consent.'),
});

/** The guide’s `metadata`. */
const TokenMetadata = Type.Object(
  {
    call_id: Type.Optional(Reference('The guide’s cc.callId; Genesys has one id for both.')),
    interaction_id: InteractionId,
    source: Type.Optional(Type.String({ maxLength: 64, description: 'Such as ivr.' })),
  },
  shut,
);

const Amount = Type.Union(
  [Type.Number({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,10}([.][0-9]{1,3})?$' })],
  {
    description: 'Decimal, as the guide writes it. Compared with the plan; it never sets a price.',
  },
);
const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' });

/**
 * What callers key wrongly (too few digits, no such month) is no fault but a decline, so the fields of
 * the card are loose and `card/card.ts` judges them.
 */
const tokenRequest = (
  pan: Parameters<typeof Type.String>[0],
  cvv: Parameters<typeof Type.String>[0],
) =>
  Type.Object(
    {
      card_number: Type.String(pan),
      cvv: Type.String(cvv),
      expiry_month: Type.Union(
        [Type.String({ pattern: '^[0-9]{0,4}$' }), Type.Integer({ minimum: 0, maximum: 9999 })],
        { description: '1 to 12, with or without a leading zero.' },
      ),
      expiry_year: Type.Union(
        [Type.String({ pattern: '^[0-9]{0,4}$' }), Type.Integer({ minimum: 0, maximum: 9999 })],
        { description: 'Two digits, which mean 20YY, or four.' },
      ),
      customer_id: CustomerId,
      amount: Type.Optional(Amount),
      currency: Type.Optional(Currency),
      recurring_flag: Type.Optional(
        Type.Union([Type.Boolean(), Type.Enum(['true', 'false'])], {
          description: 'The guide’s flag; the card is kept for recurring use in any case.',
        }),
      ),
      metadata: TokenMetadata,
      postal_code: Type.Optional(
        Type.String({ pattern: '^[A-Za-z0-9 -]{0,10}$', description: 'Of the card’s address.' }),
      ),
      attempt: Type.Optional(Attempt),
      language: Type.Optional(LanguageTag),
    },
    shut,
  );

/** The guide’s tokenise payload, as a client sends it. */
export const TokenRequestSent = tokenRequest(
  { pattern: '^[0-9]{0,32}$', description: 'PAN: 12 to 19 digits, no spaces or dashes.' },
  { pattern: '^[0-9]{0,8}$', description: 'Security code: 3 digits, 4 for American Express.' },
);

/**
 * The same as the tokenizer validates it, which overwrites the secret fields with `0` before anything
 * parses the body: whatever was keyed there, there is nothing left to check.
 */
export const TokenRequest = tokenRequest({}, {});
export const TokenAnswer = Type.Object({
  ...COMMON,
  operation_id: Text('To poll while the outcome is pending or in doubt.'),
  error_code: ErrorCodeField,
  retry_field: RetryFieldField,
  attempts_left: Count('Card attempts that are left in this call.'),
  token_id: Text('The guide’s payment_token; empty unless approved.'),
  card_brand: Text('Such as visa.'),
  card_last4: Text('The last four digits.'),
  gateway: Text('The gateway that was asked.'),
  gateway_transaction_id: Text('The gateway’s id of this step, for the audit trail.'),
  status_code: Count('The gateway’s HTTP status; 0 where it was not asked or did not answer.'),
});

export * from './link-schemas.ts';
export * from './direct-schemas.ts';

/** The guide’s subscribe payload. */
export const SubscribeRequest = Type.Object(
  {
    customer_id: CustomerId,
    payment_method_token: OwnId('token_id of the tokenise answer.'),
    plan_id: Reference('From plans/list.'),
    interval_count: Type.Optional(
      Type.Union(
        [Type.Integer({ minimum: 1, maximum: 366 }), Type.String({ pattern: '^[0-9]{1,3}$' })],
        { description: 'Compared with the plan; it never sets an interval.' },
      ),
    ),
    interval_unit: Type.Optional(
      Type.Enum([...INTERVAL_UNITS], { description: 'Compared with the plan.' }),
    ),
    metadata: Type.Object({ ivr_session_id: InteractionId }, shut),
    consent_id: Type.Optional(
      OwnId('Needed; where absent, the call’s last consent to this plan is used.'),
    ),
    attempt: Type.Optional(Attempt),
  },
  shut,
);
export const SubscriptionAnswer = Type.Object({
  ...COMMON,
  operation_id: Text('To poll while the outcome is pending or in doubt.'),
  error_code: ErrorCodeField,
  retry_field: RetryFieldField,
  subscription_id: Text('Empty where there is none.'),
  status: Text('active, paused, past_due, cancelled, or empty.'),
  confirmation_code: Text('Letters to read to the caller.'),
  next_charge_date: Text('As it is spoken, or empty.'),
  amount_text: Text('The price as it is spoken.'),
  is_subscriber: Flag('The guide’s flag: true with a subscription that is not cancelled.'),
  gateway_transaction_id: Text('The gateway’s id, for the audit trail.'),
  status_code: Count('The gateway’s HTTP status; 0 where it was not asked or did not answer.'),
});

const verb = { interaction_id: InteractionId, attempt: Type.Optional(Attempt) };
export const VerbRequest = Type.Object(verb, shut);
export const ChangePlanRequest = Type.Object(
  {
    ...verb,
    plan_id: Reference('The new plan.'),
    consent_id: Type.Optional(
      OwnId('The consent to the new plan; where absent, the call’s last one.'),
    ),
  },
  shut,
);
export const ChangeCardRequest = Type.Object(
  { ...verb, payment_method_token: OwnId('token_id of the tokenise answer.') },
  shut,
);

/** A polled operation: the answer of its kind, or the common four with `wait`. */
export const OperationAnswer = Type.Object({
  ...COMMON,
  operation_id: Text('The operation.'),
  kind: Text('tokenise, subscribe, cancel, …'),
  error_code: ErrorCodeField,
  retry_field: RetryFieldField,
  attempts_left: Count('For tokenise.'),
  token_id: Text('For tokenise.'),
  card_brand: Text('For tokenise.'),
  card_last4: Text('For tokenise.'),
  gateway: Text('For tokenise.'),
  subscription_id: Text('For the others.'),
  status: Text('For the others.'),
  confirmation_code: Text('For the others.'),
  next_charge_date: Text('For the others.'),
  amount_text: Text('For the others.'),
  is_subscriber: Flag('For the others.'),
  gateway_transaction_id: Text('The gateway’s id.'),
  status_code: Count('The gateway’s HTTP status.'),
});

export const HandoffRequest = Type.Object(
  {
    interaction_id: InteractionId,
    reason: Type.Enum(
      [
        'caller_asked',
        'too_many_attempts',
        'unavailable',
        'fault',
        'in_doubt',
        'not_allowed',
        'other',
      ],
      { description: 'Why a person takes over.' },
    ),
    last_error_code: Type.Optional(ErrorCodeField),
    retry_count: Type.Optional(
      Type.Union(
        [Type.Integer({ minimum: 0, maximum: 99 }), Type.String({ pattern: '^[0-9]{1,2}$' })],
        { description: 'How often the caller was asked again.' },
      ),
    ),
  },
  shut,
);
export const HandoffAnswer = Type.Object({
  ...COMMON,
  queue: Text('The Genesys queue.'),
  skill: Text('The ACD skill.'),
  priority: Count('Higher is sooner.'),
  agent_note: Text('Why the call comes, without card data.'),
});

export const SwitchRequest = Type.Object(
  {
    automated_payments: Type.Enum(['on', 'off']),
    reason: Type.String({ minLength: 3, maxLength: 200, description: 'Kept in the ledger.' }),
  },
  shut,
);
export const SwitchAnswer = Type.Object({
  ...COMMON,
  state: Type.Enum(['on', 'off']),
  reason: Text('Why it is as it is.'),
  breaker: Type.Enum(['closed', 'open']),
  since: Text('UTC time of the last change of the switch.'),
});

const AuditEntry = Type.Object({
  seq: Type.Union([Type.Integer(), Type.Null()], { description: 'Null until it is sealed.' }),
  id: Type.String(),
  at: Type.String(),
  actor: Type.String(),
  action: Type.String(),
  result: Type.Enum(['success', 'failure', 'unknown']),
  origin: Type.String(),
  resource: Type.String(),
  operation_id: Type.String(),
  interaction_id: Type.String(),
  subscription_id: Type.String(),
  gateway_transaction_id: Type.String(),
  detail: Type.Record(Type.String(), Type.String()),
  entry_hash: Type.String(),
  chain_hash: Type.String({ description: 'Empty until it is sealed.' }),
});
const CheckpointSchema = Type.Object({
  seq: Type.Integer(),
  chain_hash: Type.String(),
  at: Type.String(),
  key_id: Type.String(),
  signature: Type.String(),
});
export const AuditQuery = Type.Object(
  {
    gateway_transaction_id: Type.Optional(Type.String({ maxLength: 128 })),
    interaction_id: Type.Optional(InteractionId),
    subscription_id: Type.Optional(Type.String({ maxLength: 64 })),
    operation_id: Type.Optional(Type.String({ maxLength: 64 })),
    from: Type.Optional(Type.String({ maxLength: 32, description: 'UTC time, ISO 8601.' })),
    to: Type.Optional(Type.String({ maxLength: 32, description: 'UTC time, ISO 8601.' })),
    after_seq: Type.Optional(
      Type.Integer({ minimum: 0, description: 'For paging through all of it.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  shut,
);
export const AuditAnswer = Type.Object({
  ...COMMON,
  entries: Type.Array(AuditEntry),
  checkpoints: Type.Array(CheckpointSchema, { description: 'Those that cover the entries.' }),
  links: Type.Array(
    Type.Object({ seq: Type.Integer(), entry_hash: Type.String(), chain_hash: Type.String() }),
    {
      description:
        'The hashes between the first entry and the checkpoint that covers the last one.',
    },
  ),
  public_keys: Type.Array(Type.Object({ key_id: Type.String(), pem: Type.String() })),
  unsealed: Count('Entries that wait for their place in the chain.'),
});

export type Body<S extends TSchema> = Static<S>;
