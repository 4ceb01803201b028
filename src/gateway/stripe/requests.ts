import type { HttpRequest } from '../../system/http-client.ts';
import { formText, type FormValue } from '../form.ts';
import type {
  CallFacts,
  ChangeOrder,
  QuoteOrder,
  SubscribeOrder,
  VerifyOrder,
} from '../gateway.ts';

/** How subscriptions are ended and changed; `gateway.stripe` of the configuration. */
export interface StripeHabits {
  /** `period_end`: a subscription that is cancelled lasts until the end of what has been paid for. */
  readonly cancel: 'now' | 'period_end';
  /** What becomes of the days that are paid already when the plan changes. */
  readonly proration: 'none' | 'next_invoice' | 'now';
}

/** Names of our metadata: how `settle` and people at Stripe's dashboard find an operation again. */
export const META = {
  customer: 'tokenline_customer_id',
  operation: 'tokenline_operation_id',
  /** Of the last change of a subscription. */
  lastOperation: 'tokenline_last_operation_id',
  interaction: 'tokenline_interaction_id',
  consent: 'tokenline_consent_id',
} as const;

/** The parts of one operation are requests of their own, under keys of their own. */
export const verificationKey = (idempotencyKey: string): string => `${idempotencyKey}.verify`;
export const detachKey = (idempotencyKey: string): string => `${idempotencyKey}.detach`;

type Params = { readonly [name: string]: FormValue };

export function getRequest(path: string, params: Params = {}): HttpRequest {
  const query = formText(params);
  return {
    method: 'GET',
    path: query === '' ? path : `${path}?${query}`,
    headers: {},
    body: null,
  };
}

function writeRequest(
  method: 'POST' | 'DELETE',
  path: string,
  idempotencyKey: string | null,
  params: Params,
): HttpRequest {
  return {
    method,
    path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(idempotencyKey !== null && { 'idempotency-key': idempotencyKey }),
    },
    body: Buffer.from(formText(params), 'utf8'),
  };
}

/** @param idempotencyKey `null` only for what changes nothing. */
export function postRequest(
  path: string,
  idempotencyKey: string | null,
  params: Params,
): HttpRequest {
  return writeRequest('POST', path, idempotencyKey, params);
}

export const subscriptionPath = (reference: string): string =>
  `/v1/subscriptions/${encodeURIComponent(reference)}`;

export const detachPath = (paymentMethod: string): string =>
  `/v1/payment_methods/${encodeURIComponent(paymentMethod)}/detach`;

/** https://docs.stripe.com/search#query-language: a quote within quotes is escaped. */
export function customerSearchParams(customerId: string) {
  const text = customerId.replaceAll(/[\\']/g, (sign) => `\\${sign}`);
  return { query: `metadata['${META.customer}']:'${text}'`, limit: 10 } as const;
}

export function customerParams(customerId: string) {
  return { metadata: { [META.customer]: customerId } } as const;
}

/**
 * Saves a card for later charges, as given over the telephone: `moto` asks the issuer without
 * authentication (https://docs.stripe.com/payments/setup-intents/moto). No redirect can be followed
 * in a call.
 */
export function setupIntentParams(order: VerifyOrder, customer: string) {
  return {
    customer,
    payment_method: order.tokenReference,
    usage: 'off_session',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    payment_method_options: { card: { moto: true } },
    metadata: metadataOf(order),
    expand: ['payment_method'] as string[],
  } as const;
}

/**
 * @param trialEndsAtMs when the first charge is made, where that is later than today.
 * @param price Stripe's id of it.
 */
export function subscriptionParams(
  order: SubscribeOrder,
  customer: string,
  price: string,
  trialEndsAtMs: number | null,
) {
  return {
    customer,
    items: [{ price }] as { price: string }[],
    default_payment_method: order.tokenReference,
    off_session: true,
    // A first charge that is declined, or wants authentication, leaves no subscription behind.
    payment_behavior: 'error_if_incomplete',
    ...(trialEndsAtMs !== null && { trial_end: Math.floor(trialEndsAtMs / 1000) }),
    metadata: { ...metadataOf(order), [META.consent]: order.consentId },
  } as const;
}

const PRORATION = {
  none: 'none',
  next_invoice: 'create_prorations',
  now: 'always_invoice',
} as const;

export const prorationOf = (habits: StripeHabits) => PRORATION[habits.proration];

/** The item has to be named: a price without it would be a second item beside the old one. */
export function changePlanParams(
  order: ChangeOrder,
  habits: StripeHabits,
  item: string,
  price: string,
) {
  return {
    items: [{ id: item, price }] as { id: string; price: string }[],
    proration_behavior: prorationOf(habits),
    off_session: true,
    payment_behavior: 'error_if_incomplete',
    metadata: changeMetadata(order),
  } as const;
}

export function previewParams(
  order: QuoteOrder,
  habits: StripeHabits,
  item: string,
  price: string,
) {
  return {
    subscription: order.subscriptionReference,
    subscription_details: {
      items: [{ id: item, price }] as { id: string; price: string }[],
      proration_behavior: prorationOf(habits),
    },
  } as const;
}

/** Invoices that come while it is paused are voided: nobody pays for a pause afterwards. */
export function pauseParams(order: ChangeOrder) {
  return { pause_collection: { behavior: 'void' }, metadata: changeMetadata(order) } as const;
}

export function resumeParams(order: ChangeOrder) {
  return { pause_collection: '', metadata: changeMetadata(order) } as const;
}

export function changeCardParams(order: ChangeOrder, paymentMethod: string) {
  return { default_payment_method: paymentMethod, metadata: changeMetadata(order) } as const;
}

/** The comment names the operation: a deletion takes no metadata. */
export function cancelNowParams(order: CallFacts) {
  return { cancellation_details: { comment: cancelComment(order.operationId) } } as const;
}

export function cancelAtPeriodEndParams(order: ChangeOrder) {
  return {
    cancel_at_period_end: true,
    cancellation_details: { comment: cancelComment(order.operationId) },
    metadata: changeMetadata(order),
  } as const;
}

const cancelComment = (operationId: string): string => `by telephone, ${operationId}`;

export function cancelRequest(order: ChangeOrder, habits: StripeHabits): HttpRequest {
  const path = subscriptionPath(order.subscriptionReference);
  return habits.cancel === 'now'
    ? writeRequest('DELETE', path, order.idempotencyKey, cancelNowParams(order))
    : postRequest(path, order.idempotencyKey, cancelAtPeriodEndParams(order));
}

function metadataOf(facts: CallFacts) {
  return { [META.operation]: facts.operationId, [META.interaction]: facts.interactionId };
}

function changeMetadata(facts: CallFacts) {
  return { [META.lastOperation]: facts.operationId };
}
