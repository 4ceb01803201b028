import { statusAfter, type SubscriptionStatus } from '../../payment/subscription.ts';
import type { Clock } from '../../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import { checkWebhook, webhookSecret } from '../../system/standard-webhooks.ts';
import type {
  ChangeOrder,
  GatewayAdapter,
  GatewayCapabilities,
  GatewayReply,
  LookUpOrder,
  LookUpReply,
  WebhookReading,
} from '../gateway.ts';
import { parsed } from '../json.ts';
import { notOffered } from '../reading.ts';
import { openReader, type Asked, type RestReader } from './answers.ts';
import {
  changeFacts,
  chargeFacts,
  lookUpFacts,
  subscribeFacts,
  verifyFacts,
  type Facts,
  type PlanReferences,
} from './facts.ts';
import { openRestLine, type RestLine, type RestSettings } from './line.ts';
import { lookUpFor, readLookUp } from './look-up.ts';
import type { LookUp, RestMapping, Step } from './mapping.ts';
import { wordAt } from './place.ts';
import { lookUpRequest, requestOf } from './request.ts';

export interface RestAdapterSettings extends RestSettings {
  /** Standard Webhooks secret, `whsec_…`; `null` where the gateway sends no events. */
  readonly webhookSecret: string | null;
  /** What the gateway calls each plan, by plan id. */
  readonly references: PlanReferences;
  /** In place of the mapping's own, from the configuration. */
  readonly absenceIsProofAfterMs?: number;
}

/** The verification of a stored card belongs to the same operation but is a request of its own. */
const verificationKey = (idempotencyKey: string): string => `${idempotencyKey}.verify`;

/** What every call works with. */
interface Ground {
  readonly mapping: RestMapping;
  readonly line: RestLine;
  readonly reader: RestReader;
  readonly http: HttpClient;
}

/**
 * A gateway that is described by a mapping, without card digits.
 *
 * @param http a client for the gateway's origin.
 */
export function openRestAdapter(
  settings: RestAdapterSettings,
  http: HttpClient,
  clock: Clock,
): GatewayAdapter {
  const { mapping, references } = settings;
  const line = openRestLine(settings, http, clock);
  const ground: Ground = { mapping, line, reader: openReader(mapping), http };
  const { reader } = ground;
  const capabilities = capabilitiesOf(settings);
  const subscribing = <T>(step: T | null): T | null => (capabilities.subscriptions ? step : null);
  return {
    name: 'rest',
    capabilities,
    verify: (order, signal) => {
      const key = verificationKey(order.idempotencyKey);
      const facts = { ...verifyFacts(order), idempotency_key: key };
      return ask(ground, mapping.verify, facts, signal, (exchange) => reader.token(exchange));
    },
    charge: (order, signal) =>
      ask(ground, mapping.charge, chargeFacts(order, references), signal, (exchange) =>
        reader.charge(exchange),
      ),
    subscribe: (order, signal) =>
      ask(ground, mapping.subscribe, subscribeFacts(order, references), signal, (exchange) =>
        reader.subscription(exchange, { status: 'active', reference: null }),
      ),
    change(order, signal) {
      const step = subscribing(mapping[order.verb]);
      const asked: Asked = {
        status: statusSaid(order),
        reference: step?.answer === 'or_none' ? order.subscriptionReference : null,
      };
      return ask(ground, step, changeFacts(order, references), signal, (exchange) =>
        reader.subscription(exchange, asked),
      );
    },
    read: (reference, signal) =>
      ask(ground, subscribing(mapping.read), { subscription_id: reference }, signal, (exchange) =>
        reader.subscription(exchange, { status: null, reference: null }),
      ),
    lookUp: (order, signal) => lookUp(ground, order, signal),
    renewCredential: () => line.renew(),
    webhook: (headers, rawBody, nowMs) =>
      Promise.resolve(readWebhook(settings, headers, rawBody, nowMs)),
  };
}

/**
 * What a change leads to where the gateway does not say it. One of plan or card changes no status: that
 * a card is another one does not say that what is owed has been paid.
 */
function statusSaid({ verb, status }: ChangeOrder): SubscriptionStatus {
  return verb === 'change_plan' || verb === 'change_card' ? status : statusAfter(verb, status);
}

function capabilitiesOf(settings: RestAdapterSettings): GatewayCapabilities {
  const { mapping } = settings;
  const subscriptions = mapping.subscribe !== null;
  return {
    subscriptions,
    pause: subscriptions && mapping.pause !== null && mapping.resume !== null,
    changePlan: subscriptions && mapping.change_plan !== null,
    changeCard: subscriptions && mapping.change_card !== null,
    verification: mapping.verify !== null,
    postalCode: mapping.postal_code,
    direct: mapping.look_up.tokenise === null ? null : 'by_key',
    keyRetentionMs: mapping.idempotency.retention_ms,
    absenceIsProofAfterMs: settings.absenceIsProofAfterMs ?? mapping.absence_is_proof_after_ms,
  };
}

async function exchanged(
  { line, http }: Ground,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Exchange | GatewayReply<never>> {
  const refused = await line.prepare(signal);
  return refused ?? http.exchange(line.ready(request), signal);
}

/** One exchange; `null` for a step that this gateway does not have. */
async function ask<T>(
  ground: Ground,
  step: Step | null,
  facts: Facts,
  signal: AbortSignal,
  read: (exchange: Exchange) => GatewayReply<T>,
): Promise<GatewayReply<T>> {
  if (step === null) return notOffered();
  const exchange = await exchanged(ground, requestOf(ground.mapping, step, facts), signal);
  return 'outcome' in exchange ? exchange : ground.line.judged(read(exchange), exchange);
}

async function lookUp(
  ground: Ground,
  order: LookUpOrder,
  signal: AbortSignal,
): Promise<LookUpReply> {
  const { mapping } = ground;
  const way = lookUpFor(mapping, order.kind);
  if (way === null) return { kind: 'unable' };
  // The last step of the operation counts: a card that was stored may have been refused since.
  if (order.kind === 'tokenise' && mapping.verify !== null) {
    const key = verificationKey(order.idempotencyKey);
    const verified = await lookUpOnce(ground, way, { ...order, idempotencyKey: key }, signal);
    if (verified.kind !== 'absent') return verified;
  }
  return lookUpOnce(ground, way, order, signal);
}

async function lookUpOnce(
  ground: Ground,
  way: LookUp,
  order: LookUpOrder,
  signal: AbortSignal,
): Promise<LookUpReply> {
  const request = lookUpRequest(ground.mapping, way, lookUpFacts(order));
  const exchange = await exchanged(ground, request, signal);
  if ('outcome' in exchange) return { kind: 'unanswered' };
  return readLookUp(ground.mapping, ground.reader, way, order, exchange);
}

/** The event is signed as a whole; what it says is looked up before it is believed. */
function readWebhook(
  { mapping, webhookSecret: text }: RestAdapterSettings,
  headers: Readonly<Record<string, string>>,
  rawBody: Uint8Array,
  nowMs: number,
): WebhookReading {
  const { webhook } = mapping;
  if (webhook === null || text === null) {
    return { kind: 'refused', reason: 'no events are configured for this gateway' };
  }
  const check = checkWebhook(webhookSecret(text), headers, rawBody, nowMs);
  if (check.kind === 'refused') return check;
  const event = parsed(rawBody);
  const idempotencyKey = wordAt(event, webhook.idempotency_key);
  const subscriptionReference = wordAt(event, webhook.subscription);
  if (idempotencyKey === null && subscriptionReference === null) {
    return { kind: 'refused', reason: 'the event says nothing that could be looked up' };
  }
  return { kind: 'events', events: [{ id: check.id, idempotencyKey, subscriptionReference }] };
}
