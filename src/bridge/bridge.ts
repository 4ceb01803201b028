import type { GatewayAdapter } from '../gateway/gateway.ts';
import type { Merchant } from '../payment/consent.ts';
import type { LinkPolicy } from '../payment/link.ts';
import type { Language } from '../payment/language.ts';
import type { Plan } from '../payment/plan.ts';
import type { PromptTable } from '../payment/prompt.ts';
import type { ChargePolicy } from '../payment/retry-charge.ts';
import type { BreakerPolicy } from '../resilience/breaker.ts';
import type { RetryPolicy } from '../resilience/retry.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { Randomness } from '../system/randomness.ts';
import type { CardTestingPolicy, SuspectedCards } from './card-testing.ts';
import type { Directory } from './directory.ts';

/** Every number that limits or times what the bridge does; the defaults are in `system/config.ts`. */
export interface BridgeLimits {
  /** One budget for each request, retries included. */
  readonly deadlineMs: number;
  /** Waits before the looks at an operation in doubt; the last one repeats. */
  readonly settleDelaysMs: readonly number[];
  /** How long one look may take; the caller who waits is polling meanwhile. */
  readonly lookMsMax: number;
  /** Waits after each failed delivery of an event; when they are used up it is a dead letter. */
  readonly deliverDelaysMs: readonly number[];
  /** After this time a caller who waits for an operation is sent to an agent. */
  readonly waitMsMax: number;
  readonly cardTriesPerCall: number;
  readonly cardTriesPerAniHour: number;
  readonly cardTriesPerAniDay: number;
  readonly cardTriesPerCustomerDay: number;
  readonly cardTriesPerCardDay: number;
  readonly cardTesting: CardTestingPolicy;
  readonly retry: RetryPolicy;
  readonly breaker: BreakerPolicy;
  /** For subscriptions that Tokenline charges itself. */
  readonly charges: ChargePolicy;
}

/** Where events for billing go. */
export interface BillingTarget {
  readonly url: string;
  /** Standard Webhooks secret, the bytes behind `whsec_`. */
  readonly secret: Uint8Array;
  readonly timeoutMs: number;
}

/** What observes the bridge; `api/metrics.ts` counts with it. */
export interface BridgeMetrics {
  gatewayCall(kind: string, outcome: string, latencyMs: number): void;
  answered(kind: string, outcome: string): void;
  delivered(result: 'delivered' | 'failed' | 'dead'): void;
  settled(outcome: string): void;
  breakerOpen(open: boolean): void;
  /** A caller was sent to a person because too many cards were declined. */
  cardTestingSuspected(of: SuspectedCards): void;
}

/** Everything that the verbs of this folder work with. */
export interface Bridge {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly gateway: GatewayAdapter;
  readonly directory: Directory;
  readonly plans: readonly Plan[];
  readonly prompts: Readonly<Record<Language, PromptTable>>;
  readonly merchant: Merchant;
  /** Card brands that the merchant takes, `unknown` among them or not. */
  readonly brands: readonly string[];
  readonly limits: BridgeLimits;
  /** Absent where nobody pays by link. */
  readonly links?: LinkPolicy;
  readonly metrics: BridgeMetrics;
  readonly log: Log;
}

/** Who asks: the OAuth client, and where the request came from, for the ledger. */
export interface Actor {
  readonly clientId: string;
  /** Such as `api 203.0.113.7`. */
  readonly origin: string;
}

/** A request with what makes it repeatable. */
export interface Keyed<T> {
  readonly actor: Actor;
  /** The `Idempotency-Key` header, or `null` where it is to be derived. */
  readonly key: string | null;
  /** SHA-256 of the canonical request. */
  readonly bodyHash: string;
  readonly request: T;
}

/** The JSON text of an answer: kept as it is, so that a repeat is the same byte for byte. */
export type AnswerText = string;
