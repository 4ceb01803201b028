import { decimalText } from '../../payment/money.ts';
import type { IsoDate } from '../../payment/plan.ts';
import { SUBSCRIPTION_STATUSES, type SubscriptionVerb } from '../../payment/subscription.ts';
import type { Clock } from '../../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import { checkWebhook, webhookSecret } from '../../system/standard-webhooks.ts';
import type {
  CallFacts,
  ChangeOrder,
  ChargeOrder,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayReply,
  LookUpOrder,
  LookUpReply,
  SubscribeOrder,
  SubscriptionGrant,
  VerifyOrder,
  WebhookReading,
} from '../gateway.ts';
import { membersOf, parsed, textOf } from '../json.ts';
import { notOffered, readExchange, type Found } from '../reading.ts';
import { sandboxPages } from './pages.ts';
import { openCredential, type CredentialSettings } from './credential.ts';
import { findCharge, findIn, findToken } from './words.ts';

export interface SandboxGatewaySettings extends CredentialSettings {
  /** Standard Webhooks secret, `whsec_…`. */
  readonly webhookSecret: string;
  /** True where a stored card is checked in a second step, `POST /v1/tokens/{id}/verify`. */
  readonly verification: boolean;
  /** Who makes the charges after the first: the gateway's subscriptions, or Tokenline's schedule. */
  readonly recurring: 'gateway' | 'tokenline';
  /** See {@link GatewayCapabilities.absenceIsProofAfterMs}; 20 s where it is left out. */
  readonly absenceIsProofAfterMs?: number;
}

/** The sandbox keeps keys for ever; a day is what gateways promise (Stripe, "Idempotent requests"). */
const KEY_RETENTION_MS = 24 * 60 * 60 * 1000;

/** Longer than a data action waits for its answer is no request of ours on its way. */
const ABSENCE_IS_PROOF_AFTER_MS = 20_000;

const PATH_OF_VERB: Readonly<Record<SubscriptionVerb, string>> = {
  cancel: 'cancel',
  pause: 'pause',
  resume: 'resume',
  change_plan: 'change-plan',
  change_card: 'change-card',
};

/** The verification of a stored card belongs to the same operation but is a request of its own. */
const verificationKey = (idempotencyKey: string): string => `${idempotencyKey}.verify`;

/**
 * The sandbox gateway, which speaks the guide's generic protocol ("JSON Payload Construction",
 * "JSON Payload for Subscription Creation"), without card digits.
 *
 * @param http a client for the gateway's origin.
 */
export function openSandboxAdapter(
  settings: SandboxGatewaySettings,
  http: HttpClient,
  clock: Clock,
): GatewayAdapter {
  const credential = openCredential(settings, http, clock);
  const secret = webhookSecret(settings.webhookSecret);

  /** One exchange; where there is no bearer to send it with, what to tell instead. */
  async function exchanged(
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<Exchange | GatewayReply<never>> {
    const refused = await credential.prepare(signal);
    if (refused) return refused;
    const headers = { ...credential.headers(), ...request.headers };
    return http.exchange({ ...request, headers }, signal);
  }

  async function ask<T>(
    request: HttpRequest,
    signal: AbortSignal,
    find: (body: unknown) => Found<T> | null,
  ): Promise<GatewayReply<T>> {
    const exchange = await exchanged(request, signal);
    return 'outcome' in exchange ? exchange : readExchange(exchange, find);
  }

  async function lookUpKey(order: LookUpOrder, key: string, signal: AbortSignal) {
    const path = `/v1/operations/${encodeURIComponent(key)}`;
    const exchange = await exchanged(getRequest(path), signal);
    return 'outcome' in exchange ? UNANSWERED : readLookUp(order, exchange);
  }

  const adapter: GatewayAdapter = {
    name: 'sandbox',
    capabilities: capabilitiesOf(settings),
    verify: (order, signal) => ask(verifyRequest(order), signal, findToken),
    charge(order, signal) {
      const request = postRequest('/v1/charges', order.idempotencyKey, chargeBody(order));
      return ask(request, signal, findCharge);
    },
    subscribe(order, signal) {
      const request = postRequest('/v1/subscriptions', order.idempotencyKey, subscribeBody(order));
      return ask(request, signal, findSubscription);
    },
    change(order, signal) {
      const id = encodeURIComponent(order.subscriptionReference);
      const path = `/v1/subscriptions/${id}/${PATH_OF_VERB[order.verb]}`;
      const request = postRequest(path, order.idempotencyKey, changeBody(order));
      return ask(request, signal, findSubscription);
    },
    read(subscriptionReference, signal) {
      const path = `/v1/subscriptions/${encodeURIComponent(subscriptionReference)}`;
      return ask(getRequest(path), signal, findSubscription);
    },
    async lookUp(order, signal) {
      const { kind, idempotencyKey: key } = order;
      // The last step of the operation counts: a card that was stored may have been refused since.
      const second = kind === 'tokenise' && settings.verification ? verificationKey(key) : key;
      const found = await lookUpKey(order, second, signal);
      return found.kind === 'absent' && second !== key ? lookUpKey(order, key, signal) : found;
    },
    pages: sandboxPages({ exchanged, getRequest, postRequest, metadataOf }),
    renewCredential: () => credential.renew(),
    webhook: (headers, rawBody, nowMs) =>
      Promise.resolve(readWebhook(secret, headers, rawBody, nowMs)),
  };
  return offered(adapter, settings.recurring);
}

/** What the capabilities do not name is not there either. */
function offered(
  adapter: GatewayAdapter,
  recurring: SandboxGatewaySettings['recurring'],
): GatewayAdapter {
  const refuse = (): Promise<GatewayReply<never>> => Promise.resolve(notOffered());
  return recurring === 'gateway'
    ? { ...adapter, charge: refuse }
    : { ...adapter, subscribe: refuse, change: refuse, read: refuse };
}

function capabilitiesOf(settings: SandboxGatewaySettings): GatewayCapabilities {
  return {
    subscriptions: settings.recurring === 'gateway',
    pause: true,
    changePlan: true,
    changeCard: true,
    verification: settings.verification,
    postalCode: false,
    direct: 'by_key',
    keyRetentionMs: KEY_RETENTION_MS,
    absenceIsProofAfterMs: settings.absenceIsProofAfterMs ?? ABSENCE_IS_PROOF_AFTER_MS,
  };
}

function getRequest(path: string): HttpRequest {
  return { method: 'GET', path, headers: { accept: 'application/json' }, body: null };
}

function postRequest(path: string, idempotencyKey: string, body: object): HttpRequest {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'idempotency-key': idempotencyKey,
  };
  return { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body), 'utf8') };
}

function verifyRequest(order: VerifyOrder): HttpRequest {
  const path = `/v1/tokens/${encodeURIComponent(order.tokenReference)}/verify`;
  const key = verificationKey(order.idempotencyKey);
  return postRequest(path, key, { metadata: metadataOf(order) });
}

function metadataOf(facts: CallFacts): Record<string, string> {
  return {
    interaction_id: facts.interactionId,
    operation_id: facts.operationId,
    source: 'ivr_payment_flow',
  };
}

function subscribeBody(order: SubscribeOrder): object {
  return {
    customer_id: order.customerId,
    payment_method_token: order.tokenReference,
    plan_id: order.planId,
    interval_count: order.interval.count,
    interval_unit: order.interval.unit,
    amount: decimalText(order.price),
    currency: order.price.currency,
    first_charge_date: order.firstChargeDate,
    metadata: {
      ...metadataOf(order),
      ivr_session_id: order.interactionId,
      consent_id: order.consentId,
      entry_mode: 'moto',
      language: order.language,
    },
  };
}

function chargeBody(order: ChargeOrder): object {
  const { credential } = order;
  return {
    customer_id: order.customerId,
    payment_method_token: order.tokenReference,
    subscription_id: order.subscriptionId,
    plan_id: order.planId,
    amount: decimalText(order.price),
    currency: order.price.currency,
    due_date: order.dueDate,
    stored_credential:
      credential.use === 'first'
        ? { initiator: 'customer', usage: 'first' }
        : {
            initiator: 'merchant',
            usage: 'recurring',
            network_transaction_id: credential.networkTransactionId,
          },
    metadata: {
      ...metadataOf(order),
      consent_id: order.consentId,
      ...(credential.use === 'first' && { entry_mode: credential.entryMode }),
      language: order.language,
    },
  };
}

function changeBody(order: ChangeOrder): object {
  return {
    ...(order.plan && {
      plan_id: order.plan.id,
      interval_count: order.plan.interval.count,
      interval_unit: order.plan.interval.unit,
      amount: decimalText(order.plan.price),
      currency: order.plan.price.currency,
    }),
    ...(order.tokenReference !== null && { payment_method_token: order.tokenReference }),
    metadata: metadataOf(order),
  };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function dateOf(value: unknown): IsoDate | null {
  return typeof value === 'string' && DATE.test(value) ? value : null;
}

function findSubscription(body: unknown): Found<SubscriptionGrant> | null {
  return findIn(body, (members) => {
    const subscriptionReference = textOf(members, 'subscription_id');
    const status = SUBSCRIPTION_STATUSES.find((known) => known === members['status']);
    if (subscriptionReference === null || status === undefined) return null;
    return {
      subscriptionReference,
      status,
      nextChargeDate: dateOf(members['next_charge_date']),
    };
  });
}

const UNANSWERED: LookUpReply = { kind: 'unanswered' };

/**
 * Reads `GET /v1/operations/{key}`: the answer that the request with that key was given, in an
 * envelope. Only the gateway's own `Not_Found` says that there was none, and only its own
 * `Operation_In_Progress` that there is no answer yet; the status alone may come from anything on the
 * way.
 */
function readLookUp(order: LookUpOrder, exchange: Exchange): LookUpReply {
  if (exchange.kind !== 'answered') return UNANSWERED;
  const { response, latencyMs } = exchange;
  const envelope = membersOf(parsed(response.body));
  if (envelope === null) return UNANSWERED;
  if (response.status === 404 && envelope['error_code'] === 'Not_Found') return { kind: 'absent' };
  if (response.status === 409 && envelope['error_code'] === 'Operation_In_Progress') {
    return { kind: 'under_way' };
  }
  const status = envelope['status_code'];
  if (response.status !== 200 || typeof status !== 'number') return UNANSWERED;
  const body = Buffer.from(JSON.stringify(envelope['body'] ?? null), 'utf8');
  const answered: Exchange = {
    kind: 'answered',
    response: { status, headers: {}, body },
    latencyMs,
  };
  if (order.kind === 'tokenise') {
    return { kind: 'token', reply: readExchange(answered, findToken) };
  }
  return order.kind === 'charge'
    ? { kind: 'charge', reply: readExchange(answered, findCharge) }
    : { kind: 'subscription', reply: readExchange(answered, findSubscription) };
}

/** The event is signed as a whole; what it says is looked up before it is believed. */
function readWebhook(
  secret: Uint8Array,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
  nowMs: number,
): WebhookReading {
  const check = checkWebhook(secret, headers, rawBody, nowMs);
  if (check.kind === 'refused') return check;
  const event = membersOf(parsed(rawBody));
  const data = event && membersOf(event['data']);
  if (!data) return { kind: 'refused', reason: 'the event is no JSON object with data' };
  const read = {
    id: check.id,
    idempotencyKey: textOf(data, 'idempotency_key'),
    subscriptionReference: textOf(data, 'subscription_id'),
  };
  return { kind: 'events', events: [read] };
}
