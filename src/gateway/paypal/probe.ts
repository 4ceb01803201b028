import type { Clock } from '../../system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../system/http-client.ts';
import { ok } from '../answered.ts';
import { openBearer } from '../credential.ts';
import type { GatewayReply } from '../gateway.ts';
import { membersOf, parsed, textOf, type Members } from '../json.ts';
import { openPayPalLine, type PayPalClient, type PayPalLine } from './line.ts';
import { getRequest, postRequest, TOKEN_PATH } from './requests.ts';
import { refusalIn } from './words.ts';

export type PayPalRight = 'given' | 'missing' | 'unclear';

export interface PayPalWebhook {
  readonly id: string;
  readonly url: string;
  /** Names of events; `*` is every one. */
  readonly events: readonly string[];
}

export interface PayPalFindings {
  /** Our clock less PayPal's, milliseconds; `null` where it did not say what time it is there. */
  readonly clockAheadMs: number | null;
  /** To send card numbers and have them stored. */
  readonly vault: PayPalRight;
  /** To charge cards: Advanced Credit and Debit Card Payments. */
  readonly cards: PayPalRight;
  /** `null` where they could not be read. */
  readonly webhooks: readonly PayPalWebhook[] | null;
}

export type PayPalProbe =
  | { readonly kind: 'answered'; readonly findings: PayPalFindings }
  /** `elsewhere`: the other of PayPal's two worlds, live and sandbox, knows the client. */
  | { readonly kind: 'client_refused'; readonly elsewhere: boolean }
  | { readonly kind: 'unreachable' };

/** Words for a right that the account or the app has not got. */
const MISSING: ReadonlySet<string> = new Set([
  'NOT_AUTHORIZED',
  'NOT_ENABLED_FOR_CARD_PROCESSING',
  'NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE',
  'PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING',
  'PERMISSION_DENIED',
]);

/** Words of a request that was looked at: what is wrong is what we made wrong. */
const LOOKED_AT: ReadonlySet<string> = new Set([
  'CARD_EXPIRED',
  'CARD_NUMBER_REQUIRED',
  'INVALID_EXPIRY_DATE',
  'INVALID_PARAMETER_VALUE',
  'INVALID_RESOURCE_ID',
  'MISSING_REQUIRED_PARAMETER',
  'TOKEN_ID_NOT_FOUND',
]);

/**
 * Looks at an account without changing anything in it or sending a digit: each question about a right
 * is a request that cannot succeed, and the way in which it fails is the answer.
 *
 * @param other the other of PayPal's worlds, asked whether it knows a client that is refused; `null`
 *   where the address is not PayPal's own.
 */
export async function probePayPal(
  client: PayPalClient,
  http: HttpClient,
  other: HttpClient | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<PayPalProbe> {
  const line = openPayPalLine(client, http, clock);
  const first = await line.exchange(getRequest('/v1/notifications/webhooks'), signal);
  if ('outcome' in first) return unable(first, client, other, clock, signal);
  if (first.kind !== 'answered') return { kind: 'unreachable' };
  // A key of its own for each run: PayPal may keep the answer to one that it has seen.
  const run = `tokenline-doctor-${clock.now().toString(36)}`;
  const serverMs = Date.parse(first.response.headers['date'] ?? '');
  return {
    kind: 'answered',
    findings: {
      clockAheadMs: Number.isNaN(serverMs) ? null : clock.now() - serverMs,
      vault: await right(line, probeOf('/v3/vault/setup-tokens', `${run}-card`, NO_CARD), signal),
      cards: await right(line, probeOf('/v2/checkout/orders', `${run}-order`, NO_TOKEN), signal),
      webhooks: webhooksIn(first),
    },
  };
}

async function unable(
  reply: GatewayReply<never>,
  { clientId, clientSecret }: PayPalClient,
  other: HttpClient | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<PayPalProbe> {
  const { outcome } = reply;
  if (outcome.kind !== 'failed' || outcome.errorCode !== 'gateway_rejected') {
    return { kind: 'unreachable' };
  }
  if (other === null) return { kind: 'client_refused', elsewhere: false };
  const settings = { path: TOKEN_PATH, clientId, clientSecret, scope: null, headers: {} };
  const refused = await openBearer(settings, other, clock).prepare(signal);
  return { kind: 'client_refused', elsewhere: refused === null };
}

/** A card without a number, and one that has expired. */
const NO_CARD = { payment_source: { card: { expiry: '2000-01' } } };

/** A token that there is not. */
const NO_TOKEN = {
  intent: 'CAPTURE',
  purchase_units: [{ amount: { currency_code: 'USD', value: '1.00' } }],
  payment_source: { card: { vault_id: 'tokenline-doctor' } },
};

const probeOf = (path: string, requestId: string, body: object): HttpRequest =>
  postRequest(path, requestId, Buffer.from(JSON.stringify(body), 'utf8'));

async function right(
  line: PayPalLine,
  probe: HttpRequest,
  signal: AbortSignal,
): Promise<PayPalRight> {
  const exchange = await line.exchange(probe, signal);
  if ('outcome' in exchange || exchange.kind !== 'answered') return 'unclear';
  const members = membersOf(parsed(exchange.response.body));
  const word = (members && refusalIn(members)?.rawCode) ?? '';
  if (MISSING.has(word)) return 'missing';
  return LOOKED_AT.has(word) ? 'given' : 'unclear';
}

function webhooksIn(exchange: Exchange): readonly PayPalWebhook[] | null {
  return ok(exchange, (members) => {
    const { webhooks } = members;
    return Array.isArray(webhooks) ? webhooks.map(membersOf).flatMap(webhookOf) : null;
  });
}

function webhookOf(webhook: Members | null): PayPalWebhook[] {
  const id = textOf(webhook, 'id');
  const url = textOf(webhook, 'url');
  const types = webhook?.['event_types'];
  if (id === null || url === null || !Array.isArray(types)) return [];
  return [{ id, url, events: types.flatMap((type) => textOf(membersOf(type), 'name') ?? []) }];
}
