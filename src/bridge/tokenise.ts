import type { BeginReply, BeginRequest, FinishRequest } from '../contract/internal.ts';
import { joinReplies } from '../gateway/reading.ts';
import type { GatewayReply, TokenGrant } from '../gateway/gateway.ts';
import { Fault } from '../payment/fault.ts';
import { languageOf } from '../payment/language.ts';
import { parseAmount, sameMoney } from '../payment/money.ts';
import { isFinal } from '../payment/operation.ts';
import { isErrorCode, type ErrorCode, type Outcome } from '../payment/outcome.ts';
import { Deadline } from '../resilience/deadline.ts';
import { withRetry } from '../resilience/retry.ts';
import type { Begun } from '../store/begin.ts';
import { callOf } from '../store/calls.ts';
import type { CardToken } from '../store/finish.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { newId } from '../system/randomness.ts';
import { nearLimit, refusal } from './admit.ts';
import {
  answerText,
  errorCommon,
  FIRST_TELLING,
  plainCommon,
  tokenFields,
  type Telling,
} from './answer.ts';
import type { Actor, AnswerText, Bridge } from './bridge.ts';
import { claim, repeated, type ClaimedOperation, type Draft } from './claim.ts';
import { conclude, endingOf, refusedEnding, type Learnt } from './conclude.ts';
import { faceOf, refusedByShown, stillFoundBy } from './shown-card.ts';
import { attemptOf, operationKey } from './key.ts';

/** What `finish` has to know of what `begin` saw. */
export interface TokeniseContext {
  readonly operation: ClaimedOperation;
  readonly actor: Actor;
  readonly attemptsLeft: number;
  readonly telling: Telling;
}

/** Contexts of operations that are at the gateway now, so that `finish` needs no read. */
export type OpenTokenises = Map<string, TokeniseContext>;

/** A card process that died never finishes: the oldest contexts make room. */
const OPEN_MAX = 10_000;

function remember(open: OpenTokenises, context: TokeniseContext): void {
  const [oldest] = open.keys();
  if (open.size >= OPEN_MAX && oldest !== undefined) open.delete(oldest);
  open.set(context.operation.id, context);
}

function draftOf(request: BeginRequest): Draft {
  const attempt = attemptOf(request.attempt ?? undefined);
  return {
    kind: 'tokenise',
    key: operationKey({
      header: request.key,
      interactionId: request.interaction_id,
      step: 'tokenise',
      attempt,
      content: request.card_mac,
    }),
    bodyHash: request.body_hash,
    cardMac: request.card_mac,
    cardMacKey: request.card_mac_key,
    binMac: request.bin_mac === '' ? null : request.bin_mac,
    interactionId: request.interaction_id,
    customerId: request.customer_id,
    subscriptionId: null,
    consentId: null,
    tokenId: null,
    planId: null,
    attempt: attempt ?? 1,
    language: request.language === null ? null : languageOf(request.language),
    order: { brand: request.card_brand, last4: request.card_last4, call_id: request.call_id },
  };
}

/** The guide's `amount` sets nothing; where it contradicts the consent the request is refused. */
function amountContradicts(request: BeginRequest, begun: Begun): boolean {
  if (request.amount === null) return false;
  const currency = request.currency ?? begun.consented?.currency ?? 'USD';
  const money = parseAmount(request.amount, currency);
  if (money === null) return true;
  return begun.consented !== null && !sameMoney(money, begun.consented);
}

/**
 * The first half of tokenising, asked by the tokenizer before it sends anything: claims the key,
 * commits the intent, counts the attempt, asks switch, limits and breaker.
 */
export async function beginTokenise(
  bridge: Bridge,
  open: OpenTokenises,
  request: BeginRequest,
): Promise<BeginReply> {
  const actor: Actor = { clientId: request.client_id, origin: request.origin };
  const startedMs = bridge.clock.monotonicMs();
  const opened = await openCard(bridge, actor, draftOf(request), request.pan_mac, (begun) =>
    wrongWith(request, begun),
  );
  if (opened.kind === 'earlier') {
    const { operation } = opened;
    const answer = repeated(bridge, operation, (language) =>
      lostAnswer(bridge, { ...operation, language }),
    );
    return { kind: 'answer', answer };
  }
  if (opened.kind === 'refused') return { kind: 'answer', answer: opened.answer };
  const { operation } = opened.context;
  remember(open, opened.context);
  const spentMs = bridge.clock.monotonicMs() - startedMs;
  return {
    kind: 'go',
    operation_id: operation.id,
    gateway_key: operation.id,
    budget_ms: Math.max(0, bridge.limits.deadlineMs - spentMs),
  };
}

/** A card's operation: new and let through, refused, or begun before under the same key. */
export type OpenedCard =
  | { readonly kind: 'open'; readonly context: TokeniseContext }
  | { readonly kind: 'refused'; readonly answer: AnswerText }
  | { readonly kind: 'earlier'; readonly operation: Operation };

/**
 * Claims the key, commits the intent and counts the attempt, and asks everything that decides whether
 * a card may be sent; whoever sends it.
 *
 * @param panMac keyed hash of the number, or empty where nobody here knows it.
 * @param wrong what the request itself is refused for, or `null`.
 */
export async function openCard(
  bridge: Bridge,
  actor: Actor,
  draft: Draft,
  panMac: string,
  wrong: (begun: Begun) => Refused | null,
): Promise<OpenedCard> {
  const claimed = await claim(bridge, actor, draft, panMac);
  if (claimed.kind === 'earlier') return claimed;
  const { operation, begun } = claimed;
  const { limits } = bridge;
  const attemptsLeft = Math.max(0, limits.cardTriesPerCall - begun.cardTries);
  const context: TokeniseContext = {
    operation,
    actor,
    attemptsLeft,
    telling: {
      attempt: Math.max(1, begun.cardTries),
      overLimit: nearLimit(begun, limits),
      lastAttempt: attemptsLeft === 0,
    },
  };
  const errorCode = await refusal(bridge, begun, operation);
  const refused: Refused | null =
    errorCode === null ? wrong(begun) : { state: 'failed', errorCode };
  if (refused === null) return { kind: 'open', context };
  const ending = refusedEnding(refused.state, refused.errorCode);
  const answer = tokenAnswer(bridge, context, endingReply(refused), null, refused.errorCode);
  const concluded = await conclude(bridge, actor, operation, { ...ending, answer });
  return { kind: 'refused', answer: concluded };
}

interface Refused {
  readonly state: 'declined' | 'failed';
  readonly errorCode: ErrorCode;
}

function wrongWith(request: BeginRequest, begun: Begun): Refused | null {
  if (request.fault !== null) return { state: 'declined', errorCode: request.fault };
  if (amountContradicts(request, begun)) return { state: 'failed', errorCode: 'not_allowed' };
  return null;
}

function endingReply(refused: Refused): Pick<GatewayReply<TokenGrant>, ReplyFields> {
  return {
    outcome: { kind: refused.state, errorCode: refused.errorCode },
    statusCode: null,
    gatewayTransactionId: null,
  };
}

type ReplyFields = 'outcome' | 'statusCode' | 'gatewayTransactionId';

/** The caller's answer to a tokenise operation. */
export function tokenAnswer(
  bridge: Bridge,
  context: TokeniseContext,
  reply: Pick<GatewayReply<TokenGrant>, ReplyFields>,
  token: CardToken | null,
  errorCode: ErrorCode | null,
): AnswerText {
  const { operation } = context;
  const table = bridge.prompts[operation.language];
  const { brand, last4 } = token ?? faceOf(operation, null);
  const fields = tokenFields({
    operation_id: operation.id,
    gateway: operation.gateway,
    attempts_left: context.attemptsLeft,
    card_brand: brand,
    card_last4: last4,
    token_id: token?.id ?? '',
    gateway_transaction_id: reply.gatewayTransactionId ?? '',
    status_code: reply.statusCode ?? 0,
  });
  if (errorCode !== null) {
    const common = errorCommon(table, reply.outcome.kind, errorCode, context.telling);
    return answerText({ ...fields, ...common });
  }
  const common =
    reply.outcome.kind === 'approved'
      ? plainCommon(table, 'card_accepted', 'continue', { card_brand: brand, card_last4: last4 })
      : plainCommon(table, 'still_working', 'wait', {}, reply.outcome.kind);
  return answerText({ ...fields, ...common });
}

/** The answer for an operation whose process died: it is being looked up. */
export function lostAnswer(bridge: Bridge, operation: ClaimedOperation): AnswerText {
  const context = { operation, actor: SELF, attemptsLeft: 0, telling: FIRST_TELLING };
  const reply = {
    outcome: { kind: 'in_doubt' },
    statusCode: null,
    gatewayTransactionId: null,
  } as const;
  return tokenAnswer(bridge, context, reply, null, 'in_doubt');
}

const SELF: Actor = { clientId: 'tokenizer', origin: 'tokenizer' };

/** For another replica, or after a restart. */
async function storedTokenise(bridge: Bridge, operationId: string): Promise<Operation> {
  const operation = await findOperation(bridge.store, operationId);
  if (!operation || operation.kind !== 'tokenise') {
    throw new Fault('unknown_resource', 'There is no such operation.');
  }
  return operation;
}

/** The context as far as the store has it. */
export async function restoreContext(
  bridge: Bridge,
  operation: ClaimedOperation,
): Promise<TokeniseContext> {
  const call = await callOf(bridge.store, operation.interactionId);
  const tries = call?.cardTries ?? 1;
  const attemptsLeft = Math.max(0, bridge.limits.cardTriesPerCall - tries);
  return {
    operation,
    actor: { ...SELF, clientId: operation.clientId },
    attemptsLeft,
    // The counts are not at hand here; saying less about the field is the safe side.
    telling: { attempt: tries, overLimit: true, lastAttempt: attemptsLeft === 0 },
  };
}

function outcomeOf(request: FinishRequest): Outcome<TokenGrant> {
  const errorCode =
    request.error_code !== null && isErrorCode(request.error_code) ? request.error_code : null;
  switch (request.outcome) {
    case 'approved':
      if (request.token_reference === null) return { kind: 'in_doubt' };
      return {
        kind: 'approved',
        value: {
          tokenReference: request.token_reference,
          networkTransactionId: request.network_transaction_id,
        },
      };
    case 'pending':
      return { kind: 'pending' };
    case 'declined':
      return { kind: 'declined', errorCode: errorCode ?? 'card_declined' };
    case 'failed':
      return { kind: 'failed', errorCode: errorCode ?? 'gateway_unavailable' };
    case 'in_doubt':
      return { kind: 'in_doubt' };
  }
}

/**
 * The second half: takes what the gateway said, runs the gateway's digit-free verification where it
 * has one, commits the outcome and gives the caller's answer. Asked twice, it answers the same.
 */
export async function finishTokenise(
  bridge: Bridge,
  open: OpenTokenises,
  operationId: string,
  request: FinishRequest,
): Promise<AnswerText> {
  const known = open.get(operationId);
  open.delete(operationId);
  const stored = known ? null : await storedTokenise(bridge, operationId);
  if (stored !== null && stored.answer !== null && isFinal(stored.state)) return stored.answer;
  const context = known ?? (stored && (await restoreContext(bridge, stored)));
  if (!context) throw new Error('an operation is neither open nor stored');
  const reply: GatewayReply<TokenGrant> = {
    outcome: outcomeOf(request),
    again: { kind: 'never' },
    latencyMs: request.latency_ms,
    healthy: request.healthy,
    statusCode: request.status_code,
    rawCode: request.raw_code,
    gatewayTransactionId: request.gateway_transaction_id,
  };
  return endTokenise(bridge, context, reply, request.budget_ms, 'by_call');
}

/** Verifies a fresh token where the gateway wants that, then concludes. Used by `settle` as well. */
export async function endTokenise(
  bridge: Bridge,
  context: TokeniseContext,
  tokenised: GatewayReply<TokenGrant>,
  budgetMs: number,
  learnt: Learnt,
): Promise<AnswerText> {
  const reply = await verified(bridge, context.operation, tokenised, budgetMs);
  return concludeTokenise(bridge, context, reply, learnt);
}

/** Commits a card's outcome, and the token where it was stored. */
export function concludeTokenise(
  bridge: Bridge,
  context: TokeniseContext,
  reply: GatewayReply<TokenGrant>,
  learnt: Learnt,
): Promise<AnswerText> {
  const { operation, actor } = context;
  const { outcome } = reply;
  const token: CardToken | null =
    outcome.kind === 'approved'
      ? {
          id: newId('tok', bridge.randomness),
          customerId: operation.customerId ?? '',
          interactionId: operation.interactionId,
          gateway: operation.gateway,
          reference: outcome.value.tokenReference,
          networkTransactionId: outcome.value.networkTransactionId,
          ...faceOf(operation, outcome.value),
        }
      : null;
  const ending = endingOf(reply, learnt);
  const answer = tokenAnswer(bridge, context, reply, token, ending.errorCode);
  return conclude(bridge, actor, operation, { ...ending, token, answer });
}

/** The reply of the gateway's own check of a stored card, where it has one; else what came before. */
export async function verified(
  bridge: Bridge,
  operation: ClaimedOperation,
  tokenised: GatewayReply<TokenGrant>,
  budgetMs: number,
): Promise<GatewayReply<TokenGrant>> {
  const { gateway, clock, randomness, limits } = bridge;
  const { outcome } = tokenised;
  if (outcome.kind !== 'approved') return tokenised;
  const refused = await refusedByShown(bridge, operation, outcome.value);
  if (refused !== null || !gateway.capabilities.verification) return refused ?? tokenised;
  const order = {
    idempotencyKey: operation.id,
    operationId: operation.id,
    interactionId: operation.interactionId,
    customerId: operation.customerId ?? '',
    tokenReference: outcome.value.tokenReference,
  };
  const reply = await withRetry(
    {
      clock,
      randomness,
      deadline: new Deadline(clock, budgetMs),
      policy: limits.retry,
      renewCredential: () => gateway.renewCredential(),
    },
    (signal) => gateway.verify(order, signal),
    joinReplies,
  );
  const latencyMs = Math.max(reply.latencyMs, tokenised.latencyMs);
  return {
    ...reply,
    ...stillFoundBy(operation, tokenised, reply),
    latencyMs,
    outcome: unasked(reply) ? { kind: 'in_doubt' } : reply.outcome,
  };
}

/**
 * True where the issuer has not been asked yet, and may still be. The card is stored at the gateway
 * by now: to say that nothing happened would leave it there, and have the caller key it again.
 */
function unasked({ outcome, statusCode, again }: GatewayReply<TokenGrant>): boolean {
  return outcome.kind === 'failed' && (statusCode === null || again.kind === 'again');
}
