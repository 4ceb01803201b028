import { ERROR_CODE_LIST, type ErrorCode } from './outcome.ts';
import { FIELD_TELLING, HEARD_AS } from './route.ts';
import type { Language } from './language.ts';

/** Prompts that are not about an error. */
export const PLAIN_PROMPTS = [
  'available',
  'welcome_subscriber',
  'welcome_new_caller',
  'customer_unknown',
  'plans',
  'plan_choice',
  'disclosure_follows',
  'consent_given',
  'consent_refused',
  'card_accepted',
  'enrolled',
  'subscription_status',
  'cancelled',
  'paused',
  'resumed',
  'plan_changed',
  'card_changed',
  'link_sending',
  'link_waiting',
  'link_declined',
  'link_not_sent',
  'still_working',
  'in_doubt_agent',
  'agent_transfer',
] as const;

export type PlainPrompt = (typeof PLAIN_PROMPTS)[number];

const CHANGED = ['plan', 'amount', 'next_charge_date', 'card_last4', 'confirmation_code'] as const;
const STANDING = ['plan', 'amount', 'status', 'next_charge_date', 'card_last4'] as const;

/** The values that a plain prompt may use; a prompt that is not here has none. */
export const PROMPT_VALUES: Readonly<Partial<Record<PlainPrompt, readonly string[]>>> = {
  welcome_subscriber: STANDING,
  subscription_status: STANDING,
  enrolled: [...CHANGED, 'card_brand', 'support_phone'],
  plan_choice: ['plan', 'amount', 'interval', 'key'],
  card_accepted: ['card_brand', 'card_last4'],
  link_sending: ['channel'],
  link_not_sent: ['channel'],
  cancelled: CHANGED,
  paused: CHANGED,
  resumed: CHANGED,
  plan_changed: CHANGED,
  card_changed: CHANGED,
};

/** What an agent says: not the caller's own line, which speaks of passing the caller on. */
export const AGENT_SENTENCES = [
  'welcome',
  'before_entry',
  'key_again',
  'other_card',
  'bank_asks',
  'our_fault',
  'closed',
  'in_doubt',
  'no_more_tries',
  'not_possible',
  'page_expired',
  'by_page',
  'done',
] as const;
export type AgentSentence = (typeof AGENT_SENTENCES)[number];

/** What an agent says after an error. Nothing of it tells a tester of stolen cards more than the caller hears. */
export const AGENT_SAYS: Readonly<Record<ErrorCode, AgentSentence>> = {
  invalid_card_number: 'key_again',
  invalid_cvv: 'key_again',
  invalid_expiry: 'key_again',
  cvv_mismatch: 'key_again',
  postal_code_mismatch: 'key_again',
  card_not_stored: 'key_again',
  expired_card: 'other_card',
  unsupported_card: 'other_card',
  card_declined: 'other_card',
  insufficient_funds: 'other_card',
  limit_exceeded: 'other_card',
  suspected_fraud: 'other_card',
  authentication_required: 'bank_asks',
  processing_error: 'our_fault',
  gateway_timeout: 'our_fault',
  gateway_unavailable: 'our_fault',
  gateway_rejected: 'our_fault',
  in_doubt: 'in_doubt',
  switched_off: 'closed',
  breaker_open: 'closed',
  too_many_attempts: 'no_more_tries',
  not_found: 'not_possible',
  not_allowed: 'not_possible',
  link_expired: 'page_expired',
};

/** The values that the disclosure may use; `discloseText` gives them. */
export const DISCLOSURE_VALUES = [
  'merchant',
  'plan',
  'amount',
  'currency',
  'interval',
  'first_date',
  'support_phone',
] as const;

/** A prompt's key: a plain one, or the error code that the caller hears. */
export type PromptKey = PlainPrompt | ErrorCode;

/**
 * The sentences of one language: `genesys/prompts/<language>.yaml`. An error has one sentence for
 * each attempt; the last one serves every further attempt. `{name}` is filled in.
 */
export interface PromptTable {
  readonly language: Language;
  /** Goes up with every change of wording: a disclosure is kept with the version that was spoken. */
  readonly version: string;
  readonly plain: Readonly<Record<PlainPrompt, string>>;
  readonly errors: Readonly<Record<ErrorCode, readonly string[]>>;
  readonly agent: Readonly<Record<AgentSentence, string>>;
  readonly disclosure: string;
  /** Said before the disclosure of a change that charges something at once; wants `{due_now}`. */
  readonly dueNow: string;
  readonly intervals: Readonly<Record<string, string>>;
  /** How raw words such as `past_due`, `amex` or `USD` are spoken; an empty one is not. */
  readonly words: Readonly<Record<string, string>>;
}

/** A raw word as it is spoken in a language. */
export function spokenWord(table: PromptTable, word: string): string {
  return table.words[word] ?? word;
}

/** Says what is missing or unknown in a table that was read from a file; empty when it is whole. */
export function promptGaps(
  plain: readonly string[],
  errors: readonly string[],
  agent: readonly string[],
): string[] {
  const gaps: string[] = [];
  const compare = (label: string, wanted: readonly string[], found: readonly string[]): void => {
    for (const key of wanted) if (!found.includes(key)) gaps.push(`${label}.${key} is missing`);
    for (const key of found) if (!wanted.includes(key)) gaps.push(`${label}.${key} is not known`);
  };
  compare('plain', PLAIN_PROMPTS, plain);
  compare('errors', ERROR_CODE_LIST, errors);
  compare('agent', AGENT_SENTENCES, agent);
  return gaps;
}

/** The names of the values that a sentence wants. */
export function valuesIn(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}

/**
 * Fills `{name}` in a sentence. A part in `[…]` is left out where one of its values is empty or not
 * given: a paused subscription has no next date. Elsewhere, a name that is not given is a bug in the
 * table or in the caller.
 */
export function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  const whole = sentence.replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
    valuesIn(part).every((name) => (values[name] ?? '') !== '') ? part : '',
  );
  return whole.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the prompt wants {${name}}, which is not given`);
    return value;
  });
}

export interface Spoken {
  readonly prompt: PromptKey;
  readonly promptText: string;
}

/**
 * What the caller hears about an error: never more than an honest caller needs. After the first
 * retry a caller who is over a limit does not learn which field was wrong.
 *
 * @param attempt the caller's attempt, from 1.
 * @param overLimit true when a velocity limit has been reached for this number, customer or card.
 */
export function errorPrompt(
  table: PromptTable,
  errorCode: ErrorCode,
  attempt: number,
  overLimit: boolean,
): Spoken {
  const coarse = overLimit && attempt > 1 && FIELD_TELLING.has(errorCode);
  const prompt = coarse ? 'card_declined' : (HEARD_AS[errorCode] ?? errorCode);
  const sentences = table.errors[prompt];
  const sentence = sentences[Math.min(Math.max(attempt, 1), sentences.length) - 1];
  if (sentence === undefined) throw new Error(`errors.${prompt} has no sentence`);
  return { prompt, promptText: sentence };
}

/** Values that are words of the system, and have to be spoken as words of the language. */
const RAW_WORDS = ['status', 'card_brand', 'channel'] as const;

export function plainPrompt(
  table: PromptTable,
  prompt: PlainPrompt,
  values: Readonly<Record<string, string>> = {},
): Spoken {
  const spoken: Record<string, string> = { ...values };
  for (const name of RAW_WORDS) {
    const raw = values[name];
    if (raw !== undefined) spoken[name] = spokenWord(table, raw);
  }
  return { prompt, promptText: fill(table.plain[prompt], spoken) };
}
