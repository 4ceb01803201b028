import { sleep } from '../../src/system/clock.ts';
import type { Exchange } from '../../src/system/http-client.ts';
import { GatewayLink, type Gateway } from './gateway-link.ts';
import { Mortal } from './stage.ts';

/** The guide's numbers: "Retry Count: Maximum of 2 retries", "Wait Time: 1 second", 30,000 ms. */
const RETRIES = 2;
const WAIT_MS = 1_000;
const TIMEOUT_MS = 30_000;

type Ended = 'approved' | 'declined' | 'failed';

/**
 * The algorithm of the guide, word for word: a token, then a subscription, no key, a 503 or a
 * time-out is tried twice more, and what is left is a generic error and a person.
 */
export class GuideClient extends Mortal {
  readonly #http: GatewayLink;

  constructor(gateway: Gateway) {
    super('the guide', gateway.stage);
    this.#http = new GatewayLink(this, gateway);
  }

  /** What the caller is told. */
  async enrol(customerId: string): Promise<Ended> {
    const token = await this.#post('/v1/tokens', { customer_id: customerId });
    if (typeof token === 'string') return token;
    const subscribed = await this.#post('/v1/subscriptions', {
      customer_id: customerId,
      payment_method_token: token['token_id'],
      plan_id: 'recurring_monthly_premium',
      interval_count: 1,
      interval_unit: 'month',
    });
    return typeof subscribed === 'string' ? subscribed : 'approved';
  }

  async #post(path: string, body: object): Promise<Readonly<Record<string, unknown>> | Ended> {
    for (let tries = 0; ; tries += 1) {
      const exchange = await this.#once(path, body);
      if (exchange.kind === 'answered' && exchange.response.status < 300) {
        return JSON.parse(exchange.response.body.toString('utf8')) as Record<string, unknown>;
      }
      if (exchange.kind === 'answered' && exchange.response.status < 500) return 'declined';
      if (tries === RETRIES) return 'failed';
      await sleep(this.clock, WAIT_MS);
    }
  }

  async #once(path: string, body: object): Promise<Exchange> {
    const controller = new AbortController();
    const timer = this.clock.after(TIMEOUT_MS, () => controller.abort());
    const bytes = Buffer.from(JSON.stringify(body), 'utf8');
    const request = { method: 'POST', path, headers: {}, body: bytes } as const;
    try {
      return await this.#http.exchange(request, controller.signal);
    } finally {
      timer.cancel();
    }
  }
}
