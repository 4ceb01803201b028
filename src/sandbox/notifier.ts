import type { Clock, Timer } from '../system/clock.ts';
import type { HttpClient } from '../system/http-client.ts';
import { signWebhook } from '../system/standard-webhooks.ts';
import { fingerprint } from '../payment/fingerprint.ts';
import type { Ledger } from './ledger.ts';

/** Where the gateway's events go. */
export interface NotifyTarget {
  readonly http: HttpClient;
  readonly path: string;
  readonly secret: Uint8Array;
}

/** Waits before the tries; after the last one only a restart tries again. */
const TRY_DELAYS_MS = [0, 1_000, 5_000, 15_000, 60_000];

const TIMEOUT_MS = 5_000;

/** Tells the bridge that a pending operation is final: signed, at least once, always with one id. */
export class Notifier {
  readonly #target: NotifyTarget | null;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(target: NotifyTarget | null, ledger: Ledger, clock: Clock) {
    this.#target = target;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  notify(idempotencyKey: string): void {
    if (this.#target !== null) this.#tryLater(this.#target, idempotencyKey, 0);
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #tryLater(target: NotifyTarget, idempotencyKey: string, index: number): void {
    const delayMs = TRY_DELAYS_MS[index];
    if (delayMs === undefined) return;
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      void this.#deliver(target, idempotencyKey).then((taken) => {
        if (!taken) return this.#tryLater(target, idempotencyKey, index + 1);
        if (this.#ledger.operation(idempotencyKey)) this.#ledger.notified(idempotencyKey);
      });
    });
    this.#timers.add(timer);
  }

  async #deliver(target: NotifyTarget, idempotencyKey: string): Promise<boolean> {
    const id = `evt_${fingerprint(idempotencyKey).slice(0, 20)}`;
    const subscriptionId = this.#ledger.operation(idempotencyKey)?.body['subscription_id'] ?? null;
    const data = { idempotency_key: idempotencyKey, subscription_id: subscriptionId };
    const body = Buffer.from(JSON.stringify({ id, type: 'operation.completed', data }), 'utf8');
    const controller = new AbortController();
    const timer = this.#clock.after(TIMEOUT_MS, () => controller.abort());
    const headers = {
      'content-type': 'application/json',
      ...signWebhook(target.secret, id, this.#clock.now(), body),
    };
    const request = { method: 'POST', path: target.path, headers, body } as const;
    const exchange = await target.http.exchange(request, controller.signal);
    timer.cancel();
    if (exchange.kind !== 'answered') return false;
    return exchange.response.status >= 200 && exchange.response.status < 300;
  }
}
