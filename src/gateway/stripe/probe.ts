import type { HttpClient, HttpRequest } from '../../system/http-client.ts';
import { parsed, membersOf, textOf, type Members } from '../json.ts';
import { ok } from '../answered.ts';
import { openStripeLine, type StripeLine } from './line.ts';
import { openStripePrices, type AgreedPlan } from './prices.ts';
import { getRequest, postRequest } from './requests.ts';
import { errorOf, MOTO_REFUSED, RAW_CARD_REFUSED } from './words.ts';

/** Whether the account has a right that Stripe gives on request only. */
export type Right = 'given' | 'missing' | 'unclear';

export interface WebhookEndpoint {
  readonly url: string;
  readonly enabled: boolean;
  /** Names of events; `*` is every one. */
  readonly events: readonly string[];
}

export interface StripeFindings {
  /** Our clock less Stripe's, milliseconds; `null` where it did not say what time it is there. */
  readonly clockAheadMs: number | null;
  /** To send card numbers from a server. */
  readonly rawCards: Right;
  /** To mark a card as given by telephone. */
  readonly moto: Right;
  readonly prices: readonly { readonly planId: string; readonly state: PriceState }[];
  /** `null` where the key may not see them. */
  readonly endpoints: readonly WebhookEndpoint[] | null;
}

export type PriceState = 'right' | 'unknown' | 'differs' | 'unclear';

export type StripeProbe =
  | { readonly kind: 'answered'; readonly findings: StripeFindings }
  /** It knows the key no longer, or never has. */
  | { readonly kind: 'key_refused' }
  | { readonly kind: 'unreachable'; readonly reason: string };

/**
 * Looks at an account without changing anything in it or sending a card: each question about a right
 * is a request that cannot succeed, and the way in which it fails is the answer.
 */
export async function probeStripe(
  settings: { readonly apiKey: string; readonly prices: ReadonlyMap<string, string> },
  plans: readonly AgreedPlan[],
  http: HttpClient,
  nowMs: number,
  signal: AbortSignal,
): Promise<StripeProbe> {
  const line = openStripeLine(settings.apiKey, http);
  const first = await line.exchange(getRequest('/v1/prices', { limit: 1 }), signal);
  if (first.kind !== 'answered') return { kind: 'unreachable', reason: first.reason };
  if (first.response.status === 401) return { kind: 'key_refused' };
  // A key of its own for each run: Stripe may keep the answer to one that it has seen.
  const run = `tokenline-doctor-${nowMs.toString(36)}`;
  const rawCardProbe = postRequest('/v1/payment_methods', `${run}-card`, RAW_CARD_PROBE);
  const motoProbe = postRequest('/v1/setup_intents', `${run}-moto`, MOTO_PROBE);
  const serverMs = Date.parse(first.response.headers['date'] ?? '');
  return {
    kind: 'answered',
    findings: {
      clockAheadMs: Number.isNaN(serverMs) ? null : nowMs - serverMs,
      rawCards: await right(line, rawCardProbe, RAW_CARD_REFUSED, signal),
      moto: await right(line, motoProbe, MOTO_REFUSED, signal),
      prices: await pricesOf(line, settings.prices, plans, signal),
      endpoints: await endpointsOf(line, signal),
    },
  };
}

/** Four digits are no card. An account with the right is told that they are no card's number. */
const RAW_CARD_PROBE = {
  type: 'card',
  card: { number: '4242', exp_month: 12, exp_year: 2050, cvc: '123' },
};

/** A payment method that there is not. An account with the right is told that. */
const MOTO_PROBE = {
  payment_method: 'pm_tokenline_doctor',
  usage: 'off_session',
  confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  payment_method_options: { card: { moto: true } },
};

/** Codes of a request that was looked at: what is wrong is what we made wrong. */
const LOOKED_AT = new Set(['resource_missing', 'incorrect_number', 'invalid_number']);

async function right(
  line: StripeLine,
  probe: HttpRequest,
  refusedCode: string,
  signal: AbortSignal,
): Promise<Right> {
  const exchange = await line.exchange(probe, signal);
  if (exchange.kind !== 'answered') return 'unclear';
  const error = membersOf(membersOf(parsed(exchange.response.body))?.['error']);
  const rawCode = error && errorOf(error).rawCode;
  if (rawCode === refusedCode) return 'missing';
  return rawCode !== null && LOOKED_AT.has(rawCode) ? 'given' : 'unclear';
}

async function pricesOf(
  line: StripeLine,
  references: ReadonlyMap<string, string>,
  plans: readonly AgreedPlan[],
  signal: AbortSignal,
): Promise<StripeFindings['prices']> {
  const prices = openStripePrices(line, references);
  const found: { planId: string; state: PriceState }[] = [];
  for (const plan of plans) {
    const checked = await prices.idOf(plan, signal);
    found.push({ planId: plan.id, state: stateOf(checked) });
  }
  return found;
}

function stateOf(
  checked: Awaited<ReturnType<ReturnType<typeof openStripePrices>['idOf']>>,
): PriceState {
  if (checked.kind === 'ready') return 'right';
  const { rawCode, statusCode } = checked.reply;
  if (rawCode === 'price_differs') return 'differs';
  return statusCode === 404 || rawCode === 'plan_without_price' ? 'unknown' : 'unclear';
}

async function endpointsOf(
  line: StripeLine,
  signal: AbortSignal,
): Promise<readonly WebhookEndpoint[] | null> {
  const exchange = await line.exchange(getRequest('/v1/webhook_endpoints', { limit: 100 }), signal);
  return ok(exchange, (members) => {
    const { data } = members;
    return Array.isArray(data) ? data.map(membersOf).flatMap(endpointOf) : null;
  });
}

function endpointOf(endpoint: Members | null): WebhookEndpoint[] {
  const url = textOf(endpoint, 'url');
  const events = endpoint?.['enabled_events'];
  if (url === null || !Array.isArray(events)) return [];
  return [{ url, enabled: endpoint?.['status'] === 'enabled', events: events.map(String) }];
}
