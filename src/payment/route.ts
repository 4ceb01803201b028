import type { ErrorCode } from './outcome.ts';

/** What the flow does next, so that flows stay declarative. */
export const ROUTES = ['continue', 'retry', 'wait', 'agent', 'end'] as const;
export type Route = (typeof ROUTES)[number];

/** The field that is asked again when the route is `retry`. */
export const RETRY_FIELDS = [
  'card_number',
  'expiry',
  'cvv',
  'postal_code',
  'card',
  'none',
] as const;
export type RetryField = (typeof RETRY_FIELDS)[number];

export interface RoutePolicy {
  readonly route: Route;
  readonly retryField: RetryField;
}

const RETRY = (retryField: RetryField): RoutePolicy => ({ route: 'retry', retryField });
const AGENT: RoutePolicy = { route: 'agent', retryField: 'none' };
const WAIT: RoutePolicy = { route: 'wait', retryField: 'none' };

/**
 * Route by error code. A caller is asked again only for what a caller can mend; a fault of ours
 * goes to a person and never sounds like a decline.
 */
export const ROUTE_POLICY: Readonly<Record<ErrorCode, RoutePolicy>> = {
  invalid_card_number: RETRY('card_number'),
  invalid_cvv: RETRY('cvv'),
  invalid_expiry: RETRY('expiry'),
  expired_card: RETRY('card'),
  card_not_stored: RETRY('card'),
  unsupported_card: RETRY('card'),
  cvv_mismatch: RETRY('cvv'),
  postal_code_mismatch: RETRY('postal_code'),
  card_declined: RETRY('card'),
  insufficient_funds: RETRY('card'),
  limit_exceeded: RETRY('card'),
  suspected_fraud: RETRY('card'),
  authentication_required: AGENT,
  processing_error: AGENT,
  gateway_timeout: AGENT,
  gateway_unavailable: AGENT,
  gateway_rejected: AGENT,
  in_doubt: WAIT,
  link_expired: AGENT,
  switched_off: AGENT,
  breaker_open: AGENT,
  too_many_attempts: AGENT,
  not_found: AGENT,
  not_allowed: AGENT,
};

/**
 * Codes whose words would help somebody who tests stolen cards: lost, stolen, fraud and blacklist
 * must never sound different from a plain decline (reference: Stripe, "Declines", and the card
 * schemes' rules against enumeration).
 */
export const HEARD_AS: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  suspected_fraud: 'card_declined',
};

/** Codes that name the field that was wrong; a caller over a limit does not hear them. */
export const FIELD_TELLING: ReadonlySet<ErrorCode> = new Set([
  'cvv_mismatch',
  'postal_code_mismatch',
  'expired_card',
  'insufficient_funds',
  'limit_exceeded',
]);
