import { Type, type Static } from 'typebox';
import type { Language } from '../payment/language.ts';
import type { OperationState } from '../payment/operation.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import type { FaultCode } from '../payment/fault.ts';
import type { CallStep } from './console.ts';
import { CustomerId, InteractionId, OwnId, Reference } from './fields.ts';

/**
 * What the agent's page asks and is told. Both sides take the types from here; the routes are for this
 * page and not part of the public contract.
 */

const shut = { additionalProperties: false };

/** RFC 6749 §4.1.2 and RFC 7636 §4.1: what came back from Genesys, and what the page kept for it. */
export const SignInOrder = Type.Object(
  {
    interaction_id: InteractionId,
    code: Type.String({ minLength: 1, maxLength: 2_048 }),
    verifier: Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$' }),
  },
  shut,
);
export type SignInOrder = Static<typeof SignInOrder>;

/** For an agent whose browser knows them: no window has to be opened. */
export const OpenOrder = Type.Object({ interaction_id: InteractionId }, shut);
export type OpenOrder = Static<typeof OpenOrder>;

/** What the caller is to key a card for. */
export const EntryOrder = Type.Union([
  Type.Object(
    {
      purpose: Type.Literal('subscribe'),
      customer_id: CustomerId,
      plan_id: Reference('A plan of the catalogue.'),
    },
    shut,
  ),
  Type.Object(
    {
      purpose: Type.Literal('change_card'),
      customer_id: CustomerId,
      subscription_id: OwnId('A subscription of this customer.'),
    },
    shut,
  ),
]);
export type EntryOrder = Static<typeof EntryOrder>;

/** Faults that only the agent's page meets. */
export const AGENT_FAULTS = [
  'not_in_conversation',
  'genesys_unavailable',
  'genesys_refused',
] as const satisfies readonly FaultCode[];

/** How an agent signs in from this page, this time (RFC 6749 §4.1.1, RFC 7636 §4). */
export interface AgentSignIn {
  /** Of Genesys' window. */
  readonly url: string;
  /** What comes back with the answer to it, and with no other. */
  readonly state: string;
  /** What the page keeps, and shows with the code. */
  readonly verifier: string;
}

/** A page that may show one call, until `ends_at` (ISO 8601). */
export interface AgentSession {
  /** Shown as a bearer; only the bridge can read it. */
  readonly session: string;
  readonly ends_at: string;
  readonly agent: string;
}

/** A sentence to say, in one language. */
export interface Sentence {
  readonly language: Language;
  readonly text: string;
}

/** Something that was tried in the call. */
export interface Tried {
  readonly kind: string;
  readonly state: OperationState;
  readonly error_code: ErrorCode | '';
  /** ISO 8601. */
  readonly at: string;
}

/** Everything that an agent has to know of a call. No card data beyond brand and last four. */
export interface AgentCall {
  /** ISO 8601. */
  readonly at: string;
  readonly interaction_id: string;
  /** False where Tokenline has not heard of the call. */
  readonly known: boolean;
  readonly step: CallStep;
  /** True while the caller is alone with the keypad. */
  readonly entry_under_way: boolean;
  readonly language: Language;
  readonly customer_id: string;
  /** The note of the last hand-off; empty where no flow has passed the call on. */
  readonly note: string;
  /** The last thing that reached for the gateway, or `null`. */
  readonly last: Tried | null;
  /** Why it did not succeed, in plain words; empty where there was no error. */
  readonly why: string;
  readonly attempts_left: number;
  /** What to say now: in the caller's language, and in the agent's where that is another. */
  readonly say: readonly Sentence[];
  /** What the caller has heard last. */
  readonly terms: {
    readonly plan_id: string;
    readonly plan: string;
    readonly amount: string;
    readonly text: string;
    /** ISO 8601; empty where they have not agreed. */
    readonly agreed_at: string;
  } | null;
  readonly subscription: {
    readonly id: string;
    readonly plan: string;
    readonly amount: string;
    readonly status: string;
    /** The same in words. */
    readonly status_text: string;
    readonly next_charge: string;
    readonly card_brand: string;
    readonly card_last4: string;
    readonly confirmation_code: string;
  } | null;
  readonly plans: readonly { readonly id: string; readonly text: string }[];
  /** Oldest first. */
  readonly tried: readonly Tried[];
  /** Why no card can be taken at all now; empty where one can. */
  readonly closed: ErrorCode | '';
}

/** What became of the wish to have a card keyed. */
export interface EntryAnswer {
  readonly outcome: 'approved' | 'failed';
  /** Empty where it has begun. */
  readonly error_code: ErrorCode | '';
  /** In plain words. */
  readonly why: string;
}
