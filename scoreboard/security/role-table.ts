/**
 * Who may do what, written down by hand and once more, on purpose: nothing here is made from the
 * routes that it judges. A route that is not in it is a violation, and so is a line without a route.
 */
export type Leave =
  /** Anybody at all. */
  | 'anyone'
  /** A token with this scope. */
  | 'calls'
  | 'cards'
  | 'operator'
  | 'auditor'
  /** A client's id and secret. */
  | 'client secret'
  /** The pay connector's name and password, or a token with `cards`. */
  | 'pay connector'
  /** The credential that tokenizer and bridge share. */
  | 'internal credential';

export type Door = 'bridge' | 'tokenizer' | 'internal';

export const WHO_MAY: Readonly<Record<string, Leave>> = {
  'bridge POST /oauth/token': 'client secret',
  'bridge POST /v1/availability': 'calls',
  'bridge POST /v1/subscribers/lookup': 'calls',
  'bridge POST /v1/plans/list': 'calls',
  'bridge POST /v1/disclosures': 'calls',
  'bridge POST /v1/consents': 'calls',
  'bridge POST /v1/payment-links': 'calls',
  'bridge POST /v1/payment-links/{link_id}/status': 'calls',
  'bridge POST /v1/payment-links/{link_id}/cancel': 'calls',
  'bridge POST /v1/cards': 'calls',
  'bridge POST /v1/cards/{operation_id}/finish': 'calls',
  'bridge POST /v1/subscriptions': 'calls',
  'bridge GET /v1/subscriptions/{subscription_id}': 'calls',
  'bridge POST /v1/subscriptions/{subscription_id}/cancel': 'calls',
  'bridge POST /v1/subscriptions/{subscription_id}/pause': 'calls',
  'bridge POST /v1/subscriptions/{subscription_id}/resume': 'calls',
  'bridge POST /v1/subscriptions/{subscription_id}/change-plan': 'calls',
  'bridge POST /v1/subscriptions/{subscription_id}/change-card': 'calls',
  'bridge GET /v1/operations/{operation_id}': 'calls',
  'bridge POST /v1/handoffs': 'calls',
  // Signed by the gateway over its bytes: the signature is the bridge's to check, not the route's.
  'bridge POST /v1/webhooks/{gateway}': 'anyone',
  'bridge GET /v1/switch': 'operator',
  'bridge PUT /v1/switch': 'operator',
  'bridge GET /v1/audit': 'auditor',
  'bridge GET /healthz': 'anyone',
  'bridge GET /readyz': 'anyone',
  'bridge GET /metrics': 'anyone',
  'bridge GET /openapi.json': 'anyone',
  'tokenizer POST /v1/tokens': 'cards',
  'tokenizer POST /v1/pay-connector': 'pay connector',
  'tokenizer GET /healthz': 'anyone',
  'tokenizer GET /readyz': 'anyone',
  'tokenizer GET /metrics': 'anyone',
  'tokenizer GET /openapi.json': 'anyone',
  'internal POST /internal/operations': 'internal credential',
  'internal POST /internal/operations/{operation_id}/finish': 'internal credential',
  'internal GET /internal/keys': 'internal credential',
};

/** Served, and in no contract: the internal line, which has none, and the connector's, Twilio's own. */
export const BESIDE_THE_CONTRACT: ReadonlySet<string> = new Set([
  'tokenizer POST /v1/pay-connector',
  'internal POST /internal/operations',
  'internal POST /internal/operations/{operation_id}/finish',
  'internal GET /internal/keys',
]);

/** What somebody comes with, and what the table makes of it. */
export interface Role {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly holds: readonly Leave[];
  /** How a token route refuses them: 401 where nobody is known, 403 where the scope is missing. */
  readonly refusedWith: 401 | 403;
}

export function mayPass(leave: Leave, role: Role): boolean {
  if (leave === 'anyone') return true;
  if (leave === 'pay connector' && role.holds.includes('cards')) return true;
  return role.holds.includes(leave);
}
