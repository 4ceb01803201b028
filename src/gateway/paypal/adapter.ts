import type { Clock } from '../../system/clock.ts';
import type { HttpClient } from '../../system/http-client.ts';
import type {
  GatewayAdapter,
  GatewayCapabilities,
  GatewayReply,
  LookUpOrder,
  LookUpReply,
  TokenGrant,
} from '../gateway.ts';
import { notOffered } from '../reading.ts';
import { openPayPalLine, type PayPalClient } from './line.ts';
import { findCapture, findCharge, findPaymentToken } from './objects.ts';
import {
  captureRequest,
  deleteTokenRequest,
  orderRequest,
  paymentTokenRequest,
} from './requests.ts';
import { readPayPalWebhook } from './webhook.ts';

export interface PayPalSettings extends PayPalClient {
  /** Of the webhook as PayPal's developer dashboard shows it. */
  readonly webhookId: string;
  /** See `PayPalCardSettings.cardCountry`. */
  readonly cardCountry: string | null;
  /** See {@link GatewayCapabilities.absenceIsProofAfterMs}; two minutes where it is left out. */
  readonly absenceIsProofAfterMs?: number;
}

/** The vault's, which is the shortest; orders keep theirs for six hours (the official descriptions). */
const KEY_RETENTION_MS = 3 * 60 * 60 * 1000;

/** Longer than any request of ours waits, and than PayPal works on one. */
const ABSENCE_IS_PROOF_AFTER_MS = 120_000;

/** The deleting of a card that is not taken has a moment of its own, and changes no answer. */
const DELETE_MS = 5_000;

/** Verifications in doubt that one process remembers. */
const REMEMBERED_MAX = 1_000;

const NO_SUCH_PAYMENT = [400, 403, 404, 422];

const ABSENT: LookUpReply = { kind: 'absent' };
const UNANSWERED: LookUpReply = { kind: 'unanswered' };

/**
 * PayPal finds a payment by PayPal's own id only, which a lost answer did not bring; the same request
 * with its key gets "the latest status of the previous request"
 * (https://developer.paypal.com/api/rest/reference/idempotency/). Its report of transactions knows our
 * ids and is up to three hours late, so it is for people.
 */
const UNABLE: LookUpReply = { kind: 'unable' };

/**
 * PayPal without card digits. It charges a card that it keeps when it is told to: its subscriptions
 * want the raw card in their own request, which no one but the card process ever has, so Tokenline
 * keeps the schedule.
 *
 * @param http a client for PayPal's origin.
 */
export function openPayPalAdapter(
  settings: PayPalSettings,
  http: HttpClient,
  clock: Clock,
): GatewayAdapter {
  const line = openPayPalLine(settings, http, clock);
  const inDoubt = new Map<string, string>();
  const refuse = (): Promise<GatewayReply<never>> => Promise.resolve(notOffered());

  async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer = clock.after(ms, () => controller.abort());
    try {
      return await work(controller.signal);
    } finally {
      timer.cancel();
    }
  }

  async function verify(
    facts: { readonly idempotencyKey: string; readonly operationId: string },
    setupToken: string,
    signal: AbortSignal,
  ): Promise<GatewayReply<TokenGrant>> {
    const request = paymentTokenRequest(facts.idempotencyKey, setupToken);
    const reply = await line.ask(request, signal, findPaymentToken);
    if (reply.outcome.kind === 'in_doubt') remember(inDoubt, facts.operationId, setupToken);
    else if (!isUnsaid(reply)) inDoubt.delete(facts.operationId);
    const stored = reply.outcome.kind === 'declined' && reply.statusCode !== null;
    if (stored && reply.statusCode < 300 && reply.gatewayTransactionId !== null) {
      const unwanted = deleteTokenRequest(reply.gatewayTransactionId);
      await within(DELETE_MS, (own) => line.exchange(unwanted, own));
    }
    return reply;
  }

  /** A payment under review has its id; it is read for as long as the review lasts. */
  async function lookUpCharge(order: LookUpOrder, signal: AbortSignal): Promise<LookUpReply> {
    const { gatewayTransactionId: id, operationId } = order;
    if (id === null) return UNABLE;
    const reply = await line.ask(captureRequest(id), signal, findCapture(operationId));
    const { outcome, statusCode } = reply;
    if (statusCode === 200 && outcome.kind !== 'in_doubt') return { kind: 'charge', reply };
    if (statusCode === 401) await line.renew();
    // The id of a refusal is none of a payment; that it is not there says nothing of the order.
    return NO_SUCH_PAYMENT.includes(statusCode ?? 0) ? UNABLE : UNANSWERED;
  }

  return {
    name: 'paypal',
    capabilities: capabilitiesOf(settings),
    verify: (order, signal) => verify(order, order.tokenReference, signal),
    charge: (order, signal) => line.ask(orderRequest(order), signal, findCharge),
    subscribe: refuse,
    change: refuse,
    read: refuse,
    async lookUp(order, signal) {
      if (order.kind === 'charge') return lookUpCharge(order, signal);
      const setupToken = inDoubt.get(order.operationId);
      // PayPal lists no setup token, and what never became a payment token cannot be charged.
      if (order.kind !== 'tokenise' || setupToken === undefined) return ABSENT;
      const reply = await verify(order, setupToken, signal);
      return isUnsaid(reply) ? UNANSWERED : { kind: 'token', reply };
    },
    renewCredential: () => line.renew(),
    webhook: (headers, rawBody, nowMs) =>
      readPayPalWebhook(line, settings.webhookId, headers, rawBody, nowMs, within),
  };
}

function capabilitiesOf(settings: PayPalSettings): GatewayCapabilities {
  return {
    subscriptions: false,
    // Tokenline's own, as the charges are.
    pause: true,
    changePlan: true,
    changeCard: true,
    verification: true,
    postalCode: settings.cardCountry !== null,
    direct: null,
    keyRetentionMs: KEY_RETENTION_MS,
    absenceIsProofAfterMs: settings.absenceIsProofAfterMs ?? ABSENCE_IS_PROOF_AFTER_MS,
  };
}

function remember(inDoubt: Map<string, string>, operationId: string, setupToken: string): void {
  const [oldest] = inDoubt.keys();
  if (inDoubt.size >= REMEMBERED_MAX && oldest !== undefined) inDoubt.delete(oldest);
  inDoubt.set(operationId, setupToken);
}

/** True where PayPal has not said in its own words what became of the request. */
function isUnsaid({ outcome, statusCode, rawCode }: GatewayReply<unknown>): boolean {
  if (outcome.kind === 'in_doubt') return true;
  if (outcome.kind !== 'failed') return false;
  return (
    outcome.errorCode !== 'gateway_rejected' ||
    rawCode === null ||
    statusCode === 401 ||
    statusCode === 403
  );
}
