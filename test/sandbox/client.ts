import { Agent, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { sandboxSettings } from './settings.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON object of the body; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A published Visa test number (https://docs.stripe.com/testing). */
export const VISA = '4242424242424242';

/** A card as the guide's payload carries it. */
export function cardBody(number = VISA, changed: Record<string, unknown> = {}) {
  return {
    card_number: number,
    cvv: '123',
    expiry_month: '12',
    expiry_year: '2034',
    customer_id: 'customer-ada',
    amount: 29.99,
    currency: 'USD',
    recurring_flag: true,
    metadata: { call_id: 'call', interaction_id: 'interaction', operation_id: 'op_abc' },
    ...changed,
  };
}

export function subscriptionBody(token: string, changed: Record<string, unknown> = {}) {
  return {
    customer_id: 'customer-ada',
    payment_method_token: token,
    plan_id: 'recurring_monthly_premium',
    interval_count: 1,
    interval_unit: 'month',
    amount: '29.99',
    currency: 'USD',
    metadata: { ivr_session_id: 'interaction', operation_id: 'op_def' },
    ...changed,
  };
}

/** Talks to a sandbox as plainly as can be: one socket a request, so that a reset is seen as one. */
export class Client {
  readonly #origin: string;
  #bearer = '';
  #keys = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async call(
    method: string,
    path: string,
    body: unknown = null,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answered> {
    const bytes = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const agent = new Agent({ keepAlive: false });
    return await new Promise<Answered>((resolve, reject) => {
      const options = { method, headers, agent, ...(signal && { signal }) };
      const outgoing = httpRequest(`${this.#origin}${path}`, options, (incoming) => {
        buffer(incoming).then((read) => {
          const text = read.toString('utf8');
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            body: membersOf(text),
          });
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(bytes);
    });
  }

  async signIn(): Promise<void> {
    const { clientId, clientSecret } = sandboxSettings('').gateway;
    const form = { grant_type: 'client_credentials', client_id: clientId };
    const body = new URLSearchParams({ ...form, client_secret: clientSecret }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.call('POST', '/oauth/token', body, type);
    this.#bearer = String(answer.body['access_token']);
  }

  headers(key: string): Record<string, string> {
    return {
      authorization: `Bearer ${this.#bearer}`,
      'x-api-key': sandboxSettings('').gateway.apiKey,
      'idempotency-key': key,
      'content-type': 'application/json',
    };
  }

  freshKey(): string {
    return `key-${++this.#keys}`;
  }

  post(
    path: string,
    body: unknown,
    key = this.freshKey(),
    signal?: AbortSignal,
  ): Promise<Answered> {
    return this.call('POST', path, body, this.headers(key), signal);
  }

  get(path: string): Promise<Answered> {
    return this.call('GET', path, null, this.headers('none'));
  }

  async tell(operation: string, behave: string): Promise<void> {
    const answer = await this.call('POST', '/__sandbox/script', [{ operation, behave }]);
    if (answer.status !== 200) throw new Error(answer.text);
  }

  async token(number = VISA): Promise<string> {
    const answer = await this.post('/v1/tokens', cardBody(number));
    return String(answer.body['token_id']);
  }

  async subscription(changed: Record<string, unknown> = {}): Promise<string> {
    const body = subscriptionBody(await this.token(), changed);
    return String((await this.post('/v1/subscriptions', body)).body['subscription_id']);
  }

  async ledger(): Promise<Readonly<Record<string, readonly Record<string, unknown>[]>>> {
    const { text } = await this.call('GET', '/__sandbox/ledger');
    return JSON.parse(text) as Record<string, Record<string, unknown>[]>;
  }
}

function membersOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
