import type { AgentCall, Sentence, Tried } from '../../contract/agent.ts';
import type { CallStep } from '../../contract/console.ts';
import { intervalText } from '../../payment/consent.ts';
import type { Language } from '../../payment/language.ts';
import { amountText } from '../../payment/money.ts';
import { GATEWAY_KINDS } from '../../payment/operation.ts';
import { ERROR_CODES, type ErrorCode } from '../../payment/outcome.ts';
import { AGENT_SAYS, spokenWord, type AgentSentence } from '../../payment/prompt.ts';
import { admission } from '../../resilience/breaker.ts';
import { readBreaker } from '../../store/breaker.ts';
import { callOf } from '../../store/calls.ts';
import { newestTerms, type HeardTerms } from '../../store/consents.ts';
import { operationsOfCall, type Operation } from '../../store/operations.ts';
import { entryBegunAtMs } from '../../store/seats.ts';
import { findCurrent } from '../../store/subscriptions.ts';
import { readSwitch } from '../../store/switch.ts';
import { subscriptionFacts } from '../answer.ts';
import type { Bridge } from '../bridge.ts';

/** The keypad is given up for lost after so long: nobody tells the bridge that a flow has ended. */
const ENTRY_MS_MAX = 10 * 60_000;

/** What an operation shows of the way; the furthest one counts. */
const STEP_OF: Readonly<Partial<Record<Operation['kind'], CallStep>>> = {
  disclosure: 'terms',
  consent: 'consent',
  tokenise: 'card',
  link: 'card',
  subscribe: 'enrolment',
  change_card: 'enrolment',
};

const ORDER: readonly CallStep[] = ['greeting', 'terms', 'consent', 'card', 'enrolment'];

function furthest(operations: readonly Operation[]): CallStep {
  const reached = operations.map(({ kind }) => ORDER.indexOf(STEP_OF[kind] ?? 'greeting'));
  return ORDER[Math.max(0, ...reached)] ?? 'greeting';
}

function isEnrolment({ kind, state }: Operation): boolean {
  return kind === 'subscribe' && state === 'approved';
}

/** What gives a caller back from the keypad: the flow's note, or what it was all for. */
function endsEntry(operation: Operation): boolean {
  const { kind, state } = operation;
  return kind === 'handoff' || (STEP_OF[kind] === 'enrolment' && state === 'approved');
}

interface Standing {
  readonly step: CallStep;
  readonly underWay: boolean;
}

/** How far a call has come: by its operations, the oldest first, and the last card entry. */
export function standingOf(
  operations: readonly Operation[],
  begunAtMs: number | null,
  nowMs: number,
): Standing {
  if (begunAtMs !== null && nowMs - begunAtMs < ENTRY_MS_MAX) {
    const since = operations.filter(({ startedAtMs }) => startedAtMs > begunAtMs);
    if (!since.some(endsEntry)) return { step: furthest(since), underWay: true };
  }
  const last = operations.findLast((one) => one.kind === 'handoff' || isEnrolment(one));
  if (last === undefined) return { step: furthest(operations), underWay: false };
  return { step: last.kind === 'handoff' ? 'agent' : 'enrolled', underWay: false };
}

function triedOf({ kind, state, errorCode, startedAtMs }: Operation): Tried {
  return { kind, state, error_code: errorCode ?? '', at: new Date(startedAtMs).toISOString() };
}

function reachesGateway({ kind }: Operation): boolean {
  return kind === 'link' || GATEWAY_KINDS.some((known) => known === kind);
}

/** Why no card can be taken in a call, and what an agent says of it. */
interface Closed {
  readonly errorCode: ErrorCode;
  readonly say: AgentSentence;
}

function closedFor(errorCode: ErrorCode): Closed {
  return { errorCode, say: AGENT_SAYS[errorCode] };
}

/** `null` where a card can be taken, whoever asks. */
async function closedBecause(bridge: Bridge, attemptsLeft: number): Promise<Closed | null> {
  const { store, gateway, clock, limits, links } = bridge;
  // There is no keypad to send anybody to.
  if (links?.use === 'only') return { errorCode: 'not_allowed', say: 'by_page' };
  const [current, breaker] = await Promise.all([
    readSwitch(store),
    readBreaker(store, gateway.name),
  ]);
  if (current.state === 'off') return closedFor('switched_off');
  if (attemptsLeft === 0) return closedFor('too_many_attempts');
  // Whoever asks here takes no probe away from a caller.
  const refused = admission(breaker, '', clock.now(), limits.breaker) === 'refuse';
  return refused ? closedFor('breaker_open') : null;
}

function sayingOf(
  standing: Standing,
  last: Operation | null,
  closed: Closed | null,
  known: boolean,
): AgentSentence | null {
  if (standing.underWay) return null;
  // A link that is pending is a page on which nobody has keyed a card yet.
  const card = last?.kind === 'tokenise' || last?.kind === 'link';
  const open = last !== null && ['in_doubt', 'pending', 'started'].includes(last.state);
  if (open && last.kind !== 'link') return 'in_doubt';
  if (last?.state === 'approved' && !card) return 'done';
  if (closed !== null) return closed.say;
  if (last !== null && last.errorCode !== null) return AGENT_SAYS[last.errorCode];
  return known ? 'welcome' : 'before_entry';
}

function inLanguages(
  { prompts }: Bridge,
  sentence: AgentSentence | null,
  languages: readonly Language[],
): Sentence[] {
  if (sentence === null) return [];
  return [...new Set(languages)].map((language) => ({
    language,
    text: prompts[language].agent[sentence],
  }));
}

function termsOf(
  { plans }: Bridge,
  heard: HeardTerms | null,
  language: Language,
): AgentCall['terms'] {
  if (heard === null) return null;
  const { disclosure, agreedAtMs } = heard;
  const plan = plans.find(({ id }) => id === disclosure.planId);
  return {
    plan_id: disclosure.planId,
    plan: plan?.name[language] ?? disclosure.planId,
    amount: amountText(disclosure.price, language),
    text: disclosure.text,
    agreed_at: agreedAtMs === null ? '' : new Date(agreedAtMs).toISOString(),
  };
}

async function subscriptionOf(
  bridge: Bridge,
  customerId: string | null,
  language: Language,
): Promise<AgentCall['subscription']> {
  const found = customerId === null ? null : await findCurrent(bridge.store, customerId);
  if (found === null) return null;
  const facts = subscriptionFacts(found, bridge.plans, language);
  const table = bridge.prompts[language];
  return {
    id: found.id,
    plan: facts.plan,
    amount: facts.amount,
    status: facts.status,
    status_text: spokenWord(table, facts.status),
    next_charge: facts.next,
    card_brand: spokenWord(table, facts.brand),
    card_last4: facts.last4,
    confirmation_code: found.confirmationCode,
  };
}

function plansOf({ plans, prompts }: Bridge, language: Language): AgentCall['plans'] {
  const table = prompts[language];
  return plans.map((plan) => ({
    id: plan.id,
    text: `${plan.name[language]}, ${amountText(plan.price, language)} ${intervalText(table, plan.interval)}`,
  }));
}

function noteOf(handOff: Operation | undefined): string {
  if (handOff?.answer === undefined || handOff.answer === null) return '';
  const answer: unknown = JSON.parse(handOff.answer);
  const note: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'agent_note') : '';
  return typeof note === 'string' ? note : '';
}

/**
 * Where a call is, for the agent who has it: how far the caller came, why it ended there, what can be
 * done and what to say. A call that Tokenline has not heard of has a picture too.
 *
 * @param speaks the agent's language.
 */
export async function whereIsCall(
  bridge: Bridge,
  interactionId: string,
  speaks: Language,
): Promise<AgentCall> {
  const { store, clock, limits } = bridge;
  const [call, operations, heard, begunAtMs] = await Promise.all([
    callOf(store, interactionId),
    operationsOfCall(store, interactionId),
    newestTerms(store, interactionId),
    entryBegunAtMs(store, interactionId),
  ]);
  const nowMs = clock.now();
  const language = call?.language ?? speaks;
  const attemptsLeft = Math.max(0, limits.cardTriesPerCall - (call?.cardTries ?? 0));
  const standing = standingOf(operations, begunAtMs, nowMs);
  const last = operations.findLast(reachesGateway) ?? null;
  const lastError = last?.errorCode ?? null;
  const told = operations.findLast((one) => one.customerId !== null);
  const customerId = call?.customerId ?? told?.customerId ?? null;
  const [closed, subscription] = await Promise.all([
    closedBecause(bridge, attemptsLeft),
    subscriptionOf(bridge, customerId, speaks),
  ]);
  const known = call !== null || operations.length > 0;
  const saying = sayingOf(standing, last, closed, known);
  return {
    at: new Date(nowMs).toISOString(),
    interaction_id: interactionId,
    known,
    step: standing.step,
    entry_under_way: standing.underWay,
    language,
    customer_id: customerId ?? '',
    note: noteOf(operations.findLast(({ kind }) => kind === 'handoff')),
    last: last === null ? null : triedOf(last),
    why: lastError === null ? '' : ERROR_CODES[lastError],
    attempts_left: attemptsLeft,
    say: inLanguages(bridge, saying, [language, speaks]),
    terms: termsOf(bridge, heard, speaks),
    subscription,
    plans: plansOf(bridge, speaks),
    tried: operations.map(triedOf),
    closed: closed?.errorCode ?? '',
  };
}
