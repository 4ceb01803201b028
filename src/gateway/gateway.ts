import type { Language } from '../payment/language.ts';
import type { Money } from '../payment/money.ts';
import type { GatewayKind } from '../payment/operation.ts';
import type { Outcome } from '../payment/outcome.ts';
import type { Interval, IsoDate } from '../payment/plan.ts';
import type { SubscriptionStatus } from '../payment/subscription.ts';
import type { Again } from '../resilience/retry.ts';
import type { HostedPages } from './pages.ts';

/**
 * One exchange with a gateway, understood. Adapters make exactly one exchange that belongs to the
 * operation for each call, and never throw for what a gateway does: retries, deadlines and the
 * breaker are their caller's. What has to be there first (a bearer, the customer at the gateway) is
 * fetched before; where that fails, nothing of the operation has been sent, and it has failed.
 */
export interface GatewayReply<T> {
  readonly outcome: Outcome<T>;
  readonly again: Again;
  /** Time of the exchange, for the breaker and the histograms. */
  readonly latencyMs: number;
  /** True when the gateway answered readably and not with a 5xx: what the breaker counts as well. */
  readonly healthy: boolean;
  /** HTTP status, or `null` where there was no answer. */
  readonly statusCode: number | null;
  /** The gateway's own code, for the ledger only. Never digits of a card. */
  readonly rawCode: string | null;
  readonly gatewayTransactionId: string | null;
  /** What the issuer or the scheme says about trying again, beside a decline; only where it says so. */
  readonly advice?: RetryAdvice;
}

/**
 * Advice that comes with a decline. `stop`: never again with this card (lost, stolen, closed, consent
 * withdrawn: Visa's decline category 1, Mastercard's merchant advice codes 03 and 21). `afterMs`: not
 * sooner (Mastercard's 24 to 30). Nothing that a caller hears depends on it.
 */
export type RetryAdvice = 'stop' | { readonly afterMs: number };

/** What a gateway can do; what it cannot is answered by Tokenline itself or refused. */
export interface GatewayCapabilities {
  /**
   * Makes charges on its own schedule. Otherwise Tokenline charges (`bridge/charge`), and pause and
   * changes of plan and card are Tokenline's own too, whatever is said of them below.
   */
  readonly subscriptions: boolean;
  readonly pause: boolean;
  readonly changePlan: boolean;
  readonly changeCard: boolean;
  /** A second, digit-free step after tokenising: Stripe's SetupIntent, PayPal's payment token. */
  readonly verification: boolean;
  /** Checks the postal code, so the flow asks for it. */
  readonly postalCode: boolean;
  /** Keeps our idempotency key for at least this long; a later retry looks the operation up first. */
  readonly keyRetentionMs: number;
  /**
   * How a card is proved that a flow has sent to the gateway itself (`capture: direct`); `null` where it
   * cannot be. `by_key`: a look-up by the operation's key tells what was made or refused under it.
   * `by_token`: the token is read, and names the operation; without one nothing can be found.
   */
  readonly direct: 'by_key' | 'by_token' | null;
  /**
   * After this time a look-up that finds nothing proves that nothing happened: no request of ours
   * can still be on its way and the gateway's own index has caught up.
   */
  readonly absenceIsProofAfterMs: number;
}

/** What a gateway shows of a card that it keeps. */
export interface ShownCard {
  /** One of our words for a brand, or `unknown`. */
  readonly brand: string;
  readonly last4: string;
  /** The gateway's own mark of a card number, the same each time; `null` where it has none. */
  readonly fingerprint: string | null;
}

/** A card as the gateway keeps it. */
export interface TokenGrant {
  /** The gateway's own name for the stored card. */
  readonly tokenReference: string;
  /** The first transaction's network id, which later merchant-initiated charges refer to. */
  readonly networkTransactionId: string | null;
  /** Where the gateway shows it; what our own card process has seen goes before it. */
  readonly card?: ShownCard;
}

export interface SubscriptionGrant {
  readonly subscriptionReference: string;
  /** `cancelled` as soon as nothing will be charged again, also where it runs on until `endsOn`. */
  readonly status: SubscriptionStatus;
  readonly nextChargeDate: IsoDate | null;
  /** The day until which a cancelled one has been paid for, where the gateway ends it only then. */
  readonly endsOn?: IsoDate;
}

/** A charge that was made. */
export interface ChargeGrant {
  /** The gateway's own id of it, by which it is found and refunded. */
  readonly chargeReference: string;
  /** Its network id, for the charges that follow; `null` where the gateway keeps it to itself. */
  readonly networkTransactionId: string | null;
}

/** The facts that every call carries to the gateway, so that it can be found there again. */
export interface CallFacts {
  /** The same on every retry and after a crash: derived from our operation. */
  readonly idempotencyKey: string;
  readonly operationId: string;
  readonly interactionId: string;
  readonly customerId: string;
}

export interface SubscribeOrder extends CallFacts {
  readonly tokenReference: string;
  readonly planId: string;
  readonly price: Money;
  readonly interval: Interval;
  readonly firstChargeDate: IsoDate;
  /** The caller is on the line: customer-initiated, MOTO, with a mandate for what follows. */
  readonly consentId: string;
  readonly language: Language;
}

/**
 * How a stored card is used (the schemes' stored-credential rules, design §6.11). `first`: the caller
 * is on the line and has just agreed to this charge and to those that follow: customer-initiated,
 * MOTO. `recurring`: nobody is there: merchant-initiated, under that agreement.
 */
export type CredentialUse =
  | { readonly use: 'first'; readonly entryMode: 'moto' }
  | {
      readonly use: 'recurring';
      /** Of the transaction in which the card was stored or first charged, where it is known. */
      readonly networkTransactionId: string | null;
    };

/** One charge of a stored card, made by Tokenline's own schedule. */
export interface ChargeOrder extends CallFacts {
  readonly tokenReference: string;
  readonly price: Money;
  readonly planId: string;
  /** Ours; the charge belongs to one period of it, and no other charge of the period can succeed. */
  readonly subscriptionId: string;
  /** The day on which the period is due, in the merchant's time zone. It may be tried later. */
  readonly dueDate: IsoDate;
  readonly credential: CredentialUse;
  /** The agreement whose price this is. */
  readonly consentId: string;
  readonly language: Language;
}

export interface ChangeOrder extends CallFacts {
  readonly subscriptionReference: string;
  readonly verb: 'cancel' | 'pause' | 'resume' | 'change_plan' | 'change_card';
  /** Before the change; a change of plan or card leaves it as it is. */
  readonly status: SubscriptionStatus;
  /** For `change_plan`. */
  readonly plan: { readonly id: string; readonly price: Money; readonly interval: Interval } | null;
  /** For `change_card`. */
  readonly tokenReference: string | null;
}

/** What a change of plan would cost, asked before the caller is. */
export interface QuoteOrder {
  readonly subscriptionReference: string;
  readonly customerId: string;
  readonly plan: { readonly id: string; readonly price: Money; readonly interval: Interval };
}

export interface ChangeQuote {
  /** Charged when the change is made; 0 where nothing is. */
  readonly dueNow: Money;
  readonly nextChargeDate: IsoDate | null;
}

export interface VerifyOrder extends CallFacts {
  readonly tokenReference: string;
}

export interface LookUpOrder {
  readonly kind: GatewayKind;
  readonly idempotencyKey: string;
  readonly operationId: string;
  readonly customerId: string;
  readonly subscriptionReference: string | null;
  /** The gateway's own name for it, where an earlier answer, or a flow, has brought one. */
  readonly gatewayTransactionId: string | null;
  /**
   * For `charge`: the order as it was sent, for a gateway that is asked by sending the same request
   * again under its key. Only where that can make no second charge; else it has to be found.
   */
  readonly charge: ChargeOrder | null;
}

/** What a look-up brings to light about an operation whose answer was lost. */
export type LookUpReply =
  | { readonly kind: 'token'; readonly reply: GatewayReply<TokenGrant> }
  | { readonly kind: 'subscription'; readonly reply: GatewayReply<SubscriptionGrant> }
  | { readonly kind: 'charge'; readonly reply: GatewayReply<ChargeGrant> }
  /** The gateway answered that it has no such operation. */
  | { readonly kind: 'absent' }
  /** It answered that it is dealing with the request right now. */
  | { readonly kind: 'under_way' }
  /** It did not answer readably; nothing has been learnt. */
  | { readonly kind: 'unanswered' }
  /**
   * It cannot be asked. As long as it keeps the key, the same request sent again gets the answer of
   * the first; after that only a person can find out.
   */
  | { readonly kind: 'unable' };

/** A gateway's event. It is a door bell: what it says is looked up before it is believed. */
export interface GatewayEvent {
  readonly id: string;
  readonly idempotencyKey: string | null;
  readonly subscriptionReference: string | null;
}

export type WebhookReading =
  | { readonly kind: 'events'; readonly events: readonly GatewayEvent[] }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * A gateway without card digits. Every method resolves; the signal ends its exchange early, which
 * is in doubt once anything was sent.
 */
export interface GatewayAdapter {
  readonly name: string;
  readonly capabilities: GatewayCapabilities;
  /** Only where `capabilities.verification`. */
  verify(order: VerifyOrder, signal: AbortSignal): Promise<GatewayReply<TokenGrant>>;
  /**
   * Only where not `capabilities.subscriptions`. Charges once, whatever comes under the same key; a
   * decline is kept under its key as well, so a later try of the same period has another one.
   */
  charge(order: ChargeOrder, signal: AbortSignal): Promise<GatewayReply<ChargeGrant>>;
  /** This and the two that follow only where `capabilities.subscriptions`. */
  subscribe(order: SubscribeOrder, signal: AbortSignal): Promise<GatewayReply<SubscriptionGrant>>;
  change(order: ChangeOrder, signal: AbortSignal): Promise<GatewayReply<SubscriptionGrant>>;
  /** Reads the subscription as the gateway has it now. */
  read(
    subscriptionReference: string,
    signal: AbortSignal,
  ): Promise<GatewayReply<SubscriptionGrant>>;
  lookUp(order: LookUpOrder, signal: AbortSignal): Promise<LookUpReply>;
  /** Only where a change of plan may charge something at once; changes nothing. */
  quote?(order: QuoteOrder, signal: AbortSignal): Promise<GatewayReply<ChangeQuote>>;
  /** Only where the gateway has pages of its own on which a card is entered (pay-by-link). */
  readonly pages?: HostedPages;
  /** Gets a fresh credential after a 401; `false` where there is none to get. */
  renewCredential(): Promise<boolean>;
  /**
   * Checks the signature on the raw bytes, then reads. `nowMs` is for the replay window. It may have
   * to ask the gateway for the key, or about the signature; what it cannot check it refuses.
   */
  webhook(
    headers: Readonly<Record<string, string>>,
    rawBody: Uint8Array,
    nowMs: number,
  ): Promise<WebhookReading>;
}
