import type { Card, CardFace } from '../card/card.ts';
import type { GatewayReply, TokenGrant } from '../gateway/gateway.ts';
import { joinReplies, unasked } from '../gateway/reading.ts';
import type { GatewayTokenizer, TokeniseOrder } from '../gateway/tokenize.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { withRetry, type RetryPolicy } from '../resilience/retry.ts';
import type { Clock } from '../system/clock.ts';
import type { HttpClient } from '../system/http-client.ts';
import type { Log } from '../system/log.ts';
import type { Randomness } from '../system/randomness.ts';

/** What the gateway leg works with. */
export interface SendDeps {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly gateway: GatewayTokenizer;
  /** The client of the gateway's origin. */
  readonly http: HttpClient;
  readonly retry: RetryPolicy;
  readonly log: Log;
}

/** The facts of one operation, as the bridge gave them. */
export interface SendOrder extends Omit<TokeniseOrder, 'face'> {
  readonly face: CardFace;
}

/** The longest texts that `FinishRequest` takes. */
const REFERENCE_MAX = 255;
const RAW_CODE_MAX = 64;

/**
 * Asks the gateway for a token, retries included. Never rejects: a bug in an adapter is a failure
 * when nothing had been sent, and a doubt otherwise. Every body is zeroed here, that of an
 * answer as well, which may repeat the card; the card is its owner's to zero.
 */
export async function sendCard(
  deps: SendDeps,
  card: Card,
  order: SendOrder,
  deadline: Deadline,
): Promise<GatewayReply<TokenGrant>> {
  const { gateway, log } = deps;
  const startedMs = deps.clock.monotonicMs();
  let sent = false;
  const attempt = async (signal: AbortSignal): Promise<GatewayReply<TokenGrant>> => {
    const unprepared = (await gateway.prepare?.(signal)) ?? null;
    if (unprepared !== null) return unprepared;
    const request = gateway.request(card, order);
    let body: Uint8Array | null = null;
    try {
      sent = true;
      const exchange = await deps.http.exchange(request, signal);
      if (exchange.kind === 'answered') ({ body } = exchange.response);
      return gateway.read(exchange);
    } finally {
      request.body?.fill(0);
      body?.fill(0);
    }
  };
  try {
    const renewCredential = (): Promise<boolean> => gateway.renewCredential();
    const retryDeps = { ...deps, deadline, policy: deps.retry, renewCredential };
    return withoutEcho(await withRetry(retryDeps, attempt, joinReplies), card, order, log);
  } catch (error) {
    log.alarm('tokenise.bug', { operationId: order.operationId, error: nameOf(error) });
    return bugReply(sent, deps.clock.monotonicMs() - startedMs);
  }
}

function bugReply(sent: boolean, latencyMs: number): GatewayReply<TokenGrant> {
  const outcome = sent
    ? ({ kind: 'in_doubt' } as const)
    : ({ kind: 'failed', errorCode: 'gateway_rejected' } as const);
  return { ...unasked(outcome), latencyMs };
}

/**
 * Keeps what a gateway says out of the ledger when it repeats the PAN, and what is longer than the
 * ledger takes. A token that had to be cut would be no token.
 */
function withoutEcho(
  reply: GatewayReply<TokenGrant>,
  card: Card,
  order: SendOrder,
  log: Log,
): GatewayReply<TokenGrant> {
  let echoed = false;
  const kept = (text: string | null, max: number): string | null => {
    if (text === null || !card.pan.isIn(text)) return text?.slice(0, max) ?? null;
    echoed = true;
    return null;
  };
  const rawCode = kept(reply.rawCode, RAW_CODE_MAX);
  const gatewayTransactionId = kept(reply.gatewayTransactionId, REFERENCE_MAX);
  let outcome = reply.outcome;
  if (outcome.kind === 'approved') {
    const { tokenReference, networkTransactionId } = outcome.value;
    const whole = kept(tokenReference, REFERENCE_MAX) === tokenReference;
    outcome = whole
      ? {
          kind: 'approved',
          value: {
            tokenReference,
            networkTransactionId: kept(networkTransactionId, REFERENCE_MAX),
          },
        }
      : { kind: 'in_doubt' };
  }
  if (echoed) log.alarm('gateway.echoed_card', { operationId: order.operationId });
  return { ...reply, outcome, rawCode, gatewayTransactionId };
}

/** The name of an error's class: its message may repeat what it was about. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
