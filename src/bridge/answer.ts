import type { AnswerText } from './bridge.ts';
import type * as schemas from '../contract/schemas.ts';
import type { Body } from '../contract/schemas.ts';
import { languageOf, type Language } from '../payment/language.ts';
import { amountText } from '../payment/money.ts';
import type { ErrorCode, OutcomeKind } from '../payment/outcome.ts';
import { dateText, type Plan } from '../payment/plan.ts';
import { errorPrompt, plainPrompt, type PlainPrompt, type PromptTable } from '../payment/prompt.ts';
import { ROUTE_POLICY, type RetryField, type Route } from '../payment/route.ts';
import type { Subscription } from '../payment/subscription.ts';

export type TokenAnswerBody = Body<typeof schemas.TokenAnswer>;
export type SubscriptionAnswerBody = Body<typeof schemas.SubscriptionAnswer>;

interface Common {
  readonly outcome: OutcomeKind;
  readonly route: Route;
  readonly prompt: string;
  readonly prompt_text: string;
}

/** The common four of an answer that is about no error. */
export function plainCommon(
  table: PromptTable,
  prompt: PlainPrompt,
  route: Route,
  values: Readonly<Record<string, string>> = {},
  outcome: OutcomeKind = 'approved',
): Common {
  const spoken = plainPrompt(table, prompt, values);
  return { outcome, route, prompt: spoken.prompt, prompt_text: spoken.promptText };
}

/** How an error is told to this caller. */
export interface Telling {
  readonly attempt: number;
  /** A velocity limit is near: fields are no longer named. */
  readonly overLimit: boolean;
  /** No attempt is left: the caller goes to a person, whatever the policy says. */
  readonly lastAttempt: boolean;
}

export const FIRST_TELLING: Telling = { attempt: 1, overLimit: false, lastAttempt: false };

/** The common four, code and field of an answer about an error: words and route come from tables. */
export function errorCommon(
  table: PromptTable,
  outcome: OutcomeKind,
  errorCode: ErrorCode,
  telling: Telling,
): Common & { error_code: ErrorCode; retry_field: RetryField } {
  const policy = ROUTE_POLICY[errorCode];
  const exhausted = policy.route === 'retry' && telling.lastAttempt;
  const heard = errorPrompt(table, errorCode, telling.attempt, telling.overLimit);
  const spoken = exhausted
    ? errorPrompt(table, 'too_many_attempts', telling.attempt, telling.overLimit)
    : heard;
  const coarse = heard.prompt === 'card_declined' && errorCode !== 'card_declined';
  return {
    outcome,
    route: exhausted ? 'agent' : policy.route,
    prompt: spoken.prompt,
    prompt_text: spoken.promptText,
    // What the caller may not hear the flow may not be told either: it would ask for that field.
    error_code: coarse ? 'card_declined' : errorCode,
    retry_field: exhausted ? 'none' : coarse ? 'card' : policy.retryField,
  };
}

/** What a subscription's answer and its prompts are filled with. */
export function subscriptionFacts(
  subscription: Subscription | null,
  plans: readonly Plan[],
  language: Language,
): { plan: string; amount: string; next: string; status: string; last4: string; brand: string } {
  if (!subscription) return { plan: '', amount: '', next: '', status: '', last4: '', brand: '' };
  const plan = plans.find((candidate) => candidate.id === subscription.planId);
  const next = subscription.nextChargeDate;
  return {
    plan: plan?.name[languageOf(language)] ?? subscription.planId,
    amount: amountText(subscription.price, language),
    next: next === null ? '' : dateText(next, languageOf(language)),
    status: subscription.status,
    last4: subscription.cardLast4,
    brand: subscription.cardBrand,
  };
}

/** The answer of a token operation without its common part. */
export function tokenFields(
  facts: Partial<Omit<TokenAnswerBody, keyof Common>> & { operation_id: string; gateway: string },
): Omit<TokenAnswerBody, keyof Common> {
  return {
    error_code: '',
    retry_field: 'none',
    attempts_left: 0,
    token_id: '',
    card_brand: '',
    card_last4: '',
    gateway_transaction_id: '',
    status_code: 0,
    ...facts,
  };
}

/** The answer of a subscription operation without its common part. */
export function subscriptionFields(
  operationId: string,
  subscription: Subscription | null,
  amount: string,
  next: string,
): Omit<SubscriptionAnswerBody, keyof Common> {
  return {
    operation_id: operationId,
    error_code: '',
    retry_field: 'none',
    subscription_id: subscription?.id ?? '',
    status: subscription?.status ?? '',
    confirmation_code: subscription?.confirmationCode ?? '',
    next_charge_date: next,
    amount_text: amount,
    is_subscriber: subscription !== null && subscription.status !== 'cancelled',
    gateway_transaction_id: '',
    status_code: 0,
  };
}

/** The text that is kept and sent: one place, so that a repeat is the same byte for byte. */
export function answerText(body: object): AnswerText {
  return JSON.stringify(body);
}
