import type { FinishCardRequest } from '../contract/direct-schemas.ts';
import type * as schemas from '../contract/schemas.ts';
import type { Body } from '../contract/schemas.ts';
import type { GatewayReply, LookUpReply, TokenGrant } from '../gateway/gateway.ts';
import { unasked } from '../gateway/reading.ts';
import { Fault } from '../payment/fault.ts';
import { languageOf } from '../payment/language.ts';
import { isFinal } from '../payment/operation.ts';
import type { ErrorCode } from '../payment/outcome.ts';
import { Deadline } from '../resilience/deadline.ts';
import { findOperation, type Operation } from '../store/operations.ts';
import { cardCountsOf } from '../store/shown-cards.ts';
import { nearLimit } from './admit.ts';
import { answerText, plainCommon, tokenFields } from './answer.ts';
import type { Actor, AnswerText, Bridge, Keyed } from './bridge.ts';
import { repeated, type ClaimedOperation } from './claim.ts';
import type { Learnt } from './conclude.ts';
import { attemptOf, operationKey } from './key.ts';
import { DIRECT_ORDER, isDirect } from './shown-card.ts';
import { endTokenise, lostAnswer, openCard, type TokeniseContext } from './tokenise.ts';

/**
 * Cards that the flow sends to the gateway itself (`capture: direct`, docs/guides/capture-direct.md).
 * The flow asks before it sends one, and tells afterwards how that ended; what it tells is a hint, and
 * the gateway's own word counts, which is asked for with a credential that only the bridge has.
 */

/**
 * Claims the key, commits the intent, counts the attempt, asks switch, limits and breaker. Asked again
 * before the card's end is known it says the same: a card that is sent again is sent under one key.
 *
 * @returns `pending` and `continue` where the card may be sent; otherwise the caller's answer.
 */
export async function beginCard(
  bridge: Bridge,
  ask: Keyed<Body<typeof schemas.BeginCardRequest>>,
): Promise<AnswerText> {
  const { actor, request, bodyHash } = ask;
  const attempt = attemptOf(request.attempt);
  const draft = {
    kind: 'tokenise',
    key: operationKey({
      header: ask.key,
      interactionId: request.interaction_id,
      step: 'tokenise',
      attempt,
      content: bodyHash,
    }),
    bodyHash,
    // Nobody here has a digit to hash. The gateway's own mark takes its place where it has one.
    cardMac: null,
    cardMacKey: null,
    binMac: null,
    interactionId: request.interaction_id,
    customerId: request.customer_id,
    subscriptionId: null,
    consentId: null,
    tokenId: null,
    planId: null,
    attempt: attempt ?? 1,
    language: request.language === undefined ? null : languageOf(request.language),
    order: DIRECT_ORDER,
  } as const;
  const opened = await openCard(bridge, actor, draft, '', () => null);
  if (opened.kind === 'refused') return opened.answer;
  if (opened.kind === 'open') return goAhead(bridge, opened.context);
  const { operation } = opened;
  if (operation.answer !== null || bridge.clock.now() > sentBeforeMs(bridge, operation)) {
    return repeated(bridge, operation, (language) =>
      lostAnswer(bridge, { ...operation, language }),
    );
  }
  return goAhead(bridge, await contextOf(bridge, actor, operation));
}

/** After this moment a card is taken to have been sent, or never to be. */
function sentBeforeMs({ limits }: Bridge, { startedAtMs }: Operation): number {
  return startedAtMs + limits.deadlineMs;
}

function goAhead(bridge: Bridge, { operation, attemptsLeft }: TokeniseContext): AnswerText {
  const table = bridge.prompts[operation.language];
  return answerText({
    ...tokenFields({
      operation_id: operation.id,
      gateway: operation.gateway,
      attempts_left: attemptsLeft,
    }),
    ...plainCommon(table, 'available', 'continue', {}, 'pending'),
  });
}

/** What a card's end is told by, read again: any replica may be asked for it. */
async function contextOf(
  bridge: Bridge,
  actor: Actor,
  operation: ClaimedOperation,
): Promise<TokeniseContext> {
  const { store, limits } = bridge;
  const counts = await cardCountsOf(store, operation);
  const attemptsLeft = Math.max(0, limits.cardTriesPerCall - counts.cardTries);
  return {
    operation,
    actor,
    attemptsLeft,
    telling: {
      attempt: Math.max(1, counts.cardTries),
      overLimit: nearLimit(counts, limits),
      lastAttempt: attemptsLeft === 0,
    },
  };
}

/**
 * Takes how the sending of a card ended, asks the gateway what is so, verifies the card and commits the
 * outcome. Asked twice it answers the same.
 *
 * @throws Fault `unknown_resource` for an operation that is not a card of this call, or not the client's.
 */
export async function finishCard(
  bridge: Bridge,
  operationId: string,
  { actor, request }: Keyed<FinishCardRequest>,
): Promise<AnswerText> {
  const operation = await findOperation(bridge.store, operationId);
  if (operation === null || !isOf(operation, actor, request)) {
    throw new Fault('unknown_resource', 'There is no such card in this call.');
  }
  if (operation.answer !== null && isFinal(operation.state)) return operation.answer;
  if (bridge.clock.now() > sentBeforeMs(bridge, operation) + bridge.limits.deadlineMs) {
    // `settle` is at it, and may be saying that nothing came: nobody verifies a card beside it.
    return lostAnswer(bridge, operation);
  }
  const context = await contextOf(bridge, actor, operation);
  const deadline = new Deadline(bridge.clock, bridge.limits.deadlineMs);
  const [reply, learnt] = await askedFor(bridge, operation, request);
  return endTokenise(bridge, context, reply, deadline.leftMs(), learnt);
}

function isOf(operation: Operation, actor: Actor, request: FinishCardRequest): boolean {
  return (
    operation.kind === 'tokenise' &&
    isDirect(operation) &&
    operation.clientId === actor.clientId &&
    operation.interactionId === request.interaction_id
  );
}

type Reply = GatewayReply<TokenGrant>;

/** What the gateway says of the card, with what the flow has told as a hint. */
async function askedFor(
  bridge: Bridge,
  operation: Operation,
  { sent, token_reference }: FinishCardRequest,
): Promise<readonly [Reply, Learnt]> {
  const { gateway, clock, limits } = bridge;
  const { direct } = gateway.capabilities;
  const given = token_reference ?? null;
  // The gateway's time, with what the flow needs for two data actions; the breaker is told no less.
  const waitedMs = Math.min(clock.now() - operation.startedAtMs, limits.deadlineMs);
  if (direct === 'by_token' && given === null)
    return [withoutToken(sent, waitedMs), learntFrom(sent)];
  const found = await new Deadline(clock, limits.lookMsMax).within((signal) =>
    gateway.lookUp(
      {
        kind: 'tokenise',
        idempotencyKey: operation.id,
        operationId: operation.id,
        customerId: operation.customerId ?? '',
        subscriptionReference: null,
        gatewayTransactionId: given,
        charge: null,
      },
      signal,
    ),
  );
  if (isForeign(found, given, direct)) {
    const { id: operationId, interactionId } = operation;
    bridge.log.alarm('card.foreign_token', { operationId, interactionId, gateway: gateway.name });
    return [failed('not_allowed', 'foreign_token'), 'by_look_up'];
  }
  if (found.kind === 'token') {
    const { reply } = found;
    return [{ ...reply, latencyMs: Math.max(reply.latencyMs, waitedMs) }, 'by_call'];
  }
  return [inDoubt(given, found.kind !== 'unanswered'), 'by_call'];
}

/**
 * True for a token that is not that of this operation. Where the gateway is asked by our key, that it
 * knows nothing yet proves nothing; where it is asked for the token itself, it does.
 */
function isForeign(
  found: LookUpReply,
  given: string | null,
  direct: Bridge['gateway']['capabilities']['direct'],
): boolean {
  if (given === null) return false;
  if (found.kind === 'absent') return direct === 'by_token';
  if (found.kind !== 'token' || found.reply.outcome.kind !== 'approved') return false;
  return found.reply.outcome.value.tokenReference !== given;
}

/**
 * No token has come, and without one this gateway cannot be asked. It is certain all the same that
 * nothing happened: a card whose token nobody has belongs to nobody, and no issuer has been asked.
 */
function withoutToken(sent: FinishCardRequest['sent'], waitedMs: number): Reply {
  if (sent !== 'timeout') return failed('card_not_stored', 'no_token');
  const late = failed('gateway_timeout', 'no_token');
  return { ...late, latencyMs: waitedMs, healthy: false };
}

function failed(errorCode: ErrorCode, rawCode: string): Reply {
  return unasked({ kind: 'failed', errorCode }, rawCode);
}

/** A gateway that was too slow for the flow counts for the breaker; a card that was refused does not. */
function learntFrom(sent: FinishCardRequest['sent']): Learnt {
  return sent === 'timeout' ? 'by_call' : 'by_look_up';
}

/** `settle` asks again, and needs the token where only that leads to the card. */
function inDoubt(given: string | null, healthy: boolean): Reply {
  return { ...unasked<TokenGrant>({ kind: 'in_doubt' }), healthy, gatewayTransactionId: given };
}
