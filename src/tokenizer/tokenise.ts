import { checkCard, zeroCard, type CardVerdict } from '../card/card.ts';
import type { Brand } from '../card/brand.ts';
import { monthIn } from '../card/expiry.ts';
import type { BeginRequest, FinishRequest } from '../contract/internal.ts';
import type { Body, TokenAnswer } from '../contract/schemas.ts';
import type { GatewayReply, TokenGrant } from '../gateway/gateway.ts';
import { Fault } from '../payment/fault.ts';
import { languageOf, type Language } from '../payment/language.ts';
import { errorCodeOf } from '../payment/outcome.ts';
import { Deadline } from '../resilience/deadline.ts';
import { sleep } from '../system/clock.ts';
import type { CardRequest } from './body.ts';
import type { BridgeLine, LineReply } from './bridge-line.ts';
import type { MacKeys } from './mac-keys.ts';
import type { TokenizerMetrics } from './metrics.ts';
import { nameOf, sendCard, type SendDeps } from './send.ts';

export interface TokeniseDeps extends SendDeps {
  readonly line: BridgeLine;
  readonly macKeys: MacKeys;
  readonly metrics: Pick<TokenizerMetrics, 'gatewayCall'>;
  readonly brands: readonly Brand[];
  readonly mode: 'live' | 'test';
  /** IANA name: a card is good until the end of its month there. */
  readonly timeZone: string;
  /** What the caller hears while an operation is being looked up and the bridge cannot say it. */
  readonly inDoubtTexts: Readonly<Record<Language, string>>;
}

/** One request of the card route, authenticated and read. */
export interface TokeniseAsk {
  readonly request: CardRequest;
  readonly clientId: string;
  /** Such as `tokenizer 203.0.113.7`. */
  readonly origin: string;
  /** The `Idempotency-Key` header. */
  readonly key: string | null;
  /** The budget that the request has had since it arrived. */
  readonly deadline: Deadline;
}

/** What goes back to the caller, byte for byte. */
export interface TokeniseReply {
  readonly status: number;
  readonly contentType: 'application/json' | 'application/problem+json';
  readonly body: Uint8Array;
  readonly retryAfter: string | null;
  /** For the log and the metrics. */
  readonly outcome: string;
  readonly operationId: string | null;
}

/** The bridge answers from its store within milliseconds; the rest of the budget is the gateway's. */
const BEGIN_MS_MAX = 5_000;
const BEGIN_AGAIN_MS = 50;

/** Kept of the budget for `finish`: a tenth, and two seconds at the most. */
const FINISH_SHARE = 0.1;
const FINISH_MS_MAX = 2_000;

/** For the way back of `finish`, so that a verification in the bridge does not use the whole rest. */
const LINE_MARGIN_MS = 500;

const FINISH_DELAY_MS = 50;
const FINISH_DELAY_MS_MAX = 800;

const encoder = new TextEncoder();

/**
 * One request's whole life: check, begin, send, finish. It runs to its end whether or not the client
 * still waits. The card is zeroed on every way out, and before `finish` waits for the bridge.
 *
 * @throws Fault `bridge_unavailable` where `begin` brought no answer: then nothing has been sent.
 */
export async function tokenise(deps: TokeniseDeps, ask: TokeniseAsk): Promise<TokeniseReply> {
  const { card } = ask.request;
  try {
    const verdict = checkCard(card, {
      today: monthIn(deps.timeZone, deps.clock.now()),
      brands: deps.brands,
      mode: deps.mode,
    });
    const beginRequest = beginRequestOf(deps.macKeys, ask, verdict);
    // A card that is refused here goes nowhere: its digits have done their work.
    if (!verdict.ok) zeroCard(card);
    const begun = await begin(deps, beginRequest, ask.deadline);
    if (begun.kind === 'problem') return problemReply(begun);
    if (begun.value.kind === 'answer') return answerReply(begun.value.answer, null);
    if (!verdict.ok) throw new Error('the bridge wants a card sent that was refused');
    const { operation_id: operationId, gateway_key: idempotencyKey } = begun.value;
    const left = Math.min(ask.deadline.leftMs(), begun.value.budget_ms);
    const sendMs = left - Math.min(FINISH_MS_MAX, left * FINISH_SHARE);
    const order = {
      operationId,
      idempotencyKey,
      interactionId: beginRequest.interaction_id,
      customerId: beginRequest.customer_id,
      face: verdict.face,
    };
    const reply = await sendCard(deps, card, order, new Deadline(deps.clock, sendMs));
    zeroCard(card);
    deps.metrics.gatewayCall(reply.outcome.kind, reply.latencyMs);
    const answer = await finish(deps, operationId, reply, ask.deadline);
    if (answer !== null) return answerReply(answer, operationId);
    deps.log.alarm('finish.undelivered', { operationId, outcome: reply.outcome.kind });
    return answerReply(
      JSON.stringify(inDoubtAnswer(deps, beginRequest, order, reply)),
      operationId,
    );
  } finally {
    zeroCard(card);
  }
}

function beginRequestOf(macKeys: MacKeys, ask: TokeniseAsk, verdict: CardVerdict): BeginRequest {
  const { card, payload, payloadHash } = ask.request;
  const key = macKeys.current();
  const fault = verdict.ok ? null : verdict.fault;
  return {
    client_id: ask.clientId,
    origin: ask.origin,
    key: ask.key,
    interaction_id: payload.metadata.interaction_id,
    customer_id: payload.customer_id,
    call_id: payload.metadata.call_id ?? null,
    attempt: payload.attempt === undefined ? null : Number(payload.attempt),
    language: payload.language ?? null,
    amount: payload.amount === undefined ? null : String(payload.amount),
    currency: payload.currency ?? null,
    body_hash: payloadHash,
    card_mac: key.ofCard(card),
    // A number that is no PAN is no card to be counted.
    pan_mac: fault === 'invalid_card_number' ? '' : key.ofPan(card.pan),
    bin_mac: fault === 'invalid_card_number' ? '' : key.ofBin(card.pan),
    card_mac_key: key.name,
    card_brand: verdict.face?.brand ?? 'unknown',
    card_last4: verdict.face?.last4 ?? '',
    fault,
  };
}

type Begun = Exclude<Awaited<ReturnType<BridgeLine['begin']>>, { kind: 'silent' }>;

async function begin(
  deps: TokeniseDeps,
  request: BeginRequest,
  deadline: Deadline,
): Promise<Begun> {
  const limit = new Deadline(deps.clock, Math.min(BEGIN_MS_MAX, deadline.leftMs()));
  const ask = (signal: AbortSignal): ReturnType<BridgeLine['begin']> =>
    deps.line.begin(request, signal);
  let reply = await limit.within(ask);
  // One that is being replaced closes its connections, and another one answers at once. Nothing has
  // been sent, and a key that the first one has claimed after all is told as such.
  if (reply.kind === 'silent' && reply.reason !== 'refused' && limit.leftMs() > BEGIN_AGAIN_MS) {
    await sleep(deps.clock, BEGIN_AGAIN_MS);
    reply = await limit.within(ask);
  }
  if (reply.kind !== 'silent') return reply;
  if (reply.reason === 'refused') deps.log.alarm('bridge.refused');
  throw new Fault(
    'bridge_unavailable',
    'The bridge did not answer, so the card has not been sent. Try again in a moment.',
    1,
  );
}

/**
 * Tells the bridge until it has answered or the budget is over; `finish` may be told twice. `null`
 * where it could not be told, whatever the reason: by now the card has been sent.
 */
async function finish(
  deps: TokeniseDeps,
  operationId: string,
  reply: GatewayReply<TokenGrant>,
  deadline: Deadline,
): Promise<string | null> {
  const tell = (signal: AbortSignal): ReturnType<BridgeLine['finish']> => {
    const budgetMs = Math.max(0, deadline.leftMs() - LINE_MARGIN_MS);
    return deps.line.finish(operationId, finishRequestOf(reply, budgetMs), signal);
  };
  try {
    for (let delayMs = FINISH_DELAY_MS; ; delayMs = Math.min(delayMs * 2, FINISH_DELAY_MS_MAX)) {
      const told = await deadline.within(tell);
      if (told.kind === 'ok') return told.value.answer;
      const again = told.kind === 'problem' ? told.status >= 500 : told.reason !== 'refused';
      if (!again || delayMs >= deadline.leftMs()) return null;
      await sleep(deps.clock, delayMs);
    }
  } catch (error) {
    deps.log.alarm('tokenise.bug', { operationId, error: nameOf(error) });
    return null;
  }
}

function finishRequestOf(reply: GatewayReply<TokenGrant>, budgetMs: number): FinishRequest {
  const grant = reply.outcome.kind === 'approved' ? reply.outcome.value : null;
  return {
    outcome: reply.outcome.kind,
    error_code: errorCodeOf(reply.outcome),
    token_reference: grant?.tokenReference ?? null,
    network_transaction_id: grant?.networkTransactionId ?? null,
    gateway_transaction_id: reply.gatewayTransactionId,
    status_code: reply.statusCode,
    raw_code: reply.rawCode,
    latency_ms: reply.latencyMs,
    healthy: reply.healthy,
    budget_ms: budgetMs,
  };
}

/** The bridge has the operation and will settle it; until it can say so itself, we do. */
function inDoubtAnswer(
  deps: TokeniseDeps,
  begun: BeginRequest,
  order: { readonly operationId: string },
  reply: GatewayReply<TokenGrant>,
): Body<typeof TokenAnswer> {
  return {
    outcome: 'in_doubt',
    route: 'wait',
    prompt: 'in_doubt',
    prompt_text: deps.inDoubtTexts[languageOf(begun.language)],
    operation_id: order.operationId,
    error_code: 'in_doubt',
    retry_field: 'none',
    attempts_left: 0,
    token_id: '',
    card_brand: begun.card_brand,
    card_last4: begun.card_last4,
    gateway: deps.gateway.name,
    gateway_transaction_id: reply.gatewayTransactionId ?? '',
    status_code: reply.statusCode ?? 0,
  };
}

function problemReply(problem: Extract<LineReply<unknown>, { kind: 'problem' }>): TokeniseReply {
  return {
    status: problem.status,
    contentType: 'application/problem+json',
    body: problem.body,
    retryAfter: problem.retryAfter,
    outcome: 'refused',
    operationId: null,
  };
}

const OUTCOME = /"outcome":"([a-z_]+)"/;

function answerReply(answer: string, operationId: string | null): TokeniseReply {
  return {
    status: 200,
    contentType: 'application/json',
    body: encoder.encode(answer),
    retryAfter: null,
    outcome: OUTCOME.exec(answer)?.[1] ?? 'unknown',
    operationId,
  };
}
