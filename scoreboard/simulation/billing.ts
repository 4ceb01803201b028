import { sleep } from '../../src/system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { checkWebhook } from '../../src/system/standard-webhooks.ts';
import { never, type Mortal, type Stage } from './stage.ts';

/** One delivery as billing saw it. */
export interface Delivery {
  readonly id: string;
  readonly text: string;
  /** Billing has kept it: it came with a 2xx, whether or not that arrived. */
  readonly kept: boolean;
  /** The sender knows. */
  readonly acknowledged: boolean;
}

/** The billing system: what it was told, in the order in which it was. */
export class Billing {
  readonly secret = Buffer.alloc(32, 7);
  readonly deliveries: Delivery[] = [];
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  take(request: HttpRequest, how: { kept: boolean; acknowledged: boolean }): void {
    const body = Buffer.from(request.body ?? []);
    const check = checkWebhook(this.secret, request.headers, body, this.stage.clock.now());
    this.stage.holds(check.kind !== 'refused', 'I6', () => 'an event came with a wrong signature');
    const id = request.headers['webhook-id'] ?? '';
    this.deliveries.push({ id, text: body.toString('utf8'), ...how });
  }
}

/** A process's line to billing. */
export class BillingLink implements HttpClient {
  readonly #owner: Mortal;
  readonly #billing: Billing;

  constructor(owner: Mortal, billing: Billing) {
    this.#owner = owner;
    this.#billing = billing;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    await this.#owner.turn('delivers');
    const { stage, name } = this.#owner;
    const fault = stage.faults.draw('billing', 'deliver');
    stage.tell(name, `delivers ${request.headers['webhook-id'] ?? ''}${fault ? `: ${fault}` : ''}`);
    const billing = this.#billing;
    const status = (code: number): Exchange => ({
      kind: 'answered',
      response: { status: code, headers: {}, body: Buffer.alloc(0) },
      latencyMs: 0,
    });
    switch (fault) {
      case 'billing_refused':
        return { kind: 'not_sent', reason: 'connect', latencyMs: 0 };
      case 'billing_500':
        billing.take(request, { kept: false, acknowledged: false });
        return status(500);
      case 'billing_410':
        billing.take(request, { kept: false, acknowledged: false });
        return status(410);
      case 'billing_hang':
        await sleep(this.#owner.clock, 3_600_000, signal);
        return { kind: 'no_answer', reason: 'aborted', latencyMs: 0 };
      case 'billing_lost_after':
        billing.take(request, { kept: true, acknowledged: false });
        return { kind: 'no_answer', reason: 'reset', latencyMs: 0 };
      case null:
        break;
    }
    billing.take(request, { kept: true, acknowledged: true });
    if (stage.faults.draw('process', 'deliver') !== null) {
      this.#owner.die('after it has delivered');
      return never();
    }
    await this.#owner.turn('delivered');
    return status(204);
  }
}
