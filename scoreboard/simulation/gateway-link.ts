import { sleep } from '../../src/system/clock.ts';
import type { Exchange, HttpClient, HttpRequest } from '../../src/system/http-client.ts';
import { askedOf, Books, type Asked, type GatewayAnswer } from './books.ts';
import type { FaultAt } from './faults.ts';
import { never, type Mortal, type Stage } from './stage.ts';

/** Longer than a data action waits. */
const SLOW_MS = 31_000;
/** A request may be this late, and the gateway's index another five seconds behind: below the 20 s after which absence is proof. */
const LATE_MS_MAX = 14_000;
const HIDDEN_MS = 5_000;
const PENDING_MS_MAX = 40_000;
const DUPLICATE_MS_MAX = 10_000;
const LATENCY_MS_MAX = 900;

const WORDS = ['Card_Declined', 'Insufficient_Funds', 'CVV_Mismatch', 'Lost_Card'] as const;

/** The gateway: its books, and what is asked of it. */
export class Gateway {
  readonly books: Books;
  readonly stage: Stage;
  /** Every request that asked for a change, as it arrived. */
  readonly arrivals: { readonly key: string; readonly step: string; readonly atMs: number }[] = [];
  /** Looks at the world at the moment at which such a request arrives. */
  onArrival: (asked: Asked) => Promise<void> = () => Promise.resolve();
  /** Until then nobody can connect. */
  awayUntilMs = 0;
  #ownKeys = 0;

  constructor(stage: Stage, today: () => string) {
    this.stage = stage;
    this.books = new Books(() => stage.clock.now(), today);
  }

  read(request: HttpRequest): Asked | null {
    return askedOf(request, () => `unnamed_${(this.#ownKeys += 1)}`);
  }

  async arrive(asked: Asked): Promise<void> {
    const { key, step } = asked;
    this.arrivals.push({ key, step, atMs: this.stage.clock.now() });
    this.stage.tell('gateway', `gets ${step} ${key}`);
    await this.onArrival(asked);
  }

  /** Carries out what arrives, unless its key is being dealt with. */
  async take(asked: Asked, declined: string | null = null): Promise<GatewayAnswer> {
    await this.arrive(asked);
    if (this.books.inFlight.has(asked.key)) return IN_PROGRESS;
    const answer = this.books.commit(asked, declined);
    this.stage.tell('gateway', `has ${answer.status} for ${asked.step} ${asked.key}`);
    return answer;
  }

  later(ms: number, run: () => void): void {
    this.stage.clock.after(ms, run);
  }
}

const IN_PROGRESS: GatewayAnswer = { status: 409, body: { error_code: 'Operation_In_Progress' } };

/** A process's line to the gateway, on which everything can go wrong. */
export class GatewayLink implements HttpClient {
  readonly #owner: Mortal;
  readonly #gateway: Gateway;

  constructor(owner: Mortal, gateway: Gateway) {
    this.#owner = owner;
    this.#gateway = gateway;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    const { clock } = this.#owner;
    const startMs = clock.monotonicMs();
    // The sender wipes its bytes as soon as this has ended.
    const asked = this.#gateway.read(request);
    await this.#owner.turn('sends');
    const exchange = await this.#answerOf(request, asked, signal);
    await this.#owner.turn('hears');
    return { ...exchange, latencyMs: clock.monotonicMs() - startMs };
  }

  async #answerOf(
    request: HttpRequest,
    asked: Asked | null,
    signal: AbortSignal,
  ): Promise<Exchange> {
    if (signal.aborted) return notSent('aborted');
    if (request.path === '/oauth/token') {
      return answered({ status: 200, body: { access_token: 'bearer', expires_in: 86_400 } });
    }
    if (this.#gateway.awayUntilMs > this.#owner.stage.clock.now()) return notSent('connect');
    return asked === null ? this.#lookUp(request, signal) : this.#mutate(asked, signal);
  }

  async #lookUp(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    const { stage } = this.#owner;
    const { books } = this.#gateway;
    const [, , resource, name = ''] = request.path.split('/').map(decodeURIComponent);
    const fault = stage.faults.draw('look_up', String(resource));
    switch (fault) {
      case 'look_up_lost':
        return lost('reset');
      case 'look_up_503':
        return answered({ status: 503, body: {} });
      case 'look_up_slow':
        await sleep(this.#owner.clock, stage.between(1_000, 12_000), signal);
        if (signal.aborted) return lost('aborted');
        break;
      case 'not_found_though_committed':
        books.hiddenUntilMs.set(name, (books.kept.get(name)?.atMs ?? 0) + HIDDEN_MS);
        break;
      case null:
        break;
    }
    const answer = resource === 'operations' ? books.find(name) : books.shown(name);
    stage.tell(
      this.#owner.name,
      `looks for ${name}: ${answer.status}${fault ? ` (${fault})` : ''}`,
    );
    return answered(answer);
  }

  async #mutate(asked: Asked, signal: AbortSignal): Promise<Exchange> {
    const { stage, name } = this.#owner;
    const death = stage.faults.draw('process', asked.step);
    if (death === 'dies_before_send') {
      this.#owner.die(`before it sends ${asked.step}`);
      return never();
    }
    const fault = stage.faults.draw('gateway', asked.step);
    stage.tell(name, `sends ${asked.step} ${asked.key}${fault === null ? '' : `: ${fault}`}`);
    if (death === 'dies_after_send') {
      void this.#suffer(fault, asked, signal);
      this.#owner.die(`after it has sent ${asked.step}`);
      return never();
    }
    if (stage.shuffled && stage.chance(0.5)) {
      await sleep(this.#owner.clock, stage.between(1, LATENCY_MS_MAX), signal);
      // It was on its way: nobody knows what became of it.
      if (signal.aborted) return lost('aborted');
    }
    return this.#suffer(fault, asked, signal);
  }

  async #suffer(
    fault: FaultAt<'gateway'> | null,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const gateway = this.#gateway;
    const { stage } = gateway;
    switch (fault) {
      case null:
        return answered(await gateway.take(asked));
      case 'connect_refused':
        return notSent('connect');
      case 'dns_failed':
        return notSent('dns');
      case 'tls_failed':
        return notSent('tls');
      case 'reset_before_body':
        return lost('reset');
      case 'reset_after_body':
        await gateway.take(asked);
        return lost('reset');
      case 'cut_mid_body':
        await gateway.take(asked);
        return lost('malformed');
      case 'time_out_before_commit':
        return this.#silence(signal);
      case 'time_out_after_commit':
        await gateway.take(asked);
        return this.#silence(signal);
      case '503_before_commit':
        return answered({ status: 503, body: {} });
      case '503_after_commit':
        await gateway.take(asked);
        return answered({ status: 503, body: {} });
      case '500_after_commit':
        await gateway.take(asked);
        return answered({ status: 500, body: { error_code: 'Internal' } });
      case '429_retry_after':
        return answered({ status: 429, body: {} }, { 'retry-after': String(stage.between(1, 8)) });
      case '401_expired':
        return answered({ status: 401, body: {} });
      case '409_in_progress':
        if (stage.chance(0.5)) await gateway.take(asked);
        return answered(IN_PROGRESS);
      case 'malformed_200':
        await gateway.take(asked);
        return garbled(stage);
      case 'declined':
        return answered(await gateway.take(asked, stage.pick(WORDS)));
      case 'duplicated':
      case 'late_commit':
      case 'pending':
      case 'slow_31_s':
        return this.#sufferTime(fault, asked, signal);
    }
  }

  /** What goes wrong by being late. */
  async #sufferTime(
    fault: 'slow_31_s' | 'late_commit' | 'duplicated' | 'pending',
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const gateway = this.#gateway;
    const { stage, books } = gateway;
    switch (fault) {
      case 'late_commit':
        gateway.later(stage.between(500, LATE_MS_MAX), () => void gateway.take(asked));
        return stage.chance(0.5) ? lost('reset') : this.#silence(signal);
      case 'duplicated':
        gateway.later(stage.between(1, DUPLICATE_MS_MAX), () => void gateway.take(asked));
        return answered(await gateway.take(asked));
      case 'pending': {
        await gateway.arrive(asked);
        if (books.inFlight.has(asked.key)) return answered(IN_PROGRESS);
        const answer = books.accept(asked);
        if (answer.status !== 202) return answered(answer);
        gateway.later(stage.between(500, PENDING_MS_MAX), () => books.complete(asked));
        return answered(answer);
      }
      case 'slow_31_s': {
        await gateway.arrive(asked);
        if (books.inFlight.has(asked.key)) return answered(IN_PROGRESS);
        books.inFlight.add(asked.key);
        gateway.later(SLOW_MS, () => {
          books.inFlight.delete(asked.key);
          books.commit(asked, null);
        });
        return this.#silence(signal);
      }
    }
  }

  /** No answer until the sender gives up. */
  async #silence(signal: AbortSignal): Promise<Exchange> {
    await sleep(this.#owner.clock, 3_600_000, signal);
    return lost('aborted');
  }
}

function answered(
  { status, body }: GatewayAnswer,
  headers: Readonly<Record<string, string>> = {},
): Exchange {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  return { kind: 'answered', response: { status, headers, body: bytes }, latencyMs: 0 };
}

const GARBLED = ['{"token_id": "card', '<html>OK</html>', '{"status":"ok"}', ''] as const;

function garbled(stage: Stage): Exchange {
  const body = Buffer.from(stage.pick(GARBLED), 'utf8');
  return { kind: 'answered', response: { status: 200, headers: {}, body }, latencyMs: 0 };
}

function lost(reason: 'reset' | 'aborted' | 'malformed'): Exchange {
  return { kind: 'no_answer', reason, latencyMs: 0 };
}

function notSent(reason: 'connect' | 'dns' | 'tls' | 'aborted'): Exchange {
  return { kind: 'not_sent', reason, latencyMs: 0 };
}
