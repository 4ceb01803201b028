import type { Clock, Timer } from '../system/clock.ts';
import { newId, type Randomness } from '../system/randomness.ts';
import { keyedDigestOf } from './digest.ts';
import type { Answer, Commit, Ledger, OperationRecord, Origin, Pending } from './ledger.ts';
import type { Notifier } from './notifier.ts';
import { Refusal } from './refusal.ts';
import type { SandboxOperation } from './script.ts';

/** What a request would bring about: its answer, and what changes with it. */
export type Decision = { readonly answer: Answer } & Omit<Commit, 'operation'>;

/** A request with a key, read and found to be in order. */
export interface Asked {
  readonly kind: SandboxOperation;
  readonly idempotencyKey: string;
  readonly interactionId: string;
  readonly operationId: string;
  /** Hash of the request without card fields; kept. */
  readonly requestHash: string;
  /** The whole request; only a keyed hash of it is kept, and only in memory. */
  readonly wholeText: string;
  /**
   * @param word a decline that the script wants, or `null`.
   * @throws Refusal where the request cannot be carried out.
   */
  readonly decide: (origin: Origin, word: string | null) => Decision;
}

/**
 * Idempotency as Stripe has it: the same key and request give the stored answer, declines included;
 * another request under the key is refused, and so is one while the first is in flight.
 *
 * @see https://docs.stripe.com/api/idempotent_requests
 */
export class Operations {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #notifier: Notifier;
  readonly #macKey: Uint8Array;
  /** By idempotency key. A restart forgets them, and with them the comparison of card fields. */
  readonly #macs = new Map<string, string>();
  readonly #inFlight = new Set<string>();
  readonly #hidden = new Set<string>();
  readonly #timers = new Set<Timer>();

  constructor(ledger: Ledger, clock: Clock, randomness: Randomness, notifier: Notifier) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#randomness = randomness;
    this.#notifier = notifier;
    this.#macKey = randomness.bytes(32);
  }

  /** Goes on with what a process before this one had promised. */
  resume(): void {
    for (const pending of this.#ledger.pending()) this.#settleLater(pending);
    for (const key of this.#ledger.unnotified()) this.#notifier.notify(key);
  }

  /** Carries the request out once, and gives the stored answer ever after. */
  take(asked: Asked, word: string | null): Answer {
    const stored = this.#stored(asked);
    if (stored) return stored;
    const commit = this.#commitOf(asked, word);
    this.#ledger.commit(commit);
    return answerOf(commit.operation);
  }

  /** Answers 202, and carries the request out after `ms`. */
  postpone(asked: Asked, ms: number, word: string | null): Answer {
    const stored = this.#stored(asked);
    if (stored) return stored;
    const becomes = this.#commitOf(asked, word);
    const body = {
      status: 'pending',
      gateway_transaction_id: becomes.operation.gateway_transaction_id,
    };
    const operation = { ...becomes.operation, status_code: 202, body };
    const due_at = new Date(this.#clock.now() + ms).toISOString();
    const pending = { operation, due_at, becomes };
    this.#ledger.postpone(pending);
    this.#settleLater(pending);
    return answerOf(operation);
  }

  /** Takes the request out of the caller's hands and carries it out after `ms`, whatever comes. */
  takeLater(asked: Asked, ms: number): void {
    this.#later(ms, () => {
      try {
        this.take(asked, null);
      } catch (error) {
        // Nobody waits for the answer any more.
        if (!(error instanceof Refusal)) throw error;
      }
    });
  }

  /**
   * Holds the key while a request is being carried out slowly.
   *
   * @returns what lets it go.
   * @throws Refusal 409 where it is held.
   */
  hold(asked: Asked): () => void {
    this.#refuseInFlight(asked.idempotencyKey);
    this.#inFlight.add(asked.idempotencyKey);
    return () => void this.#inFlight.delete(asked.idempotencyKey);
  }

  /** Lets nobody find what became of the request for `ms`; the same request again is answered. */
  hide(asked: Asked, ms: number): void {
    const { idempotencyKey: key } = asked;
    this.#hidden.add(key);
    this.#later(ms, () => void this.#hidden.delete(key));
  }

  /**
   * What became of the request with a key, or `null`.
   *
   * @throws Refusal 409 while it is in flight.
   */
  find(idempotencyKey: string): OperationRecord | null {
    this.#refuseInFlight(idempotencyKey);
    if (this.#hidden.has(idempotencyKey)) return null;
    return this.#ledger.operation(idempotencyKey) ?? null;
  }

  /** Calls off everything that was to happen later. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#inFlight.clear();
    this.#hidden.clear();
  }

  forgetAll(): void {
    this.stop();
    this.#macs.clear();
  }

  #refuseInFlight(idempotencyKey: string): void {
    if (!this.#inFlight.has(idempotencyKey)) return;
    throw new Refusal(409, 'Operation_In_Progress', 'a request with this key is in flight');
  }

  #stored(asked: Asked): Answer | null {
    const { idempotencyKey: key } = asked;
    this.#refuseInFlight(key);
    const mac = keyedDigestOf(this.#macKey, asked.wholeText);
    const stored = this.#ledger.operation(key);
    if (!stored) {
      this.#macs.set(key, mac);
      return null;
    }
    const same =
      stored.kind === asked.kind &&
      stored.request_hash === asked.requestHash &&
      (this.#macs.get(key) ?? mac) === mac;
    if (same) return answerOf(stored);
    throw new Refusal(422, 'Idempotency_Key_Reused', 'this key came with another request');
  }

  #commitOf(asked: Asked, word: string | null): Commit {
    const origin: Origin = {
      idempotency_key: asked.idempotencyKey,
      interaction_id: asked.interactionId,
      operation_id: asked.operationId,
      gateway_transaction_id: newId('txn', this.#randomness),
      at: new Date(this.#clock.now()).toISOString(),
    };
    const { answer, ...changes } = asked.decide(origin, word);
    const operation: OperationRecord = {
      ...origin,
      kind: asked.kind,
      status_code: answer.status,
      body: answer.body,
      request_hash: asked.requestHash,
    };
    return { operation, ...changes };
  }

  #settleLater(pending: Pending): void {
    const waitMs = Math.max(0, Date.parse(pending.due_at) - this.#clock.now());
    this.#later(waitMs, () => {
      this.#ledger.commit(pending.becomes);
      this.#notifier.notify(pending.operation.idempotency_key);
    });
  }

  #later(ms: number, run: () => void): void {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }
}

function answerOf(operation: OperationRecord): Answer {
  return { status: operation.status_code, body: operation.body };
}
