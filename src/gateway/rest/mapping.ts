import { Type, type Static, type TEnum } from 'typebox';
import type { SUBSCRIPTION_STATUSES } from '../../payment/subscription.ts';
import { FACTS } from './facts.ts';

/** Closed: an unknown key is a slip that would otherwise be ignored in silence. */
const shut = { additionalProperties: false };

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const words = <const T extends readonly string[]>(list: T): TEnum<[...T]> =>
  Type.Enum<[...T]>([...list]);

const text = Type.String({ minLength: 1, maxLength: 500 });

/** Names with dots between them: `card.number`, and `data.0.id` within a list. */
const place = Type.String({ pattern: '^[^.\\s]+(\\.[^.\\s]+)*$', maxLength: 200 });

/** RFC 9110 §5.6.2, a token. */
const headerName = Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", maxLength: 100 });

/** `{fact}` stands for a fact, encoded as a part of a path. */
const path = Type.String({ pattern: '^/[\\x21-\\x7e]*$', maxLength: 500 });

const Header = Type.Object({ name: headerName, value: text }, shut);

const Field = Type.Object(
  {
    to: place,
    /** One of our facts … */
    from: Type.Optional(words(FACTS)),
    /** … or what always stands there. */
    value: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    /** A fact is a text or a number by nature; this says otherwise. */
    as: Type.Optional(words(['text', 'number'])),
    /** The gateway's word for ours, such as `month: MONTHLY`. */
    words: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  shut,
);
export type Field = Static<typeof Field>;

const Step = Type.Object(
  {
    method: words(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path,
    fields: Type.Array(Field, { maxItems: 100 }),
    /** `or_none`: a 204 is a yes without an object. */
    answer: words(['object', 'or_none']),
  },
  shut,
);
export type Step = Static<typeof Step>;

const LookUp = Type.Object(
  {
    path,
    /** Where a list of what was found stands; an empty one is proof of absence, several say nothing. */
    list_at: nullable(place),
    /** Where the HTTP status stands that the lost answer had; `null` where a 200 stands for it. */
    status_at: nullable(place),
    /** Where that answer's body stands, in the whole or in the list's first; `null` is all of it. */
    answer_at: nullable(place),
    /** The words of a 404 that say that there is no such request. */
    absent: Type.Array(text, { maxItems: 20 }),
  },
  shut,
);
export type LookUp = Static<typeof LookUp>;

const wordList = Type.Array(text, { maxItems: 50 });

const Answers = Type.Object(
  {
    token: place,
    network_transaction_id: nullable(place),
    /** What it shows of a stored card; read where the flow itself has sent it (`capture: direct`). */
    card_brand: nullable(place),
    card_last4: nullable(place),
    card_fingerprint: nullable(place),
    subscription: place,
    /** `null` where the gateway does not say it: it is then what was asked for. */
    status: nullable(place),
    statuses: Type.Object(
      { active: wordList, paused: wordList, past_due: wordList, cancelled: wordList } satisfies {
        [status in (typeof SUBSCRIPTION_STATUSES)[number]]: unknown;
      },
      shut,
    ),
    /** An ISO 8601 date, or a time that begins with one. */
    next_charge_date: nullable(place),
    charge: place,
    transaction_id: nullable(place),
    /** The word of an error. */
    error: nullable(place),
    /** A word that says yes, later or no in an answer of any status. */
    verdict: nullable(
      Type.Object(
        {
          at: place,
          /** Empty: every word that is not one of the others. */
          approved: wordList,
          pending: wordList,
          declined: wordList,
        },
        shut,
      ),
    ),
  },
  shut,
);

/**
 * What a gateway is like that Tokenline has no adapter for: where each of our facts goes, and where
 * the answer to it stands. `docs/guides/generic-rest.md` describes every key.
 */
export const RestMapping = Type.Object(
  {
    authorization: words(['client_credentials', 'bearer', 'none']),
    token_path: path,
    token_scope: nullable(text),
    api_key_header: nullable(headerName),
    headers: Type.Array(Header, { maxItems: 30 }),
    idempotency: Type.Object(
      {
        header: nullable(headerName),
        /** How long the gateway keeps a key; 0 where it keeps none. */
        retention_ms: Type.Integer({ minimum: 0, maximum: 31_536_000_000 }),
      },
      shut,
    ),
    body: words(['json', 'form']),
    postal_code: Type.Boolean(),
    absence_is_proof_after_ms: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
    tokenise: Step,
    verify: nullable(Step),
    subscribe: nullable(Step),
    read: nullable(Step),
    cancel: nullable(Step),
    pause: nullable(Step),
    resume: nullable(Step),
    change_plan: nullable(Step),
    change_card: nullable(Step),
    charge: nullable(Step),
    look_up: Type.Object(
      {
        tokenise: nullable(LookUp),
        subscribe: nullable(LookUp),
        change: nullable(LookUp),
        charge: nullable(LookUp),
      },
      shut,
    ),
    answers: Answers,
    /** The gateway's words for an error and the error code that each means. */
    errors: Type.Array(
      Type.Object(
        {
          word: text,
          means: text,
          /** True where the card must not be charged again (lost, stolen, closed, consent withdrawn). */
          stop: Type.Optional(Type.Boolean()),
        },
        shut,
      ),
      { maxItems: 500 },
    ),
    /** Where an event, signed as Standard Webhooks say, has what it is about; `null`: there are none. */
    webhook: nullable(
      Type.Object({ idempotency_key: nullable(place), subscription: nullable(place) }, shut),
    ),
  },
  shut,
);
export type RestMapping = Static<typeof RestMapping>;

/** The steps of a mapping, `tokenise` besides. */
export const TOKEN_STEPS = [
  'verify',
  'subscribe',
  'read',
  'cancel',
  'pause',
  'resume',
  'change_plan',
  'change_card',
  'charge',
] as const;
export type StepName = 'tokenise' | (typeof TOKEN_STEPS)[number];
