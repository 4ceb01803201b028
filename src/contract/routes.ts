import { Type, type TObject } from 'typebox';
import { AccessTokenAnswer, AccessTokenRequest, ProbeAnswer, type Scope } from './access.ts';
import type { CaptureMode } from '../payment/capture.ts';
import { OwnId } from './fields.ts';
import * as schemas from './schemas.ts';

export type ProcessName = 'bridge' | 'tokenizer';

/**
 * One route of the public contract. Fastify's routes, the OpenAPI documents, the Genesys data
 * actions and the tables of the documentation are made from it. The internal line is not here
 * (`internal.ts`): no client may use it.
 */
export interface Route {
  readonly process: ProcessName | 'both';
  readonly method: 'GET' | 'POST' | 'PUT';
  /** RFC 6570 level 1, as OpenAPI writes it. */
  readonly path: string;
  /** The name of the Genesys data action; `null` for a route that a flow has no use for. */
  readonly name: string | null;
  readonly summary: string;
  /** The scope that an access token needs; `null` for a route that is open. */
  readonly scope: Scope | null;
  readonly params: TObject | null;
  readonly query: TObject | null;
  readonly request: TObject | null;
  /** `null` for an answer that is not JSON, or is empty. */
  readonly answer: TObject | null;
  /** Carries card data: a secure data action, which only a secure call flow may use. */
  readonly secure: boolean;
  /** Its answer is kept under an idempotency key, which a client may choose. */
  readonly keyed: boolean;
  /** The only way of capture with which it is there; `null` for every one. */
  readonly capture: CaptureMode | null;
}

/** What holds where a route does not say otherwise. */
const PLAIN = {
  process: 'bridge',
  scope: 'calls',
  name: null,
  params: null,
  query: null,
  request: null,
  answer: null,
  secure: false,
  keyed: false,
  capture: null,
} as const;

const OPEN = { ...PLAIN, scope: null } as const;

const ofSubscription = {
  ...PLAIN,
  params: Type.Object({ subscription_id: OwnId('The subscription.') }),
  answer: schemas.SubscriptionAnswer,
} as const;

const ofLink = {
  ...PLAIN,
  params: Type.Object({ link_id: OwnId('The link: operation_id of its making.') }),
  answer: schemas.LinkAnswer,
} as const;

export const ROUTES = {
  access_token: {
    ...OPEN,
    method: 'POST',
    path: '/oauth/token',
    summary: 'Gives an access token for client credentials (RFC 6749 4.4).',
    request: AccessTokenRequest,
    answer: AccessTokenAnswer,
  },
  availability: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/availability',
    name: 'Tokenline Check Availability',
    summary: 'Says whether payments can be taken now, before anybody is asked for a card.',
    request: schemas.AvailabilityRequest,
    answer: schemas.AvailabilityAnswer,
  },
  lookup: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/subscribers/lookup',
    name: 'Tokenline Look Up Subscriber',
    summary: 'Finds the caller and the subscription by number or customer id.',
    request: schemas.LookupRequest,
    answer: schemas.LookupAnswer,
  },
  plans: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/plans/list',
    name: 'Tokenline List Plans',
    summary: 'The plans and their prices, as they are spoken.',
    request: schemas.PlansRequest,
    answer: schemas.PlansAnswer,
  },
  disclose: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/disclosures',
    name: 'Tokenline Disclose Plan',
    summary: 'What has to be said before consent.',
    request: schemas.DisclosureRequest,
    answer: schemas.DisclosureAnswer,
    keyed: true,
  },
  consent: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/consents',
    name: 'Tokenline Record Consent',
    summary: 'Records which key answered a disclosure.',
    request: schemas.ConsentRequest,
    answer: schemas.ConsentAnswer,
    keyed: true,
  },
  tokenise: {
    ...PLAIN,
    process: 'tokenizer',
    method: 'POST',
    path: '/v1/tokens',
    name: 'Tokenline Tokenise Card',
    summary: 'Exchanges a card for a token. The only route that takes card data.',
    scope: 'cards',
    request: schemas.TokenRequestSent,
    answer: schemas.TokenAnswer,
    secure: true,
    keyed: true,
    capture: 'bridge',
  },
  begin_card: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/cards',
    name: 'Tokenline Begin Card',
    summary: 'Asks whether a card may be sent to the gateway, before the flow sends it there.',
    request: schemas.BeginCardRequest,
    answer: schemas.TokenAnswer,
    keyed: true,
    capture: 'direct',
  },
  finish_card: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/cards/{operation_id}/finish',
    name: 'Tokenline Finish Card',
    summary: 'Tells what came of it; Tokenline asks the gateway whether that is so.',
    params: Type.Object({ operation_id: OwnId('operation_id of Begin Card.') }),
    request: schemas.FinishCardRequest,
    answer: schemas.TokenAnswer,
    capture: 'direct',
  },
  create_link: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/payment-links',
    name: 'Tokenline Create Payment Link',
    summary: 'Makes a page of the gateway for a card, and has its address sent by the merchant.',
    request: schemas.LinkRequest,
    answer: schemas.LinkAnswer,
    keyed: true,
  },
  read_link: {
    ...ofLink,
    method: 'POST',
    path: '/v1/payment-links/{link_id}/status',
    name: 'Tokenline Read Payment Link',
    summary: 'How a payment link stands; asked again and again by a caller who waits.',
    request: schemas.LinkStatusRequest,
  },
  cancel_link: {
    ...ofLink,
    method: 'POST',
    path: '/v1/payment-links/{link_id}/cancel',
    name: 'Tokenline Cancel Payment Link',
    summary: 'Closes the page of a payment link that the caller gives up.',
    request: schemas.LinkCancelRequest,
  },
  subscribe: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/subscriptions',
    name: 'Tokenline Subscribe',
    summary: 'Starts a subscription with a token and a consent.',
    request: schemas.SubscribeRequest,
    answer: schemas.SubscriptionAnswer,
    keyed: true,
  },
  read_subscription: {
    ...ofSubscription,
    method: 'GET',
    path: '/v1/subscriptions/{subscription_id}',
    name: 'Tokenline Read Subscription',
    summary: 'The subscription as it is.',
  },
  cancel: {
    ...ofSubscription,
    method: 'POST',
    path: '/v1/subscriptions/{subscription_id}/cancel',
    name: 'Tokenline Cancel Subscription',
    summary: 'Ends the subscription.',
    request: schemas.VerbRequest,
    keyed: true,
  },
  pause: {
    ...ofSubscription,
    method: 'POST',
    path: '/v1/subscriptions/{subscription_id}/pause',
    name: 'Tokenline Pause Subscription',
    summary: 'Stops charging until it is resumed.',
    request: schemas.VerbRequest,
    keyed: true,
  },
  resume: {
    ...ofSubscription,
    method: 'POST',
    path: '/v1/subscriptions/{subscription_id}/resume',
    name: 'Tokenline Resume Subscription',
    summary: 'Charges again.',
    request: schemas.VerbRequest,
    keyed: true,
  },
  change_plan: {
    ...ofSubscription,
    method: 'POST',
    path: '/v1/subscriptions/{subscription_id}/change-plan',
    name: 'Tokenline Change Plan',
    summary: 'Goes on with another plan; needs a consent to its price.',
    request: schemas.ChangePlanRequest,
    keyed: true,
  },
  change_card: {
    ...ofSubscription,
    method: 'POST',
    path: '/v1/subscriptions/{subscription_id}/change-card',
    name: 'Tokenline Change Card',
    summary: 'Goes on with another card, given as a token.',
    request: schemas.ChangeCardRequest,
    keyed: true,
  },
  read_operation: {
    ...PLAIN,
    method: 'GET',
    path: '/v1/operations/{operation_id}',
    name: 'Tokenline Read Operation',
    summary: 'What has become of an operation that was pending or in doubt.',
    params: Type.Object({ operation_id: OwnId('The operation.') }),
    answer: schemas.OperationAnswer,
  },
  hand_off: {
    ...PLAIN,
    method: 'POST',
    path: '/v1/handoffs',
    name: 'Tokenline Hand Off',
    summary: 'Where to send the caller, and what the agent is told.',
    request: schemas.HandoffRequest,
    answer: schemas.HandoffAnswer,
    keyed: true,
  },
  webhook: {
    ...OPEN,
    method: 'POST',
    path: '/v1/webhooks/{gateway}',
    summary: 'The gateway’s event; its signature is checked on the raw bytes.',
    params: Type.Object({
      gateway: Type.String({ pattern: '^[a-z][a-z0-9-]{1,31}$', description: 'Such as stripe.' }),
    }),
  },
  read_switch: {
    ...PLAIN,
    method: 'GET',
    path: '/v1/switch',
    summary: 'Whether automated payments are on, and whether the breaker is open.',
    scope: 'operator',
    answer: schemas.SwitchAnswer,
  },
  set_switch: {
    ...PLAIN,
    method: 'PUT',
    path: '/v1/switch',
    summary: 'Turns automated payments on or off, with a reason for the ledger.',
    scope: 'operator',
    request: schemas.SwitchRequest,
    answer: schemas.SwitchAnswer,
  },
  audit: {
    ...PLAIN,
    method: 'GET',
    path: '/v1/audit',
    summary: 'Entries of the ledger with the proof that they are in it.',
    scope: 'auditor',
    query: schemas.AuditQuery,
    answer: schemas.AuditAnswer,
  },
  health: {
    ...OPEN,
    process: 'both',
    method: 'GET',
    path: '/healthz',
    summary: 'The process runs.',
    answer: ProbeAnswer,
  },
  ready: {
    ...OPEN,
    process: 'both',
    method: 'GET',
    path: '/readyz',
    summary: 'The process can do its work.',
    answer: ProbeAnswer,
  },
  metrics: {
    ...OPEN,
    process: 'both',
    method: 'GET',
    path: '/metrics',
    summary: 'Counters in Prometheus’ text format, without personal data.',
  },
  openapi: {
    ...OPEN,
    process: 'both',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This contract.',
  },
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof ROUTES;

function isRouteId(text: string): text is RouteId {
  return Object.hasOwn(ROUTES, text);
}

export const ROUTE_IDS: readonly RouteId[] = Object.keys(ROUTES).filter(isRouteId);

/** The routes of one process, with their ids, in the order of the table. */
export function routesOf(process: ProcessName): readonly (readonly [RouteId, Route])[] {
  return ROUTE_IDS.map((id): readonly [RouteId, Route] => [id, ROUTES[id]]).filter(
    ([, route]) => route.process === process || route.process === 'both',
  );
}
