import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { sleep } from '../../src/system/clock.ts';
import type { WorldClock } from './world-clock.ts';

/** One delivery as billing saw it. */
export interface Delivered {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly atMs: number;
}

/** An event as billing reads it. */
export interface BillingEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function eventOf(text: string): BillingEvent {
  return JSON.parse(text) as BillingEvent;
}

/** What billing answers: a status, or how it fails to. */
export type Reception = number | 'reset' | 'refused' | 'hang';

/** Billing's end of the line. */
export class Receiver implements HttpClient {
  readonly received: Delivered[] = [];
  /** Decides about each delivery. */
  answer: (delivery: Delivered) => Reception = () => 204;
  /** Slows an answer down. */
  delayMs = 0;
  readonly #clock: WorldClock;

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  async exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    const delivery = {
      id: request.headers['webhook-id'] ?? '',
      headers: request.headers,
      text: Buffer.from(request.body ?? []).toString('utf8'),
      atMs: this.#clock.monotonicMs(),
    };
    this.received.push(delivery);
    const reception = this.answer(delivery);
    if (this.delayMs > 0) await sleep(this.#clock, this.delayMs, signal);
    const latencyMs = this.delayMs;
    if (reception === 'hang') await sleep(this.#clock, 3_600_000, signal);
    if (signal.aborted) return { kind: 'no_answer', reason: 'aborted', latencyMs };
    if (reception === 'reset') return { kind: 'no_answer', reason: 'reset', latencyMs };
    if (reception === 'refused') return { kind: 'not_sent', reason: 'connect', latencyMs };
    const response = { status: Number(reception), headers: {}, body: Buffer.alloc(0) };
    return { kind: 'answered', response, latencyMs };
  }

  /** Types of the events, in the order in which they came. */
  types(): string[] {
    return this.received.map(({ text }) => eventOf(text).type);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
